//! A least speed for what goes to a further registry: one that takes a byte now and then is never quite silent, and would
//! hold a place of a namespace for as long as the longest push may take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use wharf_image::Transfer;

/// How much has to go out within which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    pub(super) window: Duration,
    pub(super) least: u64,
}

impl Pace {
    /// The window is longer than a registry may take for one answer (ten minutes, while it adds a large blob up): a shorter
    /// one ends pushes to registries that are busy. The amount is two kilobytes a second: with less, a drip passes; with
    /// much more, a modem does not.
    pub(super) const USUAL: Self = Self {
        window: Duration::from_secs(15 * 60),
        least: 2 << 20,
    };

    /// Does the work as long as enough goes out by `counter`.
    ///
    /// # Errors
    /// What to tell people when it does not: the work is dropped, and with it its connections.
    pub(super) async fn keep<T>(
        self,
        counter: &Counter,
        work: impl Future<Output = T>,
    ) -> Result<T, String> {
        let mut work = std::pin::pin!(work);
        loop {
            let before = counter.read();
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep(self.window) => {}
            }
            if counter.read() - before < self.least {
                return Err(format!(
                    "the registry took less than {} bytes within {} s",
                    self.least,
                    self.window.as_secs()
                ));
            }
        }
    }
}

/// Adds up what goes out of one image.
#[derive(Debug, Default)]
pub(super) struct Counter {
    sent: AtomicU64,
    items: parking_lot::Mutex<std::collections::HashMap<String, u64>>,
}

impl Counter {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    fn read(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Transfer for Counter {
    fn moved(&self, item: &str, current: u64, _: Option<u64>) {
        let mut items = self.items.lock();
        let before = items.entry(item.to_owned()).or_default();
        // One that begins again from its start sends again.
        let more = current.checked_sub(*before).unwrap_or(current);
        *before = current;
        self.sent.fetch_add(more, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
        sync::mpsc,
        time::Instant,
    };
    use wharf_client::{Client, ClientSettings, ImageName};
    use wharf_egress::{Egress, EgressSettings, Policy};

    const SHORT: Pace = Pace {
        window: Duration::from_millis(300),
        least: 1000,
    };

    /// A registry that begins to answer and adds a byte every few milliseconds, until its client leaves; tells when.
    fn drip() -> (u16, mpsc::Receiver<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (tell, left) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ");
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(10));
            }
            tell.send(()).expect("the test waits");
        });
        (port, left)
    }

    #[tokio::test]
    async fn a_registry_that_drips_is_given_up_and_hears_no_more() {
        // No provider of TLS is asked for more than once.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (port, left) = drip();
        let egress = Egress::new(EgressSettings::new(Policy::operator())).expect("a way out");
        let client = Client::new(ClientSettings::new(egress));
        let name: ImageName = format!("127.0.0.1:{port}/team/app:1")
            .parse()
            .expect("a name");
        let digest = wharf_oci::Digest::of(wharf_oci::Algorithm::Sha256, b"1");
        let started = Instant::now();
        let counter = Counter::new();
        let asked = SHORT.keep(&counter, client.has_blob(&name.repository, &digest));
        let reason = asked.await.expect_err("it drips");
        assert!(reason.contains("less than 1000 bytes"), "{reason}");
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{:?}",
            started.elapsed()
        );
        // The runtime has to go on for the connection to be closed.
        let heard = tokio::task::spawn_blocking(move || left.recv_timeout(Duration::from_secs(10)));
        heard.await.expect("a thread").expect("the connection ends");
    }

    #[tokio::test]
    async fn what_is_slow_and_moves_goes_on() {
        let counter = Counter::new();
        let moving = async {
            for round in 1..=6 {
                tokio::time::sleep(SHORT.window / 2).await;
                counter.moved("layer", round * 1000, None);
            }
        };
        SHORT.keep(&counter, moving).await.expect("it moves");
        let stuck = async {
            counter.moved("layer", 5, None);
            tokio::time::sleep(SHORT.window * 3).await;
        };
        // Begun again from its start, and then nothing.
        assert!(SHORT.keep(&counter, stuck).await.is_err());
    }
}
