//! What a build could leave behind on the machine: processes, mounts, control groups, cables to network namespaces, files.
//!
//! Other builds may run beside, so everything is told by a mark that only this build has: the name of its folder, which
//! is in its arguments, in the environment of its steps and in its mounts, and the number of its process, which is in the
//! names of its control groups. A cable has no such mark; one that came meanwhile must go, unless each cable has a network
//! namespace with processes of another build. Called by [`crate::workshop`].

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// The kernel takes namespaces down some time after their last process, later on a busy machine; what stays longer stays.
const LIMIT: Duration = Duration::from_secs(30);

/// How often it is looked again: short against the time that a namespace needs.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What was there before a build began and is not its own.
#[derive(Debug)]
pub struct Before {
    cables: Vec<String>,
}

impl Before {
    /// Looks at the machine before a build begins.
    #[must_use]
    pub fn look() -> Self {
        Self {
            cables: list_cables(),
        }
    }

    /// What the build of process `pid`, marked by `mark`, left behind once the kernel had its time; empty when nothing.
    #[must_use]
    pub fn list_left(&self, mark: &str, pid: u32, state: &Path) -> Vec<String> {
        // Cables of builds that begin after this look are not this one's.
        let cables: Vec<String> = list_cables()
            .into_iter()
            .filter(|name| !self.cables.contains(name))
            .collect();
        let began = Instant::now();
        loop {
            let mut left = list_processes(mark);
            left.extend(list_mounts(mark));
            left.extend(list_groups(pid));
            left.extend(list_files(state));
            let now = list_cables();
            if now.len() > count_networks() {
                left.extend(cables.iter().filter(|name| now.contains(name)).cloned());
            }
            if left.is_empty() || began.elapsed() > LIMIT {
                return left;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

/// Processes with `mark` in their arguments or environment, other than this one.
#[must_use]
pub fn list_processes(mark: &str) -> Vec<String> {
    let own = std::process::id().to_string();
    list_names(Path::new("/proc"))
        .into_iter()
        .filter(|name| *name != own && name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|pid| {
            let read = |file| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            let (arguments, environment) = (read("cmdline"), read("environ"));
            let is_marked = contains(&arguments, mark) || contains(&environment, mark);
            is_marked.then(|| {
                let arguments = String::from_utf8_lossy(&arguments).replace('\0', " ");
                format!("process {pid}: {arguments}")
            })
        })
        .collect()
}

/// Mounts with `mark` in them, as this process sees the machine.
fn list_mounts(mark: &str) -> Vec<String> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    mounts
        .lines()
        .filter(|line| line.contains(mark))
        .map(|line| format!("mount {line}"))
        .collect()
}

/// Control groups that the process made.
fn list_groups(pid: u32) -> Vec<String> {
    let own = format!("wharf-{pid}-");
    let root = Path::new("/sys/fs/cgroup");
    let mut folders = vec![root.to_owned()];
    folders.extend(list_names(root).iter().map(|name| root.join(name)));
    folders
        .iter()
        .flat_map(|folder| list_names(folder))
        .filter(|name| name.starts_with(&own))
        .map(|name| format!("control group {name}"))
        .collect()
}

/// Folders of running builds in the state directory. Snapshots, the cache and the notes on failed builds, for `wharf
/// debug`, are there to stay.
fn list_files(state: &Path) -> Vec<String> {
    list_names(&state.join("builder/builds"))
        .into_iter()
        .filter(|name| !name.ends_with(".json"))
        .map(|name| format!("file builds/{name}"))
        .collect()
}

/// The host's ends of cables to steps.
fn list_cables() -> Vec<String> {
    let names = list_names(Path::new("/sys/class/net")).into_iter();
    names.filter(|name| name.starts_with("wharf")).collect()
}

/// Network namespaces that have processes, beside this one's.
fn count_networks() -> usize {
    let own = fs::read_link("/proc/self/ns/net").ok();
    let networks: BTreeSet<_> = list_names(Path::new("/proc"))
        .into_iter()
        .filter_map(|pid| fs::read_link(format!("/proc/{pid}/ns/net")).ok())
        .filter(|network| Some(network) != own.as_ref())
        .collect();
    networks.len()
}

fn list_names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Whether `needle` stands anywhere in `bytes`.
#[must_use]
pub fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}
