//! Starting workers.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use wharf_sandbox::{
    Allowed, CELL_FOLDER, Cell, Cells, Channel, Host, Limits, Network, Policy, Problem, RunningCell,
};

use crate::error::{Context, WorkerError};
use crate::event::{Phase, WorkerEvent};
use crate::handle::WorkerHandle;
use crate::inside::{FOLDER_VARIABLE, WORD, WORK};
use crate::job::{JobLimits, JobNetwork, JobSource, WorkerJob};
use crate::link::Link;
use crate::scopes::Scopes;
use crate::services::WorkerServices;
use crate::session::{EVENTS, Reach, SessionParts, open_session};
use crate::wire::{JobWire, SourceWire, ToWorker};

/// Memory of the worker itself, beside that of steps: it holds pieces of layers while they are compressed, one for each
/// processor, and the names of a context's files. Less kills builds of large contexts, and files that it wrote and that are
/// not on the disk yet count too.
const OWN_MEMORY: u64 = 1 << 30;

/// Processes and threads of the worker itself and of the helpers of steps and jobs.
const OWN_PIDS: u32 = 1024;

/// What all workers of a server share.
#[derive(Debug, Clone)]
pub struct LauncherSettings {
    /// `DATA/builder`: a folder for each cache scope with snapshots, cache and the workers' own store of layers. That of its
    /// scope is given to a worker's ids; nothing else of `DATA` is ever in its reach.
    pub state: PathBuf,
    /// `DATA`: hidden from workers even where it lies below a folder that they see.
    pub data: PathBuf,
    /// Where the leases of id ranges are kept; one folder for all servers of the machine, such as `/run/wharf`, so that
    /// no two of them give out the same range.
    pub leases: PathBuf,
    /// What steps may reach although it is private (`[build] allow_net`).
    pub allowed_networks: Vec<Allowed>,
    /// What results and cache mounts of all scopes together may take between builds (`[build] cache_bytes`); `None` is no
    /// bound.
    pub cache_bytes: Option<u64>,
    /// PEM files with authorities that are believed beside the system's by what a Dockerfile fetches itself (ADD).
    pub authorities: Vec<PathBuf>,
    /// How long a worker that clears away may take: [`CLEANING`].
    pub cleaning: Duration,
}

/// How long a worker that clears away may take. It removes files, some hundred thousand a second; one that takes longer hangs, and
/// holds up a thread of the server. The next one goes on where it was killed.
pub const CLEANING: Duration = Duration::from_secs(15 * 60);

/// Starts workers. One per server; clones are the same.
#[derive(Debug, Clone)]
pub struct Launcher {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: LauncherSettings,
    cells: Cells,
    number: AtomicU64,
    pub(crate) scopes: Arc<Scopes>,
    /// One at a time: two would remove twice what is too much.
    pub(crate) making_room: Mutex<()>,
    /// Of the settings' files.
    authorities: Vec<String>,
}

impl Launcher {
    /// Looks at the machine, and ends what workers of a killed server left running. What they left on the disk is cleared
    /// away by [`Launcher::clean`] and by every later worker.
    ///
    /// # Errors
    /// When the machine cannot run workers at all.
    pub fn new(settings: LauncherSettings) -> Result<Self, WorkerError> {
        let state = &settings.state;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(state)
            .context(|| format!("make {}", state.display()))?;
        let cells = Cells::new(Host::inspect()?, &settings.leases)?;
        let absolute =
            |path: &PathBuf| fs::canonicalize(path).context(|| format!("find {}", path.display()));
        let authorities = settings
            .authorities
            .iter()
            .map(|path| fs::read_to_string(path).context(|| format!("read {}", path.display())));
        let authorities = authorities.collect::<Result<_, _>>()?;
        let settings = LauncherSettings {
            state: absolute(state)?,
            data: absolute(&settings.data)?,
            ..settings
        };
        let scopes = Scopes::open(settings.state.clone());
        let scopes = Arc::new(scopes.context(|| "open the folder of caches".to_owned())?);
        Ok(Self {
            shared: Arc::new(Shared {
                settings,
                cells,
                number: AtomicU64::new(0),
                scopes,
                making_room: Mutex::new(()),
                authorities,
            }),
        })
    }

    /// What is missing or weaker than it could be on this machine.
    pub fn problems(&self) -> Vec<Problem> {
        self.shared.cells.host().problems()
    }

