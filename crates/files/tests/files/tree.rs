//! Trees made for a test, and looked at afterwards.

use std::fs::{self, File};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, Timespec, Timestamps, mknodat, utimensat};
use wharf_dockerfile::ignore::PatternSet;
use wharf_files::{Placed, Placement, Result, Selection, Source, copy_within, select};

/// The time of everything that a test makes.
pub(crate) const OLD: i64 = 1_000_000_000;

/// A directory that goes away.
pub(crate) struct Tree {
    folder: tempfile::TempDir,
    open: File,
}

impl Tree {
    /// Lines of `name`, `name/`, `name -> target`, `name = content`, `name | fifo`, `name == other` for a hard link; a
    /// mode may follow a `#`. Parents are made as needed. Everything has the time [`OLD`].
    pub(crate) fn new(lines: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = File::open(folder.path()).unwrap();
        let tree = Self { folder, open };
        lines.iter().for_each(|line| tree.make(line));
        tree.age(tree.path());
        tree
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn context(&self) -> Source {
        Source::context(self.open_root())
    }

    pub(crate) fn source(&self) -> Source {
        Source::tree(self.open_root())
    }

    fn open_root(&self) -> OwnedFd {
        self.open.try_clone().unwrap().into()
    }

    fn make(&self, line: &str) {
        let (line, mode) = match line.split_once(" #") {
            Some((line, mode)) => (line, Some(u32::from_str_radix(mode, 8).unwrap())),
            None => (line, None),
        };
        let name = line.split([' ', '=']).next().unwrap();
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if let Some((_, target)) = line.split_once(" -> ") {
            return symlink(target, path).unwrap();
        } else if let Some((_, other)) = line.split_once(" == ") {
            return fs::hard_link(self.at(other), path).unwrap();
        } else if line.ends_with(" | fifo") {
            mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
        } else if line.ends_with(" | socket") {
            mknodat(CWD, &path, FileType::Socket, Mode::from_raw_mode(0o644), 0).unwrap();
        } else if name.ends_with('/') {
            fs::create_dir_all(&path).unwrap();
        } else {
            let content = line.split_once(" = ").map_or("", |(_, content)| content);
            fs::write(&path, content).unwrap();
        }
        let usual = if name.ends_with('/') { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode.unwrap_or(usual))).unwrap();
    }

    fn age(&self, path: &Path) {
        if path.is_dir() && !path.is_symlink() {
            for entry in fs::read_dir(path).unwrap() {
                self.age(&entry.unwrap().path());
            }
        }
        set_time(path, OLD);
    }

    /// Everything in it, a line each: `name kind mode time`, with the content, target or first name.
    pub(crate) fn list(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.list_below(self.path(), &mut Vec::new(), &mut lines);
        lines
    }

    fn list_below(&self, folder: &Path, seen: &mut Vec<(u64, String)>, lines: &mut Vec<String>) {
        let mut names: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        for path in names {
            let name = path
                .strip_prefix(self.path())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let meta = path.symlink_metadata().unwrap();
            let time = if meta.mtime() == OLD { "old" } else { "now" };
            let mode = meta.mode() & 0o7777;
            let kind = FileType::from_raw_mode(meta.mode());
            lines.push(match kind {
                FileType::Directory => format!("{name}/ {mode:o} {time}"),
                FileType::Symlink => {
                    format!(
                        "{name} -> {} {time}",
                        fs::read_link(&path).unwrap().display()
                    )
                }
                FileType::RegularFile => {
                    let first = seen.iter().find(|(inode, _)| *inode == meta.ino());
                    if let Some((_, first)) = first {
                        format!("{name} == {first}")
                    } else {
                        seen.push((meta.ino(), name.clone()));
                        let content = fs::read_to_string(&path).unwrap();
                        format!("{name} {mode:o} {time} {content:?}")
                    }
                }
                kind => format!("{name} {kind:?} {mode:o} {time}"),
            });
            if kind == FileType::Directory {
                self.list_below(&path, seen, lines);
            }
        }
    }
}

impl AsFd for Tree {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.open.as_fd()
    }
}

pub(crate) fn set_time(path: &Path, seconds: i64) {
    let time = Timespec {
        tv_sec: seconds,
        tv_nsec: 0,
    };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
}

pub(crate) fn patterns(patterns: &[&str]) -> PatternSet {
    PatternSet::new(patterns.iter().copied()).unwrap()
}

pub(crate) fn selection(sources: &[&str]) -> Selection {
    Selection {
        sources: sources.iter().map(|source| (*source).to_owned()).collect(),
        ..Selection::default()
    }
}

pub(crate) fn placement(destination: &str) -> Placement {
    Placement {
        destination: destination.to_owned(),
        has_accounts: true,
        ..Placement::default()
    }
}

/// `COPY` from one tree into another, whose owners are this user's.
pub(crate) fn copy(
    from: &Tree,
    selection: &Selection,
    to: &Tree,
    placement: &Placement,
) -> Result<Placed> {
    let source = from.source();
    let selected = select(&source, selection)?;
    copy_within(&source, &selected, to.as_fd(), placement)
}

/// Whether the test may give files away and make devices.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
