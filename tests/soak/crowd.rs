//! F55: ten thousand idle connections and slow readers beside clients that work.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};
use wharf_testkit::{
    Engine, ImageMaker, Server,
    image::{compute_digest, make_random_bytes},
};
use wharf_tests::storm::Wire;

use crate::report::{Outcome, Report};

const NAME: &str = "F55 10,000 idle, 50 slow, 200 active clients";
const REPOSITORY: &str = "crowd/app";

const IDLE: usize = 10_000;
const SLOW: usize = 50;
const ACTIVE: u32 = 200;

/// Between two pulls of an active client: all of them together ask for 200 pulls a second, which is work and not a queue.
const PAUSE: Duration = Duration::from_secs(1);

/// The crowd is looked at and filled up so many times.
const PARTS: u32 = 5;

/// Idle clients connect in groups of so many; more at once would measure the kernel's backlog.
const GROUP: usize = 50;

/// How long one idle client tries before it counts as turned away.
const CONNECT: Duration = Duration::from_secs(10);

/// Pulls and how long they took.
#[derive(Default)]
struct Measured {
    times: Vec<Duration>,
    failures: Vec<String>,
}

impl Measured {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.failures.extend(other.failures);
    }

    /// Only one pull in a hundred took longer.
    fn percentile_99(&mut self) -> Duration {
        self.times.sort();
        let place = self.times.len() * 99 / 100;
        self.times.get(place).copied().unwrap_or_default()
    }
}

/// What active and slow clients pull.
#[derive(Clone)]
struct Content {
    wire: Wire,
    manifest: Bytes,
    layer: String,
    large: String,
}

pub(crate) fn crowd_in(report: &mut Report, seconds: u64) {
    if seconds == 0 {
        return;
    }
    let began = Instant::now();
    raise_file_limit();
    let server = Server::builder()
        .engine(Engine::Sqlite)
        .env("WHARF_LOG", "error")
        .start();
    let content = push_content(&server);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let whole = Duration::from_secs(seconds);
    let outcome = runtime.block_on(async {
        // Quiet before and after, so that a machine that is busy by turns does not decide.
        let mut quiet = measure(&content, whole / 4).await;
        let mut idle = connect_idle(server.authority(), IDLE).await;
        let slow = start_slow_readers(&server, &content);
        let mut crowded = Measured::default();
        let mut fewest = idle.len();
        for _ in 0..PARTS {
            crowded.add(measure(&content, whole / 2 / PARTS).await);
            // The server closes idle connections to make room, and their owners come back.
            idle.retain(is_open);
            fewest = fewest.min(idle.len());
            idle.extend(connect_idle(server.authority(), IDLE - idle.len()).await);
        }
        drop((idle, slow));
        quiet.add(measure(&content, whole / 4).await);
        judge(&mut quiet, &mut crowded, fewest)
    });
    report.add(NAME, began, Ok(outcome));
}

fn judge(quiet: &mut Measured, crowded: &mut Measured, fewest: usize) -> Outcome {
    let (alone, among) = (quiet.percentile_99(), crowded.percentile_99());
    let mut violations: Vec<String> = quiet.failures.drain(..).collect();
    violations.append(&mut crowded.failures);
    if among >= alone * 2 {
        violations.push(format!("p99 is {among:?} in the crowd and {alone:?} alone"));
    }
    crate::report::show_violations(NAME, &violations);
    Outcome {
        rounds: (quiet.times.len() + crowded.times.len()) as u64,
        acknowledged: 0,
        lost: violations.len(),
        note: format!(
            "(rounds are pulls; p99 {:.1} ms alone, {:.1} ms in the crowd of at least {fewest} idle)",
            alone.as_secs_f64() * 1e3,
            among.as_secs_f64() * 1e3
        ),
    }
}

fn push_content(server: &Server) -> Content {
    let repository = server.registry(&server.admin()).repository(REPOSITORY);
    let image = ImageMaker::new("crowd").make();
    repository.push_image("v1", &image);
    let large = repository.push_bytes(make_random_bytes(55, 40_000_000));
    Content {
        wire: Wire::new(server),
        manifest: image.manifest.bytes.clone(),
        layer: image.layers[0].digest(),
        large,
    }
}

