//! One server with one namespace, one person for each role in it, and the other kinds of caller.

use std::{collections::HashMap, sync::OnceLock};

use wharf_testkit::{
    ApiClient, ImageMaker, Login, Person, RegistryClient, Repository, Server, SharedServer,
    unique_name,
};

use crate::principal::Principal;

/// A deleted token is tried on every route, which looks like guessing; rules build from a git server on loopback,
/// and nothing is begun, so that builds stay as rows made them; each cell has its own trigger in the one namespace.
static SERVER: SharedServer = SharedServer::new(|| {
    Server::builder().config(
        "[limits]\nlogin_failures = 1000000\n[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 3600\nconcurrency = 0\nnamespace_queue = 100000\n[triggers]\nper_namespace = 10000",
    )
});

/// People without a system role, and what they are in the namespace.
const MEMBERS: [(Principal, &str); 5] = [
    (Principal::Stranger, "stranger"),
    (Principal::Reader, "reader"),
    (Principal::Developer, "developer"),
    (Principal::Maintainer, "maintainer"),
    (Principal::Owner, "owner"),
];

/// Everybody and everything that rows are about.
pub(crate) struct World {
    pub(crate) server: &'static Server,
    /// The namespace in which the roles are held.
    pub(crate) namespace: String,
    people: HashMap<Principal, Person>,
    logins: HashMap<Principal, Login>,
}

impl World {
    /// The one world of this process.
    pub(crate) fn get() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(|| Self::create(SERVER.get().server()))
    }

    fn create(server: &'static Server) -> Self {
        let namespace = server.namespace("matrix");
        let mut people = HashMap::new();
        for (principal, name) in MEMBERS {
            let person = make_person(server, &namespace, principal, name, name);
            people.insert(principal, person);
        }
        people.insert(Principal::Admin, server.another_admin("another-admin"));
        let owner = people[&Principal::Owner].clone();
        people.insert(Principal::PullToken, owner.clone());
        people.insert(Principal::RevokedToken, owner.clone());

        let mut logins: HashMap<Principal, Login> = people
            .iter()
            .map(|(principal, person)| (*principal, person.login()))
            .collect();
        logins.insert(Principal::Anonymous, Login::Anonymous);
        for (principal, name, actions) in [
            (Principal::PullRobot, "pull", ["pull"].as_slice()),
            (Principal::PushRobot, "push", &["pull", "push"]),
            (Principal::BuildRobot, "build", &["pull", "build:start"]),
            (Principal::TriggerRobot, "trigger", &["pull", "trigger:run"]),
        ] {
            logins.insert(principal, server.robot(&namespace, name, actions).login());
        }
        let token = server.token(&owner, "pull", &["pull"]);
        logins.insert(Principal::PullToken, token.login());
        let revoked = server.token(&owner, "revoked", &["pull", "push", "delete", "admin"]);
        let api = server.api(&owner.login());
        api.delete(&format!("/tokens/{}", revoked.id())).expect(204);
        logins.insert(Principal::RevokedToken, revoked.login());
        Self {
            server,
            namespace,
            people,
            logins,
        }
    }

    pub(crate) fn login(&self, principal: Principal) -> &Login {
        &self.logins[&principal]
    }

    /// The person behind a principal; none for nobody and for robots.
    pub(crate) fn person(&self, principal: Principal) -> Option<&Person> {
        self.people.get(&principal)
    }

    /// Somebody like the person behind a principal, for rows that change an account: all others meet the one that is there.
    /// None for nobody and for who has no password.
    pub(crate) fn make_like(&self, principal: Principal) -> Option<Person> {
        let name = unique_name("spare");
        if principal == Principal::Admin {
            return Some(self.server.another_admin(&name));
        }
        let (_, role) = MEMBERS.iter().find(|(like, _)| *like == principal)?;
        Some(make_person(
            self.server,
            &self.namespace,
            principal,
            &name,
            role,
        ))
    }

    /// The client of one of the callers.
    pub(crate) fn api_of(&self, principal: Principal) -> ApiClient {
        self.server.api(self.login(principal))
    }

    /// The admin's clients, who prepare what rows need.
    pub(crate) fn admin_api(&self) -> ApiClient {
        self.server.api(&self.server.admin())
    }

    pub(crate) fn admin_registry(&self) -> RegistryClient {
        self.server.registry(&self.server.admin())
    }

    /// A new repository of the namespace with one image, tagged `v1`.
    pub(crate) fn push_image(&self, public: bool) -> (Repository, wharf_testkit::Image) {
        let name = format!("{}/{}", self.namespace, unique_name("app"));
        let repository = self.admin_registry().repository(&name);
        let image = ImageMaker::new(name.as_str()).make();
        repository.push_image("v1", &image);
        if public {
            self.server.set_visibility(&name, true);
        }
        (repository, image)
    }
}

fn make_person(
    server: &Server,
    namespace: &str,
    principal: Principal,
    name: &str,
    role: &str,
) -> Person {
    let person = server.user(name);
    if principal != Principal::Stranger {
        server.member(namespace, &person, role);
    }
    person
}
