//! A PostgreSQL cluster of this test process's own, or one that the environment names.

use std::{
    ffi::CString,
    fs, io,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use postgres::{Client, NoTls};
use url::Url;

use crate::exit::{launch, remove_at_exit};

/// A new cluster accepts connections within two seconds on an idle machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Between two attempts to connect; there is no event to wait for.
const POLL: Duration = Duration::from_millis(20);
/// Many servers, each with its own pool, share the cluster.
const MAX_CONNECTIONS: u32 = 400;

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// Where databases are made.
pub(super) struct Cluster {
    /// The URL of its `postgres` database, with user and password.
    url: Url,
    /// The server process, when this test process started it; it is never waited for, as it lives as long.
    _process: Option<Child>,
}

/// The one cluster of this process, started if there is none yet.
pub(super) fn find_cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| match std::env::var("WHARF_TEST_POSTGRES_URL") {
        Ok(url) => Cluster {
            url: url.parse().expect("WHARF_TEST_POSTGRES_URL is a URL"),
            _process: None,
        },
        Err(_) => start_cluster(),
    })
}

impl Cluster {
    /// Makes the empty database `name` and answers its URL.
    pub(super) fn create_database(&self, name: &str) -> String {
        let mut client = self.connect().expect("a connection to PostgreSQL");
        // A cluster that outlives its test processes may still have one of this name: process ids come again.
        for statement in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} TEMPLATE template0"),
        ] {
            client
                .batch_execute(&statement)
                .unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        }
        let mut url = self.url.clone();
        url.set_path(name);
        url.into()
    }

    fn connect(&self) -> Result<Client, postgres::Error> {
        Client::connect(self.url.as_str(), NoTls)
    }
}

/// Makes a cluster in a temporary folder and starts it on a loopback port; it ends with this process.
///
/// Its databases sort by the rules of a human language (ICU), so that a list that must be in byte order and forgets to
/// say so is found out.
fn start_cluster() -> Cluster {
    let programs = find_programs();
    let account = find_account();
    let folder = tempfile::Builder::new()
        .prefix("wharf-postgres-")
        .tempdir()
        .expect("a temporary folder")
        .keep();
    remove_at_exit(&folder);
    if let Some((uid, gid)) = account {
        chown(&folder, Some(uid), Some(gid)).expect("the folder goes to the postgres account");
    }

    let data = folder.join("data");
    let mut initdb = command_as(&programs.join("initdb"), account);
    initdb
        .args([
            "--username=wharf",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
        ])
        .args([
            "--locale=C.UTF-8",
            "--locale-provider=icu",
            "--icu-locale=en-US",
        ])
        .arg("--pgdata")
        .arg(&data)
        .current_dir(&folder);
    let made = initdb.output().expect("initdb runs");
    assert!(
        made.status.success(),
        "initdb failed: {}",
        String::from_utf8_lossy(&made.stderr)
    );

    let port = find_free_port();
    let log = fs::File::create(folder.join("log")).expect("a log file");
    let mut server = command_as(&programs.join("postgres"), account);
    server
        .arg("-D")
        .arg(&data)
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k", ""])
        .args([
            "-F",
            "-c",
            "synchronous_commit=off",
            "-c",
            "full_page_writes=off",
        ])
        .args(["-c", &format!("max_connections={MAX_CONNECTIONS}")])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    // SIGQUIT: nobody needs this cluster again, so it may stop at once.
    let process = launch(server, libc::SIGQUIT).expect("postgres starts");

    let cluster = Cluster {
        url: format!("postgres://wharf@127.0.0.1:{port}/postgres")
            .parse()
            .expect("a URL"),
        _process: Some(process),
    };
    let deadline = Instant::now() + START_TIMEOUT;
    while let Err(error) = cluster.connect() {
        assert!(
            Instant::now() < deadline,
            "postgres did not come up ({error}):\n{}",
            fs::read_to_string(folder.join("log")).unwrap_or_default()
        );
        thread::sleep(POLL);
    }
    cluster
}

/// The newest installed server programs, in Debian's place for them.
fn find_programs() -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            path.join("bin/postgres")
                .exists()
                .then(|| (version, path.join("bin")))
        })
        .collect();
    versions.sort();
    let (_, programs) = versions
        .pop()
        .expect("a PostgreSQL below /usr/lib/postgresql, or WHARF_TEST_POSTGRES_URL");
    programs
}

/// The account to run as: PostgreSQL refuses root. None for a caller who is not root.
fn find_account() -> Option<(u32, u32)> {
    // SAFETY: geteuid has no preconditions and cannot fail.
    if unsafe { libc::geteuid() } != 0 {
        return None;
    }
    let name = CString::new("postgres").expect("no zero byte in a literal");
    // SAFETY: the name is a C string; the answer is read before any other thread could ask again, as this runs once,
    // inside the initialization of the cluster.
    let entry = unsafe { libc::getpwnam(name.as_ptr()).as_ref() };
    let entry = entry.expect("an account called postgres, as root may not run PostgreSQL");
    Some((entry.pw_uid, entry.pw_gid))
}

fn command_as(program: &Path, account: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = account {
        command.uid(uid).gid(gid);
    }
    command
}

/// A port that nobody listens on right now. Another process may take it before the cluster does; then the start fails.
fn find_free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .unwrap_or_else(|error: io::Error| panic!("no free port: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_empty_and_sorts_as_people_do() {
        if std::env::var_os("WHARF_TEST_POSTGRES_URL").is_none()
            && !Path::new("/usr/lib/postgresql").exists()
        {
            crate::skip!("no PostgreSQL is installed");
        }
        let url = find_cluster().create_database("testkit_itself");
        let mut client = Client::connect(&url, NoTls).expect("a connection");
        let row = client
            .query_one(
                "SELECT 'a' < 'B', count(*) FROM pg_tables WHERE schemaname = 'public'",
                &[],
            )
            .expect("an answer");
        let started_here = std::env::var_os("WHARF_TEST_POSTGRES_URL").is_none();
        assert!(
            !started_here || row.get::<_, bool>(0),
            "bytes would put B before a"
        );
        assert_eq!(row.get::<_, i64>(1), 0);
    }
}
