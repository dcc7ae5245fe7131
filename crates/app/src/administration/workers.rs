//! What is built now, who waits, and within which limits.

use crate::{App, Context, Error, builds::CannotBuild};
use wharf_db::{
    DbError,
    administration::{self, NamespaceQueue},
    builds::{self, Build, BuildFilter, BuildViewer},
};
use wharf_model::{
    builds::{BuildBounds, BuildState, Slots},
    decide_system,
};

/// Workers of all servers on one database that are listed; a server has two unless its operator says otherwise.
const MOST_WORKERS: usize = 1000;

/// Workers and the queue.
#[derive(Debug, Clone)]
pub struct WorkersPage {
    /// Builds with a worker at them, the newest first.
    pub workers: Vec<Build>,
    /// Namespaces with builds that are not over.
    pub queues: Vec<NamespaceQueue>,
    /// How many may run.
    pub slots: Slots,
    /// What one build may use up, and has unless its rule asks for less.
    pub bounds: BuildBounds,
    /// How many builds of one namespace may wait.
    pub namespace_queue: u64,
    /// Why this server begins none.
    pub problem: Option<CannotBuild>,
}

impl App {
    /// Workers and the queue, for administrators.
    pub async fn show_workers(&self, context: &Context) -> Result<WorkersPage, Error> {
        let right = decide_system(&context.caller)?;
        let running = BuildFilter {
            state: Some(BuildState::Running),
            ..BuildFilter::default()
        };
        let read = self.db.read(move |tx| {
            let viewer = BuildViewer::Administrator;
            let workers = builds::list_builds(tx, &viewer, &running, None, MOST_WORKERS)?;
            Ok::<_, DbError>((workers, administration::list_queues(tx, &right)?))
        });
        let (workers, queues) = read.await.map_err(Error::from)?;
        let settings = &self.builds.settings;
        Ok(WorkersPage {
            workers,
            queues,
            slots: settings.slots,
            bounds: settings.bounds,
            namespace_queue: self.settings.namespace_queue,
            problem: settings.launcher.as_ref().err().cloned(),
        })
    }
}
