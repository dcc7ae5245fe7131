//! The bytes of a message: records one after the other, each a tag and its fields.
//!
//! Both ends are the same program, so there are no versions. What arrives is checked nevertheless: one end is in a
//! sandbox.

use crate::{Entry, Error, Kind, Result, Time, TreePath};

const PART: u8 = 1;
const ENTRY: u8 = 2;
const END: u8 = 3;

/// How an entry's content travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried<'m> {
    Nothing,
    Inline(&'m [u8]),
    /// The message's next descriptor.
    Descriptor,
}

/// One record.
#[derive(Debug, PartialEq)]
pub(super) enum Record<'m> {
    Part { name: &'m [u8], is_directory: bool },
    Entry(Entry, Carried<'m>),
    End,
}

pub(super) fn write_part(to: &mut Vec<u8>, name: &[u8], is_directory: bool) {
    to.push(PART);
    write_bytes(to, name);
    to.push(u8::from(is_directory));
}

pub(super) fn write_end(to: &mut Vec<u8>) {
    to.push(END);
}

pub(super) fn write_entry(to: &mut Vec<u8>, entry: &Entry, content: Carried<'_>) {
    to.push(ENTRY);
    write_bytes(to, entry.path.as_bytes());
    write_kind(to, &entry.kind);
    for number in [entry.mode, entry.uid, entry.gid] {
        write_number(to, number.into());
    }
    match entry.mtime {
        None => to.push(0),
        Some(time) => {
            to.push(1);
            write_number(to, time.seconds.cast_unsigned());
            write_number(to, time.nanoseconds.into());
        }
    }
    write_number(to, entry.xattrs.len() as u64);
    for (name, value) in &entry.xattrs {
        write_bytes(to, name);
        write_bytes(to, value);
    }
    match content {
        Carried::Nothing => to.push(0),
        Carried::Inline(bytes) => {
            to.push(1);
            write_bytes(to, bytes);
        }
        Carried::Descriptor => to.push(2),
    }
}

fn write_kind(to: &mut Vec<u8>, kind: &Kind) {
    match kind {
        Kind::File { size } => {
            to.push(b'f');
            write_number(to, *size);
        }
        Kind::Link { to: first } => {
            to.push(b'h');
            write_bytes(to, first.as_bytes());
        }
        Kind::Directory => to.push(b'd'),
        Kind::Passage => to.push(b'p'),
        Kind::Symlink { target } => {
            to.push(b'l');
            write_bytes(to, target);
        }
        Kind::Fifo => to.push(b'q'),
        Kind::Socket => to.push(b's'),
        Kind::CharacterDevice { device } => {
            to.push(b'c');
            write_number(to, *device);
        }
        Kind::BlockDevice { device } => {
            to.push(b'b');
            write_number(to, *device);
        }
    }
}

/// Seven bits a byte, the lowest first.
fn write_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn write_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    write_number(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

/// Reads the records of a message.
pub(super) struct Records<'m>(&'m [u8]);

impl<'m> Records<'m> {
    pub(super) fn new(message: &'m [u8]) -> Self {
        Self(message)
    }

    /// The next record; `None` at the end of the message.
    pub(super) fn next(&mut self) -> Result<Option<Record<'m>>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        Ok(Some(match self.byte()? {
            PART => Record::Part {
                name: self.bytes()?,
                is_directory: self.byte()? != 0,
            },
            ENTRY => {
                let entry = self.entry()?;
                let content = match self.byte()? {
                    0 => Carried::Nothing,
                    1 => Carried::Inline(self.bytes()?),
                    2 => Carried::Descriptor,
                    _ => return Err(broken()),
                };
                Record::Entry(entry, content)
            }
            END => Record::End,
            _ => return Err(broken()),
        }))
    }

    fn entry(&mut self) -> Result<Entry> {
        let path = self.path()?;
        let kind = self.kind()?;
        let (mode, uid, gid) = (self.small()?, self.small()?, self.small()?);
        let mtime = match self.byte()? {
            0 => None,
            _ => Some(Time {
                seconds: self.number()?.cast_signed(),
                nanoseconds: self.small()?,
            }),
        };
        let count = self.number()?;
        let mut xattrs = Vec::new();
        for _ in 0..count {
            xattrs.push((self.bytes()?.to_vec(), self.bytes()?.to_vec()));
        }
        Ok(Entry {
            path,
            kind,
            mode,
            uid,
            gid,
            mtime,
            xattrs,
        })
    }

    fn kind(&mut self) -> Result<Kind> {
        Ok(match self.byte()? {
            b'f' => Kind::File {
                size: self.number()?,
            },
            b'h' => Kind::Link { to: self.path()? },
            b'd' => Kind::Directory,
            b'p' => Kind::Passage,
            b'l' => Kind::Symlink {
                target: self.bytes()?.to_vec(),
            },
            b'q' => Kind::Fifo,
            b's' => Kind::Socket,
            b'c' => Kind::CharacterDevice {
                device: self.number()?,
            },
            b'b' => Kind::BlockDevice {
                device: self.number()?,
            },
            _ => return Err(broken()),
        })
    }

    fn path(&mut self) -> Result<TreePath> {
        TreePath::parse(self.bytes()?).ok_or_else(broken)
    }

    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().ok_or_else(broken)?;
        self.0 = rest;
        Ok(*first)
    }

    fn small(&mut self) -> Result<u32> {
        u32::try_from(self.number()?).map_err(|_| broken())
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(broken())
    }

    fn bytes(&mut self) -> Result<&'m [u8]> {
        let length = usize::try_from(self.number()?).map_err(|_| broken())?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(bytes)
    }
}

