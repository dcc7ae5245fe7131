//! Setting up one step, in the order that each part needs the one before.

use std::convert::Infallible;
use std::os::fd::{AsFd, OwnedFd};

use super::account::{Account, find_account};
use super::execute::Command;
use super::files::SmallFiles;
use super::mounts::{mount_all, mount_etc, open_machine_mounts};
use super::overlay::mount_tree;
use super::privileges::{Restrictions, drop_privileges};
use super::staging::{enter_root, enter_staging};
use super::system::System;
use super::targets::Targets;
use super::{masks, rlimits};
use crate::channel::Channel;
use crate::failure::{Attempt, AttemptTo, Failure, Setup};
use crate::network::Arrival;
use crate::step::Security;
use crate::wire::{Go, NetworkPlan, Report, Request, StepPlan};
use crate::{kernel, network, seccomp};

/// Becomes the step's command. Returns only with a failure.
pub(super) fn run(
    channel: &Channel,
    request: &Request,
    step: &StepPlan,
    sources: Vec<OwnedFd>,
    mut passed: Vec<OwnedFd>,
) -> Setup<Infallible> {
    let terminal = (step.has_terminal && !passed.is_empty()).then(|| passed.remove(0));
    let system = System::open(step)?;
    let output = Output::open()?;
    let machine = open_machine_mounts(step)?;
    enter_staging(sources)?;
    let mut trees = Vec::new();
    for (number, tree) in request.trees.iter().enumerate() {
        trees.push(mount_tree(tree, number)?);
    }
    let root = trees.first().ok_or(Failure::refused("no root"))?;
    let root = root.try_clone().attempt_to("keep the root open")?;
    // Before anything is mounted in the root, where the files of accounts could lead to.
    let account = find_account(&root, step.user.as_deref())?;

    let mut targets = Targets::new(root);
    let mut files = SmallFiles::default();
    system.mount(&mut targets, step)?;
    mount_etc(&mut targets, &mut files, step)?;
    let sockets = mount_all(&mut targets, &mut files, step, &trees, passed, machine)?;
    let cwd = targets.open_cwd(&step.cwd)?;
    enter_root(targets.root()).attempt_to("enter the step's root")?;
    if step.security == Security::Sandboxed && !request.guards_off.masks {
        masks::apply_masks()?;
    }
    rustix::system::sethostname(step.hostname.as_bytes()).attempt_to("set the host name")?;
    if !matches!(step.network, NetworkPlan::Host) {
        network::raise_loopback().attempt_to("raise the loopback interface")?;
    }

    let (mut resolver, mut arrival) = (None, None);
    if matches!(step.network, NetworkPlan::Isolated { .. }) {
        arrival = Some(Arrival::listen().attempt_to("watch the step's network")?);
        let sockets = network::open_resolver();
        resolver = Some(sockets.attempt_to("open the sockets of the step's resolver")?);
    }
    let listeners = open_listeners(step)?;
    output.give_to(&account)?;
    let ready = Report::Ready {
        stubs: targets.stubs().to_vec(),
        has_dns: resolver.is_some(),
    };
    let mut fds = vec![
        output.stdout.0.as_fd(),
        output.stderr.0.as_fd(),
        system.proc().as_fd(),
    ];
    if let Some((datagrams, connections)) = &resolver {
        fds.extend([datagrams.as_fd(), connections.as_fd()]);
    }
    fds.extend(sockets.iter().chain(&listeners).map(AsFd::as_fd));
    report(channel, &ready, &fds)?;
    drop((sockets, listeners, resolver));
    let go = await_go(channel)?;
    set_up_network(request, step, &go, arrival)?;

    rlimits::set_limits(step)?;
    let command = Command::prepare(step, &account)?;
    rustix::process::fchdir(&cwd).attempt_to("enter the working directory")?;
    // A session of its own, like the first process of every system; a terminal needs one.
    rustix::process::setsid().attempt_to("make a session")?;
    match &terminal {
        Some(terminal) => attach_terminal(terminal)?,
        None => output.attach()?,
    }
    restrict(request, step, &account)?;
    Err(command.execute())
}

/// Sockets that listen in here for the caller.
fn open_listeners(step: &StepPlan) -> Setup<Vec<OwnedFd>> {
    if !step.listeners.is_empty() && matches!(step.network, NetworkPlan::Host) {
        return Err(Failure::refused(
            "nobody listens for a step in the host's network",
        ));
    }
    step.listeners
        .iter()
        .map(|port| {
            network::listen_on_loopback(*port)
                .attempt(|| format!("listen on port {port} of the step"))
        })
        .collect()
}

