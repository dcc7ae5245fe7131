//! A server of the test's own with one person on it, and the names of images as clients write them.

use wharf_testkit::{Repository, Server, people::Person};

/// A running server and Alice, who may do what any user may.
pub(crate) struct Site {
    /// The server.
    pub(crate) server: Server,
    /// A user with a namespace of her own.
    pub(crate) alice: Person,
}

impl Site {
    /// Starts a server on an empty folder and makes Alice's account.
    pub(crate) fn start() -> Self {
        Self::open(Server::start())
    }

    /// Makes Alice's account on `server`.
    pub(crate) fn open(server: Server) -> Self {
        let alice = server.user("alice");
        Self { server, alice }
    }

    /// Host and port, as a client is told them.
    pub(crate) fn address(&self) -> &str {
        self.server.authority()
    }

    /// `HOST/alice/REST`: one of Alice's images.
    pub(crate) fn image(&self, rest: &str) -> String {
        format!("{}/{}", self.address(), self.name(rest))
    }

    /// `alice/REST`: one of Alice's repositories.
    pub(crate) fn name(&self, rest: &str) -> String {
        format!("{}/{rest}", self.alice.username)
    }

    /// One of Alice's repositories as she sees it over plain HTTP, without any client program.
    pub(crate) fn repository(&self, rest: &str) -> Repository {
        self.server
            .registry(&self.alice.login())
            .repository(&self.name(rest))
    }
}
