//! A door before an API server that fails on demand: what a real one does under load, but at a moment that a test chooses.
//!
//! It ends TLS with a certificate of its own and passes requests on as they are, whoever sends them. Refuses to hold
//! connections open: one request each, and no watches.

use std::{
    io::{self, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use reqwest::Method;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{KubeClient, Kubernetes};
use crate::git::{GitRequest, Reply, make_tls};

/// A client that stops in the middle of a request fails its test, but not the machine's patience.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KubeFault {
    /// Not at all: for what comes before the one that shall fail.
    None,
    /// Refused with this status, as the API writes it (`Status`, meta/v1); nothing reaches the API server.
    Status(u16),
    /// No answer until the gate is dropped; nothing reaches the API server.
    Hang,
    /// Kept back until [`KubeGate::release`]; then it reaches the API server late.
    Hold,
    /// The API server does what it is asked, and its answer is lost.
    LostAnswer,
}

/// Lets one request go on; the sender within it is told what the API server answered.
type Release = mpsc::Sender<mpsc::Sender<u16>>;

#[derive(Debug)]
struct Rule {
    method: &'static str,
    path: String,
    fault: KubeFault,
    /// How often it still applies.
    left: usize,
}

#[derive(Debug)]
struct Shared {
    client: KubeClient,
    rules: Mutex<Vec<Rule>>,
    seen: Mutex<Vec<(String, String)>>,
    is_stopped: AtomicBool,
    /// Closed when the gate is dropped: what hangs ends.
    ends: Mutex<Vec<mpsc::Sender<()>>>,
    /// What is kept back.
    held: Mutex<Vec<Release>>,
}

/// A gate, until it is dropped.
#[derive(Debug)]
pub struct KubeGate {
    shared: Arc<Shared>,
    address: SocketAddr,
    certificate: String,
}

impl KubeGate {
    /// Opens one before the API server of `cluster`. Requests are passed on with the credentials that they carry, so
    /// clients must have a token.
    pub fn open(cluster: &Kubernetes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("the port's number");
        let (tls, certificate) = make_tls();
        let shared = Arc::new(Shared {
            client: cluster.client_of(""),
            rules: Mutex::default(),
            seen: Mutex::default(),
            is_stopped: AtomicBool::new(false),
            ends: Mutex::default(),
            held: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        thread::Builder::new()
            .name("kube gate".into())
            .spawn(move || accept(&listener, &serving, &tls))
            .expect("a thread that accepts");
        Self {
            shared,
            address,
            certificate,
        }
    }

    /// `https://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// What its clients have to believe, in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The next `times` requests of this method with `path` in their path fail so. Earlier orders go first.
    pub fn fail(&self, method: &'static str, path: &str, times: usize, fault: KubeFault) {
        lock(&self.shared.rules).push(Rule {
            method,
            path: path.to_owned(),
            fault,
            left: times,
        });
    }

    /// Lets everything go on that is kept back, whether its sender still waits or not; answers the API server's statuses.
    pub fn release(&self) -> Vec<u16> {
        let held = std::mem::take(&mut *lock(&self.shared.held));
        let statuses = held.into_iter().filter_map(|release| {
            let (tell, told) = mpsc::channel();
            release.send(tell).ok()?;
            told.recv().ok()
        });
        statuses.collect()
    }

    /// How many requests of this method with `path` in their path came, failed ones too.
    pub fn count(&self, method: &str, path: &str) -> usize {
        let seen = lock(&self.shared.seen);
        seen.iter()
            .filter(|(its, target)| its == method && target.contains(path))
            .count()
    }
}

impl Drop for KubeGate {
    fn drop(&mut self) {
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        lock(&self.shared.ends).clear();
        lock(&self.shared.held).clear();
        // Wakes the thread that accepts; if that fails, it ends with the test process.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn find_fault(&self, request: &GitRequest) -> Option<KubeFault> {
        let mut rules = lock(&self.rules);
        let place = rules
            .iter()
            .position(|it| it.method == request.method && request.path.contains(&it.path))?;
        let rule = &mut rules[place];
        rule.left -= 1;
        let fault = rule.fault;
        if rule.left == 0 {
            rules.remove(place);
        }
        Some(fault)
    }

    /// Returns once the gate is dropped.
    fn hang(&self) {
        let (end, ended) = mpsc::channel();
        lock(&self.ends).push(end);
        // An error: that is the end.
        let _ = ended.recv();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, tls: &Arc<ServerConfig>) {
    for stream in listener.incoming() {
        if shared.is_stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let (shared, tls) = (Arc::clone(shared), Arc::clone(tls));
        thread::spawn(move || {
            // A client that goes away in the middle has its reason; its test sees what it wanted to see.
            let _ = serve(stream, &shared, tls);
        });
    }
}

fn serve(stream: TcpStream, shared: &Shared, tls: Arc<ServerConfig>) -> io::Result<()> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let session = ServerConnection::new(tls).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(session, stream);
    let Some(request) = GitRequest::read(&mut stream)? else {
        return Ok(());
    };
    let seen = (request.method.clone(), request.path.clone());
    lock(&shared.seen).push(seen);
    let reply = match shared.find_fault(&request) {
        None | Some(KubeFault::None) => pass_on(&request, shared),
        Some(KubeFault::Status(status)) => refuse(status),
        Some(KubeFault::Hang) => {
            shared.hang();
            return Ok(());
        }
        Some(KubeFault::Hold) => {
            let (release, released) = mpsc::channel();
            lock(&shared.held).push(release);
            // An error: the gate is dropped.
            let Ok(tell) = released.recv() else {
                return Ok(());
            };
            let reply = pass_on(&request, shared);
            // Whoever let it go waits for this.
            let _ = tell.send(reply.status);
            reply
        }
        Some(KubeFault::LostAnswer) => {
            pass_on(&request, shared);
            return Ok(());
        }
    };
    reply.write(&mut stream)?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// What the API server answers; 502 where there is none.
fn pass_on(request: &GitRequest, shared: &Shared) -> Reply {
    let target = match request.query.as_str() {
        "" => request.path.clone(),
        query => format!("{}?{query}", request.path),
    };
    let method = Method::from_bytes(request.method.as_bytes()).expect("a method");
    let copied = ["authorization", "content-type", "accept"];
    let headers = copied
        .into_iter()
        .filter_map(|name| Some((name, request.header(name)?)));
    match shared
        .client
        .pass_on(method, &target, headers, &request.body)
    {
        Err(error) => Reply::new(502, &error.to_string()),
        Ok(answer) => {
            let kind = answer.find_header("content-type").unwrap_or_default();
            let mut reply = Reply::new(answer.status.as_u16(), "").with("Content-Type", kind);
            reply.body = answer.body.to_vec();
            reply
        }
    }
}

fn refuse(status: u16) -> Reply {
    let reason = match status {
        409 => "Conflict",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "InternalError",
    };
    let body = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "the gate of a test says no", "reason": reason, "code": status,
    });
    Reply::new(status, &body.to_string()).with("Content-Type", "application/json")
}
