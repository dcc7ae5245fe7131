//! The few devices of the host that a step sees.

use std::os::fd::OwnedFd;

use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::mount::OpenTreeFlags;

use crate::failure::{Attempt, Failure, Setup};

/// Name, major and minor number (the kernel's devices.txt).
const DEVICES: [(&str, u32, u32); 6] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
];

/// A device file of the host as a mount, verified to be the device and not a file of its name.
pub(super) struct Device {
    pub(super) name: &'static str,
    pub(super) mount: OwnedFd,
}

/// Opens the devices while the host's /dev is in reach. A user namespace cannot make device files of its own.
pub(super) fn open_devices() -> Setup<Vec<Device>> {
    DEVICES
        .into_iter()
        .map(|(name, major, minor)| {
            let path = format!("/dev/{name}");
            let mount = rustix::mount::open_tree(
                CWD,
                &path,
                OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC,
            )
            .attempt(|| format!("open {path}"))?;
            let stat = rustix::fs::fstat(&mount).attempt(|| format!("look at {path}"))?;
            let is_it = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
                && stat.st_rdev == rustix::fs::makedev(major, minor);
            if !is_it {
                return Err(Failure::refused(format!(
                    "{path} of the host is not the device {major}:{minor}"
                )));
            }
            Ok(Device { name, mount })
        })
        .collect()
}

/// Puts the devices into a /dev that is a fresh file system, and the links that programs expect.
pub(super) fn place_devices(dev: &OwnedFd, devices: &[Device]) -> Setup<()> {
    for Device { name, mount } in devices {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let place = rustix::fs::openat(dev, *name, flags, Mode::from_raw_mode(0o666))
            .attempt(|| format!("make a place for /dev/{name}"))?;
        super::staging::attach(mount, &place).attempt(|| format!("mount /dev/{name}"))?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("ptmx", "pts/ptmx"),
    ] {
        rustix::fs::symlinkat(target, dev, name).attempt(|| format!("make /dev/{name}"))?;
    }
    Ok(())
}
