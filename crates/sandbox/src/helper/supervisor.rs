//! The helper outside of the namespaces: makes them, waits, and ends everything.
//!
//! It never looks at a file of the step's tree, and leaves by itself when its caller dies.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Resource, Rlimit};

use super::disk_watch::Written;
use super::errand::Place;
use super::events::{Events, Outcome};
use super::hand_over::hand_over_folders;
use super::id_map::{map_sources, write_id_maps};
use super::uplink::Line;
use crate::cgroup::{remove_folder, remove_group_tree};
use crate::channel::Channel;
use crate::failure::{Attempt, AttemptTo, Failure, Setup};
use crate::ids::IdPlan;
use crate::job::FileJobs;
use crate::kernel::{self, Child};
use crate::wire::{MountPlan, NetworkPlan, Report, Request, StepPlan, Work};
use crate::{inner, memory_file, wire};

/// Requests hold a Dockerfile's words, not files: more is a mistake.
const MAX_REQUEST: u64 = 64 << 20;

/// The helper's whole life.
pub(super) fn run(control: Channel, jobs: FileJobs) -> ! {
    let status = match supervise(&control, jobs) {
        Ok(()) => 0,
        Err(failure) => {
            // Nobody is left to be told when this fails too.
            let _ = send_report(&control, &Report::Failed(failure), &[]);
            1
        }
    };
    std::process::exit(status)
}

fn supervise(control: &Channel, jobs: FileJobs) -> Setup<()> {
    leave_the_terminal().attempt_to("detach from the terminal")?;
    let passed = control.receive_fds().attempt_to("receive the request")?;
    let request_file = passed
        .first()
        .ok_or(Failure::refused("the request is empty"))?;
    let request = read_request(request_file)?;

    if let (Work::Cell(_), IdPlan::Apart { .. }) = (&request.work, &request.ids) {
        hand_over_folders(&request)?;
    }
    let (channel, inner_end) = Channel::pair().attempt_to("make a socket pair")?;
    // SAFETY: nothing in the helper has started a thread.
    let forked = unsafe { kernel::fork_into(namespaces(&request)) };
    let Some(child) = forked.map_err(explain_fork)? else {
        drop(channel);
        if let Work::Cell(cell) = &request.work {
            drop(passed);
            inner::cell::run(inner_end, &request, cell)
        }
        // Where files on the disk belong to who is root inside, wharf's own may be one of them.
        let protect = !request.ids.maps_mounts() && !request.guards_off.protect_program;
        inner::run(inner_end, jobs, protect)
    };
    drop(inner_end);
    let result = prepare_and_wait(control, channel, &request, &passed, &child);
    if result.is_err() {
        let _ = rustix::process::pidfd_send_signal(&child.pidfd, rustix::process::Signal::KILL);
        let _ = kernel::reap(child.pid);
    }
    result
}

fn prepare_and_wait(
    control: &Channel,
    channel: Channel,
    request: &Request,
    passed: &[OwnedFd],
    child: &Child,
) -> Setup<()> {
    write_id_maps(&request.ids, child.pid)?;
    join_cgroups(request, child.pid)?;
    // If the machine runs out of memory, the step goes before its supervisor. Where that cannot be set, it stays as it is.
    let _ = std::fs::write(
        format!("/proc/{}/oom_score_adj", child.pid.as_raw_nonzero()),
        "500",
    );
    let to_child = "send the request into the sandbox";
    channel.send(b"mapped", &[]).attempt_to(to_child)?;
    let mut fds: Vec<_> = passed.iter().map(AsFd::as_fd).collect();
    let sources = if request.ids.maps_mounts() {
        map_sources(&request.sources, child.pid)?
    } else {
        Vec::new()
    };
    fds.extend(sources.iter().map(AsFd::as_fd));
    channel.send_fds(&fds).attempt_to(to_child)?;
    let written = open_written(request, child.pid, sources)?;

    let mut line = match &request.work {
        Work::Step(step) => match &step.network {
            NetworkPlan::Isolated { uplink, .. } => Line::connect(uplink, child)?,
            NetworkPlan::None | NetworkPlan::Host => Line::none(),
        },
        Work::Cell(cell) => match await_cell(&channel).map(|()| &cell.network)? {
            NetworkPlan::Isolated { uplink, policy, .. } => {
                Line::connect_cell(uplink, child, policy)?
            }
            NetworkPlan::None | NetworkPlan::Host => Line::none(),
        },
        Work::Job { .. } => Line::none(),
    };
    let outcome = Events::new(control, channel, child, &request.work, &mut line, written).run()?;
    if let Work::Cell(_) = request.work {
        // Whoever waits for the end of a cell finds nothing of it.
        drop(line);
    }
    if let Outcome::Ended(ended) = outcome
        && send_report(control, &Report::Ended(ended), &[]).is_err()
    {
        // The caller is gone, and with it whoever would remove these.
        match &request.work {
            Work::Cell(cell) => cell
                .made_groups
                .iter()
                .for_each(|made| remove_group_tree(made)),
            _ => {
                let groups = request.cgroups.iter().filter_map(|procs| procs.parent());
                groups.for_each(remove_folder);
            }
        }
    }
    Ok(())
}

