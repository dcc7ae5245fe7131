//! Entries in, from bytes that nobody vouches for: sizes are bounded before memory is taken, every field is checked.

use std::io::{self, BufRead, BufReader, Read};

use super::header::Header;
use super::pax::{parse_time, take_record};
use super::{BLOCK, Entry, Kind, Time, padding};
use crate::error::SPARSE;
use crate::{Error, Result};

/// Bytes of one extended header or long name. The kernel takes 64 KiB of attributes and 4 KiB of path; Go's reader allows
/// the same MiB. More is memory that a stranger may ask for.
const MAX_EXTENDED: u64 = 1 << 20;
/// Bytes read ahead. Most files are smaller, so that one read and one write make a file.
const BUFFER_BYTES: usize = 256 << 10;

/// Reads an archive entry by entry; what is left of a content is skipped by the next call.
pub(crate) struct TarReader<R> {
    input: BufReader<R>,
    /// Of the current content.
    remaining: u64,
    padding: u64,
}

/// What extended headers said about the entry that follows them.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<i64>,
    gid: Option<i64>,
    mtime: Option<Time>,
    xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl<R: Read> TarReader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(BUFFER_BYTES, input),
            remaining: 0,
            padding: 0,
        }
    }

    /// The next entry, or nothing at the end of the archive.
    pub(crate) fn next_entry(&mut self) -> Result<Option<Entry>> {
        let mut extended = Extended::default();
        let mut expects_more = false;
        loop {
            self.skip_content()?;
            let Some(header) = self.read_header()? else {
                if expects_more {
                    return Err(broken("ends after an extended header"));
                }
                return Ok(None);
            };
            let size = self.content_size(&header)?;
            match header.type_flag() {
                b'x' => {
                    let records = self.read_extended(size)?;
                    read_records(&records, &mut extended)?;
                    expects_more = true;
                }
                // Comments for the whole archive; containerd and Go do not apply them either.
                b'g' => self.set_content(size),
                b'L' => {
                    let name = trim_end(self.read_extended(size)?);
                    extended.path.get_or_insert(name);
                    expects_more = true;
                }
                b'K' => {
                    let name = trim_end(self.read_extended(size)?);
                    extended.link.get_or_insert(name);
                    expects_more = true;
                }
                _ => return self.make_entry(&header, extended).map(Some),
            }
        }
    }

    /// Passes up to all of the content that is left to `take`, which says how much it used; false at its end.
    pub(crate) fn take_content(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<usize>,
    ) -> Result<bool> {
        if self.remaining == 0 {
            return Ok(false);
        }
        let buffer = match self.input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(true),
            Err(error) => return Err(Error::read(error)),
        };
        if buffer.is_empty() {
            return Err(Error::read(io::ErrorKind::UnexpectedEof.into()));
        }
        let available = usize::try_from(self.remaining)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let used = take(&buffer[..available])?;
        self.input.consume(used);
        self.remaining -= used as u64;
        Ok(true)
    }

    /// Reads what follows the end of the archive to the end of the stream; `allow` is asked about each piece.
    pub(crate) fn drain(&mut self, mut allow: impl FnMut(u64) -> Result<()>) -> Result<()> {
        loop {
            let length = match self.input.fill_buf() {
                Ok(buffer) => buffer.len(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::read(error)),
            };
            if length == 0 {
                return Ok(());
            }
            allow(length as u64)?;
            self.input.consume(length);
        }
    }

    fn make_entry(&mut self, header: &Header, extended: Extended) -> Result<Entry> {
        let path = extended.path.unwrap_or_else(|| header.name());
        let invalid = |reason| Error::invalid(&path, reason);
        let link = extended.link.unwrap_or_else(|| header.link_name());
        let kind = match header.type_flag() {
            // Before ustar, a directory was told by its last slash.
            0 if path.ends_with(b"/") => Kind::Directory,
            b'0' | 0 => Kind::File,
            b'1' => Kind::Hardlink(link),
            b'2' => Kind::Symlink(link),
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            flag @ (b'3' | b'4') => {
                let (major, minor) = header
                    .device()
                    .ok_or_else(|| invalid("has a broken device number"))?;
                if flag == b'3' {
                    Kind::Char(major, minor)
                } else {
                    Kind::Block(major, minor)
                }
            }
            b'S' => return Err(invalid(SPARSE)),
            _ => return Err(invalid("has a type that is not supported")),
        };
        let size = if kind == Kind::File {
            match extended.size {
                Some(size) => size,
                None => self.content_size(header)?,
            }
        } else {
            0
        };
        let id = |value: Option<i64>| {
            value
                .and_then(|value| u32::try_from(value).ok())
                // The kernel reads it as "leave as it is".
                .filter(|value| *value != u32::MAX)
                .ok_or_else(|| invalid("has a broken owner"))
        };
        let mode = header.mode().ok_or_else(|| invalid("has a broken mode"))?;
        let mtime = extended.mtime.or_else(|| {
            Some(Time {
                seconds: header.mtime()?,
                nanoseconds: 0,
            })
        });
        let entry = Entry {
            mode: (mode & 0o7777) as u32,
            uid: id(extended.uid.or_else(|| header.uid()))?,
            gid: id(extended.gid.or_else(|| header.gid()))?,
            mtime: mtime.ok_or_else(|| invalid("has a broken time"))?,
            size,
            xattrs: extended.xattrs,
            kind,
            path,
        };
        self.set_content(size);
        Ok(entry)
    }

    fn content_size(&self, header: &Header) -> Result<u64> {
        header
            .size()
            .and_then(|size| u64::try_from(size).ok())
            .ok_or_else(|| Error::invalid(&header.name(), "has a broken size"))
    }

    fn set_content(&mut self, size: u64) {
        self.remaining = size;
        self.padding = padding(size) as u64;
    }

    fn skip_content(&mut self) -> Result<()> {
        while self.take_content(|bytes| Ok(bytes.len()))? {}
        // Go's writer and its readers allow the padding of the last content to be missing; an archive without it ends
        // at the next header.
        self.remaining = 0;
        let mut padding = std::mem::take(&mut self.padding);
        while padding > 0 {
            let length = self.input.fill_buf().map_err(Error::read)?.len();
            if length == 0 {
                break;
            }
            let used = length.min(padding as usize);
            self.input.consume(used);
            padding -= used as u64;
        }
        Ok(())
    }

    fn read_header(&mut self) -> Result<Option<Header>> {
        let Some(first) = self.read_block()? else {
            return Ok(None);
        };
        if first.is_zero() {
            // The second empty block may be missing; anything else after the first is no archive.
            return match self.read_block()? {
                Some(second) if !second.is_zero() => Err(broken("goes on after its end")),
                _ => Ok(None),
            };
        }
        if !first.has_valid_sum() {
            return Err(broken("is not a tar archive, or a damaged one"));
        }
        Ok(Some(first))
    }

    fn read_block(&mut self) -> Result<Option<Header>> {
        let mut block = [0; BLOCK];
        if self.input.fill_buf().map_err(Error::read)?.is_empty() {
            return Ok(None);
        }
        self.input.read_exact(&mut block).map_err(Error::read)?;
        Ok(Some(Header(block)))
    }

    fn read_extended(&mut self, size: u64) -> Result<Vec<u8>> {
        if size > MAX_EXTENDED {
            return Err(broken("has an extended header of more than a MiB"));
        }
        let mut bytes = vec![0; size as usize];
        self.input.read_exact(&mut bytes).map_err(Error::read)?;
        self.remaining = 0;
        self.padding = padding(size) as u64;
        Ok(bytes)
    }
}

