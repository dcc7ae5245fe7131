//! The door to what runs builds: the worker's launcher, and in tests something that pretends.

use async_trait::async_trait;
use std::sync::Arc;
use wharf_worker::{Launcher, WorkerError, WorkerEvent, WorkerHandle, WorkerJob, WorkerServices};

/// Starts builds.
#[async_trait]
pub trait BuildLauncher: Send + Sync {
    /// Starts one; what happens then is told by what comes back.
    ///
    /// # Errors
    /// When it could not be started; nothing is left of it then.
    async fn start(
        &self,
        job: WorkerJob,
        services: Arc<dyn WorkerServices>,
    ) -> Result<Box<dyn RunningWorker>, WorkerError>;

    /// The cache scopes that take room.
    ///
    /// # Errors
    /// When they cannot be listed.
    async fn list_scopes(&self) -> Result<Vec<String>, WorkerError> {
        Ok(Vec::new())
    }

    /// Removes the cache of a scope, unless it is in use.
    ///
    /// # Errors
    /// When it cannot be removed now.
    async fn remove_scope(&self, _scope: &str) -> Result<(), WorkerError> {
        Ok(())
    }

    /// Brings the caches of all scopes back to their budget.
    ///
    /// # Errors
    /// When that is not possible now.
    async fn make_room(&self) -> Result<(), WorkerError> {
        Ok(())
    }
}

/// One build at work. Dropping it ends it.
#[async_trait]
pub trait RunningWorker: Send {
    /// The next event; the last one is `Finished` or `Failed`.
    async fn next_event(&mut self) -> Option<WorkerEvent>;

    /// Asks it to stop; its end is told as an event.
    fn cancel(&self);

    /// Ends it, and returns when nothing of it is left.
    async fn finish(self: Box<Self>);
}

#[async_trait]
impl BuildLauncher for Launcher {
    async fn start(
        &self,
        job: WorkerJob,
        services: Arc<dyn WorkerServices>,
    ) -> Result<Box<dyn RunningWorker>, WorkerError> {
        let handle = Launcher::start(self, job, services).await?;
        Ok(Box::new(handle))
    }

    async fn list_scopes(&self) -> Result<Vec<String>, WorkerError> {
        Launcher::list_scopes(self).await
    }

    async fn remove_scope(&self, scope: &str) -> Result<(), WorkerError> {
        Launcher::remove_scope(self, scope).await
    }

    async fn make_room(&self) -> Result<(), WorkerError> {
        Launcher::make_room(self).await
    }
}

#[async_trait]
impl RunningWorker for WorkerHandle {
    async fn next_event(&mut self) -> Option<WorkerEvent> {
        WorkerHandle::next_event(self).await
    }

    fn cancel(&self) {
        self.canceler().cancel();
    }

    async fn finish(self: Box<Self>) {
        WorkerHandle::finish(*self).await;
    }
}
