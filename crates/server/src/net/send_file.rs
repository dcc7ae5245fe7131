//! Writes to a plain TCP socket that turn slices of mapped files into `sendfile(2)`.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustix::net::{SendAncillaryBuffer, SendFlags};
use tokio::io::{AsyncWrite, Interest};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::page_cache::{MAX_PROBE, find_missing_pages, load_pages};
use crate::body::{FilePlace, SendfileRegistry};

/// The most one call sends. A quarter of a millisecond of work: more would keep other requests
/// waiting, less would show in the number of calls.
const STEP: usize = 1024 * 1024;

/// After this much a connection lets all others go first, however fast its client reads. Half as
/// much costs a quarter more processor time on loopback, twice as much doubles the time that a
/// small request waits while large files leave on every core.
const TURN: usize = 2 * STEP;

/// The sending half of one connection.
#[derive(Debug)]
pub(super) struct FileSender {
    registry: SendfileRegistry,
    /// A cold piece of a file being brought into the page cache.
    loading: Option<JoinHandle<()>>,
    /// Up to where a range is known to be in the page cache, as an offset in its file.
    loaded: Option<Loaded>,
    sent_this_turn: usize,
}

#[derive(Debug)]
struct Loaded {
    range: u64,
    until: u64,
}

impl FileSender {
    pub(super) fn new(registry: SendfileRegistry) -> Self {
        Self {
            registry,
            loading: None,
            loaded: None,
            sent_this_turn: 0,
        }
    }

    /// Writes some of `slices`, like a vectored write.
    ///
    /// Fails with [`io::ErrorKind::UnexpectedEof`] when a file is shorter than its range. While a
    /// piece of a file is fetched from the disk the write is pending and the runtime is free.
    pub(super) fn poll_write(
        &mut self,
        socket: &mut TcpStream,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.registry.is_empty() {
            return Pin::new(socket).poll_write_vectored(context, slices);
        }
        let Some(first) = slices.iter().position(|slice| !slice.is_empty()) else {
            return Poll::Ready(Ok(0));
        };
        let slices = &slices[first..];
        let mut filled = slices
            .iter()
            .zip(0..)
            .filter(|(slice, _)| !slice.is_empty());
        let found = filled.find_map(|(slice, at)| Some((at, self.registry.find(slice)?)));
        match found {
            None => Pin::new(socket).poll_write_vectored(context, slices),
            Some((0, place)) => self.poll_send_file(socket, context, place, &slices[0]),
            Some((file_at, _)) => poll_send_before_file(socket, context, &slices[..file_at]),
        }
    }

    fn poll_send_file(
        &mut self,
        socket: &mut TcpStream,
        context: &mut Context<'_>,
        place: FilePlace,
        mapped: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(socket.poll_write_ready(context))?;
            let step = ready!(self.poll_loaded(context, &place, mapped)).min(STEP);
            if self.sent_this_turn >= TURN {
                self.sent_this_turn = 0;
                // Unlike a plain wake-up this lets the runtime look at all other sockets first.
                let _ = pin!(tokio::task::yield_now()).poll(context);
                return Poll::Pending;
            }
            let mut offset = place.offset;
            let sent = socket.try_io(Interest::WRITABLE, || {
                Ok(rustix::fs::sendfile(
                    &*socket,
                    &place.file,
                    Some(&mut offset),
                    step,
                )?)
            });
            match sent {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                Ok(sent) => {
                    self.sent_this_turn += sent;
                    return Poll::Ready(Ok(sent));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.sent_this_turn = 0,
                Err(error) if is_unsupported(&error) => {
                    self.registry.forget(place.range);
                    return Pin::new(socket).poll_write(context, &mapped[..step]);
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// How many bytes at the start of `mapped` can be sent without waiting for a disk, at least
    /// one; pending while they are being fetched.
    ///
    /// Each byte is looked up once. If memory is so short that a piece is gone again before it is
    /// sent, the send waits for the disk: that is slow, and it ends.
    fn poll_loaded(
        &mut self,
        context: &mut Context<'_>,
        place: &FilePlace,
        mapped: &[u8],
    ) -> Poll<usize> {
        if let Some(loading) = &mut self.loading {
            // A failure to load is a failure to send, and shows there.
            let _ = ready!(Pin::new(loading).poll(context));
            self.loading = None;
        }
        let known = self
            .loaded
            .as_ref()
            .filter(|loaded| loaded.range == place.range);
        if let Some(rest) = known.and_then(|loaded| loaded.until.checked_sub(place.offset))
            && rest > 0
        {
            return Poll::Ready(usize::try_from(rest).unwrap_or(STEP).min(mapped.len()));
        }
        let next = mapped.len().min(MAX_PROBE);
        self.loaded = Some(Loaded {
            range: place.range,
            until: place.offset + next as u64,
        });
        let missing = find_missing_pages(&mapped[..next], place.offset);
        if !missing.is_empty() {
            let file = Arc::clone(&place.file);
            let loading = tokio::task::spawn_blocking(move || load_pages(&file, &missing));
            let _ = ready!(Pin::new(self.loading.insert(loading)).poll(context));
            self.loading = None;
        }
        Poll::Ready(next)
    }
}

/// Sends a response's head and tells the kernel that the file follows, so that both share packets.
fn poll_send_before_file(
    socket: &mut TcpStream,
    context: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    loop {
        ready!(socket.poll_write_ready(context))?;
        let sent = socket.try_io(Interest::WRITABLE, || {
            let mut nothing = SendAncillaryBuffer::default();
            let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
            Ok(rustix::net::sendmsg(&*socket, slices, &mut nothing, flags)?)
        });
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            sent => return Poll::Ready(sent),
        }
    }
}

/// The file system cannot feed a socket. The mapping then is ordinary memory to be written.
fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EINVAL | libc::ENOSYS | libc::EOPNOTSUPP)
    )
}
