//! Signs of life of one connection, and the judgment over its silence.
//!
//! The socket wrapper and the response bodies write the signs ([`Pulse`]), a [`Watchdog`] reads
//! them a few times per limit. No clock is read on the path of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::limits::ConnectionLimits;

/// Counters of one connection. They publish no other memory, so relaxed order is enough.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    active: AtomicUsize,
    requests: AtomicU64,
    head_open: AtomicBool,
    read: AtomicU64,
    written: AtomicU64,
    write_blocked: AtomicBool,
    offered: AtomicUsize,
    frames: AtomicU64,
}

impl Pulse {
    pub(crate) fn record_read(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Relaxed);
        if self.active.load(Relaxed) == 0 {
            self.head_open.store(true, Relaxed);
        }
    }

    pub(crate) fn record_write(&self, bytes: usize) {
        self.written.fetch_add(bytes as u64, Relaxed);
        self.write_blocked.store(false, Relaxed);
    }

    pub(crate) fn record_write_blocked(&self) {
        self.write_blocked.store(true, Relaxed);
    }

    pub(crate) fn record_flushed(&self) {
        self.write_blocked.store(false, Relaxed);
    }

    /// Counts a request as active until the guard is dropped, which is when its response body is.
    pub(crate) fn start_request(self: &Arc<Self>) -> RequestGuard {
        self.active.fetch_add(1, Relaxed);
        self.requests.fetch_add(1, Relaxed);
        self.head_open.store(false, Relaxed);
        RequestGuard {
            pulse: Arc::clone(self),
            offered: false,
        }
    }
}

/// One request in flight.
#[derive(Debug)]
pub(crate) struct RequestGuard {
    pulse: Arc<Pulse>,
    offered: bool,
}

impl RequestGuard {
    /// Notes that a piece of the response is ready and waits for the client to take it.
    pub(crate) fn offer_frame(&mut self) {
        self.pulse.frames.fetch_add(1, Relaxed);
        if !std::mem::replace(&mut self.offered, true) {
            self.pulse.offered.fetch_add(1, Relaxed);
        }
    }

