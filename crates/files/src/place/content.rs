//! The bytes of a file, exactly as many as were announced.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::fs::{SeekFrom, copy_file_range, fstat, ftruncate, seek};
use rustix::io::{Errno, pread, retry_on_intr};

use super::Placer;
use super::file::write_all;
use crate::{Error, Result, TreePath};

/// Bytes of one read where the kernel does not copy by itself. Smaller costs system calls, larger leaves the
/// processor's cache.
const BUFFER_BYTES: usize = 128 << 10;

/// The most that one call copies; a bound keeps a call short enough to be interrupted.
const RANGE_BYTES: u64 = 1 << 30;

/// Where a file's bytes are.
pub(crate) enum Content<'c> {
    /// It has none.
    None,
    /// Here.
    Bytes(&'c [u8]),
    /// In this file, from its beginning.
    File(BorrowedFd<'c>),
}

impl Placer<'_> {
    pub(super) fn write_content(
        &mut self,
        to: &OwnedFd,
        path: &TreePath,
        size: u64,
        content: Content<'_>,
    ) -> Result<()> {
        let changed = || Error::Changed { path: path.clone() };
        match content {
            Content::None if size == 0 => {}
            Content::Bytes(bytes) if bytes.len() as u64 == size => {
                write_all(to, bytes).map_err(|error| Error::io("write", path, error))?;
            }
            Content::None | Content::Bytes(_) => return Err(changed()),
            Content::File(from) => {
                let stat = fstat(from).map_err(|error| Error::io("read", path, error))?;
                if stat.st_size.cast_unsigned() != size {
                    return Err(changed());
                }
                // Blocks are of 512 bytes in stat(2). Fewer than the size needs: there are holes.
                let is_sparse = stat.st_blocks.cast_unsigned() < size / 512;
                let copied = if is_sparse {
                    self.copy_data(from, to, size)
                } else {
                    self.copy_range(from, to, 0, size)
                };
                match copied {
                    Ok(true) => {}
                    Ok(false) => return Err(changed()),
                    Err(error) => return Err(Error::io("copy", path, error)),
                }
            }
        }
        self.placed.bytes += size;
        Ok(())
    }

    /// Copies what is between holes.
    fn copy_data(&mut self, from: BorrowedFd<'_>, to: &OwnedFd, size: u64) -> Result<bool, Errno> {
        ftruncate(to, size)?;
        let mut at = 0;
        while at < size {
            let start = match seek(from, SeekFrom::Data(at)) {
                Ok(start) => start,
                // Nothing but a hole follows.
                Err(Errno::NXIO) => break,
                Err(error) => return Err(error),
            };
            let end = seek(from, SeekFrom::Hole(start))?.min(size);
            if start >= end {
                break;
            }
            seek(to, SeekFrom::Start(start))?;
            if !self.copy_range(from, to, start, end)? {
                return Ok(false);
            }
            at = end;
        }
        Ok(true)
    }

    /// Copies the bytes from `start` to `end` to where `to` stands; false if the file ends before.
    fn copy_range(
        &mut self,
        from: BorrowedFd<'_>,
        to: &OwnedFd,
        start: u64,
        end: u64,
    ) -> Result<bool, Errno> {
        let mut at = start;
        while at < end && self.can_copy_range {
            let count = usize::try_from((end - at).min(RANGE_BYTES)).unwrap_or(usize::MAX);
            // Moves `at` on.
            match copy_file_range(from, Some(&mut at), to.as_fd(), None, count) {
                Ok(0) => return Ok(false),
                Ok(_) | Err(Errno::INTR) => {}
                Err(
                    Errno::NOSYS
                    | Errno::XDEV
                    | Errno::PERM
                    | Errno::IO
                    | Errno::OPNOTSUPP
                    | Errno::INVAL,
                ) => self.can_copy_range = false,
                Err(error) => return Err(error),
            }
        }
        self.buffer.resize(BUFFER_BYTES, 0);
        while at < end {
            let wanted = usize::try_from(end - at)
                .unwrap_or(usize::MAX)
                .min(BUFFER_BYTES);
            let count = retry_on_intr(|| pread(from, &mut self.buffer[..wanted], at))?;
            if count == 0 {
                return Ok(false);
            }
            write_all(to, &self.buffer[..count])?;
            at += count as u64;
        }
        Ok(true)
    }
}
