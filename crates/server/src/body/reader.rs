//! A file range read piece by piece, for connections that need the bytes in memory.
//!
//! What the page cache holds is read at once. What it lacks is read on the blocking pool, after
//! the kernel has been asked to fetch some more, so that the next piece is usually there. While a
//! piece is being read, the previous one is on its way to the client.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use rustix::fs::Advice;
use rustix::io::ReadWriteFlags;
use tokio::task::JoinHandle;

use super::buffers::{Buffer, BufferShare};

/// How far the kernel is asked to read ahead of a piece that was not in the page cache.
const READ_AHEAD: NonZeroU64 = NonZeroU64::new(1024 * 1024).unwrap();

#[derive(Debug)]
pub(super) struct FileReader {
    file: Arc<File>,
    rest: Range<u64>,
    buffers: BufferShare,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileReader {
    /// Reads nothing yet. The caller promises that the range lies within the file.
    pub(super) fn new(file: Arc<File>, range: Range<u64>, buffers: BufferShare) -> Self {
        Self {
            file,
            rest: range,
            buffers,
            reading: None,
        }
    }

    /// Bytes not handed out yet.
    pub(super) fn remaining(&self) -> u64 {
        self.rest.end - self.rest.start
    }

    /// The next piece; `None` once the whole range was handed out.
    ///
    /// Fails with [`io::ErrorKind::UnexpectedEof`] if the file ends within the range.
    pub(super) fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece = match self.reading.take() {
            Some(reading) => ready!(self.poll_reading(reading, context)),
            None => {
                let mut buffer = self.buffers.lend(self.remaining());
                match read_cached(&self.file, &mut buffer, self.rest.start) {
                    Some(len) => {
                        buffer.truncate(len);
                        Ok(buffer.into_bytes())
                    }
                    None => {
                        let (file, offset) = (Arc::clone(&self.file), self.rest.start);
                        let reading = tokio::task::spawn_blocking(move || {
                            read_from_disk(&file, buffer, offset)
                        });
                        ready!(self.poll_reading(reading, context))
                    }
                }
            }
        };
        match &piece {
            Ok(bytes) => self.rest.start += bytes.len() as u64,
            Err(_) => self.rest.start = self.rest.end,
        }
        Poll::Ready(Some(piece))
    }

    fn poll_reading(
        &mut self,
        mut reading: JoinHandle<io::Result<Bytes>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<Bytes>> {
        match Pin::new(&mut reading).poll(context) {
            Poll::Ready(Ok(piece)) => Poll::Ready(piece),
            Poll::Ready(Err(lost)) => Poll::Ready(Err(io::Error::other(lost))),
            Poll::Pending => {
                self.reading = Some(reading);
                Poll::Pending
            }
        }
    }
}

/// Reads what the page cache holds at `offset`, without waiting for a disk.
///
/// `None` when nothing is there, when the file ends, or when the file system cannot tell.
fn read_cached(file: &File, buffer: &mut Buffer, offset: u64) -> Option<usize> {
    let mut slices = [IoSliceMut::new(buffer)];
    match rustix::io::preadv2(file, &mut slices, offset, ReadWriteFlags::NOWAIT) {
        Ok(0) | Err(_) => None,
        Ok(len) => Some(len),
    }
}

/// Fills `buffer` from `offset`, waiting for the disk; fails rather than return less.
fn read_from_disk(file: &File, mut buffer: Buffer, offset: u64) -> io::Result<Bytes> {
    // Only advice: a file system that cannot take it reads on demand.
    let _ = rustix::fs::fadvise(file, offset, Some(READ_AHEAD), Advice::WillNeed);
    file.read_exact_at(&mut buffer, offset)?;
    Ok(buffer.into_bytes())
}
