//! One connection from its first byte to its last: handshake, protocol, requests, time limits.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::{MissedTickBehavior, timeout};
use tokio_rustls::TlsAcceptor;

use super::counted::CountedBody;
use super::info::ConnectionInfo;
use super::limits::ConnectionLimits;
use super::pulse::{Protocol, Pulse, Verdict, Watchdog};
use super::send_file::FileSender;
use super::transport::{Socket, Transport};
use crate::body::{Body, BufferPool, SendfileRegistry};

/// More than any client sends, cookies and tokens included; a head is held in memory whole.
const MAX_HEAD: u32 = 64 * 1024;

/// The largest piece of an upload read at once. Reads start at 8 KiB and double while a client
/// fills them; beyond this size more gains nothing, below 256 KiB the cost per write shows.
const MAX_READ: usize = 512 * 1024;

/// Requests at once on one HTTP/2 connection. Clients pull a handful of layers at a time; a
/// gateway with more users opens more connections.
const MAX_STREAMS: u32 = 128;

/// Streams that may be reset before they were answered: a client that opens and resets faster
/// than that is attacking (CVE-2023-44487), and gets GOAWAY.
const MAX_RESET_STREAMS: usize = 20;

/// Streams that we may have to reset for a client's errors before it gets GOAWAY (CVE-2025-8671).
const MAX_ERROR_STREAMS: usize = 64;

/// What a client may send ahead of our reading, per upload and per connection: bounds memory, and
/// at 50 ms round trip still lets 20 MB/s through.
const STREAM_WINDOW: u32 = 1024 * 1024;
const CONNECTION_WINDOW: u32 = 2 * 1024 * 1024;

/// Four times the protocol's default saves most of an upload's framing cost.
const MAX_FRAME: u32 = 64 * 1024;

/// A peer that vanished without a word is noticed by unanswered pings.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// What all connections of one [`super::serve`] share.
pub(super) struct Shared<S> {
    pub(super) service: S,
    pub(super) limits: ConnectionLimits,
    pub(super) buffers: BufferPool,
    pub(super) slots: Arc<Semaphore>,
}

impl<S> Shared<S> {
    /// Fewer than one slot in sixteen is free.
    fn is_crowded(&self) -> bool {
        self.slots.available_permits() <= self.limits.connections / 16
    }
}

/// Serves one accepted socket until either side ends it or `drain` turns true and nothing is in
/// flight. Whatever goes wrong on it concerns this client only and is logged for debugging.
pub(super) async fn serve_connection<S, F>(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared<S>>,
    mut drain: watch::Receiver<bool>,
) where
    S: Fn(Request<Incoming>, ConnectionInfo) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let pulse = Arc::new(Pulse::default());
    let opened = tokio::select! {
        biased;
        () = wait_for_drain(&mut drain) => return,
        opened = open_connection(stream, peer, tls, &shared, &pulse) => opened,
    };
    let (transport, protocol, info) = match opened {
        Ok(Some(opened)) => opened,
        Ok(None) => return,
        Err(error) => {
            tracing::debug!(%peer, %error, "a connection was given up before its first request");
            return;
        }
    };
    let counting = Arc::clone(&pulse);
    let server = Arc::clone(&shared);
    let service = service_fn(move |request| {
        let guard = counting.start_request();
        let response = (server.service)(request, info.clone());
        async move { Ok::<_, Infallible>(response.await.map(|body| CountedBody { body, guard })) }
    });
    let watch = Watch {
        watchdog: Watchdog::new(protocol, &shared.limits, Instant::now()),
        pulse,
        shared,
        drain,
        peer,
    };
    let transport = TokioIo::new(transport);
    match protocol {
        Protocol::Http1 => {
            watch
                .drive(http1_builder().serve_connection(transport, service))
                .await
        }
        Protocol::Http2 => {
            watch
                .drive(http2_builder().serve_connection(transport, service))
                .await
        }
    }
}

