//! How a step ended, and why.

use std::time::Duration;

use crate::cgroup::Counted;
use crate::wire::{Ended, Stopped};

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// As a shell tells it: the exit code, or 128 and the number of the signal.
    pub code: i32,
    /// Why.
    pub reason: Reason,
    /// What it used.
    pub usage: Usage,
}

/// Why a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// By itself.
    Exited,
    /// By this signal, sent from inside.
    Signaled(i32),
    /// Through [`Killer::kill`] or because the caller went away.
    Killed,
    /// It took longer than [`Limits::timeout`](crate::Limits::timeout).
    TimedOut,
    /// It needed more than [`Limits::memory`](crate::Limits::memory).
    OutOfMemory,
    /// It failed, and starting a process beyond [`Limits::pids`](crate::Limits::pids) had failed.
    PidsExhausted,
    /// It wrote more than [`Limits::disk`](crate::Limits::disk), or more than the file system can spare.
    DiskFull,
    /// Its cache folders hold more than [`Limits::caches`](crate::Limits::caches).
    CachesFull,
}

/// What a step used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time.
    pub cpu: Duration,
    /// Bytes of memory at its highest.
    pub peak_memory: u64,
}

/// The end as the helper saw it, with what the control group knows about it.
pub(crate) fn judge(ended: &Ended, counted: &Counted) -> Exit {
    let failed = ended.code != Some(0);
    let reason = match (ended.stopped, ended.signal) {
        (Some(Stopped::Asked), _) => Reason::Killed,
        (Some(Stopped::TimedOut), _) => Reason::TimedOut,
        (Some(Stopped::Memory), _) => Reason::OutOfMemory,
        (Some(Stopped::Pids), _) => Reason::PidsExhausted,
        (Some(Stopped::Caches), _) => Reason::CachesFull,
        (Some(Stopped::Disk), _) | (None, Some(libc::SIGXFSZ)) => Reason::DiskFull,
        // A shell tells so that its command died of it.
        (None, None) if ended.code == Some(128 + libc::SIGXFSZ) => Reason::DiskFull,
        (None, _) if failed && counted.out_of_memory => Reason::OutOfMemory,
        (None, _) if failed && counted.forks_refused => Reason::PidsExhausted,
        (None, Some(signal)) => Reason::Signaled(signal),
        (None, None) => Reason::Exited,
    };
    Exit {
        code: ended
            .code
            .unwrap_or_else(|| 128 + ended.signal.unwrap_or(libc::SIGKILL)),
        reason,
        usage: Usage {
            cpu: counted.cpu.unwrap_or(ended.cpu),
            peak_memory: counted.peak_memory.unwrap_or(ended.peak_memory),
        },
    }
}
