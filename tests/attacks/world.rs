//! The server that most tests share, with somebody who owns something and somebody who wants it.

use std::sync::OnceLock;

use wharf_testkit::{
    Answer, ApiClient, Image, ImageMaker, Login, Person, RegistryClient, Repository, Secret,
    Server, SharedServer, unique_name,
};

/// The token that opens `/metrics` on the shared server.
pub(crate) const METRICS_TOKEN: &str = "metrics-token-of-the-attack-suite";

/// Wrong credentials are most of what this suite sends, so the lockout has tests of its own, on servers of their own.
static SERVER: SharedServer = SharedServer::new(|| {
    Server::builder()
        .config("[limits]\nlogin_failures = 1000000")
        .config(&format!("[metrics]\ntoken = \"{METRICS_TOKEN}\""))
});

/// Everything a token may carry.
pub(crate) const ALL_ACTIONS: [&str; 6] = [
    "pull",
    "push",
    "delete",
    "build:start",
    "trigger:run",
    "admin",
];

/// Two people who have nothing to do with each other. They sign in by tokens: passwords cost the server time.
pub(crate) struct World {
    pub(crate) server: &'static Server,
    pub(crate) victim: Person,
    pub(crate) attacker: Person,
    victim_token: Secret,
    attacker_token: Secret,
}

impl World {
    /// The one world of this process.
    pub(crate) fn get() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(|| {
            let server = SERVER.get().server();
            let [victim, attacker] = ["victim", "attacker"].map(|name| server.user(name));
            let [victim_token, attacker_token] = [&victim, &attacker]
                .map(|person| server.token(person, "of the attack suite", &ALL_ACTIONS));
            Self {
                server,
                victim,
                attacker,
                victim_token,
                attacker_token,
            }
        })
    }

    pub(crate) fn victim_login(&self) -> Login {
        self.victim_token.login()
    }

    pub(crate) fn attacker_login(&self) -> Login {
        self.attacker_token.login()
    }

    pub(crate) fn victim_registry(&self) -> RegistryClient {
        self.server.registry(&self.victim_login())
    }

    pub(crate) fn attacker_registry(&self) -> RegistryClient {
        self.server.registry(&self.attacker_login())
    }

    pub(crate) fn victim_api(&self) -> ApiClient {
        self.server.api(&self.victim_login())
    }

    pub(crate) fn attacker_api(&self) -> ApiClient {
        self.server.api(&self.attacker_login())
    }

    pub(crate) fn admin_api(&self) -> ApiClient {
        self.server.api(&self.server.admin())
    }

    /// A new private repository of the victim with one image, tagged `v1`.
    pub(crate) fn push_secret(&self) -> (Repository, Image) {
        let name = self.fresh_name(&self.victim);
        let repository = self.victim_registry().repository(&name);
        let image = ImageMaker::new(name).make();
        repository.push_image("v1", &image);
        (repository, image)
    }

    /// A repository of the attacker that does not exist yet.
    pub(crate) fn attacker_repository(&self) -> Repository {
        self.attacker_registry()
            .repository(&self.fresh_name(&self.attacker))
    }

    /// A name in this person's namespace that nobody used.
    pub(crate) fn fresh_name(&self, person: &Person) -> String {
        format!("{}/{}", person.username, unique_name("app"))
    }
}

/// A private registry token for this scope, as `client`.
#[track_caller]
pub(crate) fn fetch_token(client: &RegistryClient, scopes: &[&str]) -> String {
    let mut request = wharf_testkit::registry::TokenRequest::default();
    for scope in scopes {
        request = request.scope(scope);
    }
    let body = client.fetch_token(&request).expect(200).json();
    body["token"].as_str().expect("a token").to_owned()
}

/// An answer without what differs between any two: ids of requests, the time, and the names that the caller sent.
pub(crate) fn erase(answer: &Answer, names: &[&str]) -> (u16, Vec<(String, String)>, String) {
    let hide = |text: &str| {
        names
            .iter()
            .fold(text.to_owned(), |text, name| text.replace(name, "NAME"))
    };
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), hide(&value))
        })
        .collect();
    headers.sort();
    let mut body = hide(&answer.text());
    if let Some(id) = answer.find_header("x-request-id") {
        body = body.replace(id, "ID");
    }
    (answer.status.as_u16(), headers, body)
}