/// Ends TLS if the listener speaks it, and learns the protocol. `None` if the client left.
async fn open_connection<S>(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    shared: &Shared<S>,
    pulse: &Arc<Pulse>,
) -> io::Result<Option<(Transport, Protocol, ConnectionInfo)>> {
    // Without it the end of every response would wait for the client's delayed acknowledgement.
    stream.set_nodelay(true)?;
    let handshake = shared.limits.handshake;
    let mut info = ConnectionInfo {
        peer,
        tls: tls.is_some(),
        sendfile: None,
        buffers: shared.buffers.open_share(),
    };
    if let Some(tls) = tls {
        let stream = timeout(handshake, tls.accept(stream)).await??;
        let protocol = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Protocol::Http2,
            _ => Protocol::Http1,
        };
        let transport = Transport::new(Socket::Tls(Box::new(stream)), Arc::clone(pulse));
        return Ok(Some((transport, protocol, info)));
    }
    let registry = SendfileRegistry::default();
    info.sendfile = Some(registry.clone());
    let socket = Socket::Plain(stream, FileSender::new(registry));
    let mut transport = Transport::new(socket, Arc::clone(pulse));
    let protocol = timeout(handshake, transport.detect_protocol()).await??;
    Ok(protocol.map(|protocol| (transport, protocol, info)))
}

fn http1_builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // Flushing several responses at once copies every body into one buffer first.
        .pipeline_flush(false)
        .writev(true)
        // A client that closed its sending side has left: its request is abandoned.
        .half_close(false)
        .max_buf_size(MAX_READ)
        .max_header_size(MAX_HEAD as usize)
        // The watchdog tells waiting for a request from waiting for the rest of one.
        .header_read_timeout(None);
    builder
}

fn http2_builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD)
        .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
        .max_local_error_reset_streams(MAX_ERROR_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(MAX_FRAME)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}

struct Watch<S> {
    watchdog: Watchdog,
    pulse: Arc<Pulse>,
    shared: Arc<Shared<S>>,
    drain: watch::Receiver<bool>,
    peer: SocketAddr,
}

impl<S> Watch<S> {
    /// Runs the connection to its end, or to the end of our patience.
    async fn drive<C>(mut self, connection: C)
    where
        C: GracefulConnection,
        C::Error: std::error::Error,
    {
        let peer = self.peer;
        let limits = &self.shared.limits;
        let mut connection = pin!(connection);
        let mut checks = tokio::time::interval(limits.check_period());
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut draining = false;
        let mut retired: Option<Instant> = None;
        loop {
            tokio::select! {
                biased;
                // First, so that whatever is answered from now on says that the connection closes.
                () = wait_for_drain(&mut self.drain), if !draining => {
                    draining = true;
                    connection.as_mut().graceful_shutdown();
                }
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        let cause = std::error::Error::source(&error).map(ToString::to_string);
                        tracing::debug!(%peer, %error, cause, "a connection broke");
                    }
                    return;
                }
                _ = checks.tick() => {
                    let now = Instant::now();
                    match self.watchdog.judge(&self.pulse, now, self.shared.is_crowded()) {
                        Verdict::Keep => {}
                        // An HTTP/2 client may ignore GOAWAY; it gets the time of one more head.
                        Verdict::Retire if retired.is_some_and(|since| now - since > limits.header) => return,
                        Verdict::Retire => {
                            retired.get_or_insert(now);
                            connection.as_mut().graceful_shutdown();
                        }
                        Verdict::Close(reason) => {
                            tracing::debug!(%peer, reason, "a connection was dropped");
                            return;
                        }
                    }
                }
            }
        }
    }
}

/// Ready once the drain began; a dropped sender means the same.
pub(super) async fn wait_for_drain(drain: &mut watch::Receiver<bool>) {
    let _ = drain.wait_for(|draining| *draining).await;
}
