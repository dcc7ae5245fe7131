//! What a cell shows of the machine, opened while the machine is still in reach.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType};
use rustix::mount::OpenTreeFlags;

use crate::failure::{Attempt, AttemptTo, Setup};
use crate::kernel;
use crate::wire::{CellPlan, Request};

/// Programs and what they need, read-only: a worker runs git, and steps' helpers are this program again. Nothing of
/// `/home`, `/root`, `/var`, `/run`, `/opt` or `/srv`, where the machine keeps data.
const SHOWN: [&str; 17] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/pki",
    "/etc/ssl",
];

/// Everything that was opened.
pub(super) struct Opened {
    pub(super) shown: Vec<Shown>,
    /// The folders of the request, unless the supervisor maps their ids.
    pub(super) folders: Vec<OwnedFd>,
    pub(super) groups: Vec<(String, OwnedFd)>,
    pub(super) program: Program,
}

/// Something of the machine at its own path.
pub(super) struct Shown {
    pub(super) path: PathBuf,
    pub(super) form: Form,
}

pub(super) enum Form {
    Link(PathBuf),
    Folder(OwnedFd),
    File(OwnedFd),
}

/// Our own program file.
pub(super) enum Program {
    /// As a read-only mount.
    Mount(OwnedFd),
    /// To be copied: the cell's root may not execute the file, or it was replaced since the start.
    Copy(File),
}

impl Opened {
    pub(super) fn open(request: &Request, plan: &CellPlan) -> Setup<Self> {
        let mut shown = Vec::new();
        for path in SHOWN.map(Path::new) {
            match open_shown(path) {
                Ok(form) => shown.push(Shown {
                    path: path.to_owned(),
                    form,
                }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).attempt(|| format!("open {}", path.display())),
            }
        }
        let folders = if request.ids.maps_mounts() {
            Vec::new()
        } else {
            let sources = request.sources.iter();
            sources
                .map(crate::inner::clone_mount)
                .collect::<Setup<_>>()?
        };
        let groups = plan.groups.iter().map(|(name, folder)| {
            let mount = clone(folder, OpenTreeFlags::empty());
            Ok((
                name.clone(),
                mount.attempt(|| format!("open {}", folder.display()))?,
            ))
        });
        Ok(Self {
            shown,
            folders,
            groups: groups.collect::<Setup<_>>()?,
            program: open_program().attempt_to("open wharf's own program")?,
        })
    }
}

fn clone(path: &Path, more: OpenTreeFlags) -> rustix::io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | more;
    rustix::mount::open_tree(CWD, path, flags)
}

fn open_shown(path: &Path) -> io::Result<Form> {
    let stat = rustix::fs::lstat(path)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind == FileType::Symlink {
        return Ok(Form::Link(std::fs::read_link(path)?));
    }
    // With what is mounted within it, which cannot be left out in a user namespace.
    let mount = clone(path, OpenTreeFlags::AT_RECURSIVE)?;
    let flags = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    kernel::restrict_mounts_below(&mount, flags)?;
    Ok(match kind {
        FileType::Directory => Form::Folder(mount),
        _ => Form::File(mount),
    })
}

fn open_program() -> io::Result<Program> {
    const READ_AND_EXECUTE: u32 = 0o5;
    let own = rustix::fs::stat("/proc/self/exe")?;
    let copy = || Ok(Program::Copy(File::open("/proc/self/exe")?));
    if own.st_mode & READ_AND_EXECUTE != READ_AND_EXECUTE {
        return copy();
    }
    let path = std::fs::read_link("/proc/self/exe")?;
    let Ok(mount) = clone(&path, OpenTreeFlags::empty()) else {
        return copy();
    };
    let found = rustix::fs::fstat(&mount)?;
    if (found.st_dev, found.st_ino) != (own.st_dev, own.st_ino) {
        return copy();
    }
    let flags = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    kernel::restrict_mount(&mount, flags)?;
    Ok(Program::Mount(mount))
}
