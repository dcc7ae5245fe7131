//! Answering a worker's questions.
//!
//! What a worker can make the server hold is bounded here: images that it asked for, and answers that it does not fetch.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use wharf_image::{ImageError, Transfer};
use wharf_oci::{Digest, Platform};

use super::images::{Known, KnownImages};
use super::open_for_reading;
use super::reach::Reach;
use crate::event::Phase;
use crate::link::Link;
use crate::services::WorkerServices;
use crate::wire::{Ask, FromWorker, ImageWire, Refusal, ToWorker, pull_policy};

/// Questions of one worker that are worked on at a time. A build asks for a handful of images and downloads side by side.
const AT_ONCE: usize = 32;

/// Answers that wait for a worker to fetch them. Questions behind them count as worked on, so that one who never listens
/// has asked too much before long.
const WAITING: usize = 32;

/// Between two messages about how a download goes.
const NEWS: Duration = Duration::from_millis(250);

/// Where answers go.
pub(super) type Outgoing = mpsc::Sender<Answer>;

/// Something to tell a worker.
pub(super) struct Answer {
    make: Box<dyn FnOnce() -> ToWorker + Send>,
    fds: Vec<OwnedFd>,
    turn: Option<OwnedSemaphorePermit>,
}

impl Answer {
    pub(super) fn of(message: ToWorker) -> Self {
        Self::made(move || message)
    }

    /// The same for what is made when it is told: until then it takes no room of its own.
    fn made(make: impl FnOnce() -> ToWorker + Send + 'static) -> Self {
        Self {
            make: Box::new(make),
            fds: Vec::new(),
            turn: None,
        }
    }

    pub(super) fn with(self, fds: Vec<OwnedFd>) -> Self {
        Self { fds, ..self }
    }
}

/// A thread that tells a worker what there is to tell: one that does not listen holds up nobody else.
pub(super) fn start_writer(link: Arc<Link>) -> io::Result<Outgoing> {
    let (outgoing, mut queue) = mpsc::channel::<Answer>(WAITING);
    std::thread::Builder::new()
        .name("worker answers".to_owned())
        .spawn(move || {
            while let Some(answer) = queue.blocking_recv() {
                // Before it is told: the next question may come at once.
                drop(answer.turn);
                if link.send(&(answer.make)(), &answer.fds).is_err() {
                    return;
                }
            }
        })?;
    Ok(outgoing)
}

/// Answers the questions of one build.
#[derive(Clone)]
pub(super) struct Answerer {
    services: Arc<dyn WorkerServices>,
    outgoing: Outgoing,
    /// What this build has resolved: it gets layers of nothing else.
    images: Arc<Mutex<KnownImages>>,
    reach: Reach,
    turns: Arc<Semaphore>,
    runtime: Handle,
    gone: watch::Receiver<bool>,
}

impl Answerer {
    pub(super) fn new(
        services: Arc<dyn WorkerServices>,
        outgoing: Outgoing,
        reach: Reach,
        runtime: Handle,
        gone: watch::Receiver<bool>,
    ) -> Self {
        Self {
            services,
            outgoing,
            images: Arc::default(),
            reach,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            runtime,
            gone,
        }
    }

    /// All images that were resolved.
    pub(super) fn images(&self) -> Vec<Known> {
        self.images.lock().list()
    }

