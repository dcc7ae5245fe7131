//! What goes when the log's days are over: bodies of attempts since they were sent, and lines of the log since their end.

use crate::{App, Error};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{
    DbError, Durability,
    triggers::{attempts::forget_bodies, deliveries::forget_deliveries},
};

/// How often. Nothing here is urgent.
const SWEEP: Duration = Duration::from_secs(600);

/// Bodies and lines that are taken away in one go: each is a transaction that keeps others from writing.
const AT_ONCE: usize = 200;

impl App {
    /// Takes away what is too old, until it is dropped.
    pub async fn run_trigger_sweep(self) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            sweep.tick().await;
            if let Err(error) = self.sweep_trigger_log().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not take what is old out of the log of triggers"
                );
            }
        }
    }

    pub(super) async fn sweep_trigger_log(&self) -> Result<(), Error> {
        let before = self
            .clock
            .now()
            .minus(self.configuration.live().triggers.keep_log);
        loop {
            let gone = self.db.write(Durability::Relaxed, move |tx| {
                let bodies = forget_bodies(tx, before, AT_ONCE)?;
                Ok::<_, DbError>(bodies.max(forget_deliveries(tx, before, AT_ONCE)?))
            });
            if gone.await.map_err(Error::from)? < AT_ONCE as u64 {
                return Ok(());
            }
        }
    }
}
