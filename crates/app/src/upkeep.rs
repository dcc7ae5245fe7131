//! What runs beside requests: counting pulls and bytes, giving up stale uploads, removing ended sessions, noticing changes
//! made beside the server.

use crate::{App, Error};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{Durability, Order, outside, uploads};
use wharf_model::Timestamp;

/// How often changes made beside the server are looked for. A host command is promised to be noticed within a second.
const LOOK_OUTSIDE: Duration = Duration::from_millis(400);

/// How often counted pulls are written: numbers on a page may be this old, and a crash loses no more.
const WRITE_PULLS: Duration = Duration::from_secs(5);

/// How often it is asked whether an hour began in which nobody looked at what is stored.
const LOOK_AT_STORAGE: Duration = Duration::from_secs(5);

/// How often rows of numbers that are too old are taken away. Nothing here is urgent.
const SWEEP_STATS: Duration = Duration::from_secs(600);

/// How often stale uploads are looked for.
const REAP_UPLOADS: Duration = Duration::from_secs(600);

/// How often sessions that ended are removed: nobody can use them, they only take room.
const SWEEP_SESSIONS: Duration = Duration::from_secs(3600);

/// Stale uploads given up in one go.
const REAP_AT_ONCE: usize = 200;

impl App {
    /// Runs until it is dropped.
    pub async fn run_upkeep(self) {
        let mut outside = tick(LOOK_OUTSIDE);
        let mut pulls = tick(WRITE_PULLS);
        let mut reap = tick(REAP_UPLOADS);
        let mut sweep = tick(SWEEP_SESSIONS);
        let mut storage = tick(LOOK_AT_STORAGE);
        let mut numbers = tick(SWEEP_STATS);
        let mut seen = None;
        loop {
            let (what, done) = tokio::select! {
                _ = outside.tick() => ("look for outside changes", self.look_outside(&mut seen).await),
                _ = pulls.tick() => ("write pull counts", self.write_counts().await),
                _ = storage.tick() => ("record what is stored", self.record_storage().await),
                _ = numbers.tick() => ("take away old numbers", self.sweep_stats().await),
                _ = reap.tick() => ("give up stale uploads", self.reap_uploads().await),
                _ = sweep.tick() => ("remove ended sessions", self.sweep_sessions().await),
            };
            if let Err(error) = done {
                tracing::warn!(error = &error as &dyn std::error::Error, "could not {what}");
            }
        }
    }

    async fn look_outside(&self, seen: &mut Option<i64>) -> Result<(), Error> {
        let now = self
            .db
            .read(outside::count_outside_changes)
            .await
            .map_err(Error::from)?;
        if seen.replace(now).is_some_and(|before| before != now) {
            self.memory.forget_all();
        }
        Ok(())
    }

    /// Whether rows can be read and bytes can be written now.
    pub async fn check_ready(&self) -> Result<(), Error> {
        self.db
            .read(outside::count_outside_changes)
            .await
            .map_err(Error::from)?;
        let store = self.blobs.clone();
        let checked = tokio::task::spawn_blocking(move || store.check_writable());
        checked.await.map_err(Error::internal)?.map_err(Error::from)
    }

    /// Writes what was counted in memory; also called at the end of the process.
    pub async fn write_counts(&self) -> Result<(), Error> {
        let written = [self.write_pulls().await, self.write_traffic().await];
        written.into_iter().collect()
    }

    async fn write_pulls(&self) -> Result<(), Error> {
        let counted = self.pulls.take();
        if counted.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let write = self
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                counted
                    .iter()
                    .try_for_each(|((repository, digest), count)| {
                        wharf_db::repositories::add_pulls(tx, *repository, digest, *count, now)
                    })
            });
        write.await.map_err(Error::from)
    }

    /// Gives up uploads that nobody touched within their lifetime, and files of sessions that no longer exist.
    pub async fn reap_uploads(&self) -> Result<(), Error> {
        let lifetime = i64::try_from(self.settings.upload_lifetime.as_micros()).unwrap_or(i64::MAX);
        let before = Timestamp::from_micros(self.clock.now().as_micros().saturating_sub(lifetime));
        let list = self
            .db
            .read(move |tx| uploads::list_stale_uploads(tx, before, REAP_AT_ONCE));
        let stale: Vec<_> = list.await.map_err(Error::from)?;
        for key in stale {
            self.drop_upload(key).await?;
        }
        self.sweep_upload_files().await
    }
}

fn tick(period: Duration) -> tokio::time::Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
