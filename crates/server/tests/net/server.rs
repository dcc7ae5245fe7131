//! A server of its own for each test: the network half of wharf over a handful of test routes.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use wharf_server::body::{Body, ReceiveError, UploadStream, read_limited};
use wharf_server::net::tls::Certificate;
use wharf_server::net::{
    ConnectionInfo, ConnectionLimits, Drained, Listener, client_address, serve,
};

/// What the handlers use and the tests look at.
#[derive(Default)]
pub(crate) struct Stage {
    /// Answers `GET /file`, with the size it claims to have.
    pub(crate) file: Option<(Arc<File>, u64)>,
    /// Lets one `GET /gate` through.
    pub(crate) gate: Notify,
    /// The paths asked for, in order.
    pub(crate) seen: Mutex<Vec<String>>,
    pub(crate) body_idle: Duration,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) stage: Arc<Stage>,
    pub(crate) runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    ended: Option<JoinHandle<Drained>>,
}

impl Server {
    pub(crate) fn start(stage: Stage) -> Self {
        Self::start_with(stage, ConnectionLimits::default(), None)
    }

    pub(crate) fn start_with(
        stage: Stage,
        limits: ConnectionLimits,
        certificate: Option<&Arc<Certificate>>,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("runtime");
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut listener = runtime.block_on(Listener::bind(local)).expect("listen");
        if let Some(certificate) = certificate {
            listener = listener.with_tls(certificate.server_config().expect("TLS"));
        }
        let address = listener.local_addr();
        let stage = Arc::new(stage);
        let (stop, stopped) = oneshot::channel::<()>();
        let answering = Arc::clone(&stage);
        let service = move |request, info| answer(Arc::clone(&answering), request, info);
        let ended = runtime.spawn(serve(vec![listener], limits, service, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stage,
            runtime,
            stop: Some(stop),
            ended: Some(ended),
        }
    }

    /// Begins the drain; [`Server::wait_for_end`] tells how it went.
    pub(crate) fn begin_drain(&mut self) {
        self.stop
            .take()
            .expect("drained once")
            .send(())
            .expect("the server runs");
    }

    pub(crate) fn wait_for_end(&mut self) -> Drained {
        let ended = self.ended.take().expect("waited once");
        self.runtime.block_on(ended).expect("serve does not panic")
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.stage.seen.lock().expect("not poisoned").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ends the accept loop before the runtime is torn down.
        self.stop.take();
    }
}

async fn answer(
    stage: Arc<Stage>,
    request: Request<Incoming>,
    info: ConnectionInfo,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    stage.seen.lock().expect("not poisoned").push(path.clone());
    match path.as_str() {
        "/file" => send_file(&stage, &request, &info),
        "/gate" => {
            stage.gate.notified().await;
            Response::new("through".into())
        }
        "/upload" => receive(request, stage.body_idle).await,
        "/limited" => match read_limited(request.into_body(), 100, stage.body_idle).await {
            Ok(body) => Response::new(body.into()),
            Err(error) => refuse(&error),
        },
        "/refuse" => respond(StatusCode::PAYLOAD_TOO_LARGE, "refused unread"),
        "/client" => {
            let client = client_address(info.peer, request.headers(), &[]);
            Response::new(format!("{} {:?} {:?}", client.ip, client.scheme, client.host).into())
        }
        "/panic" => panic!("a handler's bug"),
        _ => Response::new("hello".into()),
    }
}

fn send_file(stage: &Stage, request: &Request<Incoming>, info: &ConnectionInfo) -> Response<Body> {
    let (file, size) = stage.file.clone().expect("a test with a file");
    let range = request
        .headers()
        .get(header::RANGE)
        .map_or(0..size, |range| {
            let range = range
                .to_str()
                .expect("text")
                .strip_prefix("bytes=")
                .expect("bytes");
            let (start, end) = range.split_once('-').expect("both ends");
            start.parse().expect("start")..end.parse::<u64>().expect("end") + 1
        });
    Response::new(Body::file(file, range, info, request.version()))
}

async fn receive(request: Request<Incoming>, idle: Duration) -> Response<Body> {
    let mut upload = UploadStream::new(request.into_body(), idle);
    let (mut total, mut sum) = (0_u64, 0_u64);
    loop {
        match upload.next_piece().await {
            Ok(Some(piece)) => {
                total += piece.len() as u64;
                sum = piece
                    .iter()
                    .fold(sum, |sum, &byte| sum.wrapping_mul(31) + u64::from(byte));
            }
            Ok(None) => return Response::new(format!("{total} {sum}").into()),
            Err(error) => return refuse(&error),
        }
    }
}

fn refuse(error: &ReceiveError) -> Response<Body> {
    let status = match error {
        ReceiveError::Idle(_) => StatusCode::REQUEST_TIMEOUT,
        ReceiveError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        ReceiveError::Broken(_) => StatusCode::BAD_REQUEST,
        ReceiveError::Crowded => StatusCode::SERVICE_UNAVAILABLE,
    };
    respond(status, "body refused")
}

fn respond(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

/// Bytes without any period that a mix-up of offsets could hide behind.
pub(crate) fn make_bytes(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

pub(crate) fn make_file(bytes: &[u8]) -> Arc<File> {
    let mut file = tempfile::tempfile().expect("temporary file");
    file.write_all(bytes).expect("write");
    Arc::new(file)
}

/// A stage whose file holds `bytes` and claims to have `size`.
pub(crate) fn stage_file(bytes: &[u8], size: u64) -> Stage {
    Stage {
        file: Some((make_file(bytes), size)),
        ..Stage::default()
    }
}

pub(crate) fn as_slice(bytes: &[u8], range: &Range<u64>) -> Vec<u8> {
    bytes[range.start as usize..range.end as usize].to_vec()
}

/// Waits until `condition` holds, and fails the test if it does not within ten seconds.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "waited in vain: {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}
