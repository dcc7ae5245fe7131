//! Bodies of attempts go when the log's days are over; lines of the log stay.

use crate::{App, Error};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{Durability, triggers::attempts::forget_bodies};

/// How often. Nothing here is urgent.
const SWEEP: Duration = Duration::from_secs(600);

/// Bodies that are taken away in one go: each is a transaction that keeps others from writing.
const AT_ONCE: usize = 200;

impl App {
    /// Takes bodies away whose days are over, until it is dropped.
    pub async fn run_trigger_sweep(self) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            sweep.tick().await;
            if let Err(error) = self.sweep_trigger_log().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not take old bodies out of the log of triggers"
                );
            }
        }
    }

    pub(super) async fn sweep_trigger_log(&self) -> Result<(), Error> {
        let before = self.clock.now().minus(self.settings.triggers.keep_log);
        loop {
            let gone = self.db.write(Durability::Relaxed, move |tx| {
                forget_bodies(tx, before, AT_ONCE)
            });
            if gone.await.map_err(Error::from)? < AT_ONCE as u64 {
                return Ok(());
            }
        }
    }
}
