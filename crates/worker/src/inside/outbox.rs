//! What waits to be told to the server, in order, and how long a build waits for a server that is slow to hear.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use wharf_builder::progress::{Event, Progress};

use crate::link::Link;
use crate::wire::FromWorker;

/// Messages that may wait before steps do. Fewer make steps stop at every hiccup of the server; more hold output in memory
/// that belongs to the build.
const ROOM: usize = 256;

/// How long a step's output waits for room. A server that hears nothing for so long has given the build up or is about to;
/// the rest of the output is not worth stopping for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The queue and the thread that empties it.
pub(super) struct Outbox {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(FromWorker, Vec<OwnedFd>)>,
    is_closed: bool,
}

impl Outbox {
    pub(super) fn start(link: Arc<Link>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("outbox".to_owned())
            .spawn(move || own.empty(&link))?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Tells something, whatever waits already.
    pub(super) fn tell(&self, message: FromWorker, fds: Vec<OwnedFd>) {
        self.shared.state.lock().queue.push_back((message, fds));
        self.shared.changed.notify_all();
    }

    /// Returns when everything is told or the server is gone. Nothing is told afterwards.
    pub(super) fn close(&self) {
        self.shared.state.lock().is_closed = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.lock().take() {
            // It panics only with this program.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn empty(&self, link: &Link) {
        loop {
            let mut state = self.state.lock();
            while state.queue.is_empty() && !state.is_closed {
                self.changed.wait(&mut state);
            }
            let Some((message, fds)) = state.queue.pop_front() else {
                return;
            };
            drop(state);
            self.changed.notify_all();
            // A server that is gone ends this process soon.
            if link.send(&message, &fds).is_err() {
                return;
            }
        }
    }

    /// Whether there is room, or will be soon.
    fn wait_for_room(&self) -> bool {
        let mut state = self.state.lock();
        while state.queue.len() >= ROOM {
            if self.changed.wait_for(&mut state, PATIENCE).timed_out() {
                return false;
            }
        }
        true
    }
}

impl Progress for Outbox {
    fn emit(&self, event: Event) {
        let is_told = match &event {
            // The next one says more.
            Event::StepProgress { .. } => self.shared.state.lock().queue.len() < ROOM,
            Event::StepLog { .. } => self.shared.wait_for_room(),
            _ => true,
        };
        if is_told {
            self.tell(FromWorker::Progress(event), Vec::new());
        }
    }
}
