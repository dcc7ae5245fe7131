//! The root of a cell: a small file system in memory with what was opened.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::mount::{MountAttrFlags, MountPropagationFlags};

use super::init::PROGRAM;
use super::opened::{Form, Opened, Program, Shown};
use crate::cell::{CELL_FOLDER, GROUPS, NOTE};
use crate::failure::{Attempt, AttemptTo, Failure, Setup};
use crate::inner::devices::{open_devices, place_devices};
use crate::inner::staging::{attach, enter_root, make_file_system, open_folder};
use crate::inner::system::open_proc;
use crate::wire::CellPlan;

/// Bytes of the root itself: names, and in the worst case a copy of this program. A test build of it has 200 MiB.
const ROOT_SIZE: &str = "512m";

/// Bytes of `/tmp`. Contexts and downloads go to the cell's folder on the disk; this is for sockets and lock files.
const TMP_SIZE: &str = "64m";

const PLAIN: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOSUID
    .union(MountAttrFlags::MOUNT_ATTR_NODEV)
    .union(MountAttrFlags::MOUNT_ATTR_NOEXEC);

/// Who is there.
const PASSWD: &str = "root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n";
const GROUP: &str = "root:x:0:\nnogroup:x:65534:\n";
const HOSTS: &str = "127.0.0.1\tlocalhost wharf\n::1\tlocalhost\n";

/// Leaves the machine for the root of the cell.
pub(super) fn enter(plan: &CellPlan, opened: Opened, mapped: Vec<OwnedFd>) -> Setup<()> {
    // While a whole /proc is visible: the kernel makes no new one without.
    let proc = open_proc()?;
    let sys = make_file_system("sysfs", &[], PLAIN | MountAttrFlags::MOUNT_ATTR_RDONLY)?;
    let devices = open_devices()?;
    rustix::mount::mount_change(
        c"/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .attempt_to("cut off the host's mounts")?;
    let root = make_file_system(
        "tmpfs",
        &[("mode", "0755"), ("size", ROOT_SIZE)],
        MountAttrFlags::MOUNT_ATTR_NODEV | MountAttrFlags::MOUNT_ATTR_NOSUID,
    )?;
    attach(&root, &open_folder(c"/")?).attempt_to("mount the cell's root")?;
    enter_root(&root).attempt_to("enter the cell's root")?;

    put_folder("/proc", &proc)?;
    put_folder("/sys", &sys)?;
    let dev = make_file_system(
        "tmpfs",
        &[("mode", "0755"), ("size", "64k")],
        MountAttrFlags::MOUNT_ATTR_NOSUID,
    )?;
    put_folder("/dev", &dev)?;
    place_devices(&dev, &devices)?;
    let tmp = make_file_system("tmpfs", &[("mode", "1777"), ("size", TMP_SIZE)], PLAIN)?;
    put_folder("/tmp", &tmp)?;
    for shown in &opened.shown {
        put_shown(shown)?;
    }
    hide(plan, &opened.shown)?;
    // Whoever opened it, there is one.
    let folder = mapped.first().or(opened.folders.first());
    let folder = folder.ok_or(Failure::refused("a cell without a folder"))?;
    put_folder(CELL_FOLDER, folder)?;
    for (name, group) in &opened.groups {
        put_folder(&format!("{GROUPS}/{name}"), group)?;
    }
    put_program(opened.program).attempt_to("put wharf's own program into the cell")?;
    for (path, text) in [
        ("/etc/passwd", PASSWD),
        ("/etc/group", GROUP),
        ("/etc/hosts", HOSTS),
        ("/etc/resolv.conf", &plan.resolv_conf),
        (NOTE, &plan.note),
    ] {
        write_file(path, text).attempt(|| format!("write {path} of the cell"))?;
    }
    Ok(())
}

fn put_folder(path: &str, mount: &OwnedFd) -> Setup<()> {
    let action = || format!("mount {path} of the cell");
    fs::create_dir_all(path).attempt(action)?;
    put(path.as_ref(), mount).attempt(action)
}

fn put(path: &Path, mount: impl AsFd) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let place = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
    let mount = mount.as_fd().try_clone_to_owned()?;
    Ok(attach(&mount, &place)?)
}

fn put_shown(shown: &Shown) -> Setup<()> {
    let path = &shown.path;
    let parent = path.parent().unwrap_or(Path::new("/"));
    let put_it = || -> io::Result<()> {
        fs::create_dir_all(parent)?;
        match &shown.form {
            Form::Link(target) => symlink(target, path),
            Form::Folder(mount) => {
                fs::create_dir_all(path)?;
                put(path, mount)
            }
            Form::File(mount) => {
                fs::File::create(path)?;
                put(path, mount)
            }
        }
    };
    put_it().attempt(|| format!("mount {} of the cell", path.display()))
}

/// Puts something empty over what must not be seen. What cannot be reached by name from here need not be hidden.
fn hide(plan: &CellPlan, shown: &[Shown]) -> Setup<()> {
    for path in &plan.hidden {
        let is_shown = shown.iter().any(|shown| path.starts_with(&shown.path));
        if is_shown && path.is_dir() {
            let nothing = make_file_system(
                "tmpfs",
                &[("mode", "0555"), ("size", "4k")],
                PLAIN | MountAttrFlags::MOUNT_ATTR_RDONLY,
            )?;
            put(path, &nothing).attempt(|| format!("hide {}", path.display()))?;
        }
    }
    Ok(())
}

fn put_program(program: Program) -> io::Result<()> {
    let path = Path::new(PROGRAM);
    let mut place = fs::File::create(path)?;
    match program {
        Program::Mount(mount) => put(path, mount),
        Program::Copy(mut own) => {
            io::copy(&mut own, &mut place)?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o555))
        }
    }
}

fn write_file(path: &str, text: &str) -> io::Result<()> {
    if let Some(parent) = Path::new(path).parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, text)
}
