//! Questions to the server and their answers, and the server's wish to stop.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use super::outbox::Outbox;
use crate::link::Link;
use crate::wire::{Ask, FromWorker, Refusal, ToWorker};

/// What comes back for one question: perhaps news on the way, then the answer.
pub(super) type Answers = mpsc::UnboundedReceiver<Answer>;

/// A message and its descriptors.
type Answer = (ToWorker, Vec<OwnedFd>);

/// The worker's end of the socket, shared by all of the build.
pub(super) struct Desk {
    pub(super) outbox: Outbox,
    pub(super) cancel: watch::Receiver<bool>,
    asked: Arc<Asked>,
}

#[derive(Default)]
struct Asked {
    next: AtomicU64,
    waiting: Mutex<HashMap<Ask, mpsc::UnboundedSender<Answer>>>,
}

impl Desk {
    /// Begins to listen.
    pub(super) fn open(link: Arc<Link>) -> io::Result<Arc<Self>> {
        let (stop, cancel) = watch::channel(false);
        let asked = Arc::new(Asked::default());
        let (own_link, own_asked) = (Arc::clone(&link), Arc::clone(&asked));
        std::thread::Builder::new()
            .name("desk".to_owned())
            .spawn(move || {
                listen(&own_link, &own_asked, &stop);
                // The server is gone or does not want this worker any more; nothing that it does is of use.
                std::process::exit(1)
            })?;
        Ok(Arc::new(Self {
            outbox: Outbox::start(link)?,
            cancel,
            asked,
        }))
    }

    /// Asks; dropping what comes back means that nobody wants the answer.
    pub(super) fn ask(&self, make: impl FnOnce(Ask) -> FromWorker) -> Answers {
        let ask = self.asked.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answers) = mpsc::unbounded_channel();
        self.asked.waiting.lock().insert(ask, sender);
        self.outbox.tell(make(ask), Vec::new());
        answers
    }
}

/// What the worker says for itself when an answer makes no sense.
pub(super) fn confused() -> Refusal {
    Refusal {
        message: "the server's answer does not fit the question".to_owned(),
        hint: None,
    }
}

fn listen(link: &Link, asked: &Asked, stop: &watch::Sender<bool>) {
    while let Ok(Some((message, fds))) = link.receive::<ToWorker>() {
        let (ask, is_last) = match &message {
            ToWorker::Job(_) => return,
            ToWorker::Cancel => {
                stop.send_replace(true);
                continue;
            }
            ToWorker::Moved { ask, .. } => (*ask, false),
            ToWorker::Resolved { ask, .. }
            | ToWorker::Opened { ask, .. }
            | ToWorker::Dialed { ask, .. } => (*ask, true),
        };
        let mut waiting = asked.waiting.lock();
        let sender = match is_last {
            true => waiting.remove(&ask),
            false => waiting.get(&ask).cloned(),
        };
        if let Some(sender) = sender {
            // Whoever asked may have stopped waiting.
            let _ = sender.send((message, fds));
        }
    }
}
