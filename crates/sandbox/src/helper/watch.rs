//! Limits that need looking at: the supervisor looks every now and then.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use super::disk_watch::{DiskWatch, Written};
use super::process_watch::count_processes;
use crate::cgroup::find_count;
use crate::step::{Limits, Reserve};
use crate::wire::{StepPlan, Stopped};

/// How often to look at processes, which can take gigabytes of memory in a tenth of a second. Looking costs some
/// microseconds per process.
const SHORT_INTERVAL: Duration = Duration::from_millis(20);

/// How often to look at the rest. Shorter would cost processor time that the step pays for; longer lets a step write gigabytes
/// between two looks.
const INTERVAL: Duration = Duration::from_millis(100);

/// Refused forks after which a step is a fork bomb rather than a program that ran into its limit once.
const FORK_BOMB: u64 = 1000;

/// What is watched of one step.
pub(super) struct Watch {
    limits: Limits,
    processes: Option<OwnedFd>,
    pids_events: Vec<PathBuf>,
    watch_memory: bool,
    disk: Option<DiskWatch>,
}

impl Watch {
    /// `None` when nothing has to be watched. `written` is where the step leaves files.
    pub(super) fn start(
        step: &StepPlan,
        processes: Option<OwnedFd>,
        written: Option<Written>,
    ) -> Option<Self> {
        let limits = &step.limits;
        let watches_disk = limits.disk.is_some()
            || limits.caches.is_some()
            || limits.files.is_some()
            || limits.reserve != Reserve::default();
        let watch_memory = step.watch.memory && limits.memory.is_some();
        let watch_pids = step.watch.pids && limits.pids.is_some();
        let disk = written
            .filter(|_| watches_disk)
            .map(|written| DiskWatch::new(written, limits));
        let processes = processes.filter(|_| watch_memory || watch_pids);
        if disk.is_none() && processes.is_none() && step.watch.pids_events.is_empty() {
            return None;
        }
        Some(Self {
            limits: limits.clone(),
            processes,
            pids_events: step.watch.pids_events.clone(),
            watch_memory,
            disk,
        })
    }

    pub(super) fn interval(&self) -> Duration {
        if self.processes.is_some() {
            SHORT_INTERVAL
        } else {
            INTERVAL
        }
    }

    /// The limit that ran out.
    pub(super) fn look(&mut self) -> Option<Stopped> {
        if let Some(proc) = &self.processes {
            let used = count_processes(proc);
            let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used > limit);
            if self.watch_memory && over(self.limits.memory, used.memory) {
                return Some(Stopped::Memory);
            }
            if over(self.limits.pids.map(u64::from), used.tasks) {
                return Some(Stopped::Pids);
            }
        }
        let refused = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            find_count(&text, "max") > FORK_BOMB
        };
        if self.pids_events.iter().any(refused) {
            return Some(Stopped::Pids);
        }
        self.disk.as_mut().and_then(DiskWatch::look)
    }
}
