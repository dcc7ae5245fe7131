//! Counts the CPU time of everything that this program started, directly or not: clients, daemons, shims, build steps.
//! Ended processes are counted by whoever waited for them; orphans are adopted, so that none gets away.
//! Refuses to count this program itself, and the kernel's own threads. Called by the meter.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

/// What `/proc/PID/stat` says about one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    pid: u32,
    parent: u32,
    is_live: bool,
    own_ticks: u64,
    /// Of the ended children it has waited for, and theirs.
    children_ticks: u64,
}

/// Makes this program the parent of every descendant whose own parent ends, as shims of containers do on purpose.
///
/// # Errors
/// The kernel refuses (prctl(2), `PR_SET_CHILD_SUBREAPER`).
pub(crate) fn adopt_orphans() -> Result<()> {
    let own = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(own)).context("become a subreaper")
}

/// The descendants that run.
///
/// # Errors
/// `/proc` cannot be read.
pub(crate) fn list_live() -> Result<BTreeSet<u32>> {
    let all = read_all()?;
    let (_, descendants) = select_tree(&all, std::process::id());
    let live = descendants.into_iter().filter(|stat| stat.is_live);
    Ok(live.map(|stat| stat.pid).collect())
}

/// User and system CPU seconds of all descendants so far; each that runs is rounded to a clock tick (10 ms).
///
/// # Errors
/// `/proc` cannot be read.
pub(crate) fn read_tree_cpu_seconds() -> Result<f64> {
    let ticks = sum_ticks(&read_all()?, std::process::id());
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

fn read_all() -> Result<Vec<Stat>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc").context("/proc")? {
        let entry = entry.context("/proc")?;
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // It may have ended since.
        if let Ok(text) = fs::read_to_string(entry.path().join("stat")) {
            all.extend(parse_stat(pid, &text));
        }
    }
    Ok(all)
}

/// Fields 3, 4 and 14 to 17 of proc_pid_stat(5), counted behind the command's closing parenthesis.
fn parse_stat(pid: u32, text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        is_live: !matches!(*fields.first()?, "Z" | "X"),
        own_ticks: number(11)? + number(12)?,
        children_ticks: number(13)? + number(14)?,
    })
}

/// The root, if it is there, and all that descend from it.
fn select_tree(all: &[Stat], root: u32) -> (Option<Stat>, Vec<Stat>) {
    let mut found = Vec::new();
    let mut parents = BTreeSet::from([root]);
    while !parents.is_empty() {
        let children: Vec<_> = all
            .iter()
            .filter(|stat| parents.contains(&stat.parent) && stat.pid != root)
            .copied()
            .collect();
        parents = children.iter().map(|stat| stat.pid).collect();
        found.extend(children);
    }
    let root = all.iter().find(|stat| stat.pid == root).copied();
    (root, found)
}

fn sum_ticks(all: &[Stat], root: u32) -> u64 {
    let (root, descendants) = select_tree(all, root);
    let ended = root.map_or(0, |root| root.children_ticks);
    let running = descendants
        .iter()
        .map(|stat| stat.own_ticks + stat.children_ticks);
    ended + running.sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_read_behind_a_strange_command() {
        let text = "42 (a ) S 9) S 7 2 3 4 5 6 7 8 9 10 250 31 4 2 20 0 8 0 1 2 3";
        let stat = Stat {
            pid: 42,
            parent: 7,
            is_live: true,
            own_ticks: 281,
            children_ticks: 6,
        };
        assert_eq!(parse_stat(42, text), Some(stat));
        let ended = text.replace(") S 7", ") Z 7");
        assert!(!parse_stat(42, &ended).unwrap().is_live);
        assert_eq!(parse_stat(42, "42 (x) S 1"), None);
    }

    #[test]
    fn tree_counts_descendants_and_leaves_out_the_root_and_strangers() {
        let stat = |pid, parent, own_ticks, children_ticks| Stat {
            pid,
            parent,
            is_live: true,
            own_ticks,
            children_ticks,
        };
        let all = [
            stat(1, 0, 1000, 1000),
            stat(10, 1, 500, 3),
            stat(11, 10, 20, 1),
            // A grandchild with a smaller number than its parent.
            stat(5, 11, 100, 0),
            stat(12, 1, 700, 0),
        ];
        assert_eq!(sum_ticks(&all, 10), 3 + 21 + 100);
    }

    #[test]
    fn live_children_are_listed_until_they_end() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        assert!(list_live().unwrap().contains(&child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!list_live().unwrap().contains(&child.id()));
        assert!(read_tree_cpu_seconds().unwrap() >= 0.0);
    }
}
