//! The limits on a step's disk: what its upper folder and its cache folders may take, and what must stay free.
//!
//! Asking the file system for its free space is cheap; adding up a folder is not. So the folder is measured only when
//! the free space has shrunk enough that the limit could be reached, and every now and then because somebody else may
//! have freed as much as the step took.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::disk_use::{DiskUse, measure};
use super::errand::{Errand, Place};
use crate::step::Limits;
use crate::wire::Stopped;

/// Between two measurements without cause. Shorter ones would cost a step with many files its processor.
const QUIET: Duration = Duration::from_secs(2);

/// Measuring takes at most a twentieth of the time.
const SHARE: u32 = 20;

/// Where a step leaves files.
pub(super) struct Written {
    /// The root's upper folder.
    pub(super) upper: OwnedFd,
    /// Its cache folders.
    pub(super) caches: Vec<OwnedFd>,
    /// Where both are readable.
    pub(super) place: Place,
}

impl Written {
    pub(super) fn try_clone(&self) -> std::io::Result<Self> {
        let caches = self.caches.iter().map(OwnedFd::try_clone);
        Ok(Self {
            upper: self.upper.try_clone()?,
            caches: caches.collect::<Result<_, _>>()?,
            place: self.place.try_clone()?,
        })
    }
}

/// What was found there.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    upper: DiskUse,
    caches: u64,
}

/// Watches what a step writes.
pub(super) struct DiskWatch {
    written: Written,
    limits: Limits,
    measured: Found,
    free_then: u64,
    next: Instant,
    errand: Option<(Errand, Instant)>,
}

impl DiskWatch {
    pub(super) fn new(written: Written, limits: &Limits) -> Self {
        let free_then = free_bytes(&written.upper);
        Self {
            written,
            limits: limits.clone(),
            measured: Found::default(),
            free_then,
            next: Instant::now() + QUIET,
            errand: None,
        }
    }

    /// Why the step has to stop, if it has to.
    pub(super) fn look(&mut self) -> Option<Stopped> {
        let reserve = self.limits.reserve;
        let Ok(state) = rustix::fs::fstatvfs(&self.written.upper) else {
            return None;
        };
        let free = state.f_bavail * state.f_frsize;
        // File systems that make inodes on demand report none at all.
        let lacks_inodes = state.f_files > 0 && state.f_favail < reserve.inodes;
        if free < reserve.bytes || lacks_inodes {
            return Some(Stopped::Disk);
        }
        self.collect();
        let exceeded = self.find_excess(self.measured);
        if exceeded.is_none() {
            self.measure_if_needed(free);
        }
        exceeded
    }

    fn find_excess(&self, found: Found) -> Option<Stopped> {
        let Limits {
            disk,
            files,
            caches,
            ..
        } = &self.limits;
        if disk.is_some_and(|limit| found.upper.bytes > limit)
            || files.is_some_and(|limit| found.upper.files > limit)
        {
            return Some(Stopped::Disk);
        }
        let is_over = caches.is_some_and(|limit| found.caches > limit);
        is_over.then_some(Stopped::Caches)
    }

    fn collect(&mut self) {
        let Some((errand, started)) = &mut self.errand else {
            return;
        };
        if let Some(answer) = errand.poll() {
            self.next = Instant::now() + QUIET.max(started.elapsed() * SHARE);
            self.measured = decode(&answer).unwrap_or(self.measured);
            self.errand = None;
        }
    }

    fn measure_if_needed(&mut self, free: u64) {
        let limits = &self.limits;
        let limited = limits.disk.is_some() || limits.files.is_some() || limits.caches.is_some();
        if !limited || self.errand.is_some() {
            return;
        }
        let more = self.free_then.saturating_sub(free);
        let mut likely = self.measured;
        likely.upper.bytes = likely.upper.bytes.saturating_add(more);
        likely.caches = likely.caches.saturating_add(more);
        if self.find_excess(likely).is_none() && Instant::now() < self.next {
            return;
        }
        self.free_then = free;
        let Written {
            upper,
            caches,
            place,
        } = &self.written;
        let counts_caches = limits.caches.is_some();
        let errand = place.send(|| {
            let caches = caches.iter().filter(|_| counts_caches);
            let held = caches.fold(0_u64, |sum, cache| sum.saturating_add(measure(cache).bytes));
            [measure(upper).encode(), held.to_ne_bytes().to_vec()].concat()
        });
        if let Ok(errand) = errand {
            self.errand = Some((errand, Instant::now()));
        }
    }
}

fn decode(answer: &[u8]) -> Option<Found> {
    let (upper, caches) = answer.split_at_checked(16)?;
    Some(Found {
        upper: DiskUse::decode(upper)?,
        caches: u64::from_ne_bytes(caches.try_into().ok()?),
    })
}

fn free_bytes(folder: &OwnedFd) -> u64 {
    rustix::fs::fstatvfs(folder).map_or(0, |state| state.f_bavail * state.f_frsize)
}
