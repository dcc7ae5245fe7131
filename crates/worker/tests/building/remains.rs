//! What a worker could leave behind on the machine: processes, mounts, control groups, interfaces, filters, descriptors.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The state of the machine that workers must not change.
#[derive(Debug)]
pub(crate) struct Remains {
    mounts: usize,
    children: BTreeSet<String>,
    groups: BTreeSet<String>,
    interfaces: BTreeSet<String>,
    filters: BTreeSet<String>,
    descriptors: usize,
}

impl Remains {
    /// Of this process.
    pub(crate) fn find() -> Self {
        Self::find_of(std::process::id())
    }

    /// Of a process that made workers, and of the machine.
    pub(crate) fn find_of(maker: u32) -> Self {
        let own = format!("wharf-cell-{maker}-");
        let groups = ["memory", "pids", "cpu", "unified", "."]
            .iter()
            .flat_map(|controller| names(&format!("/sys/fs/cgroup/{controller}")))
            .filter(|name| name.starts_with(&own))
            .collect();
        let tables = Command::new("nft").args(["list", "tables"]).output();
        let tables = tables.expect("nft is installed").stdout;
        Self {
            mounts: fs::read_to_string("/proc/self/mountinfo")
                .unwrap()
                .lines()
                .count(),
            children: find_descendants(maker),
            groups,
            interfaces: names("/sys/class/net")
                .into_iter()
                .filter(|name| is_cell_cable(name))
                .collect(),
            filters: String::from_utf8_lossy(&tables)
                .lines()
                .filter(|line| line.contains("wharf-cell-"))
                .map(str::to_owned)
                .collect(),
            descriptors: names("/proc/self/fd").len(),
        }
    }

    /// Fails when something is there now that was not before. Threads and the kernel's own cleaning may need a moment; so may
    /// those of the case before, which therefore are there before and gone now.
    pub(crate) fn assert_no_more(&self, maker: u32) {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let now = Self::find_of(maker);
            if now.is_within(self) {
                return;
            }
            assert!(
                Instant::now() < end,
                "left behind: {now:#?}, before: {self:#?}"
            );
            std::thread::yield_now();
        }
    }

    fn is_within(&self, before: &Self) -> bool {
        self.mounts <= before.mounts
            && self.children.is_subset(&before.children)
            && self.groups.is_subset(&before.groups)
            && self.interfaces.is_subset(&before.interfaces)
            && self.filters.is_subset(&before.filters)
            && self.descriptors <= before.descriptors
    }
}

/// Interfaces of cells; those of steps belong to whoever runs `wharf build` meanwhile.
fn is_cell_cable(name: &str) -> bool {
    let number = name
        .strip_prefix("wharf")
        .and_then(|rest| rest.parse().ok());
    number.is_some_and(|number: u32| number >= 12_288)
}

fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Processes below one, however they are called.
pub(crate) fn find_descendants(of: u32) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut parents = vec![of.to_string()];
    while let Some(parent) = parents.pop() {
        let tasks = fs::read_dir(format!("/proc/{parent}/task"));
        for task in tasks.into_iter().flatten().flatten() {
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

/// Names of files that half-made results have in the workers' folder.
pub(crate) fn find_work(state: &Path) -> BTreeSet<String> {
    names(&state.join("work").to_string_lossy())
}

/// Whether a process is gone, or waits only to be counted.
pub(crate) fn is_dead(pid: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state
        .rsplit_once(") ")
        .is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
}
