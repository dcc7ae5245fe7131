//! The content of one file into an archive, exactly as long as its header said.

use std::io::{self, Write};
use std::os::fd::BorrowedFd;

use crate::tar::TarWriter;
use crate::{Error, Result};

/// Bytes of one read. Smaller costs system calls on large files, larger leaves the processor's cache before the hash has
/// seen it.
pub(crate) const COPY_BYTES: usize = 128 << 10;

/// Copies `size` bytes; holes are read as the zeros they are.
pub(crate) fn copy_content<W: Write>(
    file: BorrowedFd<'_>,
    path: &[u8],
    size: u64,
    buffer: &mut [u8],
    tar: &mut TarWriter<W>,
) -> Result<()> {
    let mut remaining = size;
    while remaining > 0 {
        let wanted = usize::try_from(remaining)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count =
            read(file, &mut buffer[..wanted]).map_err(|error| Error::io("read", path, error))?;
        if count == 0 {
            return Err(Error::Changed {
                path: Error::path(path),
            });
        }
        tar.write_content(&buffer[..count]).map_err(Error::Write)?;
        remaining -= count as u64;
    }
    tar.end_content(size).map_err(Error::Write)
}

/// One read that is not interrupted.
pub(crate) fn read(file: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::io::retry_on_intr(|| {
        rustix::io::read(file, &mut *buffer)
    })?)
}
