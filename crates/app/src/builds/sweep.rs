//! What is left lying about is cleared away: old logs, logs that a crash left uncompressed, files of builds that are gone.

use super::log::{compress_log, list_builds, remove, remove_log};
use crate::{App, Error, builds::context_path};
use std::time::{Duration, SystemTime};
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{
    Durability,
    builds::{self, Build},
    rules::decisions,
};
use wharf_model::{BuildId, Timestamp, builds::LogState};

/// How often. Nothing here is urgent.
const SWEEP: Duration = Duration::from_secs(600);

/// Logs, and decisions, that are removed in one go: each is a transaction that keeps others from writing.
const AT_ONCE: usize = 500;

impl App {
    /// Clears away what builds left, until it is dropped.
    pub async fn run_build_sweep(self) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            sweep.tick().await;
            // Each for itself: what is always in the way of one must not let the others grow.
            let swept = [
                self.sweep_builds().await,
                self.sweep_caches().await,
                self.trim_caches().await,
                self.sweep_base_images().await,
                self.trim_base_images().await,
            ];
            for error in swept.into_iter().filter_map(Result::err) {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not clear away what builds left"
                );
            }
        }
    }

    async fn sweep_builds(&self) -> Result<(), Error> {
        let keep = i64::try_from(self.builds.settings.keep_logs.as_micros()).unwrap_or(i64::MAX);
        let before = self.clock.now().as_micros().saturating_sub(keep);
        let before = Timestamp::from_micros(before);
        let expired = self
            .db
            .read(move |tx| builds::list_expired_logs(tx, before, AT_ONCE));
        for build in expired.await.map_err(Error::from)? {
            self.expire_log(build).await?;
        }
        self.prune_decisions().await?;
        let folder = self.builds.folder.clone();
        for (build, youngest) in run(move || list_builds(&folder)).await? {
            // Files come before the row of a build that is being started.
            let age = SystemTime::now().duration_since(youngest);
            if age.unwrap_or_default() < SWEEP {
                continue;
            }
            let found = self.db.look_up(move |tx| builds::find_build(tx, build));
            self.sweep_build(build, found.await.map_err(Error::from)?)
                .await?;
        }
        Ok(())
    }

    /// Removes what was decided long ago; the last decision about each ref stays.
    async fn prune_decisions(&self) -> Result<(), Error> {
        let keep = self.builds.settings.keep_decisions.as_micros();
        let keep = i64::try_from(keep).unwrap_or(i64::MAX);
        let before = Timestamp::from_micros(self.clock.now().as_micros().saturating_sub(keep));
        loop {
            let prune = self.db.write(Durability::Relaxed, move |tx| {
                decisions::prune_decisions(tx, before, AT_ONCE)
            });
            if prune.await.map_err(Error::from)? < AT_ONCE as u64 {
                return Ok(());
            }
        }
    }

    async fn expire_log(&self, build: BuildId) -> Result<(), Error> {
        let folder = self.builds.folder.clone();
        run(move || remove_log(&folder, build)).await?;
        self.note_log(build, LogState::Expired).await
    }

    async fn sweep_build(&self, id: BuildId, build: Option<Build>) -> Result<(), Error> {
        let folder = self.builds.folder.clone();
        match build {
            // Its repository was deleted.
            None => {
                run(move || {
                    remove_log(&folder, id)?;
                    remove(&context_path(&folder, id))
                })
                .await
            }
            Some(build) if build.state.is_over() => {
                let again = self.builds.settings.keep_contexts;
                let until = build.ended_at.map(|ended| ended.plus(again));
                let expired = until.is_none_or(|until| until <= self.clock.now());
                let kept = run(move || {
                    if expired {
                        remove(&context_path(&folder, id))?;
                    }
                    compress_log(&folder, id)
                });
                if kept.await? && build.log != LogState::Kept {
                    self.note_log(id, LogState::Kept).await?;
                }
                Ok(())
            }
            Some(_) => Ok(()),
        }
    }

    /// What is kept of a build that is over: its log, compressed. What cannot be done now is left for the sweep.
    pub(super) async fn settle_files(&self, id: BuildId) {
        let found = self.db.look_up(move |tx| builds::find_build(tx, id)).await;
        let settled = match found.map_err(Error::from) {
            Ok(build) => self.sweep_build(id, build).await,
            Err(error) => Err(error),
        };
        if let Err(error) = settled {
            tracing::warn!(
                build.id = %id, error = &error as &dyn std::error::Error,
                "a build's log could not be compressed"
            );
        }
    }

    async fn note_log(&self, id: BuildId, log: LogState) -> Result<(), Error> {
        let noted = self
            .db
            .write(Durability::Relaxed, move |tx| builds::set_log(tx, id, log));
        noted.await.map_err(Error::from)
    }
}

/// Runs what blocks on a thread for that.
async fn run<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)?
        .map_err(|error| Error::Unavailable(error.into()))
}
