//! Running a file job: its trees, a wall around it, its result.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr,
    RulesetCreatedAttr, Scope,
};
use rustix::fs::{Mode, OFlags};

use super::overlay::mount_tree;
use super::privileges::restrict_file_job;
use super::staging::{attach, enter_staging, open_folder};
use super::system::open_proc;
use crate::channel::Channel;
use crate::failure::{AttemptTo, Failure, Setup};
use crate::job::{FileJobs, JobContext};
use crate::memory_file;
use crate::wire::Request;

/// Runs the job and leaves its result in the reply file.
pub(super) fn run(
    request: &Request,
    jobs: FileJobs,
    sources: Vec<OwnedFd>,
    passed: Vec<OwnedFd>,
    has_channel: bool,
) -> Setup<()> {
    let mut passed = passed.into_iter();
    let (Some(payload), Some(reply)) = (passed.next(), passed.next()) else {
        return Err(Failure::refused("a job without payload or reply"));
    };
    let channel = if has_channel {
        passed.next().map(Channel::from)
    } else {
        None
    };
    let fds: Vec<OwnedFd> = passed.collect();
    let payload = memory_file::read_all(&mut File::from(payload), u64::MAX - 1)
        .attempt_to("read the job's payload")?;

    let proc = open_proc()?;
    enter_staging(sources)?;
    rustix::fs::mkdir(c"/proc", Mode::from_raw_mode(0o755)).attempt_to("make /proc")?;
    attach(&proc, &open_folder(c"/proc")?).attempt_to("mount /proc")?;
    let trees = request
        .trees
        .iter()
        .enumerate()
        .map(|(number, tree)| {
            let root = mount_tree(tree, number)?;
            rustix::fs::openat(
                &root,
                c".",
                OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
                Mode::empty(),
            )
            .attempt_to("open a tree")
        })
        .collect::<Setup<Vec<_>>>()?;
    restrict_paths(request, &trees, &proc).map_err(|error| {
        Failure::refused(format!("cannot restrict the job with Landlock: {error}"))
    })?;
    restrict_file_job()?;

    let context = JobContext {
        trees,
        fds,
        channel,
    };
    let result = jobs(context, payload).map_err(|message| Failure::Job { message })?;
    File::from(reply)
        .write_all(&result)
        .attempt_to("write the job's result")
}

/// A second wall (landlock(7)): even a mistake in path handling stays within the trees. Older kernels restrict less.
fn restrict_paths(
    request: &Request,
    trees: &[OwnedFd],
    proc: &OwnedFd,
) -> Result<(), landlock::RulesetError> {
    let abi = ABI::V6;
    let read = AccessFs::from_read(abi);
    // Executing is no part of a job.
    let read = read & !AccessFs::Execute;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .add_rule(PathBeneath::new(proc, read | AccessFs::WriteFile))?;
    for (tree, plan) in trees.iter().zip(&request.trees) {
        let access = if plan.is_writable() {
            AccessFs::from_all(abi) & !AccessFs::Execute
        } else {
            read
        };
        rules = rules.add_rule(PathBeneath::new(tree, access))?;
    }
    rules.restrict_self()?;
    Ok(())
}