    /// Begins to answer what was asked in a phase.
    ///
    /// # Errors
    /// More questions at once than any build has.
    pub(super) fn answer(&self, question: FromWorker, phase: Phase) -> io::Result<()> {
        let turn = Arc::clone(&self.turns)
            .try_acquire_owned()
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "too many questions"))?;
        let own = self.clone();
        self.runtime.spawn(async move {
            let mut gone = own.gone.clone();
            let answering = async {
                let mut answer = own.find_answer(question, phase).await;
                answer.turn = Some(turn);
                // A worker that is gone does not need it.
                let _ = own.outgoing.send(answer).await;
            };
            tokio::select! {
                () = answering => {}
                // Nobody waits for it any more.
                _ = gone.wait_for(|gone| *gone) => {}
            }
        });
        Ok(())
    }

    async fn find_answer(&self, question: FromWorker, phase: Phase) -> Answer {
        match question {
            FromWorker::Resolve {
                ask,
                reference,
                platform,
                is_always,
            } => {
                let resolved = self.resolve(&reference, &platform, is_always).await;
                Answer::made(move || ToWorker::Resolved {
                    ask,
                    outcome: resolved.map(|image| ImageWire::from(&*image)),
                })
            }
            FromWorker::OpenLayer { ask, image, layer } => {
                let opened = self.open_layer(ask, image, layer).await;
                let (outcome, fds) = split(opened);
                Answer::of(ToWorker::Opened { ask, outcome }).with(fds)
            }
            FromWorker::Dial { ask, target } => {
                let dialed = match self.reach.judge(&target, phase) {
                    Ok(purpose) => self.services.dial(&target, purpose).await,
                    Err(refusal) => Err(refusal),
                };
                let (outcome, fds) = split(dialed.map(OwnedFd::from));
                Answer::of(ToWorker::Dialed { ask, outcome }).with(fds)
            }
            // Nothing else is a question.
            _ => Answer::of(ToWorker::Cancel),
        }
    }

    async fn resolve(
        &self,
        reference: &str,
        platform: &Platform,
        is_always: bool,
    ) -> Result<Known, Refusal> {
        if let Some(known) = self.images.lock().find(reference, platform)? {
            return Ok(known);
        }
        let policy = pull_policy(is_always);
        let found = self.services.resolve_image(reference, platform, policy);
        let image = found.await.map_err(|error| refuse(&error))?;
        self.images.lock().add(reference, platform, image)
    }

    async fn open_layer(&self, ask: Ask, image: Digest, layer: Digest) -> Result<OwnedFd, Refusal> {
        let images = self.images();
        let found = images
            .iter()
            .filter(|known| known.digest == image)
            .find_map(|known| {
                let mut layers = known.layers.iter();
                let own = layers.find(|own| own.descriptor.digest == layer)?;
                Some((known, &own.descriptor))
            });
        let (image, layer) = found.ok_or_else(|| Refusal {
            message: format!("the layer {layer} belongs to no image of this build"),
            hint: None,
        })?;
        let news = News {
            ask,
            outgoing: self.outgoing.clone(),
            last: Mutex::new(None),
        };
        let file = self.services.open_layer(image, layer, &news).await;
        let file = file.map_err(|error| refuse(&error))?;
        open_for_reading(&file).map_err(|error| Refusal {
            message: format!("cannot pass on the layer {}: {error}", layer.digest),
            hint: None,
        })
    }
}

fn split<E>(outcome: Result<OwnedFd, E>) -> (Result<(), E>, Vec<OwnedFd>) {
    match outcome {
        Ok(fd) => (Ok(()), vec![fd]),
        Err(refusal) => (Err(refusal), Vec::new()),
    }
}

fn refuse(error: &ImageError) -> Refusal {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(current) = cause {
        message.push_str(&format!(": {current}"));
        cause = current.source();
    }
    Refusal {
        message,
        hint: error.hint().map(str::to_owned),
    }
}

/// Tells how a download goes, now and then.
struct News {
    ask: Ask,
    outgoing: Outgoing,
    last: Mutex<Option<Instant>>,
}

impl Transfer for News {
    fn moved(&self, item: &str, current: u64, total: Option<u64>) {
        let mut last = self.last.lock();
        let is_done = total == Some(current);
        if !is_done && last.is_some_and(|last| last.elapsed() < NEWS) {
            return;
        }
        *last = Some(Instant::now());
        // The next one says more; a worker that is gone or behind does not need it.
        let _ = self.outgoing.try_send(Answer::of(ToWorker::Moved {
            ask: self.ask,
            item: item.to_owned(),
            current,
            total,
        }));
    }
}