fn broken() -> Error {
    Error::Stream {
        reason: "a record that cannot be read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind) -> Entry {
        Entry {
            path: TreePath::clean("a/b"),
            kind,
            mode: 0o4755,
            uid: u32::MAX,
            gid: 0,
            mtime: Some(Time {
                seconds: -1,
                nanoseconds: 999_999_999,
            }),
            xattrs: vec![
                (b"user.a".to_vec(), vec![0, 255]),
                (b"user.b".to_vec(), vec![]),
            ],
        }
    }

    #[test]
    fn every_kind_of_entry_arrives_as_it_was_sent() {
        let kinds = [
            Kind::File { size: u64::MAX },
            Kind::Link {
                to: TreePath::clean("x/y"),
            },
            Kind::Directory,
            Kind::Passage,
            Kind::Symlink {
                target: b"../\xff".to_vec(),
            },
            Kind::Fifo,
            Kind::Socket,
            Kind::CharacterDevice { device: 259 },
            Kind::BlockDevice { device: 7 },
        ];
        let mut message = Vec::new();
        write_part(&mut message, b"name", true);
        for kind in &kinds {
            write_entry(
                &mut message,
                &entry(kind.clone()),
                Carried::Inline(b"bytes"),
            );
        }
        let mut root = entry(Kind::Directory);
        (root.path, root.mtime, root.xattrs) = (TreePath::ROOT, None, Vec::new());
        write_entry(&mut message, &root, Carried::Descriptor);
        write_end(&mut message);
        let mut records = Records::new(&message);
        let part = Record::Part {
            name: b"name",
            is_directory: true,
        };
        assert_eq!(records.next().unwrap(), Some(part));
        for kind in kinds {
            let expected = Record::Entry(entry(kind), Carried::Inline(b"bytes"));
            assert_eq!(records.next().unwrap(), Some(expected));
        }
        let expected = Record::Entry(root, Carried::Descriptor);
        assert_eq!(records.next().unwrap(), Some(expected));
        assert_eq!(records.next().unwrap(), Some(Record::End));
        assert_eq!(records.next().unwrap(), None);
    }

    #[test]
    fn a_message_that_was_cut_is_refused_wherever_it_was_cut() {
        let mut message = Vec::new();
        write_entry(&mut message, &entry(Kind::Fifo), Carried::Inline(b"bytes"));
        for end in 1..message.len() {
            assert!(Records::new(&message[..end]).next().is_err(), "{end}");
        }
    }

    #[test]
    fn a_path_that_climbs_is_refused() {
        let mut message = vec![ENTRY];
        write_bytes(&mut message, b"../x");
        write_kind(&mut message, &Kind::Fifo);
        message.extend([0; 8]);
        assert!(Records::new(&message).next().is_err());
    }
}
