//! The first process of a cell: makes its surroundings, starts the program, and buries what dies in there.
//!
//! What lies in folders that only the starter may enter is opened while this process still counts as the starter; after
//! that it is root of a user namespace in which the starter is nobody.

mod init;
mod opened;
mod root;

use std::convert::Infallible;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::OFlags;
use rustix::pipe::PipeFlags;
use rustix::process::DumpableBehavior;

use self::opened::Opened;
use super::arrival::{await_ids, finish};
use super::step::{await_go, explain_filter, report};
use crate::channel::Channel;
use crate::failure::{AttemptTo, Failure, Setup};
use crate::network::{self, Arrival};
use crate::wire::{CellPlan, NetworkPlan, Report, Request};

/// What it says when it is root of its namespace.
pub(crate) const HAS_IDS: &[u8] = b"ids";

/// The process's whole life, from the fork on.
pub(crate) fn run(channel: Channel, request: &Request, plan: &CellPlan) -> ! {
    finish(&channel, || {
        let opened = Opened::open(request, plan)?;
        await_ids(&channel)?;
        // The program that connects it opens its namespaces, as a user who is somebody else by now.
        rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)
            .attempt_to("let the starter see the cell")?;
        channel
            .send(HAS_IDS, &[])
            .attempt_to("tell about the cell's ids")?;
        match live(&channel, request, plan, opened)? {}
    })
}

fn live(
    channel: &Channel,
    request: &Request,
    plan: &CellPlan,
    opened: Opened,
) -> Setup<Infallible> {
    let passed = channel
        .receive_fds()
        .attempt_to("receive the cell's descriptors")?;
    let Passed { socket, mapped } = Passed::sort(passed, request)?;
    root::enter(plan, opened, mapped)?;
    rustix::system::sethostname(b"wharf").attempt_to("set the host name")?;
    network::raise_loopback().attempt_to("raise the loopback interface")?;

    let (mut resolver, mut arrival) = (None, None);
    let is_connected = matches!(plan.network, NetworkPlan::Isolated { .. });
    if is_connected {
        arrival = Some(Arrival::listen().attempt_to("watch the cell's network")?);
        let sockets = network::open_resolver();
        resolver = Some(sockets.attempt_to("open the sockets of the cell's resolver")?);
    }
    let (errors, their_errors) =
        rustix::pipe::pipe_with(PipeFlags::CLOEXEC).attempt_to("make a pipe")?;
    // A program that says too much loses words instead of waiting: nobody reads before the end.
    rustix::fs::fcntl_setfl(&their_errors, OFlags::NONBLOCK).attempt_to("prepare a pipe")?;
    let ready = Report::Ready {
        stubs: Vec::new(),
        has_dns: resolver.is_some(),
    };
    let mut fds = vec![errors.as_fd()];
    if let Some((datagrams, connections)) = &resolver {
        fds.extend([datagrams.as_fd(), connections.as_fd()]);
    }
    report(channel, &ready, &fds)?;
    drop((errors, resolver));
    let go = await_go(channel)?;
    // The filter first: at no moment does the cell's own program have a way out.
    network::silence_cell().map_err(explain_filter)?;
    if let Some(cable) = go.cable {
        network::configure_interface(
            network::STEP_INTERFACE,
            cable.address,
            cable.prefix,
            Some(cable.gateway),
        )
        .attempt_to("configure the cell's network interface")?;
    } else if let Some(arrival) = arrival {
        arrival
            .await_route()
            .attempt_to("see the cell's network come up")?;
    }
    init::start(channel, plan, &socket, &their_errors)
}

/// What came from outside.
struct Passed {
    socket: OwnedFd,
    /// The folders, as mounts with mapped ids, where the supervisor had to make them.
    mapped: Vec<OwnedFd>,
}

impl Passed {
    /// In order: the request, the program's socket, what only has to stay open elsewhere, mapped folders.
    fn sort(mut passed: Vec<OwnedFd>, request: &Request) -> Setup<Self> {
        let mapped = if request.ids.maps_mounts() {
            passed.split_off(passed.len().saturating_sub(request.sources.len()))
        } else {
            Vec::new()
        };
        let socket = passed.into_iter().nth(1);
        Ok(Self {
            socket: socket.ok_or(Failure::refused("a cell without a socket"))?,
            mapped,
        })
    }
}
