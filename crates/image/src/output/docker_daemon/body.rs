//! Bytes that a thread writes as the body of a request.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::ImageError;

/// Each piece is one write to the socket; smaller ones cost calls, larger ones only memory.
const PIECE: usize = 128 * 1024;
/// One is written while another waits; more would only wait.
const PIECES: usize = 2;

type Written = Result<(), ImageError>;

/// Starts the writer on a thread that may block; the body ends when the writer does. A writer that failed breaks the body
/// off, so that nobody takes half an archive for a whole one.
pub(super) fn stream_archive<W>(write: W) -> (ArchiveBody, JoinHandle<Written>)
where
    W: FnOnce(&mut dyn Write) -> Written + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(PIECES);
    let writing = tokio::task::spawn_blocking(move || {
        let mut pieces = Pieces {
            sender,
            piece: BytesMut::with_capacity(PIECE),
        };
        let outcome = write(&mut pieces).and_then(|()| {
            pieces.flush().map_err(|error| {
                ImageError::new("cannot send the archive to docker").with_source(error)
            })
        });
        if outcome.is_err() {
            // A body that nobody reads any more needs no end.
            let _ = pieces.sender.blocking_send(Err(BrokenOff));
        }
        outcome
    });
    (ArchiveBody(receiver), writing)
}

/// The archive was not finished; the writer's own error says why.
#[derive(Debug, thiserror::Error)]
#[error("the archive was not finished")]
pub(super) struct BrokenOff;

struct Pieces {
    sender: mpsc::Sender<Result<Bytes, BrokenOff>>,
    piece: BytesMut,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, BytesMut::with_capacity(PIECE));
        let sent = self.sender.blocking_send(Ok(piece.freeze()));
        sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "docker stopped reading"))
    }
}

pub(super) struct ArchiveBody(mpsc::Receiver<Result<Bytes, BrokenOff>>);

impl Body for ArchiveBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        self.0
            .poll_recv(context)
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