/// Lets the active clients work for this long.
async fn measure(content: &Content, length: Duration) -> Measured {
    let end = Instant::now() + length;
    let mut clients = JoinSet::new();
    for number in 0..ACTIVE {
        let content = content.clone();
        clients.spawn(async move {
            // Spread over the pause, so that they do not come all at once.
            sleep(PAUSE * number / ACTIVE).await;
            let mut measured = Measured::default();
            while Instant::now() < end {
                let began = Instant::now();
                match pull(&content).await {
                    Ok(()) => measured.times.push(began.elapsed()),
                    Err(text) => measured.failures.push(text),
                }
                sleep(PAUSE).await;
            }
            measured
        });
    }
    let mut all = Measured::default();
    while let Some(measured) = clients.join_next().await {
        all.add(measured.expect("a client"));
    }
    all
}

async fn pull(content: &Content) -> Result<(), String> {
    let target = format!("/v2/{REPOSITORY}/manifests/v1");
    let reply = content.wire.send(Method::GET, &target).await;
    let reply = reply.map_err(|broken| broken.0)?;
    if reply.status != 200 || reply.body != content.manifest {
        return Err(format!("GET {target}: {}", reply.describe()));
    }
    let target = format!("/v2/{REPOSITORY}/blobs/{}", content.layer);
    let reply = content.wire.send(Method::GET, &target).await;
    let reply = reply.map_err(|broken| broken.0)?;
    if reply.status != 200 || compute_digest(&reply.body) != content.layer {
        return Err(format!("GET {target}: {}", reply.describe()));
    }
    Ok(())
}

/// Connections that asked once and then say nothing more; those that the server turned away are not among them.
async fn connect_idle(authority: &str, count: usize) -> Vec<TcpStream> {
    let mut idle = Vec::with_capacity(count);
    for _ in 0..count / GROUP {
        let mut group = JoinSet::new();
        for _ in 0..GROUP {
            let authority = authority.to_owned();
            group.spawn(timeout(CONNECT, async move {
                let mut stream = TcpStream::connect(authority).await?;
                stream
                    .write_all(b"GET /healthz HTTP/1.1\r\nhost: wharf\r\n\r\n")
                    .await?;
                // The whole answer fits into one segment; none at all means turned away.
                let answered = stream.read(&mut [0; 512]).await? > 0;
                std::io::Result::Ok(answered.then_some(stream))
            }));
        }
        while let Some(connected) = group.join_next().await {
            if let Ok(Ok(Ok(Some(stream)))) = connected {
                idle.push(stream);
            }
        }
    }
    idle
}

/// Whether the server has not closed it.
fn is_open(stream: &TcpStream) -> bool {
    let read = stream.try_read(&mut [0; 512]);
    matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

/// Readers of a large blob who take a kilobyte ten times a second.
fn start_slow_readers(server: &Server, content: &Content) -> JoinSet<()> {
    let authorization = server.admin().authorization().expect("a login");
    let head = format!(
        "GET /v2/{REPOSITORY}/blobs/{} HTTP/1.1\r\nhost: wharf\r\nauthorization: {authorization}\r\n\r\n",
        content.large
    );
    let mut readers = JoinSet::new();
    for _ in 0..SLOW {
        let (authority, head) = (server.authority().to_owned(), head.clone());
        readers.spawn(async move {
            let Ok(mut stream) = TcpStream::connect(authority).await else {
                return;
            };
            if stream.write_all(head.as_bytes()).await.is_err() {
                return;
            }
            let mut piece = [0; 1024];
            while stream.read(&mut piece).await.is_ok_and(|read| read > 0) {
                sleep(Duration::from_millis(100)).await;
            }
        });
    }
    readers
}

/// Ten thousand connections take as many descriptors here.
fn raise_file_limit() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: both calls get a pointer to a live, initialized structure and keep nothing of it.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            // Refused means fewer idle clients, and the report says how many there were.
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        }
    }
}