fn read_records(mut bytes: &[u8], extended: &mut Extended) -> Result<()> {
    let number = |value: &[u8]| std::str::from_utf8(value).ok()?.parse::<i64>().ok();
    while !bytes.is_empty() {
        let record = take_record(&mut bytes);
        let (key, value) = record.ok_or_else(|| broken("has a broken extended header"))?;
        if value.is_empty() && !key.starts_with(b"SCHILY.xattr.") {
            // An empty value takes back what a global header said.
            continue;
        }
        let known = match key {
            b"path" => {
                extended.path = Some(value.to_vec());
                true
            }
            b"linkpath" => {
                extended.link = Some(value.to_vec());
                true
            }
            b"size" => {
                extended.size = number(value).and_then(|size| u64::try_from(size).ok());
                extended.size.is_some()
            }
            b"uid" => {
                extended.uid = number(value);
                extended.uid.is_some()
            }
            b"gid" => {
                extended.gid = number(value);
                extended.gid.is_some()
            }
            b"mtime" => {
                extended.mtime = parse_time(value);
                extended.mtime.is_some()
            }
            _ => {
                if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
                    extended.xattrs.push((name.to_vec(), value.to_vec()));
                } else if key.starts_with(b"GNU.sparse.") {
                    return Err(broken(SPARSE));
                }
                true
            }
        };
        if !known {
            return Err(broken("has a broken extended header"));
        }
    }
    Ok(())
}

fn trim_end(mut name: Vec<u8>) -> Vec<u8> {
    if let Some(end) = name.iter().position(|byte| *byte == 0) {
        name.truncate(end);
    }
    name
}

fn broken(reason: &'static str) -> Error {
    Error::invalid(b"", reason)
}
