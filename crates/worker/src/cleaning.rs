//! Clearing away what workers left, and keeping the caches of all scopes within their budget: by workers that build nothing.

use std::sync::mpsc;

use crate::error::{Context, WorkerError};
use crate::job::{JobLimits, JobNetwork, JobSource, WorkerJob};
use crate::launcher::Shared;
use crate::scopes::{ScopeUse, choose};
use crate::wire::{FromWorker, SourceWire, ToWorker};

impl Shared {
    pub(crate) fn list(&self) -> Result<Vec<ScopeUse>, WorkerError> {
        let listed = self.scopes.list();
        listed.context(|| "list the caches of builds".to_owned())
    }

    /// Clears away what killed workers left in a scope, and measures it.
    pub(crate) fn clean(&self, scope: &str) -> Result<(), WorkerError> {
        self.clean_to(scope, self.settings.cache_bytes)
    }

    fn clean_to(&self, scope: &str, budget: Option<u64>) -> Result<(), WorkerError> {
        let bytes = self.run_cleaner(scope, SourceWire::Clean, budget)?;
        let noted = bytes.map_or(Ok(()), |bytes| self.scopes.note_size(scope, bytes));
        noted.context(|| format!("note the size of the cache {scope}"))
    }

    pub(crate) fn remove(&self, scope: &str) -> Result<(), WorkerError> {
        let Some(_alone) = self.scopes.enter_alone(scope) else {
            return Ok(());
        };
        self.run_cleaner(scope, SourceWire::Remove, None)?;
        let forgotten = self.scopes.forget(scope);
        forgotten.context(|| format!("remove the cache {scope}"))
    }

    /// Lets the scopes that were used least recently give until all fit into the budget.
    pub(crate) fn make_room(&self) -> Result<(), WorkerError> {
        let _turn = self.making_room.lock();
        let Some(budget) = self.settings.cache_bytes else {
            return Ok(());
        };
        let unknown = self.list()?.into_iter();
        let unknown = unknown.filter(|it| it.bytes.is_none() && !self.scopes.is_in_use(&it.scope));
        let measured = self.clean_each(unknown.map(|it| (it.scope, self.settings.cache_bytes)));
        let listed = self.list()?.into_iter().map(|scope| {
            let is_in_use = self.scopes.is_in_use(&scope.scope);
            (scope, is_in_use)
        });
        let chosen = choose(&listed.collect::<Vec<_>>(), budget);
        // One may have been entered meanwhile; then its builder's lock keeps what is used.
        let chosen = chosen.into_iter().map(|(scope, kept)| (scope, Some(kept)));
        measured.and(self.clean_each(chosen))
    }

    /// Clears away in all scopes of a list, as far as that is possible.
    fn clean_each(
        &self,
        scopes: impl Iterator<Item = (String, Option<u64>)>,
    ) -> Result<(), WorkerError> {
        do_each(scopes, |(scope, budget)| {
            let cleaned = self.clean_to(&scope, budget);
            cleaned.inspect_err(|error| {
                tracing::warn!(
                    scope,
                    error = error as &dyn std::error::Error,
                    "the cache of builds was not cleared"
                );
            })
        })
    }

    /// Clears away what killed workers left in all scopes.
    pub(crate) fn clean_all(&self) -> Result<(), WorkerError> {
        let scopes = self.list()?.into_iter();
        self.clean_each(scopes.map(|it| (it.scope, self.settings.cache_bytes)))
    }

    /// After a build. Whoever is at it already looks at the next opportunity.
    pub(crate) fn make_room_or_say(&self) {
        if self.making_room.is_locked() {
            return;
        }
        if let Err(error) = self.make_room() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the caches of builds were not brought back to their budget"
            );
        }
    }

    /// Runs a worker that clears away; answers what it measured.
    fn run_cleaner(
        &self,
        scope: &str,
        source: SourceWire,
        budget: Option<u64>,
    ) -> Result<Option<u64>, WorkerError> {
        let limits = JobLimits::default();
        let (cell, link) = self.start_cell(scope, JobNetwork::None, &limits)?;
        let mut job = WorkerJob::new(
            JobSource::Upload {
                dockerfile: None,
                context: None,
            },
            scope,
        );
        job.network = JobNetwork::None;
        let (mut wire, fds) = self.write_job(job, None);
        (wire.source, wire.cache_bytes) = (source, budget);
        let clear = || "clear away what workers left".to_owned();
        link.send(&ToWorker::Job(Box::new(wire)), &fds)
            .context(clear)?;
        let limit = self.settings.cleaning;
        let (alive, ended) = mpsc::channel::<()>();
        let killer = cell.killer();
        let watching = std::thread::Builder::new().name("cleaning".to_owned());
        let watching = watching.spawn(move || {
            let is_late = ended.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
            if is_late {
                killer.kill();
            }
            is_late
        });
        let watching = watching.context(clear)?;
        // Its end is the end of the socket.
        let mut measured = None;
        let heard = loop {
            match link.receive::<FromWorker>() {
                Ok(Some((FromWorker::Measured { bytes }, _))) => measured = Some(bytes),
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        let exit = cell.wait();
        drop(alive);
        let is_late = watching.join().unwrap_or(false);
        heard.context(clear)?;
        let exit = exit?;
        match exit.code {
            0 => Ok(measured),
            _ if is_late => Err(std::io::Error::other(format!(
                "it took longer than {} s",
                limit.as_secs()
            )))
            .context(clear),
            _ => Err(std::io::Error::other(exit.words)).context(clear),
        }
    }

    pub(crate) fn clean_after_loss(&self, scope: &str) {
        if let Err(error) = self.clean(scope) {
            tracing::warn!(%error, "what a build worker left was not cleared away");
        }
    }
}

/// Does the same with each, whatever became of those before: what one tenant's scope holds must not keep the others from being
/// cleared. Answers the first error.
fn do_each<T, E>(
    items: impl Iterator<Item = T>,
    work: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    items.map(work).fold(Ok(()), Result::and)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_that_cannot_be_cleared_keeps_no_other_from_it() {
        let mut seen = Vec::new();
        let done = do_each(1..=4, |number| {
            seen.push(number);
            match number % 2 {
                0 => Err(number),
                _ => Ok(()),
            }
        });
        assert_eq!((done, seen), (Err(2), vec![1, 2, 3, 4]));
    }
}
