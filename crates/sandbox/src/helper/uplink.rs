//! Connecting an isolated step's network namespace with the outside.

use std::os::fd::BorrowedFd;
use std::path::Path;
use std::process::Command;

use super::speaker::Speaker;
use crate::failure::{AttemptTo, Failure, Setup};
use crate::kernel::Child;
use crate::network::{CableUse, Netlink, Policy, STEP_INTERFACE, connect_cable, guard_cable};
use crate::wire::{Cable, Uplink};

/// A step's way out, as long as this lives.
pub(super) struct Line {
    /// The kernel removes it a moment after the step's namespace; waiting for that would cost tens of milliseconds.
    cable: Option<Cable>,
    /// The host's end of the cable.
    interface: Option<String>,
    /// Keeps the filter of that end.
    guard: Option<Netlink>,
    speaker: Option<Speaker>,
}

impl Line {
    /// No way out.
    pub(super) fn none() -> Self {
        Self {
            cable: None,
            interface: None,
            guard: None,
            speaker: None,
        }
    }

    /// Connects the network namespace of the child.
    pub(super) fn connect(uplink: &Uplink, child: &Child) -> Setup<Self> {
        Self::connect_as(uplink, child, CableUse::Step)
    }

    /// The same for a cell. What the policy denies is denied out here too, where the cell has no say.
    pub(super) fn connect_cell(uplink: &Uplink, child: &Child, policy: &Policy) -> Setup<Self> {
        let mut line = Self::connect_as(uplink, child, CableUse::Cell)?;
        if let Some(interface) = &line.interface {
            let guard = guard_cable(interface, policy);
            line.guard = Some(guard.attempt_to("filter what a cell sends")?);
        }
        Ok(line)
    }

    fn connect_as(uplink: &Uplink, child: &Child, usage: CableUse) -> Setup<Self> {
        let pid = child.pid.as_raw_nonzero().get();
        let mut line = Self::none();
        match uplink {
            Uplink::Veth => {
                let (cable, interface) = connect_cable(pid as u32, usage)
                    .attempt_to("connect the step's network with the host's")?;
                line.cable = Some(cable);
                line.interface = Some(interface);
            }
            Uplink::Pasta(program) => line.speaker = Some(start_pasta(program, pid)?),
            Uplink::Slirp(program) => line.speaker = Some(start_slirp(program, pid)?),
        }
        Ok(line)
    }

    /// What the sandbox has to set up on its side.
    pub(super) fn cable(&self) -> Option<Cable> {
        self.cable
    }

    /// Readable when the program that speaks for the step has ended.
    pub(super) fn speaker(&self) -> Option<BorrowedFd<'_>> {
        self.speaker.as_ref().map(Speaker::end)
    }

    /// Why that program ended.
    pub(super) fn explain_end(&mut self) -> Failure {
        let Some(speaker) = &mut self.speaker else {
            return Failure::refused("the step has no uplink");
        };
        let words = speaker.read_complaints();
        Failure::Unsupported {
            problem: format!("`{}` does not connect the step: {words}", speaker.name()),
            hint:
                "check that the device /dev/net/tun can be opened, or run the step without network"
                    .to_owned(),
        }
    }
}

/// pasta(1), without any of its ways to the host itself: no ports, no loopback, no gateway that means the host.
fn start_pasta(program: &Path, pid: i32) -> Setup<Speaker> {
    let mut command = Command::new(program);
    command
        .args(["--foreground", "--quiet", "--config-net", "--no-map-gw"])
        .args(["--tcp-ports", "none", "--udp-ports", "none"])
        .args(["--tcp-ns", "none", "--udp-ns", "none"])
        .args(["--ns-ifname", STEP_INTERFACE])
        .arg(pid.to_string());
    Speaker::start(program, command)
}

/// slirp4netns(1), likewise.
fn start_slirp(program: &Path, pid: i32) -> Setup<Speaker> {
    let mut command = Command::new(program);
    command
        .args(["--configure", "--disable-host-loopback", "--disable-dns"])
        .args(["--enable-sandbox", "--enable-seccomp", "--mtu=1500"])
        .arg(pid.to_string())
        .arg(STEP_INTERFACE);
    Speaker::start(program, command)
}
