//! What an attack costs the server, and what everybody else notices of it.

use std::{
    fs,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use wharf_testkit::{Login, Server, raw::RawConnection};

/// A healthy client may become this much slower: the machine has two cores, and tests run beside each other.
const PATIENCE: u32 = 20;

/// Below this nobody notices anything, whatever the factor is.
const UNNOTICED: Duration = Duration::from_millis(500);

/// Between two requests of the healthy client: it measures the server, it must not be its load.
const PAUSE: Duration = Duration::from_millis(3);

/// Tests that measure run one after the other, so that none measures another one's attack.
static MEASURING: Mutex<()> = Mutex::new(());

/// The memory of a server from now on.
pub(crate) struct Memory {
    pid: u32,
    before: u64,
    _turn: MutexGuard<'static, ()>,
}

impl Memory {
    /// Forgets the peak so far (proc_pid_clear_refs(5)).
    pub(crate) fn watch(server: &Server) -> Self {
        // A test that failed while it measured has nothing to do with the next one.
        let turn = MEASURING
            .lock()
            .unwrap_or_else(|failed| failed.into_inner());
        let pid = server.pid();
        fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("a server of our own");
        Self {
            pid,
            before: read_status(pid, "VmRSS:"),
            _turn: turn,
        }
    }

    /// How far the peak went above what was there at the start, in MiB.
    pub(crate) fn growth(&self) -> u64 {
        read_status(self.pid, "VmHWM:").saturating_sub(self.before) / 1024
    }

    #[track_caller]
    pub(crate) fn expect_growth_below(&self, mebibytes: u64) {
        let growth = self.growth();
        assert!(growth < mebibytes, "the attack took {growth} MiB of memory");
    }
}

/// A line of `/proc/PID/status`, in KiB.
fn read_status(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a running server");
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.trim().split(' ').next()?.parse().ok())
        .expect("a size in KiB")
}

/// Runs `attack` while a client with a remembered credential asks for `/v2/` over its own connection, and asserts that
/// the 99th percentile of its waiting stays bearable.
#[track_caller]
pub(crate) fn expect_healthy<T>(server: &Server, attack: impl FnOnce() -> T) -> T {
    let login = server.admin();
    let mut client = Healthy::connect(server, &login);
    let mut before: Vec<Duration> = (0..40).map(|_| client.ask()).collect();
    let over = AtomicBool::new(false);
    let (outcome, mut during) = thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) || times.len() < 20 {
                times.push(client.ask());
                thread::sleep(PAUSE);
            }
            times
        });
        // Ends the other thread also when the attack panics.
        let end = SetOnDrop(&over);
        let outcome = attack();
        drop(end);
        (
            outcome,
            asking.join().expect("the healthy client is served"),
        )
    });
    let (before, during) = (find_p99(&mut before), find_p99(&mut during));
    let allowed = (before * PATIENCE).max(UNNOTICED);
    assert!(
        during <= allowed,
        "a healthy client waited {during:?} during the attack, {before:?} before it"
    );
    outcome
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Healthy {
    connection: RawConnection,
    request: Vec<u8>,
}

impl Healthy {
    fn connect(server: &Server, login: &Login) -> Self {
        let authorization = login.authorization().expect("credentials");
        let request =
            format!("GET /v2/ HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n");
        Self {
            connection: RawConnection::open(server),
            request: request.into_bytes(),
        }
    }

    fn ask(&mut self) -> Duration {
        let started = Instant::now();
        self.connection
            .write(&self.request)
            .expect("an open connection");
        let answer = self.connection.read_answer().expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.head);
        started.elapsed()
    }
}

fn find_p99(times: &mut [Duration]) -> Duration {
    times.sort();
    times[(times.len() * 99 / 100).min(times.len() - 1)]
}

/// The middle one.
pub(crate) fn find_median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
