//! One build, from its job to its image.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;
use wharf_builder::progress::{Event, Progress};
use wharf_builder::request::{BuildLimits, BuildRequest, NetworkMode, SecretSource};
use wharf_builder::{Builder, BuilderSettings, Finished};
use wharf_egress::{DialerSettings, Egress, EgressSettings, Policy};
use wharf_image::{Content, LocalStore};
use wharf_sandbox::Host;

use super::clone::clone;
use super::desk::Desk;
use super::dialer::ServerDialer;
use super::failure::{describe, explain, fail};
use super::images::ServerImages;
use super::outbox::Outbox;
use super::readme::read_readme;
use super::room::{self, WorkFolder, builder_folder, store_folder};
use super::source::{Source, locate, unpack};
use crate::event::{FailureKind, Phase, WorkerFailure};
use crate::git_wire::GitWire;
use crate::job::JobNetwork;
use crate::wire::{BuiltWire, FromWorker, JobWire, LayerWire, SourceWire, pull_policy};

/// Bytes of output per second that are passed on: the server has the last word about how much is kept, and a build that
/// talks faster than this is stuck in a loop.
const LOG_RATE: u64 = 8 << 20;

/// The worker's life with one job.
pub(super) struct BuildLife {
    desk: Arc<Desk>,
    job: JobWire,
    folder: PathBuf,
}

type Outcome<T> = Result<T, WorkerFailure>;

impl BuildLife {
    pub(super) fn new(desk: Arc<Desk>, job: JobWire, folder: PathBuf) -> Self {
        Self { desk, job, folder }
    }

    /// Builds, tells how it ended, and clears away what is not needed any more.
    pub(super) async fn run(mut self, fds: Vec<OwnedFd>) -> Result<(), String> {
        let work = WorkFolder::make(&self.folder)
            .map_err(|error| format!("make {}: {error}", self.folder.display()))?;
        let images = Arc::new(ServerImages::new(Arc::clone(&self.desk)));
        let outcome = self.work(&work, &images, fds).await;
        let names = images.names();
        if !names.is_empty() {
            self.tell(FromWorker::Bases(names));
        }
        let last = match outcome {
            Ok(built) => FromWorker::Finished { images: built },
            Err(failure) => FromWorker::Failed(failure),
        };
        self.tell(last);
        let cache_bytes = self.job.cache_bytes;
        let desk = Arc::clone(&self.desk);
        let cleared = tokio::task::spawn_blocking(move || {
            desk.outbox.close();
            drop(work);
            let removed = room::remove_dead_folders();
            let removed = removed.map_err(|error| format!("remove what workers left: {error}"));
            removed.and(cache_bytes.map_or(Ok(()), room::make_room))
        });
        cleared.await.map_err(|error| error.to_string())?
    }

    async fn work(
        &mut self,
        work: &WorkFolder,
        images: &Arc<ServerImages>,
        fds: Vec<OwnedFd>,
    ) -> Outcome<Vec<BuiltWire>> {
        let begun = self.begin(Phase::Cloning);
        let source = self.fetch_source(work, fds).await;
        self.end(begun);
        let source = source?;
        if *self.desk.cancel.borrow() {
            return Err(fail(FailureKind::Canceled, Phase::Cloning, "canceled"));
        }
        let begun = self.begin(Phase::Building);
        let finished = self.build(work, images, source).await;
        self.end(begun);
        let (finished, content) = finished?;
        let begun = self.begin(Phase::Exporting);
        let exported = self.export(finished, content).await;
        self.end(begun);
        exported
    }

    async fn fetch_source(&mut self, work: &WorkFolder, fds: Vec<OwnedFd>) -> Outcome<Source> {
        let root = work.path().join("source");
        let inline = match &mut self.job.source {
            SourceWire::Git(source) => {
                let source = GitWire::clone(source);
                let readme = source.readme();
                let limits = &self.job.limits;
                let cloned = clone(&self.desk, source, work.path(), &root, limits).await;
                let (facts, unwanted) = cloned?;
                self.tell(FromWorker::Commit(facts));
                if unwanted {
                    let said = "the commit's message asks not to be built";
                    return Err(fail(FailureKind::Unwanted, Phase::Cloning, said));
                }
                if let Some(limit) = readme {
                    self.tell(FromWorker::Readme(read_readme(&root, limit)));
                }
                None
            }
            SourceWire::Upload { dockerfile, .. } => {
                let inline = dockerfile.take();
                self.unpack_upload(&root, fds).await?;
                inline
            }
            SourceWire::Clean | SourceWire::Remove => None,
        };
        // Gone before the first step runs.
        self.job.source = SourceWire::Clean;
        locate(&root, &self.job, inline)
    }

    async fn unpack_upload(&self, root: &Path, fds: Vec<OwnedFd>) -> Outcome<()> {
        let (root, bytes) = (root.to_owned(), self.job.limits.disk);
        let archive = fds.into_iter().next();
        let unpacked = tokio::task::spawn_blocking(move || unpack(archive, &root, bytes));
        unpacked
            .await
            .map_err(|error| fail(FailureKind::Machine, Phase::Cloning, error.to_string()))?
    }

