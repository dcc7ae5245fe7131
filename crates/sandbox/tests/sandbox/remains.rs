//! What a step could leave behind on the host: processes, mounts, namespaces, control groups, interfaces.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

/// The state of the host that steps must not change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Remains {
    mounts: usize,
    children: BTreeSet<String>,
    groups: BTreeSet<String>,
    interfaces: BTreeSet<String>,
    descriptors: usize,
}

impl Remains {
    pub(crate) fn find() -> Self {
        let names = |folder: &str| -> BTreeSet<String> {
            fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        };
        let own = format!("wharf-{}-", std::process::id());
        let groups = ["memory", "pids", "cpu", "unified", "."]
            .iter()
            .flat_map(|controller| names(&format!("/sys/fs/cgroup/{controller}")))
            .filter(|name| name.starts_with(&own))
            .collect();
        Self {
            mounts: fs::read_to_string("/proc/self/mountinfo")
                .unwrap()
                .lines()
                .count(),
            children: find_descendants(std::process::id()),
            groups,
            interfaces: names("/sys/class/net"),
            descriptors: names("/proc/self/fd").len(),
        }
    }

    /// Fails when something is there now that was not before. Threads and the kernel's own cleaning may need a moment.
    pub(crate) fn assert_same(&self) {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let now = Self::find();
            if now == *self {
                return;
            }
            assert!(
                Instant::now() < end,
                "left behind: {now:#?}, before: {self:#?}"
            );
            std::thread::yield_now();
        }
    }
}

/// Processes below this one, however they are called.
pub(crate) fn find_descendants(of: u32) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut parents = vec![of.to_string()];
    while let Some(parent) = parents.pop() {
        for task in fs::read_dir(format!("/proc/{parent}/task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace() {
                parents.push(child.to_owned());
                // One that is dead already waits for nobody but whoever inherited it.
                if !is_dead(child) {
                    found.insert(child.to_owned());
                }
            }
        }
    }
    found
}

/// Whether a process is gone, or waits only to be counted.
pub(crate) fn is_dead(pid: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state
        .rsplit_once(") ")
        .is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
}
