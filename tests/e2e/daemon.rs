//! Programs that stay while a test runs: dockerd, buildkitd, nginx. Each ends with its test, failed or not, and leaves no
//! process and no mount behind.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::tool::join_search_path;

/// How often a condition is looked at again: short against a start of half a second, long against the look's own cost.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// dockerd takes a second on an idle machine; several builds beside it can make that twenty.
const START_LIMIT: Duration = Duration::from_secs(60);
/// dockerd itself gives its containers 15 s; there are none here.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running program with a folder of its own; dropping it ends the program and unmounts what it mounted in there.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    name: String,
    folder: PathBuf,
    log: PathBuf,
}

impl Daemon {
    /// Starts `program` with `arguments`; what it prints goes to a file in `folder`.
    #[track_caller]
    pub(crate) fn start(program: &Path, arguments: &[&str], folder: &Path) -> Self {
        let name = program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).expect("a log file in a folder of the test's own");
        let errors = output.try_clone().expect("a second handle of the log file");
        // The kernel ends the daemon when the thread of this test ends without having dropped it.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM"])
            .arg(program)
            .args(arguments)
            .env_clear()
            .env("PATH", join_search_path())
            .env("HOME", folder)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            // Its own group, so that what it started itself can be ended with it.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        Self {
            child,
            name,
            folder: folder.to_owned(),
            log,
        }
    }

    /// Waits until `is_ready` says so; gives back the end of the log when the program ended or the time ran out.
    pub(crate) fn wait_until(&mut self, is_ready: impl Fn() -> bool) -> Result<(), String> {
        let started = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!(
                    "{} ended with {status}: {}",
                    self.name,
                    self.read_log_end()
                ));
            }
            if is_ready() {
                return Ok(());
            }
            if started.elapsed() > START_LIMIT {
                return Err(format!(
                    "{} is not ready: {}",
                    self.name,
                    self.read_log_end()
                ));
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// The last lines of what the program printed.
    pub(crate) fn read_log_end(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn signal_group(&self, signal: libc::c_int) {
        let group = libc::pid_t::try_from(self.child.id()).expect("a process id");
        // SAFETY: kill takes no pointers; a group that is gone is an error that nobody needs.
        unsafe { libc::kill(-group, signal) };
    }

    /// Asks the daemon itself to end: its helpers are its own business while it is there to look after them.
    fn signal_leader(&self, signal: libc::c_int) {
        let leader = libc::pid_t::try_from(self.child.id()).expect("a process id");
        // SAFETY: as above.
        unsafe { libc::kill(leader, signal) };
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{} said:\n{}", self.name, self.read_log_end());
        }
        self.signal_leader(libc::SIGTERM);
        let asked = Instant::now();
        while asked.elapsed() < STOP_LIMIT && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(LOOK_AGAIN);
        }
        self.signal_group(libc::SIGKILL);
        // Nothing is left to do when even this fails.
        let _ = self.child.wait();
        unmount_below(&self.folder);
    }
}

/// Detaches every mount below `folder`, innermost first.
fn unmount_below(folder: &Path) {
    let Ok(folder) = folder.canonicalize() else {
        return;
    };
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let inside = mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .filter(|point| Path::new(point).starts_with(&folder));
    for point in inside.collect::<Vec<_>>().into_iter().rev() {
        let _ = Command::new("umount").arg("--lazy").arg(point).status();
    }
}

/// A loopback port that nobody listens on now, for a program that must be told one.
pub(crate) fn find_free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    listener
        .local_addr()
        .expect("a bound listener has an address")
        .port()
}
