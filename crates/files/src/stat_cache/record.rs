//! What is remembered of one file, and how it is written.

use crate::Time;
use crate::hashes::FileHash;
use crate::select::Identity;

/// Bytes of a record.
pub(super) const RECORD_BYTES: usize = 84;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) identity: Identity,
    /// When it was last of use: days since 1970.
    pub(super) used: u32,
    pub(super) hash: FileHash,
}

impl Record {
    /// What records are sorted by, and found by.
    pub(super) fn key(&self) -> (u64, u64) {
        (self.identity.device, self.identity.inode)
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        let Identity {
            device,
            inode,
            size,
            mtime,
            ctime,
        } = self.identity;
        for number in [device, inode, size] {
            to.extend_from_slice(&number.to_le_bytes());
        }
        for time in [mtime, ctime] {
            to.extend_from_slice(&time.seconds.to_le_bytes());
            to.extend_from_slice(&time.nanoseconds.to_le_bytes());
        }
        to.extend_from_slice(&self.used.to_le_bytes());
        to.extend_from_slice(&self.hash.0);
    }

    pub(super) fn read(bytes: &[u8; RECORD_BYTES]) -> Self {
        let long = |at: usize| u64::from_le_bytes(take(bytes, at));
        let short = |at: usize| u32::from_le_bytes(take(bytes, at));
        let time = |at: usize| Time {
            seconds: long(at).cast_signed(),
            nanoseconds: short(at + 8),
        };
        Self {
            identity: Identity {
                device: long(0),
                inode: long(8),
                size: long(16),
                mtime: time(24),
                ctime: time(36),
            },
            used: short(48),
            hash: FileHash(take(bytes, 52)),
        }
    }
}

fn take<const N: usize>(bytes: &[u8; RECORD_BYTES], at: usize) -> [u8; N] {
    let mut taken = [0; N];
    taken.copy_from_slice(&bytes[at..at + N]);
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = Record {
            identity: Identity {
                device: 1,
                inode: u64::MAX,
                size: 3,
                mtime: Time {
                    seconds: -4,
                    nanoseconds: 5,
                },
                ctime: Time {
                    seconds: 6,
                    nanoseconds: 999_999_999,
                },
            },
            used: 8,
            hash: FileHash([9; 32]),
        };
        let mut bytes = Vec::new();
        record.write(&mut bytes);
        assert_eq!(Record::read(bytes.as_slice().try_into().unwrap()), record);
    }
}