    /// Notes that the client took what was offered: the response is asked for more.
    pub(crate) fn take_offer(&mut self) {
        if std::mem::replace(&mut self.offered, false) {
            self.pulse.offered.fetch_sub(1, Relaxed);
        }
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.take_offer();
        self.pulse.active.fetch_sub(1, Relaxed);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    /// Nothing happens and nothing is owed: end it politely.
    Retire,
    /// The client keeps us waiting: drop the connection for the reason given.
    Close(&'static str),
}

/// Measures how long a connection has shown no sign of life, by the limits of its listener.
#[derive(Debug)]
pub(crate) struct Watchdog {
    protocol: Protocol,
    header: Duration,
    idle: Duration,
    stall: Duration,
    head: Unchanged<(u64, u64)>,
    blocked: Unchanged<u64>,
    untaken: Unchanged<u64>,
    silent: Unchanged<(u64, u64, u64)>,
}

/// A full listener keeps waiting connections this long only, so that new clients find room.
const IDLE_WHEN_CROWDED: Duration = Duration::from_secs(2);

impl Watchdog {
    pub(crate) fn new(protocol: Protocol, limits: &ConnectionLimits, now: Instant) -> Self {
        let mut head = Unchanged::default();
        head.measure(now, Some((0, 0)));
        Self {
            protocol,
            header: limits.header,
            idle: limits.idle,
            stall: limits.stall,
            head,
            blocked: Unchanged::default(),
            untaken: Unchanged::default(),
            silent: Unchanged::default(),
        }
    }

    /// Judges the connection at `now`; call it repeatedly, at least four times per limit.
    pub(crate) fn judge(&mut self, pulse: &Pulse, now: Instant, crowded: bool) -> Verdict {
        let resting = pulse.active.load(Relaxed) == 0;
        let requests = pulse.requests.load(Relaxed);
        let written = pulse.written.load(Relaxed);
        let http1 = self.protocol == Protocol::Http1;

        // A response still being written out delays the next head without the client's fault.
        let in_head = resting && http1 && (requests == 0 || pulse.head_open.load(Relaxed));
        let head = in_head.then_some((requests, written));
        if self.head.measure(now, head) >= self.header {
            return Verdict::Close("request head not finished in time");
        }

        let blocked = pulse.write_blocked.load(Relaxed).then_some(written);
        // Answers to pings are written too, so HTTP/2 is judged by what its streams took.
        let untaken =
            (!http1 && pulse.offered.load(Relaxed) > 0).then(|| pulse.frames.load(Relaxed));
        if self
            .blocked
            .measure(now, blocked)
            .max(self.untaken.measure(now, untaken))
            >= self.stall
        {
            return Verdict::Close("response not taken in time");
        }

        // Pings must not keep an HTTP/2 connection alive that asks for nothing.
        let traffic = if http1 {
            (pulse.read.load(Relaxed), written)
        } else {
            (0, 0)
        };
        let silent = resting.then_some((requests, traffic.0, traffic.1));
        let idle = if crowded {
            self.idle.min(IDLE_WHEN_CROWDED)
        } else {
            self.idle
        };
        if self.silent.measure(now, silent) >= idle {
            return Verdict::Retire;
        }
        Verdict::Keep
    }
}

/// For how long an observed state has been the same.
#[derive(Debug)]
struct Unchanged<T>(Option<(T, Instant)>);

impl<T> Default for Unchanged<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: PartialEq> Unchanged<T> {
    /// `None` means that there is nothing to wait for.
    fn measure(&mut self, now: Instant, state: Option<T>) -> Duration {
        match (state, &self.0) {
            (None, _) => {
                self.0 = None;
                Duration::ZERO
            }
            (Some(state), Some((seen, since))) if *seen == state => now.duration_since(*since),
            (Some(state), _) => {
                self.0 = Some((state, now));
                Duration::ZERO
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        pulse: Arc<Pulse>,
        watchdog: Watchdog,
        now: Instant,
    }

    impl Bench {
        fn new(protocol: Protocol) -> Self {
            let now = Instant::now();
            let limits = ConnectionLimits::default();
            Self {
                pulse: Arc::default(),
                watchdog: Watchdog::new(protocol, &limits, now),
                now,
            }
        }

        fn after(&mut self, seconds: u64) -> Verdict {
            self.now += Duration::from_secs(seconds);
            self.watchdog.judge(&self.pulse, self.now, false)
        }
    }

    #[test]
    fn a_silent_new_connection_is_closed_after_the_header_time() {
        let mut bench = Bench::new(Protocol::Http1);
        assert_eq!(bench.after(14), Verdict::Keep);
        assert!(matches!(bench.after(1), Verdict::Close(_)));
    }

    #[test]
    fn a_head_that_trickles_in_gets_no_extra_time() {
        let mut bench = Bench::new(Protocol::Http1);
        drop(bench.pulse.start_request());
        bench.pulse.record_write(100);
        bench.pulse.record_read(1);
        assert_eq!(bench.after(1), Verdict::Keep);
        for _ in 0..14 {
            bench.pulse.record_read(1);
            assert_eq!(bench.after(1), Verdict::Keep);
        }
        bench.pulse.record_read(1);
        assert!(matches!(bench.after(1), Verdict::Close(_)));
    }

    #[test]
    fn a_kept_alive_connection_is_retired_only_after_the_idle_time() {
        let mut bench = Bench::new(Protocol::Http1);
        bench.pulse.record_read(10);
        drop(bench.pulse.start_request());
        bench.pulse.record_write(10);
        assert_eq!(bench.after(0), Verdict::Keep);
        assert_eq!(bench.after(119), Verdict::Keep);
        assert_eq!(bench.after(1), Verdict::Retire);
    }

    #[test]
    fn a_crowded_listener_retires_waiting_connections_early() {
        let mut bench = Bench::new(Protocol::Http1);
        drop(bench.pulse.start_request());
        assert_eq!(bench.after(0), Verdict::Keep);
        bench.now += IDLE_WHEN_CROWDED;
        assert_eq!(
            bench.watchdog.judge(&bench.pulse, bench.now, true),
            Verdict::Retire
        );
    }

    #[test]
    fn a_long_answer_that_is_taken_slowly_lives() {
        let mut bench = Bench::new(Protocol::Http1);
        let guard = bench.pulse.start_request();
        for _ in 0..20 {
            bench.pulse.record_write_blocked();
            assert_eq!(bench.after(30), Verdict::Keep);
            bench.pulse.record_write(1);
        }
        drop(guard);
        bench.pulse.record_write_blocked();
        assert_eq!(bench.after(0), Verdict::Keep);
        assert!(matches!(bench.after(60), Verdict::Close(_)));
    }

    #[test]
    fn a_handler_that_thinks_for_long_is_not_disturbed() {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let mut bench = Bench::new(protocol);
            let _guard = bench.pulse.start_request();
            assert_eq!(bench.after(0), Verdict::Keep);
            assert_eq!(bench.after(3600), Verdict::Keep);
        }
    }

    #[test]
    fn pings_hide_neither_an_untaken_stream_nor_an_unused_http2_connection() {
        let mut bench = Bench::new(Protocol::Http2);
        let mut guard = bench.pulse.start_request();
        guard.offer_frame();
        assert_eq!(bench.after(0), Verdict::Keep);
        bench.pulse.record_read(17);
        bench.pulse.record_write(17);
        assert!(matches!(bench.after(60), Verdict::Close(_)));
        guard.take_offer();
        assert_eq!(bench.after(60), Verdict::Keep);
        drop(guard);
        assert_eq!(bench.after(0), Verdict::Keep);
        bench.pulse.record_read(17);
        bench.pulse.record_write(17);
        assert_eq!(bench.after(120), Verdict::Retire);
    }
}
