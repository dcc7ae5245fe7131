//! Entries on their way into the archive: their parents first, further names of one inode as links.

use std::collections::HashMap;
use std::io::Write;
use std::os::fd::{AsFd as _, OwnedFd};

use rustix::fs::FileType;

use super::DiffStats;
use super::node::Node;
use crate::copy::{COPY_BYTES, copy_content};
use crate::limits::{Allowance, Limit};
use crate::tar::{Entry, Kind, TarWriter, Time};
use crate::xattrs::Xattrs;
use crate::{Error, Result};

/// What happens to the part of a time below the second.
#[derive(Clone, Copy)]
pub(super) enum Rounding {
    Truncate,
    Nearest,
}

/// Where an inode is, independent of its names.
type Inode = (u64, u64);

pub(super) struct Emitter<W> {
    tar: TarWriter<W>,
    rounding: Rounding,
    clamp: Option<i64>,
    left: Option<Allowance>,
    /// The path under which an inode with several names was written.
    links: HashMap<Inode, Vec<u8>>,
    /// Names that are unchanged but belong to an inode that may still be written: they become links then.
    unchanged: HashMap<Inode, Vec<Entry>>,
    /// The directories around the current name, outermost first, and whether each was written.
    parents: Vec<(Entry, bool)>,
    buffer: Vec<u8>,
    pub(super) stats: DiffStats,
}

impl<W: Write> Emitter<W> {
    pub(super) fn new(
        out: W,
        rounding: Rounding,
        clamp: Option<i64>,
        max_bytes: Option<u64>,
    ) -> Self {
        Self {
            tar: TarWriter::new(out),
            rounding,
            clamp,
            left: max_bytes.map(Allowance::new),
            links: HashMap::new(),
            unchanged: HashMap::new(),
            parents: Vec::new(),
            buffer: vec![0; COPY_BYTES],
            stats: DiffStats::default(),
        }
    }

    /// The entry for a name, apart from kind and size.
    pub(super) fn describe(&self, node: &Node<'_>, path: &[u8], xattrs: Xattrs) -> Entry {
        let mtime = match self.rounding {
            Rounding::Truncate => node.mtime().truncate(),
            Rounding::Nearest => node.mtime().round(),
        };
        Entry {
            path: path.to_vec(),
            kind: Kind::File,
            mode: node.stat.st_mode & 0o7777,
            uid: node.stat.st_uid,
            gid: node.stat.st_gid,
            mtime: mtime.clamp_to(self.clamp),
            size: 0,
            xattrs,
        }
    }

    /// Steps into a directory, which is written now or when something beneath it is.
    pub(super) fn enter_directory(&mut self, mut entry: Entry, is_changed: bool) -> Result<()> {
        entry.kind = Kind::Directory;
        entry.path.push(b'/');
        self.parents.push((entry, false));
        if is_changed {
            self.write_parents()?;
        }
        Ok(())
    }

    pub(super) fn leave_directory(&mut self) {
        self.parents.pop();
    }

    /// Records that a name of the lower tree is gone. Its time is 1970, as containerd has it since 2.0.
    pub(super) fn write_whiteout(&mut self, path: &[u8]) -> Result<()> {
        let name = path
            .iter()
            .rposition(|byte| *byte == b'/')
            .map_or(0, |at| at + 1);
        self.stats.whiteouts += 1;
        self.write(&Entry {
            path: [&path[..name], b".wh.", &path[name..]].concat(),
            kind: Kind::File,
            mode: 0,
            uid: 0,
            gid: 0,
            mtime: Time::default(),
            size: 0,
            xattrs: Vec::new(),
        })
    }

    /// Records anything but a directory. `file` is the content of a regular one.
    pub(super) fn write_node(
        &mut self,
        node: &Node<'_>,
        mut entry: Entry,
        file: Option<&OwnedFd>,
    ) -> Result<()> {
        let (major, minor) = node.device();
        entry.kind = match node.file_type() {
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Symlink(
                node.read_link()
                    .map_err(|error| Error::io("read the link", &entry.path, error))?,
            ),
            FileType::CharacterDevice => Kind::Char(major, minor),
            FileType::BlockDevice => Kind::Block(major, minor),
            FileType::Fifo => Kind::Fifo,
            // A socket means nothing without the process that listens.
            _ => return Ok(()),
        };
        if node.stat.st_nlink > 1 {
            let inode = (node.stat.st_dev, node.stat.st_ino);
            if let Some(first) = self.links.get(&inode) {
                entry.kind = Kind::Hardlink(first.clone());
                return self.write(&entry);
            }
            self.links.insert(inode, entry.path.clone());
            self.write_content(&mut entry, node.size(), file)?;
            for mut name in self.unchanged.remove(&inode).unwrap_or_default() {
                name.kind = Kind::Hardlink(entry.path.clone());
                self.write(&name)?;
            }
            return Ok(());
        }
        self.write_content(&mut entry, node.size(), file)
    }

    /// Remembers an unchanged name, in case that its inode is written under another.
    pub(super) fn keep_unchanged(&mut self, node: &Node<'_>, mut entry: Entry) -> Result<()> {
        if node.stat.st_nlink < 2 {
            return Ok(());
        }
        let inode = (node.stat.st_dev, node.stat.st_ino);
        if let Some(first) = self.links.get(&inode) {
            entry.kind = Kind::Hardlink(first.clone());
            return self.write(&entry);
        }
        self.unchanged.entry(inode).or_default().push(entry);
        Ok(())
    }

    pub(super) fn finish(self) -> Result<DiffStats> {
        self.tar.finish().map_err(Error::Write)?;
        Ok(self.stats)
    }

    fn write_content(
        &mut self,
        entry: &mut Entry,
        size: u64,
        file: Option<&OwnedFd>,
    ) -> Result<()> {
        let Some(file) = file else {
            return self.write(entry);
        };
        if let Some(left) = &mut self.left {
            left.take(size, Limit::Bytes)?;
        }
        entry.size = size;
        self.write(entry)?;
        self.stats.bytes += size;
        copy_content(
            file.as_fd(),
            &entry.path,
            size,
            &mut self.buffer,
            &mut self.tar,
        )
    }

    fn write(&mut self, entry: &Entry) -> Result<()> {
        self.write_parents()?;
        self.stats.entries += 1;
        self.tar.write_entry(entry).map_err(Error::Write)
    }

    fn write_parents(&mut self) -> Result<()> {
        // Written ones come first, as a directory is never written before those around it.
        let first = self.parents.iter().rposition(|(_, written)| *written);
        for (entry, written) in &mut self.parents[first.map_or(0, |at| at + 1)..] {
            self.tar.write_entry(entry).map_err(Error::Write)?;
            self.stats.entries += 1;
            *written = true;
        }
        Ok(())
    }
}