/// Waits until a cell's first process is somebody else, in whom others may look for its namespaces.
fn await_cell(channel: &Channel) -> Setup<()> {
    let message = channel.receive().attempt_to("hear from the cell")?;
    let message = message.ok_or(Failure::refused("the cell's first process is gone"))?;
    if message.bytes == inner::cell::HAS_IDS {
        return Ok(());
    }
    match serde_json::from_slice(&message.bytes) {
        Ok(Report::Failed(failure)) => Err(failure),
        _ => Err(Failure::refused(
            "the cell's first process speaks out of order",
        )),
    }
}

/// The folders that take a step's changes, as they look from inside the step's user namespace.
fn open_written(request: &Request, child: Pid, sources: Vec<OwnedFd>) -> Setup<Option<Written>> {
    let Some(number) = request.trees.first().and_then(|root| root.upper) else {
        return Ok(None);
    };
    let mut mapped: Vec<_> = sources.into_iter().map(Some).collect();
    let mut open = |number: usize| -> Setup<Option<OwnedFd>> {
        if let Some(mapped) = mapped.get_mut(number) {
            return Ok(mapped.take());
        }
        let Some(source) = request.sources.get(number) else {
            return Ok(None);
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::open(&source.path, flags, Mode::empty());
        let opened = opened.attempt(|| format!("open {}", source.path.display()))?;
        Ok(Some(opened))
    };
    let Some(upper) = open(number)? else {
        return Ok(None);
    };
    let mut caches = Vec::new();
    if let Work::Step(step) = &request.work {
        for number in list_caches(step) {
            caches.extend(open(number)?);
        }
    }
    let user_namespace = if request.ids.has_user_namespace() {
        let path = format!("/proc/{}/ns/user", child.as_raw_nonzero());
        let namespace = File::open(path).attempt_to("open the child's user namespace")?;
        Some(namespace.into())
    } else {
        None
    };
    Ok(Some(Written {
        upper,
        caches,
        place: Place { user_namespace },
    }))
}

/// The folders of the step's cache mounts that it can write to, each once.
fn list_caches(step: &StepPlan) -> BTreeSet<usize> {
    let mounts = step.mounts.iter();
    let caches = mounts.filter_map(|mount| match mount {
        MountPlan::Cache {
            folder,
            read_only: false,
            ..
        } => Some(*folder),
        _ => None,
    });
    caches.collect()
}

/// A session of its own keeps the terminal's interrupt for the caller, who then ends the step in order.
fn leave_the_terminal() -> std::io::Result<()> {
    rustix::process::setsid()?;
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // A dump of the helper would hold secrets of the step.
    rustix::process::setrlimit(Resource::Core, none)?;
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    Ok(())
}

fn read_request(file: &OwnedFd) -> Setup<Request> {
    let read = || -> std::io::Result<Request> {
        let mut file = File::from(file.try_clone()?);
        Ok(serde_json::from_slice(&memory_file::read_all(
            &mut file,
            MAX_REQUEST,
        )?)?)
    };
    read().attempt_to("read the request")
}

fn namespaces(request: &Request) -> u64 {
    let mut flags =
        libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
    if request.ids.has_user_namespace() {
        flags |= libc::CLONE_NEWUSER;
    }
    let shares_network = matches!(
        &request.work,
        Work::Step(wire::StepPlan {
            network: NetworkPlan::Host,
            ..
        })
    );
    if !shares_network {
        flags |= libc::CLONE_NEWNET;
    }
    flags as u64
}

fn explain_fork(error: std::io::Error) -> Failure {
    match error.raw_os_error() {
        Some(libc::EPERM | libc::ENOSPC | libc::EUSERS) => Failure::Unsupported {
            problem: "the kernel refuses a new user namespace".to_owned(),
            hint: "allow them: sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone=1, \
                   kernel.apparmor_restrict_unprivileged_userns=0; in a container, its seccomp profile must permit clone"
                .to_owned(),
        },
        errno => Failure::Setup {
            action: "make the namespaces".to_owned(),
            errno: errno.unwrap_or(libc::EIO),
        },
    }
}

/// Before the child does anything: whatever it starts is counted.
fn join_cgroups(request: &Request, child: Pid) -> Setup<()> {
    for procs in &request.cgroups {
        join_cgroup(procs, child)?;
    }
    Ok(())
}

fn join_cgroup(procs: &Path, child: Pid) -> Setup<()> {
    std::fs::write(procs, child.as_raw_nonzero().to_string())
        .attempt(|| format!("put the step under the limits of {}", procs.display()))
}

pub(super) fn send_report(
    to: &Channel,
    report: &Report,
    fds: &[std::os::fd::BorrowedFd<'_>],
) -> std::io::Result<()> {
    to.send(&serde_json::to_vec(report)?, fds)
}
