//! What the caller wants mounted in the step's root.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::CWD;
use rustix::mount::{MountAttrFlags, OpenTreeFlags};

use super::files::{Owner, PUBLIC, SmallFiles};
use super::resolve::{Missing, resolve};
use super::staging::{clone_part, make_file_system, open_folder};
use super::targets::Targets;
use crate::failure::{Attempt, AttemptTo, Failure, Setup};
use crate::kernel;
use crate::wire::{MountPlan, StepPlan};

/// Mounts the files in /etc that describe the step itself. They are never in the layer.
pub(super) fn mount_etc(
    targets: &mut Targets,
    files: &mut SmallFiles,
    step: &StepPlan,
) -> Setup<()> {
    let hostname = format!("{}\n", step.hostname);
    for (path, content) in [
        ("/etc/hosts", &step.hosts),
        ("/etc/resolv.conf", &step.resolv_conf),
        ("/etc/hostname", &hostname),
    ] {
        let mount = files.make_file(&mut content.as_bytes(), PUBLIC)?;
        kernel::restrict_mount(&mount, libc::MOUNT_ATTR_RDONLY)
            .attempt_to("make a file of /etc read-only")?;
        targets.mount(&mount, path)?;
    }
    Ok(())
}

/// Mounts what the step asks for, in its order. Returns the listening sockets.
pub(super) fn mount_all(
    targets: &mut Targets,
    files: &mut SmallFiles,
    step: &StepPlan,
    trees: &[OwnedFd],
    contents: Vec<OwnedFd>,
    machine: Vec<OwnedFd>,
) -> Setup<Vec<OwnedFd>> {
    let (mut contents, mut machine) = (contents.into_iter(), machine.into_iter());
    let mut sockets = Vec::new();
    for mount in &step.mounts {
        match mount {
            MountPlan::Bind {
                tree,
                source,
                target,
            } => {
                let tree = trees.get(*tree).ok_or(Failure::refused("no such tree"))?;
                targets.mount(&clone_beneath(tree, source, Missing::Fail)?, target)?;
            }
            MountPlan::Cache {
                folder,
                source,
                target,
                read_only,
            } => {
                let folder = std::ffi::CString::new(format!("/m/{folder}")).unwrap_or_default();
                let folder = open_folder(&folder)?;
                let part = clone_beneath(&folder, source, Missing::MakeFolder)?;
                if *read_only {
                    kernel::restrict_mount(&part, libc::MOUNT_ATTR_RDONLY)
                        .attempt_to("make a cache read-only")?;
                }
                targets.mount(&part, target)?;
            }
            MountPlan::Tmpfs { target, size } => {
                let size = size.map(|size| size.to_string());
                let mut options = vec![("mode", "1777")];
                if let Some(size) = &size {
                    options.push(("size", size));
                }
                let flags = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
                targets.mount(&make_file_system("tmpfs", &options, flags)?, target)?;
            }
            MountPlan::File {
                is_program,
                target,
                mode,
                uid,
                gid,
            } => {
                let content = contents
                    .next()
                    .ok_or(Failure::refused("a file is missing"))?;
                let owner = owner(*mode, *uid, *gid);
                let mount = files.make_file(&mut File::from(content), owner)?;
                let mut flags = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID;
                if !is_program {
                    flags |= libc::MOUNT_ATTR_NOEXEC;
                }
                kernel::restrict_mount(&mount, flags)
                    .attempt_to("make a file in memory read-only")?;
                targets.mount(&mount, target)?;
            }
            MountPlan::Machine { target, .. } => {
                let mount = machine
                    .next()
                    .ok_or(Failure::refused("a mount of the machine is missing"))?;
                targets.mount(&mount, target)?;
            }
            MountPlan::Socket {
                target,
                mode,
                uid,
                gid,
            } => {
                let (mount, socket) = files.make_socket(owner(*mode, *uid, *gid))?;
                targets.mount(&mount, target)?;
                sockets.push(socket);
            }
        }
    }
    Ok(sockets)
}

/// Opens what the step sees of the machine, in order. Only before the staging folder is entered is there a path to it.
///
/// With everything that is mounted within: a part alone could not be copied, because it would uncover what those mounts
/// hide (mount_namespaces(7), locked mounts).
pub(super) fn open_machine_mounts(step: &StepPlan) -> Setup<Vec<OwnedFd>> {
    let paths = step.mounts.iter().filter_map(|mount| match mount {
        MountPlan::Machine { path, .. } => Some(path),
        _ => None,
    });
    paths
        .map(|path| {
            let flags = OpenTreeFlags::OPEN_TREE_CLONE
                | OpenTreeFlags::OPEN_TREE_CLOEXEC
                | OpenTreeFlags::AT_RECURSIVE;
            let mount = rustix::mount::open_tree(CWD, path, flags)
                .attempt(|| format!("open {}", path.display()))?;
            let restrictions =
                libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
            kernel::restrict_mounts_below(&mount, restrictions)
                .attempt(|| format!("restrict the mount of {}", path.display()))?;
            Ok(mount)
        })
        .collect()
}

fn owner(mode: u32, uid: u32, gid: u32) -> Owner {
    Owner { mode, uid, gid }
}

/// A part of a tree or cache folder, which another step may be changing at this moment: what was found stays what is
/// mounted (CVE-2024-23651).
fn clone_beneath(folder: &OwnedFd, source: &str, missing: Missing) -> Setup<OwnedFd> {
    let found = resolve(folder.as_fd(), source, missing)
        .attempt(|| format!("find {source} to mount it"))?;
    clone_part(&found.fd).attempt(|| format!("copy the mount of {source}"))
}
