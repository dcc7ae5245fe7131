//! A real dockerd that all tests of a process share, with empty storage of its own, and its client.
//!
//! Refuses to read or change the configuration of whoever runs the tests, and to give containers a network. Called by
//! suites that show what became of an image where people use it; `clients` has daemons of its own, one a test.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Login,
    exit::{end_at_exit, launch, remove_at_exit},
};

/// dockerd takes a second on an idle machine; several builds beside it can make that twenty.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How often it is asked whether it is up: short against a start of a second, long against the question's own cost.
const POLL: Duration = Duration::from_millis(50);
/// A client that hangs is a failure, not a wait, in seconds.
const RUN_SECONDS: &str = "120";

static SHARED: OnceLock<Result<Dockerd, String>> = OnceLock::new();

/// A name of this machine that is no loopback address: what others call a registry that a test started here. Only the
/// shared [`Dockerd`] knows it.
pub const REGISTRY_HOST: &str = "registry.example";

/// A dockerd that ends with the test process.
#[derive(Debug)]
pub struct Dockerd {
    folder: PathBuf,
}

impl Dockerd {
    /// The one of this process, started if it was not; the reason when this machine cannot run one.
    pub fn get() -> Result<&'static Self, String> {
        SHARED.get_or_init(start).as_ref().map_err(String::clone)
    }

    /// Where it listens, as `DOCKER_HOST` has it.
    pub fn socket(&self) -> String {
        socket_of(&self.folder)
    }

    /// A client that is signed in at a registry, with a configuration of its own.
    pub fn sign_in(&self, registry: &str, login: &Login) -> Docker {
        let authorization = login.authorization().unwrap_or_default();
        let pair = authorization.trim_start_matches("Basic ");
        self.enter_with(&serde_json::json!({ "auths": { registry: { "auth": pair } } }))
    }

    /// A client with this `config.json`.
    pub fn enter_with(&self, config: &serde_json::Value) -> Docker {
        let home = tempfile::Builder::new()
            .prefix("docker-")
            .tempdir_in(&self.folder)
            .expect("a folder for a person");
        fs::write(home.path().join("config.json"), config.to_string()).expect("a configuration");
        Docker {
            socket: socket_of(&self.folder),
            home,
        }
    }
}

/// One person's `docker`.
#[derive(Debug)]
pub struct Docker {
    socket: String,
    home: tempfile::TempDir,
}

impl Docker {
    /// Runs it to its end and answers what it printed; panics with all of it when it fails.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = run_client(&self.socket, self.home.path(), arguments);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(
            output.status.success(),
            "docker {arguments:?}: {}\n{out}\n{err}",
            output.status
        );
        out.into_owned()
    }

    /// Runs it to its end and answers whether it succeeded.
    pub fn try_run(&self, arguments: &[&str]) -> bool {
        let output = run_client(&self.socket, self.home.path(), arguments);
        output.status.success()
    }
}

fn run_client(socket: &str, home: &Path, arguments: &[&str]) -> Output {
    Command::new("timeout")
        .args(["--kill-after", "5", RUN_SECONDS, "docker"])
        .args(arguments)
        .env("DOCKER_HOST", socket)
        .env("DOCKER_CONFIG", home)
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()
        .expect("timeout starts")
}

fn socket_of(folder: &Path) -> String {
    format!("unix://{}", folder.join("socket").display())
}

fn start() -> Result<Dockerd, String> {
    // SAFETY: geteuid takes nothing, cannot fail and touches no memory.
    if unsafe { libc::geteuid() } != 0 {
        return Err("dockerd needs root".to_owned());
    }
    for program in ["dockerd", "docker"] {
        let found = Command::new(program).arg("--version").output();
        if !found.is_ok_and(|output| output.status.success()) {
            return Err(format!("{program} is not installed (make test-deps)"));
        }
    }
    let folder = tempfile::Builder::new()
        .prefix("wharf-dockerd-")
        .tempdir()
        .map_err(|error| error.to_string())?
        .keep();
    remove_at_exit(&folder);
    let log = folder.join("log");
    let mut child = launch_daemon(&folder, &log).map_err(|error| error.to_string())?;
    let up = await_answer(&folder, &mut child);
    end_at_exit(child);
    match up {
        true => Ok(Dockerd { folder }),
        false => {
            let log = fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<_> = log.lines().collect();
            let end = &lines[lines.len().saturating_sub(10)..];
            Err(format!("dockerd does not start: {}", end.join("\n")))
        }
    }
}

fn launch_daemon(folder: &Path, log: &Path) -> std::io::Result<Child> {
    let output = File::create(log)?;
    let errors = output.try_clone()?;
    let path = |name: &str| folder.join(name).display().to_string();
    fs::write(
        folder.join("hosts"),
        format!("127.0.0.1 localhost {REGISTRY_HOST}\n"),
    )?;
    // A registry at a loopback address is spoken to without TLS, also when a name led there; so the name leads there for
    // this daemon alone.
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-c"])
        .arg("mount --bind \"$0\" /etc/hosts && exec dockerd \"$@\"")
        .arg(path("hosts"))
        .args(["--data-root", &path("data"), "--exec-root", &path("exec")])
        .args(["--pidfile", &path("pid"), "--host", &socket_of(folder)])
        .args(["--iptables=false", "--bridge=none"])
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors);
    launch(command, libc::SIGTERM)
}

/// Whether it answers; not when it ends first.
fn await_answer(folder: &Path, child: &mut Child) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < START_LIMIT && matches!(child.try_wait(), Ok(None)) {
        let asked = run_client(&socket_of(folder), folder, &["version"]);
        if asked.status.success() {
            return true;
        }
        thread::sleep(POLL);
    }
    false
}
