//! The first moments of the process inside: ids, death with its supervisor, what it is to do.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::panic::AssertUnwindSafe;

use rustix::process::Signal;
use rustix::thread::{Gid, Uid, UnshareFlags};

use crate::channel::Channel;
use crate::failure::{AttemptTo, Failure, Setup};
use crate::helper::protect_program;
use crate::job::FileJobs;
use crate::memory_file;
use crate::wire::{Report, Request, Work};

/// The child's whole life, from the fork on. With `protect`, the rest of it is [`resume`] in a program file that cannot
/// be written.
pub(crate) fn run(channel: Channel, jobs: FileJobs, protect: bool) -> ! {
    finish(&channel, || {
        await_ids(&channel)?;
        if protect {
            match protect_program(&channel)? {}
        }
        work(&channel, jobs)
    })
}

/// The child's life after its program was started again.
pub(crate) fn resume(channel: Channel, jobs: FileJobs) -> ! {
    finish(&channel, || work(&channel, jobs))
}

pub(super) fn finish(channel: &Channel, life: impl FnOnce() -> Setup<()>) -> ! {
    let result = std::panic::catch_unwind(AssertUnwindSafe(life)).unwrap_or_else(|_| {
        Err(Failure::refused(
            "the sandbox's helper failed in itself; this is a bug in wharf",
        ))
    });
    let report = match result {
        Ok(()) => Report::JobDone,
        Err(failure) => Report::Failed(failure),
    };
    let text = serde_json::to_vec(&report).unwrap_or_default();
    let sent = channel.send(&text, &[]);
    std::process::exit(i32::from(
        sent.is_err() || matches!(report, Report::Failed(_)),
    ))
}

/// The supervisor writes the id maps from outside; from then on this process is root in here.
pub(super) fn await_ids(channel: &Channel) -> Setup<()> {
    // Also when the supervisor is killed, nothing stays. Changing ids clears this, hence again below.
    die_with_supervisor()?;
    let message = channel.receive().attempt_to("wait for ids")?;
    if message.is_none() {
        return Err(Failure::refused("the supervisor is gone"));
    }
    rustix::thread::set_thread_groups(&[]).attempt_to("drop groups")?;
    let gid = Some(Gid::ROOT);
    rustix::thread::set_thread_res_gid(gid, gid, gid).attempt_to("become root's group inside")?;
    let uid = Some(Uid::ROOT);
    rustix::thread::set_thread_res_uid(uid, uid, uid).attempt_to("become root inside")?;
    die_with_supervisor()
}

fn die_with_supervisor() -> Setup<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .attempt_to("follow the supervisor's death")
}

fn work(channel: &Channel, jobs: FileJobs) -> Setup<()> {
    let mut passed = channel
        .receive_fds()
        .attempt_to("receive the request inside")?
        .into_iter();
    let request = passed.next().ok_or(Failure::refused("no request"))?;
    let request = read_request(request)?;
    // Only now: the supervisor has put this process into its control groups, which become the namespace's roots.
    // SAFETY: this thread is alone and no other code relies on its old cgroup namespace.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWCGROUP) }
        .attempt_to("make a cgroup namespace")?;

    let mut rest: Vec<OwnedFd> = passed.collect();
    let sources = if request.ids.maps_mounts() {
        rest.split_off(rest.len().saturating_sub(request.sources.len()))
    } else {
        request
            .sources
            .iter()
            .map(super::clone_mount)
            .collect::<Setup<_>>()?
    };
    match &request.work {
        Work::Job { has_channel } => super::job::run(&request, jobs, sources, rest, *has_channel),
        Work::Step(step) => match super::step::run(channel, &request, step, sources, rest)? {},
        Work::Cell(_) => Err(Failure::refused("a cell has a beginning of its own")),
    }
}

fn read_request(file: OwnedFd) -> Setup<Request> {
    let mut file = File::from(file);
    let mut read = || -> std::io::Result<Request> {
        Ok(serde_json::from_slice(&memory_file::read_all(
            &mut file,
            u64::MAX - 1,
        )?)?)
    };
    read().attempt_to("read the request inside")
}
