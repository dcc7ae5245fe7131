//! File jobs: functions of the caller that run inside a sandbox over mounted trees.

use std::os::fd::OwnedFd;

use crate::channel::Channel;
use crate::tree::Tree;

/// Runs one job. Called in the helper process, as root of the build's user namespace, with no way to any file but the
/// descriptors in the context, without network, and unable to start programs. Threads are fine.
///
/// An `Err` becomes [`Error::Job`](crate::Error::Job).
pub type FileJobs = fn(JobContext, Vec<u8>) -> Result<Vec<u8>, String>;

/// What a job works with.
#[derive(Debug)]
pub struct JobContext {
    /// The root folder of each tree, in the order of [`Job::trees`]. `/proc/self/fd` is there for paths to descriptors.
    pub trees: Vec<OwnedFd>,
    /// The descriptors of [`Job::fds`], in order.
    pub fds: Vec<OwnedFd>,
    /// The other end of [`RunningJob::channel`](crate::RunningJob::channel), if [`Job::has_channel`].
    pub channel: Option<Channel>,
}

/// A job to run.
#[derive(Debug, Default)]
pub struct Job {
    /// What it sees.
    pub trees: Vec<Tree>,
    /// What it is told; the caller's own encoding.
    pub payload: Vec<u8>,
    /// Open files and pipes that it gets.
    pub fds: Vec<OwnedFd>,
    /// Make a channel between the job and its caller.
    pub has_channel: bool,
}
