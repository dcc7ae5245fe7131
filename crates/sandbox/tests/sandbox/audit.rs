//! What a whole suite left on the machine. Every suite that makes sandboxes ends with this.
//!
//! A case looks at what it left itself (`remains`); here is looked for what no case thought of. Other suites may run at
//! the same time, so only what can be told apart is counted: processes that this one inherited, names that hold its
//! number, files below its own folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::remains::find_descendants;

/// How long the kernel may take to clean up after processes that are dead.
const PATIENCE: Duration = Duration::from_secs(15);

/// A suite that runs.
pub(crate) struct Audit {
    folder: TempDir,
    /// Control groups that nobody had before either.
    earlier: Vec<PathBuf>,
}

impl Audit {
    /// Makes this process the one that inherits orphans, and a folder for everything that cases make.
    pub(crate) fn begin(suite: &str) -> Self {
        inherit_orphans();
        let folder = TempDir::with_prefix(format!("wharf-{suite}-suite-")).expect("a folder");
        // The account of a suite passes through.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).expect("it is ours");
        Self {
            folder,
            earlier: list_dead_groups(),
        }
    }

    /// Where cases keep their files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything that is left, in words, when `clear` has removed what the suite made for itself. The `accounts` go too.
    pub(crate) fn finish(self, accounts: &[String], clear: impl FnOnce()) -> Vec<String> {
        clear();
        let end = Instant::now() + PATIENCE;
        loop {
            bury_orphans();
            for name in accounts {
                // One that a process still uses stays: what connected the last step takes a moment to end.
                let _ = Command::new("userdel").arg(name).output();
            }
            let left = self.find(accounts);
            if left.is_empty() || Instant::now() > end {
                return left;
            }
            std::thread::yield_now();
        }
    }

    fn find(&self, accounts: &[String]) -> Vec<String> {
        let mut left = Vec::new();
        let folder = self.folder.path().display().to_string();
        for pid in find_descendants(std::process::id()) {
            let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            left.push(format!("process {pid}: {words}"));
        }
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        left.extend(
            mounts
                .lines()
                .filter(|line| line.contains(&folder))
                .map(|line| format!("mount: {line}")),
        );
        left.extend(
            list(self.folder.path())
                .iter()
                .map(|path| format!("file: {}", path.display())),
        );
        for device in list(Path::new("/sys/block")) {
            let file = fs::read_to_string(device.join("loop/backing_file")).unwrap_or_default();
            if file.contains(&folder) {
                left.push(format!("loop device {}: {file}", device.display()));
            }
        }
        let number = std::process::id().to_string();
        for (what, place) in [
            ("network namespace", "/run/netns"),
            ("link", "/sys/class/net"),
        ] {
            let named = list(Path::new(place));
            let named = named.iter().filter(|path| ends_with(path, &number));
            left.extend(named.map(|path| format!("{what}: {}", path.display())));
        }
        left.extend(
            list_dead_groups()
                .iter()
                .filter(|path| !self.earlier.contains(path))
                .map(|path| format!("control group: {}", path.display())),
        );
        let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
        left.extend(
            accounts
                .iter()
                .filter(|name| {
                    known
                        .lines()
                        .any(|line| line.starts_with(&format!("{name}:")))
                })
                .map(|name| format!("account: {name}")),
        );
        left
    }
}

/// From now on processes whose parent died are this one's children, so that nobody gets lost.
pub(crate) fn inherit_orphans() {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .expect("every process may inherit");
}

/// Waits for orphans that are dead: an account cannot go while one of its processes is there. Nobody else may be waiting
/// for children of this process.
fn bury_orphans() {
    while let Ok(Some(_)) = rustix::process::wait(rustix::process::WaitOptions::NOHANG) {}
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// Whether a name is some letters and this number.
fn ends_with(path: &Path, number: &str) -> bool {
    let name = name(path);
    let rest = name.strip_suffix(number);
    rest.is_some_and(|rest| !rest.ends_with(|last: char| last.is_ascii_digit()))
}

fn list_dead_groups() -> Vec<PathBuf> {
    let own = std::process::id().to_string();
    ["memory", "pids", "cpu", "unified", "."]
        .iter()
        .flat_map(|controller| list(&Path::new("/sys/fs/cgroup").join(controller)))
        .filter(|path| is_of_the_dead(path, &own))
        .collect()
}

/// Whether a control group is of this process, or of one that is gone: `wharf-PID-…`, `wharf-cell-PID-…`.
fn is_of_the_dead(path: &Path, own: &str) -> bool {
    let name = name(path);
    let Some(rest) = name.strip_prefix("wharf-") else {
        return false;
    };
    let rest = rest.strip_prefix("cell-").unwrap_or(rest);
    let maker = rest.split('-').next().unwrap_or_default();
    let is_number = !maker.is_empty() && maker.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (maker == own || !Path::new("/proc").join(maker).exists())
}
