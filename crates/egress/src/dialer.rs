//! Connections that somebody else makes: for a process that may reach nothing itself.
//!
//! Who dials decides what may be reached; the policy in here does not count then, nor do proxies. The HTTP library dials
//! one path of the file system per origin, where a task passes bytes on to a connection that was dialed elsewhere.

use crate::connections::Origin;
use crate::error::EgressError;
use parking_lot::Mutex;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::AbortHandle;

/// A running attempt.
pub type Dialing = Pin<Box<dyn Future<Output = Result<TcpStream, EgressError>> + Send>>;

/// Makes connections, or refuses to.
pub trait Dialer: Send + Sync {
    /// A connection to a port of a host, which is a name or an address. `is_plain` tells that TLS will not be spoken.
    fn dial(&self, host: &str, port: u16, is_plain: bool) -> Dialing;
}

/// A dialer and what goes with it.
#[derive(Clone)]
pub struct DialerSettings {
    /// Who dials.
    pub dialer: Arc<dyn Dialer>,
    /// A folder that only this process's user may enter, for sockets; its path at most 80 bytes long (unix(7)).
    pub sockets: PathBuf,
}

/// What an [`Egress`](crate::Egress) with a dialer keeps.
pub(crate) struct Elsewhere {
    settings: DialerSettings,
    number: AtomicU64,
}

impl Elsewhere {
    pub(crate) fn new(settings: DialerSettings) -> Elsewhere {
        Elsewhere {
            settings,
            number: AtomicU64::new(0),
        }
    }

    pub(crate) fn dial(&self, host: &str, port: u16, is_plain: bool) -> Dialing {
        self.settings.dialer.dial(host, port, is_plain)
    }

    /// A path where connections to an origin are to be had.
    pub(crate) fn open_path(&self, origin: &Origin) -> io::Result<PathOut> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let name = format!("out-{}-{number}", std::process::id());
        let path = self.settings.sockets.join(name);
        let listener = UnixListener::bind(&path)?;
        let refusal = Arc::new(Mutex::new(None));
        let task = tokio::spawn(accept(
            listener,
            Arc::clone(&self.settings.dialer),
            origin.clone(),
            Arc::clone(&refusal),
        ));
        Ok(PathOut(Arc::new(Open {
            path,
            refusal,
            task: task.abort_handle(),
        })))
    }
}

/// Such a path, open until its last clone is dropped. Connections that were made stay.
#[derive(Clone)]
pub(crate) struct PathOut(Arc<Open>);

struct Open {
    path: PathBuf,
    refusal: Arc<Mutex<Option<EgressError>>>,
    task: AbortHandle,
}

impl PathOut {
    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    /// Why the last connection did not come about: the HTTP library sees only that it was closed.
    pub(crate) fn take_refusal(&self) -> Option<EgressError> {
        self.0.refusal.lock().take()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.task.abort();
        // It goes with its folder otherwise.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn accept(
    listener: UnixListener,
    dialer: Arc<dyn Dialer>,
    origin: Origin,
    refusal: Arc<Mutex<Option<EgressError>>>,
) {
    while let Ok((inner, _)) = listener.accept().await {
        let is_plain = origin.scheme == "http";
        let dialing = dialer.dial(&origin.host, origin.port, is_plain);
        let refusal = Arc::clone(&refusal);
        tokio::spawn(async move {
            match dialing.await {
                Ok(outer) => pass_on(inner, outer).await,
                // Noted before the connection closes.
                Err(error) => drop(refusal.lock().replace(error)),
            }
        });
    }
}

/// Until both sides have said all. What goes wrong is seen by whoever reads.
async fn pass_on(mut inner: UnixStream, mut outer: TcpStream) {
    let _ = tokio::io::copy_bidirectional(&mut inner, &mut outer).await;
}
