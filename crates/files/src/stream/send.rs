//! The sending end, which reads the source.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::io::{pread, retry_on_intr};

use super::wire::{self, Carried};
use super::{MAX_BYTES, MAX_FDS, MAX_UNACKNOWLEDGED, Port};
use crate::select::{Identity, Node};
use crate::source::read_xattrs;
use crate::{Entry, Error, Kind, Result, Selected, Source, TreePath};

/// Files up to this size travel in the message. Larger contents fill the socket and are copied twice, smaller ones cost
/// the other end more system calls than copying them does.
const INLINE_BYTES: u64 = 16 << 10;

/// All attributes of one entry; those beyond stay behind. The kernel's own bound would not fit into a message, and ext4
/// has 4 KiB for them.
const MAX_XATTR_BYTES: usize = 32 << 10;

/// Sends everything that was selected to [`receive`](super::receive), and returns when all of it was taken, so that the
/// connection may be closed.
///
/// # Errors
/// [`Error::Changed`] for a file that is no longer what was selected; [`Error::Port`] when the other end gave up, which
/// then knows the reason.
pub fn send(source: &Source, selected: &Selected, port: &dyn Port) -> Result<()> {
    let mut sender = Sender {
        port,
        bytes: Vec::with_capacity(MAX_BYTES),
        fds: Vec::new(),
        unacknowledged: 0,
        last_had_fds: false,
        record: Vec::new(),
        content: Vec::new(),
    };
    for part in &selected.parts {
        sender.record.clear();
        wire::write_part(&mut sender.record, &part.name, part.is_directory());
        sender.push(None)?;
        for node in &part.nodes {
            if matches!(node.entry.kind, Kind::File { .. }) {
                sender.push_file(source, &part.base.join(&node.entry.path), node)?;
            } else {
                sender.push_entry(&node.entry)?;
            }
        }
    }
    sender.record.clear();
    wire::write_end(&mut sender.record);
    sender.push(None)?;
    sender.flush()?;
    // The last message is acknowledged in any case. A connection that is closed before it is read to the end may lose
    // what the other end has not read yet (`unix_release_sock`).
    sender.unacknowledged += usize::from(!sender.last_had_fds);
    sender.await_acknowledged(0)
}

struct Sender<'p> {
    port: &'p dyn Port,
    /// The message so far.
    bytes: Vec<u8>,
    fds: Vec<OwnedFd>,
    /// Messages with descriptors that the other end has not taken yet.
    unacknowledged: usize,
    last_had_fds: bool,
    record: Vec<u8>,
    content: Vec<u8>,
}

impl Sender<'_> {
    fn push_file(&mut self, source: &Source, path: &TreePath, node: &Node) -> Result<()> {
        let changed = || Error::Changed { path: path.clone() };
        let (file, stat) = source.open_file(path)?;
        if Identity::of(&stat) != node.identity {
            return Err(changed());
        }
        let mut entry = node.entry.clone();
        entry.xattrs = read_xattrs(file.as_fd())
            .map_err(|error| Error::io("read the attributes of", path, error))?;
        limit_xattrs(&mut entry);
        self.record.clear();
        if node.identity.size > INLINE_BYTES {
            wire::write_entry(&mut self.record, &entry, Carried::Descriptor);
            return self.push(Some(file));
        }
        let mut content = std::mem::take(&mut self.content);
        read_all(file.as_fd(), node.identity.size as usize, &mut content)
            .map_err(|error| Error::io("read", path, error))?;
        if content.len() as u64 != node.identity.size {
            return Err(changed());
        }
        wire::write_entry(&mut self.record, &entry, Carried::Inline(&content));
        self.content = content;
        self.push(None)
    }

    fn push_entry(&mut self, entry: &Entry) -> Result<()> {
        self.record.clear();
        if entry.xattrs.is_empty() {
            wire::write_entry(&mut self.record, entry, Carried::Nothing);
        } else {
            let mut entry = entry.clone();
            limit_xattrs(&mut entry);
            wire::write_entry(&mut self.record, &entry, Carried::Nothing);
        }
        self.push(None)
    }

    /// Appends the record to the message, which is sent first if that would make it too long.
    fn push(&mut self, fd: Option<OwnedFd>) -> Result<()> {
        let is_full = self.bytes.len() + self.record.len() > MAX_BYTES;
        if is_full || (fd.is_some() && self.fds.len() >= MAX_FDS) {
            self.flush()?;
        }
        self.bytes.extend_from_slice(&self.record);
        self.fds.extend(fd);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if !self.fds.is_empty() {
            self.await_acknowledged(MAX_UNACKNOWLEDGED - 1)?;
            self.unacknowledged += 1;
        }
        self.last_had_fds = !self.fds.is_empty();
        let fds: Vec<BorrowedFd<'_>> = self.fds.iter().map(|fd| fd.as_fd()).collect();
        self.port.send(&self.bytes, &fds).map_err(Error::Port)?;
        self.bytes.clear();
        self.fds.clear();
        Ok(())
    }

    /// Waits until no more than so many messages are not acknowledged.
    fn await_acknowledged(&mut self, most: usize) -> Result<()> {
        while self.unacknowledged > most {
            let received = self.port.receive().map_err(Error::Port)?;
            received.ok_or_else(|| Error::Port(std::io::ErrorKind::BrokenPipe.into()))?;
            self.unacknowledged -= 1;
        }
        Ok(())
    }
}

/// Reads what is there, and one byte more than it should be if there is more.
fn read_all(file: BorrowedFd<'_>, size: usize, to: &mut Vec<u8>) -> rustix::io::Result<()> {
    to.resize(size + 1, 0);
    let mut at = 0;
    while at < to.len() {
        match retry_on_intr(|| pread(file, &mut to[at..], at as u64))? {
            0 => break,
            count => at += count,
        }
    }
    to.truncate(at);
    Ok(())
}

fn limit_xattrs(entry: &mut Entry) {
    let mut left = MAX_XATTR_BYTES;
    entry.xattrs.retain(|(name, value)| {
        let bytes = name.len() + value.len();
        let fits = bytes <= left;
        left -= if fits { bytes } else { 0 };
        fits
    });
}
