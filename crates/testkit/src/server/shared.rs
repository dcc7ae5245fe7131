//! One server for many tests.

use std::{ops::Deref, sync::OnceLock};

use super::{Server, ServerBuilder};
use crate::exit::kill_at_exit;

/// A server that the first test starts and that ends with the test process. Lives in a `static`; tests keep apart by
/// unique names.
pub struct SharedServer {
    build: fn() -> ServerBuilder,
    server: OnceLock<Server>,
}

impl SharedServer {
    /// A server that `build` describes, not started yet.
    pub const fn new(build: fn() -> ServerBuilder) -> Self {
        Self {
            build,
            server: OnceLock::new(),
        }
    }

    /// The server, started if it was not; a test that fails while it holds the answer gets the end of the log.
    pub fn get(&'static self) -> Borrowed {
        let server = self.server.get_or_init(|| {
            let server = (self.build)().start();
            kill_at_exit(server.pid());
            server
        });
        Borrowed { server }
    }
}

/// A shared server in the hands of one test.
pub struct Borrowed {
    server: &'static Server,
}

impl Borrowed {
    /// The server for as long as the process lives.
    pub fn server(&self) -> &'static Server {
        self.server
    }
}

impl Deref for Borrowed {
    type Target = Server;

    fn deref(&self) -> &Server {
        self.server
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.server.launch.log.tail());
        }
    }
}
