//! A root folder of the sandbox's own, in memory: from here on no path leads to the host.
//!
//! `m/N` are the host folders that the request names, `t/N` the trees made of them, `f/N` small files.

use std::ffi::CStr;
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags,
};

use crate::failure::{Attempt, AttemptTo, Setup};
use crate::kernel;
use crate::wire::Source;

/// Opens a folder of the host as a mount of its own, not attached anywhere.
pub(crate) fn clone_mount(source: &Source) -> Setup<OwnedFd> {
    let mount = rustix::mount::open_tree(CWD, &source.path, CLONE)
        .attempt(|| format!("open {}", source.path.display()))?;
    // Devices of a layer are never opened, and nothing of the host's folder is ever run from there itself.
    let mut flags = libc::MOUNT_ATTR_NODEV;
    if !source.writable {
        flags |= libc::MOUNT_ATTR_RDONLY;
    }
    kernel::restrict_mount(&mount, flags)
        .attempt(|| format!("restrict the mount of {}", source.path.display()))?;
    Ok(mount)
}

const CLONE: OpenTreeFlags = OpenTreeFlags::OPEN_TREE_CLONE.union(OpenTreeFlags::OPEN_TREE_CLOEXEC);

/// A new file system, not attached anywhere.
pub(super) fn make_file_system(
    kind: &str,
    options: &[(&str, &str)],
    attributes: MountAttrFlags,
) -> Setup<OwnedFd> {
    let make = || -> rustix::io::Result<OwnedFd> {
        let context = rustix::mount::fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
        for (key, value) in options {
            if value.is_empty() {
                rustix::mount::fsconfig_set_flag(&context, *key)?;
            } else {
                rustix::mount::fsconfig_set_string(&context, *key, *value)?;
            }
        }
        rustix::mount::fsconfig_create(&context)?;
        rustix::mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
    };
    make().attempt(|| format!("make a file system of kind {kind}"))
}

/// A copy of an attached mount's part, not attached anywhere.
pub(super) fn clone_part(of: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    rustix::mount::open_tree(of, c"", CLONE | OpenTreeFlags::AT_EMPTY_PATH)
}

/// Attaches a mount exactly where `target` is, without looking up any path.
pub(super) fn attach(mount: &OwnedFd, target: &OwnedFd) -> rustix::io::Result<()> {
    rustix::mount::move_mount(
        mount,
        c"",
        target,
        c"",
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH,
    )
}

/// Makes `folder`, which is a mount, this process's root and lets go of the old one.
pub(super) fn enter_root(folder: &OwnedFd) -> rustix::io::Result<()> {
    rustix::process::fchdir(folder)?;
    rustix::process::pivot_root(c".", c".")?;
    // The old root lies on top of the new one now.
    rustix::mount::unmount(c".", UnmountFlags::DETACH)?;
    rustix::process::chdir(c"/")
}

/// Leaves the host for an empty folder, and puts its mounts to their places.
pub(super) fn enter_staging(sources: Vec<OwnedFd>) -> Setup<()> {
    rustix::mount::mount_change(
        c"/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .attempt_to("cut off the host's mounts")?;
    let staging = make_file_system(
        "tmpfs",
        &[("mode", "0755")],
        MountAttrFlags::MOUNT_ATTR_NODEV | MountAttrFlags::MOUNT_ATTR_NOSUID,
    )?;
    let host = open_folder(c"/")?;
    attach(&staging, &host).attempt_to("mount the staging folder")?;
    enter_root(&staging).attempt_to("enter the staging folder")?;
    for folder in [c"/m", c"/t", c"/f"] {
        make_folder(folder)?;
    }
    for (number, mount) in sources.iter().enumerate() {
        let path = format!("/m/{number}");
        rustix::fs::mkdir(&path, Mode::from_raw_mode(0o755))
            .attempt_to("make a place for a mount")?;
        let place = rustix::fs::open(&path, PLACE, Mode::empty()).attempt_to("open that place")?;
        attach(mount, &place).attempt_to("put a mount to its place")?;
    }
    Ok(())
}

const PLACE: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

fn make_folder(path: &CStr) -> Setup<()> {
    rustix::fs::mkdir(path, Mode::from_raw_mode(0o755)).attempt_to("make a staging folder")
}

/// A folder of the staging area itself, which no image can influence.
pub(super) fn open_folder(path: &CStr) -> Setup<OwnedFd> {
    rustix::fs::open(path, PLACE, Mode::empty()).attempt_to("open a staging folder")
}

/// The same folder, on top of whatever is mounted there by now.
pub(super) fn open_again(folder: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(folder, c".", PLACE, Mode::empty())
}