    /// Starts a worker and gives it its job. What happens then is told by the handle.
    ///
    /// # Errors
    /// When the process or its surroundings cannot be made; nothing is left of it then.
    pub async fn start(
        &self,
        job: WorkerJob,
        services: Arc<dyn WorkerServices>,
    ) -> Result<WorkerHandle, WorkerError> {
        let began = Timestamp::now();
        let (events, queue) = tokio::sync::mpsc::channel(EVENTS);
        let limits = job.limits.clone();
        let own = Arc::clone(&self.shared);
        let (network, scope) = (job.network, job.cache_scope.clone());
        let started = tokio::task::spawn_blocking(move || {
            let entered = own.scopes.enter(&scope);
            let entered = entered.context(|| format!("enter the cache {scope}"))?;
            let (cell, link) = own.start_cell(&scope, network, &limits)?;
            Ok((entered, cell, link))
        });
        let (entered, cell, link) = started
            .await
            .map_err(std::io::Error::other)
            .context(|| "start a build worker".to_owned())
            .flatten()?;
        for event in [
            WorkerEvent::PhaseBegan {
                phase: Phase::Starting,
                at: began,
            },
            WorkerEvent::PhaseEnded {
                phase: Phase::Starting,
                at: Timestamp::now(),
            },
        ] {
            // The queue is empty yet.
            let _ = events.try_send(event);
        }
        let state = &self.shared.settings.state;
        let device = fs::metadata(state).context(|| format!("look at {}", state.display()))?;
        let limits = job.limits.clone();
        let reach = Reach::of(&job.source);
        let readme = match &job.source {
            JobSource::Git(source) => source.readme,
            JobSource::Upload { .. } => None,
        };
        let (job, job_fds) = self.shared.write_job(job, cell.network_note());
        let scope = job.cache_scope.clone();
        let (own, after) = (Arc::clone(&self.shared), Arc::clone(&self.shared));
        open_session(
            SessionParts {
                cell,
                link: Arc::new(link),
                job: ToWorker::Job(Box::new(job)),
                job_fds,
                services,
                limits,
                reach,
                device: device.dev(),
                readme,
                events,
                clean: Box::new(move || own.clean_after_loss(&scope)),
                make_room: Box::new(move || after.make_room_or_say()),
                entered,
            },
            queue,
        )
        .context(|| "start a thread for a build worker".to_owned())
    }

    /// Clears away what killed workers left on the disk, as far as no other worker is using it, and brings all caches back to
    /// their budget. For the start of a server; afterwards it happens by itself.
    ///
    /// # Errors
    /// When a worker for that cannot be started, or does not clear a scope away. The others are cleared all the same.
    pub async fn clean(&self) -> Result<(), WorkerError> {
        self.block(|own| {
            let cleaned = own.clean_all();
            cleaned.and(own.make_room())
        })
        .await
    }

    /// Brings all caches back to their budget.
    ///
    /// # Errors
    /// As [`Launcher::clean`].
    pub async fn make_room(&self) -> Result<(), WorkerError> {
        self.block(Shared::make_room).await
    }

    /// All cache scopes that take room.
    ///
    /// # Errors
    /// When their folder cannot be read.
    pub async fn list_scopes(&self) -> Result<Vec<String>, WorkerError> {
        self.block(|own| {
            let listed = own.list()?.into_iter();
            Ok(listed.map(|scope| scope.scope).collect())
        })
        .await
    }

    /// Removes the cache of a scope that nobody will build in any more. One that is in use stays.
    ///
    /// # Errors
    /// As [`Launcher::clean`].
    pub async fn remove_scope(&self, scope: &str) -> Result<(), WorkerError> {
        let scope = scope.to_owned();
        self.block(move |own| own.remove(&scope)).await
    }

    async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, WorkerError> + Send + 'static,
    ) -> Result<T, WorkerError> {
        let own = Arc::clone(&self.shared);
        let done = tokio::task::spawn_blocking(move || work(&own));
        done.await
            .map_err(std::io::Error::other)
            .context(|| "clear away what workers left".to_owned())?
    }
}

impl Shared {
    pub(crate) fn start_cell(
        &self,
        scope: &str,
        network: JobNetwork,
        limits: &JobLimits,
    ) -> Result<(RunningCell, Link), WorkerError> {
        let (ours, theirs) = Channel::pair().context(|| "make a socket pair".to_owned())?;
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        let cell = self.cells.start(Cell {
            words: vec![WORD.to_owned()],
            env: vec![(
                FOLDER_VARIABLE.to_owned(),
                format!("{CELL_FOLDER}/{WORK}/{name}"),
            )],
            socket: theirs.into(),
            folder: self.scopes.folder(scope),
            network: match network {
                JobNetwork::None => Network::None,
                JobNetwork::Isolated => Network::Isolated(Policy {
                    deny_private: true,
                    allow: self.settings.allowed_networks.clone(),
                }),
            },
            limits: Limits {
                memory: Some(limits.memory.saturating_add(OWN_MEMORY)),
                pids: Some(limits.pids.saturating_add(OWN_PIDS)),
                cpu_millis: Some(limits.cpu_millis),
                ..Limits::default()
            },
            hidden: vec![self.settings.data.clone()],
        })?;
        Ok((cell, Link::new(ours)))
    }

    pub(crate) fn write_job(
        &self,
        job: WorkerJob,
        network_note: Option<&str>,
    ) -> (JobWire, Vec<std::os::fd::OwnedFd>) {
        let mut fds = Vec::new();
        let source = match job.source {
            JobSource::Git(source) => SourceWire::Git(Box::new(source.into())),
            JobSource::Upload {
                dockerfile,
                context,
            } => {
                fds.extend(context.map(Into::into));
                SourceWire::Upload {
                    dockerfile,
                    has_context: !fds.is_empty(),
                }
            }
        };
        let wire = JobWire {
            source,
            dockerfile: job.dockerfile,
            directory: job.directory,
            build_args: job.build_args,
            secrets: job.secrets,
            labels: job.labels,
            target: job.target,
            platforms: job.platforms,
            cache_scope: job.cache_scope,
            no_cache: job.no_cache,
            is_always: job.pull == wharf_image::PullPolicy::Always,
            network: job.network,
            limits: job.limits,
            allowed: self.settings.allowed_networks.clone(),
            authorities: self.authorities.clone(),
            cache_bytes: self.settings.cache_bytes,
            network_note: network_note.map(str::to_owned),
        };
        (wire, fds)
    }
}
