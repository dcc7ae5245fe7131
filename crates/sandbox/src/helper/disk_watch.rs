//! The limits on a step's disk: what its upper folder may take, and what must stay free.
//!
//! Asking the file system for its free space is cheap; adding up a folder is not. So the folder is measured only when
//! the free space has shrunk enough that the limit could be reached, and every now and then because somebody else may
//! have freed as much as the step took.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::disk_use::{DiskUse, measure};
use super::errand::{Errand, Place};
use crate::step::Limits;

/// Between two measurements without cause. Shorter ones would cost a step with many files its processor.
const QUIET: Duration = Duration::from_secs(2);

/// Measuring takes at most a twentieth of the time.
const SHARE: u32 = 20;

/// Watches one upper folder.
pub(super) struct DiskWatch {
    folder: OwnedFd,
    place: Place,
    limits: Limits,
    measured: DiskUse,
    free_then: u64,
    next: Instant,
    errand: Option<(Errand, Instant)>,
}

impl DiskWatch {
    pub(super) fn new(folder: OwnedFd, place: Place, limits: &Limits) -> Self {
        let free_then = free_bytes(&folder);
        Self {
            folder,
            place,
            limits: limits.clone(),
            measured: DiskUse::default(),
            free_then,
            next: Instant::now() + QUIET,
            errand: None,
        }
    }

    /// True when the step has to stop.
    pub(super) fn is_exhausted(&mut self) -> bool {
        let reserve = self.limits.reserve;
        let Ok(state) = rustix::fs::fstatvfs(&self.folder) else {
            return false;
        };
        let free = state.f_bavail * state.f_frsize;
        // File systems that make inodes on demand report none at all.
        let lacks_inodes = state.f_files > 0 && state.f_favail < reserve.inodes;
        if free < reserve.bytes || lacks_inodes {
            return true;
        }
        self.collect();
        if self.exceeds(self.measured) {
            return true;
        }
        self.measure_if_needed(free);
        false
    }

    fn exceeds(&self, used: DiskUse) -> bool {
        self.limits.disk.is_some_and(|limit| used.bytes > limit)
            || self.limits.files.is_some_and(|limit| used.files > limit)
    }

    fn collect(&mut self) {
        let Some((errand, started)) = &mut self.errand else {
            return;
        };
        if let Some(answer) = errand.poll() {
            self.next = Instant::now() + QUIET.max(started.elapsed() * SHARE);
            self.measured = DiskUse::decode(&answer).unwrap_or(self.measured);
            self.errand = None;
        }
    }

    fn measure_if_needed(&mut self, free: u64) {
        let limited = self.limits.disk.is_some() || self.limits.files.is_some();
        if !limited || self.errand.is_some() {
            return;
        }
        let likely = DiskUse {
            bytes: self
                .measured
                .bytes
                .saturating_add(self.free_then.saturating_sub(free)),
            files: self.measured.files,
        };
        if !self.exceeds(likely) && Instant::now() < self.next {
            return;
        }
        self.free_then = free;
        let folder = &self.folder;
        if let Ok(errand) = self.place.send(|| measure(folder).encode()) {
            self.errand = Some((errand, Instant::now()));
        }
    }
}

fn free_bytes(folder: &OwnedFd) -> u64 {
    rustix::fs::fstatvfs(folder).map_or(0, |state| state.f_bavail * state.f_frsize)
}
