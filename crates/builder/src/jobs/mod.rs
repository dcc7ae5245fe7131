//! File jobs: what runs inside the sandbox over mounted trees.
//!
//! The helper calls [`run_file_job`] with one [`JobCall`]; every call has a module of its own with what the job does and
//! a function that asks for it. Nothing in here opens a path: trees and files come as descriptors.

mod diff;
mod export;
mod files;
mod measure;
mod recompress;
mod remove;
mod unpack;

use std::fs::File;
use std::os::fd::OwnedFd;

use serde::{Deserialize, Serialize};
use wharf_sandbox::{BuildIds, Job, JobContext, Sandbox, Tree};

use crate::error::{BuildError, Result};

pub(crate) use diff::{DiffCall, DiffDone};
pub(crate) use export::ExportCall;
pub(crate) use files::{
    Action, ChannelPort, ChecksumCall, ChecksumDone, FilesCall, FilesDone, Owners, PlacementCall,
    SelectionCall, TreeSource,
};
pub(crate) use measure::{MeasureCall, MeasureDone};
pub(crate) use recompress::{RecompressCall, RecompressDone};
pub(crate) use remove::RemoveCall;
pub(crate) use unpack::{UnpackCall, UnpackLimits};

/// What a helper is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum JobCall {
    Unpack(UnpackCall),
    Diff(DiffCall),
    Files(FilesCall),
    Checksum(ChecksumCall),
    Export(ExportCall),
    Measure(MeasureCall),
    Recompress(RecompressCall),
    Remove(RemoveCall),
}

/// To be given to [`wharf_sandbox::become_helper_if_asked`], first thing in `main`.
///
/// # Errors
/// What the job could not do, for people.
pub fn run_file_job(context: JobContext, payload: Vec<u8>) -> std::result::Result<Vec<u8>, String> {
    let call: JobCall = serde_json::from_slice(&payload).map_err(|error| error.to_string())?;
    match call {
        JobCall::Unpack(call) => answer(call.run(context)?),
        JobCall::Diff(call) => answer(call.run(context)?),
        JobCall::Files(call) => answer(call.run(context)?),
        JobCall::Checksum(call) => answer(call.run(context)?),
        JobCall::Export(call) => answer(call.run(context)?),
        JobCall::Measure(call) => answer(call.run(context)?),
        JobCall::Recompress(call) => answer(call.run(context)?),
        JobCall::Remove(call) => answer(call.run(context)?),
    }
}

fn answer(done: impl Serialize) -> std::result::Result<Vec<u8>, String> {
    serde_json::to_vec(&done).map_err(|error| error.to_string())
}

/// Takes descriptor `number` of a job as a file.
fn take_file(fds: &mut [Option<OwnedFd>], number: usize) -> std::result::Result<File, String> {
    fds.get_mut(number)
        .and_then(Option::take)
        .map(File::from)
        .ok_or_else(|| format!("descriptor {number} of the job is missing"))
}

/// An error with all its causes, as one line.
fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// The same for layers and archives: one that is too large names the setting that bounds it.
fn explain_layer(error: &wharf_layer::Error) -> String {
    use wharf_layer::{Error, Limit};
    let text = explain(error);
    match error {
        Error::TooLarge {
            limit: Limit::Bytes,
            ..
        } => format!("{text} ([build] unpacked bounds them)"),
        Error::TooLarge {
            limit: Limit::Files,
            ..
        } => format!("{text} ([build] unpacked_files bounds them)"),
        _ => text,
    }
}

/// Builds a job; the caller adds what it needs and starts it.
pub(crate) fn make_job(call: &JobCall, trees: Vec<Tree>, fds: Vec<OwnedFd>) -> Result<Job> {
    let payload = serde_json::to_vec(call)
        .map_err(|error| BuildError::machine("write down a file job", error))?;
    Ok(Job {
        trees,
        payload,
        fds,
        has_channel: false,
    })
}

/// Runs a job without a channel to its end. Blocks.
pub(crate) fn run_job<T: for<'de> Deserialize<'de>>(
    sandbox: &Sandbox,
    ids: &BuildIds,
    call: &JobCall,
    trees: Vec<Tree>,
    fds: Vec<OwnedFd>,
) -> Result<T> {
    let job = make_job(call, trees, fds)?;
    let reply = sandbox.run_job(ids, job).map_err(explain_job)?;
    read_reply(&reply)
}

/// A job's own words are for people; everything else is the machine's fault.
pub(crate) fn explain_job(error: wharf_sandbox::Error) -> BuildError {
    match error {
        wharf_sandbox::Error::Job { message } => BuildError::step(message),
        other => BuildError::sandbox("work on the files of a step", other),
    }
}

pub(crate) fn read_reply<T: for<'de> Deserialize<'de>>(reply: &[u8]) -> Result<T> {
    serde_json::from_slice(reply)
        .map_err(|error| BuildError::machine("understand the answer of a file job", error))
}
