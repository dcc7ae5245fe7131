//! /proc, /sys and /dev of a step.

use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode};
use rustix::mount::{MountAttrFlags, OpenTreeFlags};

use super::devices::{Device, open_devices, place_devices};
use super::staging::{attach, make_file_system};
use super::targets::Targets;
use crate::failure::{Attempt, AttemptTo, Failure, Setup};
use crate::wire::{NetworkPlan, StepPlan};

/// Docker's size of /dev/shm.
const DEFAULT_SHM: u64 = 64 << 20;

const PLAIN: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOSUID
    .union(MountAttrFlags::MOUNT_ATTR_NODEV)
    .union(MountAttrFlags::MOUNT_ATTR_NOEXEC);

/// What has to be opened while the host's own mounts are still there: the kernel makes a new /proc or /sys only where a
/// complete one is visible.
pub(super) struct System {
    proc: OwnedFd,
    sys: OwnedFd,
    devices: Vec<Device>,
}

impl System {
    pub(super) fn open(step: &StepPlan) -> Setup<Self> {
        let sys = match step.network {
            // A new one shows the network namespace's interfaces, and belongs to whoever owns that.
            NetworkPlan::Host => clone_host_sys()?,
            _ => make_file_system("sysfs", &[], PLAIN | MountAttrFlags::MOUNT_ATTR_RDONLY)?,
        };
        Ok(Self {
            proc: open_proc()?,
            sys,
            devices: open_devices()?,
        })
    }

    /// The view of the step's processes, for the supervisor.
    pub(super) fn proc(&self) -> &OwnedFd {
        &self.proc
    }

    pub(super) fn mount(&self, targets: &mut Targets, step: &StepPlan) -> Setup<()> {
        targets.mount_system(&self.proc, "/proc")?;
        targets.mount_system(&self.sys, "/sys")?;
        let dev = make_file_system(
            "tmpfs",
            &[("mode", "0755"), ("size", "65536k")],
            MountAttrFlags::MOUNT_ATTR_NOSUID,
        )?;
        targets.mount_system(&dev, "/dev")?;
        place_devices(&dev, &self.devices)?;

        let terminals = [("mode", "0620"), ("ptmxmode", "0666"), ("gid", "5")];
        let no_exec = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        mount_within(
            &dev,
            "pts",
            &make_file_system("devpts", &terminals, no_exec)?,
        )?;
        let size = step.limits.shm_size.unwrap_or(DEFAULT_SHM).to_string();
        let shared = [("mode", "1777"), ("size", size.as_str())];
        mount_within(&dev, "shm", &make_file_system("tmpfs", &shared, PLAIN)?)?;
        mount_within(&dev, "mqueue", &make_file_system("mqueue", &[], PLAIN)?)
    }
}

fn mount_within(dev: &OwnedFd, name: &str, mount: &OwnedFd) -> Setup<()> {
    let action = || format!("mount /dev/{name}");
    rustix::fs::mkdirat(dev, name, Mode::from_raw_mode(0o755)).attempt(action)?;
    let place = rustix::fs::openat(
        dev,
        name,
        rustix::fs::OFlags::PATH | rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::CLOEXEC,
        Mode::empty(),
    )
    .attempt(action)?;
    attach(mount, &place).attempt(action)
}

/// A new view of the processes in this pid namespace.
pub(super) fn open_proc() -> Setup<OwnedFd> {
    make_file_system("proc", &[], PLAIN).map_err(|failure| match failure {
        Failure::Setup { errno, .. } if errno == libc::EPERM => Failure::Unsupported {
            problem: "the kernel refuses a new /proc, because parts of this one are hidden".to_owned(),
            hint: "in a container, run it with an unmasked /proc (docker run --security-opt systempaths=unconfined)"
                .to_owned(),
        },
        other => other,
    })
}

fn clone_host_sys() -> Setup<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    let mount = rustix::mount::open_tree(CWD, c"/sys", flags).attempt_to("open the host's /sys")?;
    crate::kernel::restrict_mounts_below(&mount, libc::MOUNT_ATTR_RDONLY)
        .attempt_to("make the host's /sys read-only")?;
    Ok(mount)
}