    async fn build(
        &mut self,
        work: &WorkFolder,
        images: &Arc<ServerImages>,
        source: Source,
    ) -> Outcome<(Finished, Arc<dyn Content>)> {
        let phase = Phase::Building;
        let machine =
            |error: &dyn std::error::Error| fail(FailureKind::Machine, phase, describe(error));
        let host = Host::of_cell().map_err(|error| machine(&error))?;
        self.warn_about(&host);
        let store = LocalStore::open(store_folder()).map_err(|error| machine(&error))?;
        let content: Arc<dyn Content> = Arc::new(store);
        let mut egress = EgressSettings::new(Policy::operator());
        egress.ca_files = keep_authorities(work.path(), &self.job.authorities)
            .map_err(|error| machine(&error))?;
        egress.dialer = Some(DialerSettings {
            dialer: Arc::new(ServerDialer {
                desk: Arc::clone(&self.desk),
            }),
            sockets: work.path().to_owned(),
        });
        let builder = Builder::new(BuilderSettings {
            state: builder_folder(),
            source: Arc::clone(images) as _,
            content: Arc::clone(&content),
            egress: Egress::new(egress).map_err(|error| machine(&error))?,
            dial: Some(Arc::new(ServerDialer {
                desk: Arc::clone(&self.desk),
            })),
            allowed_networks: self.job.allowed.clone(),
            rootful: false,
            host: Some(host),
        })
        .map_err(|error| explain(&error, phase))?;
        let request = self.make_request(source);
        let progress: Arc<dyn Progress> = Arc::new(Telling(Arc::clone(&self.desk)));
        let built = builder.build(request, progress).await;
        built
            .map(|finished| (finished, content))
            .map_err(|error| explain(&error, phase))
    }

    fn make_request(&mut self, source: Source) -> BuildRequest {
        let cancel: watch::Receiver<bool> = self.desk.cancel.clone();
        let job = &mut self.job;
        let limits = &job.limits;
        let secrets = std::mem::take(&mut job.secrets).into_iter();
        BuildRequest {
            context: source.context,
            dockerfile: source.dockerfile,
            target: job.target.clone(),
            build_args: job.build_args.clone(),
            labels: job.labels.clone(),
            platforms: job.platforms.clone(),
            secrets: secrets
                .map(|(id, bytes)| (id, SecretSource::Bytes(bytes)))
                .collect(),
            network: match job.network {
                JobNetwork::None => NetworkMode::None,
                JobNetwork::Isolated => NetworkMode::Isolated,
            },
            allow_host_network: false,
            allow_insecure: false,
            refuse_devices: true,
            allow_private_networks: false,
            no_cache: job.no_cache,
            pull: pull_policy(job.is_always),
            cache_scope: job.cache_scope.clone(),
            limits: BuildLimits {
                memory: Some(limits.memory),
                pids: Some(limits.pids),
                cpu_millis: Some(limits.cpu_millis),
                disk: Some(limits.disk),
                build_disk: Some(limits.disk),
                log_bytes: Some(limits.log_bytes),
                log_bytes_per_second: Some(LOG_RATE),
                unpacked_bytes: Some(limits.disk),
                ..BuildLimits::default()
            },
            ..BuildRequest::of_directory(PathBuf::new(), cancel)
        }
    }

    /// What steps of this machine lack, in the build's own log.
    fn warn_about(&self, host: &Host) {
        let missing = host.problems().into_iter().map(|problem| problem.text);
        for message in self.job.network_note.clone().into_iter().chain(missing) {
            self.desk.outbox.emit(Event::Warning {
                rule: None,
                message,
                lines: None,
            });
        }
    }

    /// Passes on every layer that is here, each once; the others are where their base images are.
    async fn export(
        &self,
        finished: Finished,
        content: Arc<dyn Content>,
    ) -> Outcome<Vec<BuiltWire>> {
        let desk = Arc::clone(&self.desk);
        let exported = tokio::task::spawn_blocking(move || pass_on(&desk, &finished, &*content));
        exported
            .await
            .map_err(std::io::Error::other)
            .and_then(|exported| exported)
            .map_err(|error| {
                let message = format!("cannot pass on the image: {error}");
                fail(FailureKind::Machine, Phase::Exporting, message)
            })
    }

    fn begin(&self, phase: Phase) -> Phase {
        let at = Timestamp::now();
        self.tell(FromWorker::PhaseBegan { phase, at });
        phase
    }

    fn end(&self, phase: Phase) {
        let at = Timestamp::now();
        self.tell(FromWorker::PhaseEnded { phase, at });
    }

    fn tell(&self, message: FromWorker) {
        self.desk.outbox.tell(message, Vec::new());
    }
}

/// As files, which is how a way out reads them.
fn keep_authorities(folder: &Path, authorities: &[String]) -> std::io::Result<Vec<PathBuf>> {
    let kept = authorities.iter().enumerate().map(|(number, text)| {
        let path = folder.join(format!("authority-{number}.pem"));
        std::fs::write(&path, text)?;
        Ok(path)
    });
    kept.collect()
}

fn pass_on(
    desk: &Desk,
    finished: &Finished,
    content: &dyn Content,
) -> std::io::Result<Vec<BuiltWire>> {
    let mut told = std::collections::HashSet::new();
    for layer in finished.built.images.iter().flat_map(|image| &image.layers) {
        let digest = layer.descriptor.digest;
        if told.insert(digest)
            && let Some(file) = content.open(&digest)?
        {
            desk.outbox
                .tell(FromWorker::Layer { digest }, vec![file.into()]);
        }
    }
    let images = finished.built.images.iter();
    Ok(images
        .map(|image| BuiltWire {
            platform: image.platform.clone(),
            config: image.config.clone(),
            layers: image.layers.iter().map(LayerWire::from).collect(),
            annotations: image.annotations.clone(),
        })
        .collect())
}

/// The outbox as a listener of the build.
struct Telling(Arc<Desk>);

impl Progress for Telling {
    fn emit(&self, event: Event) {
        Outbox::emit(&self.0.outbox, event);
    }
}
