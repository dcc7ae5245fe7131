//! How much time and room one listener grants its clients.
//!
//! Plain values: the caller reads configuration, this room reads nothing.

use std::time::Duration;

/// Bounds of one listener. Every duration is wall-clock time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections held at once; further clients wait in the kernel's backlog.
    /// Each costs one descriptor, and a second one while it downloads a file.
    pub connections: usize,
    /// Time for a TLS handshake, and then again for the first byte.
    pub handshake: Duration,
    /// Time from the first byte of a request to the end of its head.
    pub header: Duration,
    /// Time a kept-alive connection may wait for its next request.
    pub idle: Duration,
    /// Time a client may take no byte of a response that waits for it.
    pub stall: Duration,
    /// Time that requests in flight get to finish after a shutdown began.
    pub drain: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            // Half of what a hard limit of 8192 descriptors allows, the rest is for the files sent.
            connections: 4096,
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(15),
            // Longer than the 60 s of proxies and the 90 s of Go clients, so that the side that
            // opened the connection closes it and no request races with a close.
            idle: Duration::from_secs(120),
            stall: Duration::from_secs(60),
            // Service managers kill after 30 s at the earliest; 5 s stay for everything else.
            drain: Duration::from_secs(25),
        }
    }
}

impl ConnectionLimits {
    /// How often a connection's silence is measured: every limit is met at most a quarter late.
    pub(super) fn check_period(&self) -> Duration {
        let shortest = self.header.min(self.idle).min(self.stall);
        (shortest / 4).clamp(Duration::from_millis(20), Duration::from_secs(5))
    }
}
