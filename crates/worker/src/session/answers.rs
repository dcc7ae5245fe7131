//! Answering a worker's questions.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use wharf_image::{ImageError, ResolvedImage, Transfer};
use wharf_oci::{Digest, Platform};

use super::open_for_reading;
use crate::link::Link;
use crate::services::WorkerServices;
use crate::wire::{Ask, FromWorker, ImageWire, Refusal, ToWorker, pull_policy};

/// Questions of one worker that are worked on at a time. A build asks for a handful of images and downloads side by side.
const AT_ONCE: usize = 32;

/// Between two messages about how a download goes.
const NEWS: Duration = Duration::from_millis(250);

/// Where answers go.
pub(super) type Outgoing = mpsc::Sender<(ToWorker, Vec<OwnedFd>)>;

/// A thread that tells a worker what there is to tell: one that does not listen holds up nobody else.
pub(super) fn start_writer(link: Arc<Link>) -> io::Result<Outgoing> {
    let (outgoing, queue) = mpsc::channel::<(ToWorker, Vec<OwnedFd>)>();
    std::thread::Builder::new()
        .name("worker answers".to_owned())
        .spawn(move || {
            while let Ok((message, fds)) = queue.recv() {
                if link.send(&message, &fds).is_err() {
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
    images: Arc<Mutex<Vec<ResolvedImage>>>,
    turns: Arc<Semaphore>,
    runtime: Handle,
    gone: watch::Receiver<bool>,
}

impl Answerer {
    pub(super) fn new(
        services: Arc<dyn WorkerServices>,
        outgoing: Outgoing,
        runtime: Handle,
        gone: watch::Receiver<bool>,
    ) -> Self {
        Self {
            services,
            outgoing,
            images: Arc::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            runtime,
            gone,
        }
    }

    /// All images that were resolved.
    pub(super) fn images(&self) -> Vec<ResolvedImage> {
        self.images.lock().clone()
    }

    /// Begins to answer.
    ///
    /// # Errors
    /// More questions at once than any build has.
    pub(super) fn answer(&self, question: FromWorker) -> io::Result<()> {
        let turn = Arc::clone(&self.turns)
            .try_acquire_owned()
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "too many questions"))?;
        let own = self.clone();
        self.runtime.spawn(async move {
            let mut gone = own.gone.clone();
            let (answer, fds) = tokio::select! {
                found = own.find_answer(question) => found,
                // Nobody waits for it any more.
                _ = gone.wait_for(|gone| *gone) => return,
            };
            // Before it is told: the next question may come at once.
            drop(turn);
            if let Some(answer) = answer {
                // A worker that is gone does not need it.
                let _ = own.outgoing.send((answer, fds));
            }
        });
        Ok(())
    }

    async fn find_answer(&self, question: FromWorker) -> (Option<ToWorker>, Vec<OwnedFd>) {
        match question {
            FromWorker::Resolve {
                ask,
                reference,
                platform,
                is_always,
            } => {
                let outcome = self.resolve(&reference, &platform, is_always).await;
                (Some(ToWorker::Resolved { ask, outcome }), Vec::new())
            }
            FromWorker::OpenLayer { ask, image, layer } => {
                let opened = self.open_layer(ask, image, layer).await;
                let (outcome, fds) = split(opened);
                (Some(ToWorker::Opened { ask, outcome }), fds)
            }
            FromWorker::Dial { ask, target } => {
                let dialed = self.services.dial(&target).await;
                let (outcome, fds) = split(dialed.map(OwnedFd::from));
                (Some(ToWorker::Dialed { ask, outcome }), fds)
            }
            _ => (None, Vec::new()),
        }
    }

    async fn resolve(
        &self,
        reference: &str,
        platform: &Platform,
        is_always: bool,
    ) -> Result<ImageWire, Refusal> {
        let policy = pull_policy(is_always);
        let found = self.services.resolve_image(reference, platform, policy);
        let image = found.await.map_err(|error| refuse(&error))?;
        let wire = ImageWire::from(&image);
        self.images.lock().push(image);
        Ok(wire)
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
        // A worker that is gone does not need it.
        let _ = self.outgoing.send((
            ToWorker::Moved {
                ask: self.ask,
                item: item.to_owned(),
                current,
                total,
            },
            Vec::new(),
        ));
    }
}
