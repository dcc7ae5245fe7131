//! One client's socket as HTTP sees it: plain or TLS, with its signs of life recorded and a close
//! that does not cut off the last response.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;

use super::pulse::{Protocol, Pulse};
use super::send_file::FileSender;

/// What every HTTP/2 connection starts with (RFC 9113 §3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Room for the first read of a connection: a usual request head.
const FIRST_READ: usize = 4096;

/// How long and how much a client may go on sending after its last response, for example the rest
/// of an upload that was refused. Closing at once would reset the connection and with it the
/// response; the bounds keep a client from holding on.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 16 * 1024 * 1024;

pub(super) enum Socket {
    Plain(TcpStream, FileSender),
    Tls(Box<TlsStream<TcpStream>>),
}

pub(super) struct Transport {
    socket: Socket,
    /// Bytes read to learn the protocol, still to be handed on.
    first: Bytes,
    pulse: Arc<Pulse>,
    closing: Option<Closing>,
}

struct Closing {
    deadline: Pin<Box<Sleep>>,
    allowance: usize,
}

impl Transport {
    pub(super) fn new(socket: Socket, pulse: Arc<Pulse>) -> Self {
        Self {
            socket,
            first: Bytes::new(),
            pulse,
            closing: None,
        }
    }

    /// Waits for the client's first bytes and tells which protocol they are; no byte is lost.
    /// `None` if the client left without saying anything.
    pub(super) async fn detect_protocol(&mut self) -> io::Result<Option<Protocol>> {
        let mut read = BytesMut::with_capacity(FIRST_READ);
        let protocol = loop {
            if self.read_buf(&mut read).await? == 0 {
                break (!read.is_empty()).then_some(Protocol::Http1);
            }
            let common = read.len().min(HTTP2_PREFACE.len());
            if read[..common] != HTTP2_PREFACE[..common] {
                break Some(Protocol::Http1);
            }
            if common == HTTP2_PREFACE.len() {
                break Some(Protocol::Http2);
            }
        };
        self.first = read.freeze();
        Ok(protocol)
    }

    fn record(&self, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &wrote {
            Poll::Ready(Ok(bytes)) => self.pulse.record_write(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.pulse.record_write_blocked(),
        }
        wrote
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.first.is_empty() {
            let len = this.first.len().min(into.remaining());
            into.put_slice(&this.first[..len]);
            this.first.advance(len);
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        ready!(match &mut this.socket {
            Socket::Plain(stream, _) => Pin::new(stream).poll_read(context, into),
            Socket::Tls(stream) => Pin::new(stream).poll_read(context, into),
        })?;
        this.pulse.record_read(into.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let wrote = match &mut this.socket {
            Socket::Plain(stream, sender) => sender.poll_write(stream, context, slices),
            Socket::Tls(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        };
        this.record(wrote)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = match &mut this.socket {
            Socket::Plain(stream, _) => Pin::new(stream).poll_flush(context),
            Socket::Tls(stream) => Pin::new(stream).poll_flush(context),
        };
        match flushed {
            Poll::Ready(_) => this.pulse.record_flushed(),
            Poll::Pending => this.pulse.record_write_blocked(),
        }
        flushed
    }

    /// Ends the sending side, then waits within bounds for the client to end its own.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.closing.is_none() {
            ready!(match &mut this.socket {
                Socket::Plain(stream, _) => Pin::new(stream).poll_shutdown(context),
                Socket::Tls(stream) => Pin::new(stream).poll_shutdown(context),
            })?;
        }
        let closing = this.closing.get_or_insert_with(|| Closing {
            deadline: Box::pin(tokio::time::sleep(LINGER)),
            allowance: LINGER_BYTES,
        });
        let stream = match &mut this.socket {
            Socket::Plain(stream, _) => stream,
            Socket::Tls(stream) => stream.get_mut().0,
        };
        while closing.allowance > 0 {
            match poll_discard(stream, context) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(read)) => closing.allowance = closing.allowance.saturating_sub(read),
                Poll::Pending => return closing.deadline.as_mut().poll(context).map(Ok),
            }
        }
        Poll::Ready(Ok(()))
    }
}

fn poll_discard(stream: &mut TcpStream, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
    let mut scratch = [std::mem::MaybeUninit::uninit(); 16 * 1024];
    let mut scratch = ReadBuf::uninit(&mut scratch);
    ready!(Pin::new(stream).poll_read(context, &mut scratch))?;
    Poll::Ready(Ok(scratch.filled().len()))
}
