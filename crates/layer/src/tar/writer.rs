//! Entries out: ustar headers, with PAX records only for what does not fit, so that equal trees give equal bytes.

use std::io::{self, Write};

use super::header::HeaderBuilder;
use super::pax::put_record;
use super::{BLOCK, Entry, Kind, padding};

/// Writes an archive. The caller writes exactly the content that each entry announced, then [`TarWriter::end_content`].
pub(crate) struct TarWriter<W> {
    output: W,
    records: Vec<u8>,
}

impl<W: Write> TarWriter<W> {
    pub(crate) fn new(output: W) -> Self {
        Self {
            output,
            records: Vec::new(),
        }
    }

    pub(crate) fn write_entry(&mut self, entry: &Entry) -> io::Result<()> {
        let (flag, link) = match &entry.kind {
            Kind::File => (b'0', None),
            Kind::Hardlink(target) => (b'1', Some(target)),
            Kind::Symlink(target) => (b'2', Some(target)),
            Kind::Char(..) => (b'3', None),
            Kind::Block(..) => (b'4', None),
            Kind::Directory => (b'5', None),
            Kind::Fifo => (b'6', None),
        };
        let mut header = HeaderBuilder::new(flag);
        self.records.clear();
        let records = &mut self.records;
        // Records are sorted by key, as everything is that must not depend on chance.
        header.put_mode(entry.mode);
        if !header.put_gid(entry.gid) {
            put_record(records, b"gid", entry.gid.to_string().as_bytes());
        }
        if let Some(target) = link
            && !header.put_link_name(target)
        {
            put_record(records, b"linkpath", target);
        }
        if !header.put_mtime(entry.mtime.seconds) {
            put_record(
                records,
                b"mtime",
                entry.mtime.seconds.to_string().as_bytes(),
            );
        }
        if !header.put_name(&entry.path) {
            put_record(records, b"path", &entry.path);
        }
        if !header.put_size(entry.size) {
            put_record(records, b"size", entry.size.to_string().as_bytes());
        }
        if !header.put_uid(entry.uid) {
            put_record(records, b"uid", entry.uid.to_string().as_bytes());
        }
        if let Kind::Char(major, minor) | Kind::Block(major, minor) = entry.kind
            && !header.put_device(major, minor)
        {
            return Err(io::Error::other("a device number has no room in a tar"));
        }
        for (name, value) in &entry.xattrs {
            put_record(records, &[b"SCHILY.xattr.", &name[..]].concat(), value);
        }
        if !self.records.is_empty() {
            self.write_records(&entry.path)?;
        }
        self.output.write_all(&header.finish())
    }

    pub(crate) fn write_content(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)
    }

    /// Fills the last block of a content of this size.
    pub(crate) fn end_content(&mut self, size: u64) -> io::Result<()> {
        self.output.write_all(&[0; BLOCK][..padding(size)])
    }

    /// Writes the two empty blocks that end an archive.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.output.write_all(&[0; 2 * BLOCK])
    }

    fn write_records(&mut self, path: &[u8]) -> io::Result<()> {
        let mut header = HeaderBuilder::new(b'x');
        let last = path
            .rsplit(|byte| *byte == b'/')
            .find(|part| !part.is_empty());
        header.put_name(&[b"PaxHeaders.0/", last.unwrap_or_default()].concat());
        let size = self.records.len() as u64;
        header.put_size(size);
        self.output.write_all(&header.finish())?;
        self.output.write_all(&self.records)?;
        self.output.write_all(&[0; BLOCK][..padding(size)])
    }
}
