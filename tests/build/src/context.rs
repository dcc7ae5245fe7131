//! Makes what git cannot keep: a folder of entries with exact modes, times, links, devices and attributes.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::archive::{decode_attribute, read_content};
use crate::case::{DEFAULT_TIME, Entry, Kind};
use crate::places::Places;

/// Makes `entries` beneath `folder`, in order; parents that are missing are made with mode 0755.
///
/// Afterwards every entry has its time, and so have the folders around it: times are set last, deepest first.
///
/// # Errors
/// The system refuses something: a device needs root, attributes a file system that has them.
pub fn make_entries(folder: &Path, entries: &[Entry], places: &Places) -> Result<()> {
    for entry in entries {
        make_entry(folder, entry, places)
            .with_context(|| format!("make {} in {}", entry.path, folder.display()))?;
    }
    set_default_times(folder)?;
    for entry in entries.iter().rev() {
        let path = folder.join(&entry.path);
        set_time(
            &path,
            entry.mtime.unwrap_or(DEFAULT_TIME),
            i64::from(entry.nanos),
        )?;
    }
    Ok(())
}

/// Gives everything beneath `folder` whose time is of this century's second year or later the default time: what was
/// made just now and names no time.
fn set_default_times(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        if meta.is_dir() {
            set_default_times(&entry.path())?;
        }
        if std::os::unix::fs::MetadataExt::mtime(&meta) > NOW_IS_LATER {
            set_time(&entry.path(), DEFAULT_TIME, 0)?;
        }
    }
    Ok(set_time(folder, DEFAULT_TIME, 0)?)
}

/// In 2020: no case names a later time, no clock of a test machine an earlier one.
const NOW_IS_LATER: i64 = 1_577_836_800;

fn make_entry(folder: &Path, entry: &Entry, places: &Places) -> Result<()> {
    let path = folder.join(&entry.path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    if entry.kind != Kind::Dir && path.symlink_metadata().is_ok() {
        std::fs::remove_file(&path)?;
    }
    let target = entry.target.as_deref();
    match entry.kind {
        Kind::Dir => std::fs::create_dir_all(&path)?,
        Kind::File if entry.size.is_some() => {
            std::fs::File::create(&path)?.set_len(entry.size.unwrap_or(0))?;
        }
        Kind::File => {
            let mut bytes = read_content(entry)?;
            if let Ok(text) = std::str::from_utf8(&bytes) {
                bytes = places.fill_in(text).into_bytes();
            }
            std::fs::write(&path, bytes)?;
        }
        Kind::Tar | Kind::TarGz => std::fs::write(&path, read_content(entry)?)?,
        Kind::Symlink => {
            std::os::unix::fs::symlink(target.context("a link needs a target")?, &path)?;
        }
        Kind::Hardlink => {
            std::fs::hard_link(folder.join(target.context("a link needs a target")?), &path)?;
        }
        Kind::Fifo => make_node(&path, libc::S_IFIFO, 0)?,
        Kind::Device => make_node(&path, libc::S_IFCHR, libc::makedev(1, 3))?,
        Kind::Socket => drop(std::os::unix::net::UnixListener::bind(&path)?),
        Kind::SshKey => make_ssh_key(&path)?,
    }
    if let Some((uid, gid)) = entry.owner {
        std::os::unix::fs::lchown(&path, Some(uid), Some(gid))?;
    }
    if !matches!(entry.kind, Kind::Symlink | Kind::Hardlink) {
        let default = match entry.kind {
            Kind::Dir => 0o755,
            Kind::SshKey => 0o600,
            _ => 0o644,
        };
        let mode = std::fs::Permissions::from_mode(entry.mode.unwrap_or(default));
        std::fs::set_permissions(&path, mode)?;
    }
    for (name, value) in &entry.xattrs {
        set_attribute(&path, name, &decode_attribute(value))?;
    }
    Ok(())
}

fn make_ssh_key(path: &Path) -> Result<()> {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .stdin(Stdio::null())
        .status()
        .context("run ssh-keygen")?;
    if !made.success() {
        bail!("ssh-keygen: {made}");
    }
    Ok(())
}

fn make_node(path: &Path, kind: libc::mode_t, device: libc::dev_t) -> std::io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the string ends with a zero byte and lives until the call returns.
    check(unsafe { libc::mknod(path.as_ptr(), kind | 0o644, device) })
}

fn set_attribute(path: &Path, name: &str, value: &[u8]) -> std::io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let name = CString::new(name)?;
    // SAFETY: both strings end with a zero byte, and `value` is read for its own length only.
    check(unsafe {
        libc::lsetxattr(
            path.as_ptr(),
            name.as_ptr(),
            value.as_ptr().cast(),
            value.len(),
            0,
        )
    })
}

fn set_time(path: &Path, seconds: i64, nanos: i64) -> std::io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let time = libc::timespec {
        tv_sec: seconds,
        tv_nsec: nanos,
    };
    let times = [time, time];
    // SAFETY: the string ends with a zero byte; the array holds the two times that the call reads.
    check(unsafe {
        libc::utimensat(
            libc::AT_FDCWD,
            path.as_ptr(),
            times.as_ptr(),
            libc::AT_SYMLINK_NOFOLLOW,
        )
    })
}

fn check(result: libc::c_int) -> std::io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}
