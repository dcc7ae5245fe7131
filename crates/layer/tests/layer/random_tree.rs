//! Changes to a tree, drawn by chance and carried out as a program in a container would.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use crate::tree::set_xattr;

#[derive(Debug, Clone)]
pub(crate) enum Change {
    Write(PathBuf, u8, u16),
    Append(PathBuf, u8),
    Directory(PathBuf),
    /// Takes a directory away and makes an empty one, which an overlay keeps as opaque.
    Renew(PathBuf),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
    Link(PathBuf, PathBuf),
    Symlink(PathBuf, String),
    Mode(PathBuf, u32),
    Owner(PathBuf, u32),
    Xattr(PathBuf, u8),
    Fifo(PathBuf),
    Time(PathBuf, i64, u32),
}

/// Few names, so that changes meet.
fn any_path() -> impl Strategy<Value = PathBuf> {
    let name = prop::sample::select(vec!["a", "b", "c", "ü"]);
    prop::collection::vec(name, 1..4).prop_map(|parts| parts.iter().collect())
}

pub(crate) fn any_changes(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => (any_path(), any::<u8>(), 0..3000u16).prop_map(|(p, b, n)| Change::Write(p, b, n)),
        1 => (any_path(), any::<u8>()).prop_map(|(p, b)| Change::Append(p, b)),
        5 => any_path().prop_map(Change::Directory),
        2 => any_path().prop_map(Change::Renew),
        3 => any_path().prop_map(Change::Remove),
        1 => (any_path(), any_path()).prop_map(|(a, b)| Change::Rename(a, b)),
        1 => (any_path(), any_path()).prop_map(|(a, b)| Change::Link(a, b)),
        1 => (any_path(), "[a-c/.]{1,9}").prop_map(|(p, t)| Change::Symlink(p, t)),
        1 => (any_path(), 0..0o7777u32).prop_map(|(p, m)| Change::Mode(p, m | 0o700)),
        1 => (any_path(), 0..70000u32).prop_map(|(p, id)| Change::Owner(p, id)),
        1 => (any_path(), any::<u8>()).prop_map(|(p, b)| Change::Xattr(p, b)),
        1 => any_path().prop_map(Change::Fifo),
        1 => (any_path(), 0..1i64 << 33, 0..2u32).prop_map(|(p, s, n)| Change::Time(p, s, n)),
    ];
    prop::collection::vec(change, count)
}

/// Carries them out; what is not possible at that point is left, as with `|| true`.
pub(crate) fn make_changes(root: &Path, changes: &[Change]) {
    for change in changes {
        let _ = make_change(root, change);
    }
}

/// Without waiting for a reader where the name is a fifo.
fn open(path: &Path, is_new: bool) -> std::io::Result<fs::File> {
    fs::OpenOptions::new()
        .append(!is_new)
        .write(is_new)
        .create(is_new)
        .truncate(is_new)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
}

fn make_change(root: &Path, change: &Change) -> std::io::Result<()> {
    match change {
        Change::Write(path, byte, count) => {
            open(&root.join(path), true)?.write_all(&vec![*byte; usize::from(*count)])
        }
        Change::Append(path, byte) => open(&root.join(path), false)?.write_all(&[*byte]),
        Change::Directory(path) => fs::create_dir_all(root.join(path)),
        Change::Renew(path) => {
            fs::remove_dir_all(root.join(path))?;
            fs::create_dir(root.join(path))
        }
        Change::Remove(path) => {
            let path = root.join(path);
            fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path))
        }
        Change::Rename(from, to) => fs::rename(root.join(from), root.join(to)),
        Change::Link(from, to) => fs::hard_link(root.join(from), root.join(to)),
        Change::Symlink(path, target) => symlink(target, root.join(path)),
        Change::Mode(path, mode) => {
            let path = root.join(path);
            if fs::symlink_metadata(&path)?.is_symlink() {
                return Ok(());
            }
            fs::set_permissions(path, fs::Permissions::from_mode(*mode))
        }
        Change::Owner(path, id) => {
            let path = root.join(path);
            if fs::symlink_metadata(&path)?.is_symlink() {
                return Ok(());
            }
            chown(path, Some(*id), Some(id / 2))
        }
        Change::Xattr(path, byte) => {
            let path = root.join(path);
            let kind = fs::symlink_metadata(&path)?.file_type();
            if kind.is_file() || kind.is_dir() {
                set_xattr(&path, "user.test", &vec![*byte; usize::from(*byte) * 3]);
            }
            Ok(())
        }
        Change::Fifo(path) => {
            let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU);
            let path = root.join(path);
            Ok(rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0)?)
        }
        Change::Time(path, seconds, nanoseconds) => {
            let spec = rustix::fs::Timespec {
                tv_sec: *seconds,
                tv_nsec: i64::from(*nanoseconds),
            };
            let times = rustix::fs::Timestamps {
                last_access: spec,
                last_modification: spec,
            };
            let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
            Ok(rustix::fs::utimensat(
                rustix::fs::CWD,
                root.join(path),
                &times,
                flags,
            )?)
        }
    }
}
