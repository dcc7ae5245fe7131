//! A person on a server of the suite, with an account on a code host.

use serde_json::{Value, json};
use wharf_testkit::{
    ApiClient, Person, Server, SharedServer, encode_segment, skip::record_skip, unique_name,
};
use wharf_tests::building::wait_for;

use super::{
    kinds::{Code, Host, Kind, Pace},
    rule::Rule,
};

/// Webhooks reach it, and it asks so seldom that what is noticed was told.
static TOLD: SharedServer = SharedServer::new(|| {
    let config = "[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 300";
    Server::builder().config(config).told_to_others()
});

/// Webhooks reach it, and it asks every ten seconds beside.
static ASKING: SharedServer = SharedServer::new(|| {
    let config = "[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 1";
    Server::builder().config(config).told_to_others()
});

/// Nobody can deliver to it: it asks every second.
static UNTOLD: SharedServer = SharedServer::new(|| {
    Server::builder().config("[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 1")
});

/// A person, a host, and the person's account there.
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) server: &'static Server,
    pub(super) person: Person,
    pub(super) api: ApiClient,
    pub(super) host: Host,
    /// The source's id.
    pub(super) source: String,
}

impl Place {
    /// Nothing, after saying why, where this machine cannot do it.
    pub(super) fn connect(kind: Kind, pace: Pace) -> Option<Self> {
        let place = Self::arrive(kind, pace)?;
        let source = place.host.connect(&place.api, kind);
        assert_eq!(source["health"]["ok"], true, "{source}");
        let source = source["id"].as_str().expect("an id").to_owned();
        Some(Self { source, ..place })
    }

    /// The same, not connected yet.
    pub(super) fn arrive(kind: Kind, pace: Pace) -> Option<Self> {
        let server = choose_server(kind, pace);
        let queue = server.api(&server.admin()).get("/builds/queue").expect(200);
        if let Some(problem) = queue.json()["problem"].as_str() {
            record_skip(&format!("this machine cannot build: {problem}"));
            return None;
        }
        let host = match kind.start() {
            Ok(host) => host,
            Err(reason) => {
                record_skip(&reason);
                return None;
            }
        };
        let person = server.user(&unique_name("person"));
        Some(Self {
            kind,
            server,
            api: server.api(&person.login()),
            person,
            host,
            source: String::new(),
        })
    }

    /// A repository with a first commit on `main`, so that there is something to be seen.
    pub(super) fn make_code(&self, name: &str) -> Code {
        let code = self.host.create(&format!("{}/{name}", unique_name("acme")));
        code.git
            .push_files("main", "Begin", &[("README.md", "# Nothing yet\n")]);
        code
    }

    /// An image of the person's own that a rule builds, which knows what is there now and hears of what comes.
    pub(super) fn make_rule(&self, code: &Code, definition: Value) -> Rule<'_> {
        self.make_rule_in(&self.person.username, code, definition)
    }

    pub(super) fn make_rule_in(&self, namespace: &str, code: &Code, definition: Value) -> Rule<'_> {
        let image = format!("{namespace}/{}", unique_name("app"));
        let body = json!({ "name": image });
        self.api.post("/repositories", body).expect(201);
        let body = json!({
            "name": "main", "source": self.source, "remote": code.remote, "definition": definition,
        });
        let path = format!("/repositories/{}/rules", encode_segment(&image));
        self.api.post(&path, body).expect(201);
        let rule = Rule {
            place: self,
            code: code.git.clone(),
            remote: code.remote.clone(),
            image,
        };
        rule.wait_until_it_listens();
        rule
    }

    /// What the API says of the source.
    pub(super) fn show_source(&self) -> Value {
        let path = format!("/sources/{}", self.source);
        self.api.get(&path).expect(200).json()
    }

    /// The webhook of a remote repository.
    pub(super) fn find_webhook(&self, remote: &str) -> Option<Value> {
        let listed = self.api.get(&format!("/sources/{}/webhooks", self.source));
        let listed = listed.expect(200).json();
        let items = listed["items"].as_array().expect("a list");
        items.iter().find(|it| it["remote"] == remote).cloned()
    }

    /// `/sources/…/webhooks/…` of a remote repository, and what follows.
    pub(super) fn webhook_path(&self, remote: &str, rest: &str) -> String {
        let webhook = wait_for(|| self.find_webhook(remote));
        let id = webhook["id"].as_str().expect("an id");
        format!("/sources/{}/webhooks/{id}{rest}", self.source)
    }

    /// Waits until nothing is left to be removed at code hosts.
    pub(super) fn wait_until_all_is_removed(&self) {
        wait_for(|| {
            let listed = self.api.get("/removals").expect(200).json();
            (listed["items"] == json!([])).then_some(())
        });
    }
}

fn choose_server(kind: Kind, pace: Pace) -> &'static Server {
    let shared = match (kind.is_told(), pace) {
        (false, _) => &UNTOLD,
        (true, Pace::Told) => &TOLD,
        (true, Pace::Asking) => &ASKING,
    };
    shared.get().server()
}