pub(super) fn report(
    channel: &Channel,
    report: &Report,
    fds: &[std::os::fd::BorrowedFd<'_>],
) -> Setup<()> {
    let text = serde_json::to_vec(report)
        .map_err(std::io::Error::from)
        .attempt_to("write a report")?;
    channel
        .send(&text, fds)
        .attempt_to("report from the sandbox")
}

pub(super) fn await_go(channel: &Channel) -> Setup<Go> {
    let message = channel
        .receive()
        .attempt_to("wait for the order to go on")?
        .ok_or(Failure::refused("the supervisor is gone"))?;
    serde_json::from_slice(&message.bytes)
        .map_err(std::io::Error::from)
        .attempt_to("read the order to go on")
}

fn set_up_network(
    request: &Request,
    step: &StepPlan,
    go: &Go,
    arrival: Option<Arrival>,
) -> Setup<()> {
    let NetworkPlan::Isolated { policy, host, .. } = &step.network else {
        return Ok(());
    };
    // The filter first: at no moment is there a way out without it.
    let mut denied = host.clone();
    denied.extend(go.cable.map(|cable| std::net::IpAddr::V4(cable.gateway)));
    if !request.guards_off.packet_filter {
        network::install_filter(policy, &denied).map_err(explain_filter)?;
    }
    if let Some(cable) = go.cable {
        network::configure_interface(
            network::STEP_INTERFACE,
            cable.address,
            cable.prefix,
            Some(cable.gateway),
        )
        .attempt_to("configure the step's network interface")?;
    } else if let Some(arrival) = arrival {
        arrival
            .await_route()
            .attempt_to("see the step's network come up")?;
    }
    Ok(())
}

pub(super) fn explain_filter(error: std::io::Error) -> Failure {
    match error.raw_os_error() {
        Some(libc::EOPNOTSUPP | libc::ENOENT | libc::EPROTONOSUPPORT) => Failure::Unsupported {
            problem: "this kernel has no nftables, which keeps an isolated step from the host".to_owned(),
            hint: "load the kernel module nf_tables (modprobe nf_tables), or run the step without network".to_owned(),
        },
        errno => Failure::Setup {
            action: "install the step's packet filter".to_owned(),
            errno: errno.unwrap_or(libc::EIO),
        },
    }
}

fn restrict(request: &Request, step: &StepPlan, account: &Account) -> Setup<()> {
    let sandboxed = step.security == Security::Sandboxed;
    let filter = (sandboxed && !request.guards_off.seccomp)
        .then(|| seccomp::compile(seccomp::Profile::Step));
    if request.guards_off.forget_descriptor {
        let forgotten =
            rustix::io::dup(rustix::stdio::stderr()).attempt_to("forget a descriptor")?;
        std::mem::forget(forgotten);
    }
    if !request.guards_off.close_descriptors {
        kernel::close_from(3, true).attempt_to("close descriptors on exec")?;
    }
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    drop_privileges(&Restrictions {
        account,
        keep_all_capabilities: !sandboxed,
        filter: filter.as_deref(),
        no_new_privileges: !request.ids.has_user_namespace(),
    })
}

fn attach_terminal(terminal: &OwnedFd) -> Setup<()> {
    let attach = || -> rustix::io::Result<()> {
        rustix::process::ioctl_tiocsctty(terminal)?;
        rustix::stdio::dup2_stdin(terminal)?;
        rustix::stdio::dup2_stdout(terminal)?;
        rustix::stdio::dup2_stderr(terminal)
    };
    attach().attempt_to("give the step its terminal")
}

/// The step's standard streams: pipes that belong to its user, because /dev/stdout is opened with that user's rights.
struct Output {
    stdout: (OwnedFd, OwnedFd),
    stderr: (OwnedFd, OwnedFd),
}

impl Output {
    fn open() -> Setup<Self> {
        let pipe = || rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC);
        Ok(Self {
            stdout: pipe().attempt_to("make a pipe")?,
            stderr: pipe().attempt_to("make a pipe")?,
        })
    }

    fn give_to(&self, account: &Account) -> Setup<()> {
        let owner = Some(rustix::fs::Uid::from_raw(account.uid));
        for (_, end) in [&self.stdout, &self.stderr] {
            rustix::fs::fchown(end, owner, None).attempt_to("give a pipe to the step's user")?;
        }
        Ok(())
    }

    fn attach(&self) -> Setup<()> {
        let null = rustix::fs::open(
            c"/dev/null",
            rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::CLOEXEC,
            rustix::fs::Mode::empty(),
        )
        .attempt_to("open /dev/null")?;
        rustix::stdio::dup2_stdin(&null).attempt_to("set the step's input")?;
        rustix::stdio::dup2_stdout(&self.stdout.1).attempt_to("set the step's output")?;
        rustix::stdio::dup2_stderr(&self.stderr.1).attempt_to("set the step's errors")
    }
}
