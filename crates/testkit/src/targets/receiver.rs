//! An HTTP server that notes what it gets.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::behavior::Behavior;
use crate::git::GitRequest;

/// A client that stops in the middle of a request fails its test, but not the machine's patience.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct ReceiverRequest {
    pub method: String,
    /// With a leading slash and with its query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub at: Instant,
}

impl ReceiverRequest {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

type Choose = Box<dyn Fn(&ReceiverRequest, usize) -> Behavior + Send + Sync>;

/// A receiver on loopback, until it is dropped.
pub struct Receiver {
    authority: String,
    shared: Arc<Shared>,
}

struct Shared {
    choose: Mutex<Arc<Choose>>,
    received: Mutex<Vec<ReceiverRequest>>,
    /// Bytes of bodies that senders took.
    sent: Mutex<u64>,
    bell: Condvar,
    is_stopped: AtomicBool,
}

impl Receiver {
    /// One that answers `200 ok`.
    pub fn start() -> Self {
        Self::start_with(|_, _| Behavior::answer(200, "ok"))
    }

    /// One that answers as `choose` says; it is told the request and how many came before.
    pub fn start_with(
        choose: impl Fn(&ReceiverRequest, usize) -> Behavior + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let authority = listener.local_addr().expect("an address").to_string();
        let shared = Arc::new(Shared {
            choose: Mutex::new(Arc::new(Box::new(choose))),
            received: Mutex::default(),
            sent: Mutex::default(),
            bell: Condvar::new(),
            is_stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::Builder::new()
            .name("receiver".into())
            .spawn(move || accept(&listener, &serving))
            .expect("a thread that accepts");
        Self { authority, shared }
    }

    /// Answers so from now on.
    pub fn behave(&self, behavior: Behavior) {
        *lock(&self.shared.choose) = Arc::new(Box::new(move |_, _| behavior.clone()));
    }

    /// `127.0.0.1:PORT`, also as an entry of `[egress] allow`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The URL of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority)
    }

    /// Everything that came so far.
    pub fn received(&self) -> Vec<ReceiverRequest> {
        lock(&self.shared.received).clone()
    }

    /// How many bytes of bodies senders took.
    pub fn bytes_taken(&self) -> u64 {
        *lock(&self.shared.sent)
    }

    /// Waits until so many requests have come, and answers them all; fails when they do not come.
    #[track_caller]
    pub fn wait_for(&self, count: usize, patience: Duration) -> Vec<ReceiverRequest> {
        let received = lock(&self.shared.received);
        let is_short = |received: &mut Vec<ReceiverRequest>| received.len() < count;
        let waited = self
            .shared
            .bell
            .wait_timeout_while(received, patience, is_short);
        let (received, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out(),
            "{} of {count} requests came",
            received.len()
        );
        received.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts; if that fails, it ends with the test process.
        let _ = TcpStream::connect(&self.authority);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A sender that goes away in the middle has its reason; its test sees what it wanted to see.
            let _ = serve(stream, &shared);
        });
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let mut connection = Connection(stream);
    let Some(request) = GitRequest::read(&mut connection)? else {
        return Ok(());
    };
    let target = match request.query.is_empty() {
        true => request.path.clone(),
        false => format!("{}?{}", request.path, request.query),
    };
    let request = ReceiverRequest {
        method: request.method.clone(),
        target,
        headers: request.headers.clone(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        at: Instant::now(),
    };
    let choose = Arc::clone(&lock(&shared.choose));
    let behavior = {
        let mut received = lock(&shared.received);
        let behavior = choose(&request, received.len());
        received.push(request);
        shared.bell.notify_all();
        behavior
    };
    let sent = behavior.act(&mut connection, &shared.is_stopped)?;
    *lock(&shared.sent) += sent;
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection of a sender.
pub(super) struct Connection(TcpStream);

impl Connection {
    /// Whether the sender has gone.
    pub(super) fn is_closed(&self) -> io::Result<bool> {
        self.0.set_nonblocking(true)?;
        let peeked = self.0.peek(&mut [0]);
        self.0.set_nonblocking(false)?;
        match peeked {
            Ok(count) => Ok(count == 0),
            Err(error) => Ok(error.kind() != io::ErrorKind::WouldBlock),
        }
    }

    pub(super) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.0.shutdown(how)
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
