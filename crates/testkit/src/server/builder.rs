//! What a server is like before it starts.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt, fs,
    net::TcpListener,
    path::PathBuf,
    process::ExitStatus,
};

use super::{
    Certificate, Server,
    log::Log,
    process::{Launch, Process},
};
use crate::{Engine, exit::remove_at_exit};

/// A server to be: everything not said is as a first start on an empty machine has it.
#[derive(Default)]
pub struct ServerBuilder {
    config: String,
    environment: BTreeMap<OsString, OsString>,
    arguments: Vec<OsString>,
    data_dir: Option<PathBuf>,
    admin_password: Option<String>,
    engine: Option<Engine>,
    database: Option<String>,
    tls: bool,
    port: u16,
}

/// Why no server came up: it ended, or it never became ready.
#[derive(Debug)]
pub struct StartFailure {
    /// How it ended; none when it was still trying after a minute.
    pub status: Option<ExitStatus>,
    /// Everything it wrote.
    pub log: String,
}

impl StartFailure {
    pub(super) fn new(status: Option<ExitStatus>, log: &Log) -> Self {
        Self {
            status,
            log: log.text(),
        }
    }
}

impl fmt::Display for StartFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "the server ended with {status}:\n{}", self.log),
            None => write!(f, "the server did not become ready:\n{}", self.log),
        }
    }
}

impl ServerBuilder {
    /// Adds lines to the configuration file.
    pub fn config(mut self, toml: &str) -> Self {
        self.config.push_str(toml);
        self.config.push('\n');
        self
    }

    /// Sets an environment variable of the server.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Adds an argument to `wharf serve`.
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Uses this folder and leaves it there afterwards; without it a temporary one is made.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(folder.into());
        self
    }

    /// The first admin's password; without it the same one for every test.
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.admin_password = Some(password.into());
        self
    }

    /// The database engine; without it the environment's (`WHARF_TEST_ENGINE`).
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// The PostgreSQL database of another server, with its keys, in a data folder of its own: two servers on one database.
    /// Panics for one on SQLite, whose database is a file in its folder.
    pub fn beside(mut self, other: &Server) -> Self {
        let database = other.database_url().expect("a server on PostgreSQL");
        let folder = self.data_dir.as_ref().expect("a folder of its own");
        let (from, to) = (other.data_dir().join("keys"), folder.join("keys"));
        fs::create_dir_all(&to).expect("a folder for keys");
        for key in fs::read_dir(from).expect("the other server's keys") {
            let key = key.expect("a key").path();
            let name = key.file_name().expect("a name");
            fs::copy(&key, to.join(name)).expect("a copy of a key");
        }
        self.database = Some(database.to_owned());
        self
    }

    /// Serves https with a certificate made for this server.
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Tells others (code hosts, for their webhooks) that it is to be found at its address on loopback.
    pub fn told_to_others(self) -> Self {
        self.known_as("127.0.0.1")
    }

    /// Tells others that it is to be found at this host, which must lead to loopback where they are, and at the port that
    /// it gets ([`Server::authority`]).
    pub fn known_as(mut self, host: &str) -> Self {
        // Free now; whoever takes it in between fails this test with a clear message.
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        self.port = free.local_addr().expect("its number").port();
        let url = format!("http://{host}:{}", self.port);
        self.env("WHARF_SERVER_PUBLIC_URL", url)
    }

    /// Starts it; panics with the server's output when it does not come up.
    pub fn start(self) -> Server {
        self.try_start()
            .unwrap_or_else(|failure| panic!("no start: {failure}"))
    }

    /// Starts it, for tests in which that must fail.
    pub fn try_start(mut self) -> Result<Server, StartFailure> {
        let folder = tempfile::Builder::new()
            .prefix("wharf-test-")
            .tempdir()
            .expect("a temporary folder");
        remove_at_exit(folder.path());

        let certificate = self.tls.then(|| Certificate::create(folder.path()));
        if let Some(certificate) = &certificate {
            self.environment.extend(
                certificate
                    .environment()
                    .map(|(name, file)| (name.into(), file)),
            );
        }
        let config_file = folder.path().join("wharf.toml");
        fs::write(&config_file, &self.config).expect("a configuration file");

        let mut launch = Launch {
            data_dir: self.data_dir.unwrap_or_else(|| folder.path().join("data")),
            config_file,
            admin_password: self
                .admin_password
                .unwrap_or_else(|| "correct-horse-battery".into()),
            database: self.database.or_else(|| {
                let engine = self.engine.unwrap_or_else(Engine::from_env);
                engine.create_database()
            }),
            certificate,
            environment: self.environment,
            arguments: self.arguments,
            port: self.port,
            log: Log::default(),
        };
        let (process, url): (Process, String) = launch.start()?;
        Ok(Server {
            launch,
            process: Some(process),
            url,
            _folder: folder,
        })
    }
}
