//! Taking away what an entry replaces.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FileType, unlinkat};
use rustix::io::Errno;

use super::Applier;
use super::directories::{look_at, open_child};
use crate::limits::{MAX_DEPTH, check_depth};
use crate::{Error, Result};

impl Applier<'_> {
    /// Removes a name and all beneath it; links are removed, not followed.
    pub(super) fn remove(&mut self, path: &[u8], parent: &OwnedFd, name: &[u8]) -> Result<()> {
        let stat = look_at(parent, name).map_err(|error| Error::io("look at", path, error))?;
        // Descriptors and resolved links may lead through what goes away.
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                self.directories.forget_all();
                self.forget_finals(path);
                remove_tree(path, parent, name, 1)
            }
            FileType::Symlink => {
                self.directories.forget_all();
                self.forget_finals(path);
                remove_name(path, parent, name, AtFlags::empty())
            }
            _ => remove_name(path, parent, name, AtFlags::empty()),
        }
    }

    /// What was to be done to directories at and beneath a path in the end; whatever takes its place may be a link.
    fn forget_finals(&mut self, path: &[u8]) {
        self.finals.remove(path);
        let start = [path, b"/"].concat();
        let beneath = self.finals.range(start.clone()..);
        let gone: Vec<_> = beneath
            .map(|(key, _)| key)
            .take_while(|key| key.starts_with(&start))
            .cloned()
            .collect();
        for key in gone {
            self.finals.remove(&key);
        }
    }
}

fn remove_tree(path: &[u8], parent: &OwnedFd, name: &[u8], depth: usize) -> Result<()> {
    check_depth(depth, MAX_DEPTH)?;
    let failed = |error: Errno| Error::io("remove", path, error);
    let directory = open_child(parent, name).map_err(failed)?;
    let mut names = Vec::new();
    for entry in Dir::read_from(&directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let child = entry.file_name().to_bytes();
        if child != b"." && child != b".." {
            names.push(child.to_vec());
        }
    }
    for child in names {
        match unlinkat(&directory, &child[..], AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::ISDIR) => remove_tree(path, &directory, &child, depth + 1)?,
            Err(error) => return Err(failed(error)),
        }
    }
    remove_name(path, parent, name, AtFlags::REMOVEDIR)
}

fn remove_name(path: &[u8], parent: &OwnedFd, name: &[u8], flags: AtFlags) -> Result<()> {
    unlinkat(parent, name, flags).map_err(|error| Error::io("remove", path, error))
}
