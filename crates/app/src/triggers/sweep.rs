//! What goes when the log's days are over: bodies of attempts since they were sent, lines of the log since their end, and
//! events that everybody has read.

use crate::{App, Error};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{
    DbError, Durability,
    events::forget_events,
    triggers::{attempts::forget_bodies, deliveries::forget_deliveries},
};

/// How often. Nothing here is urgent.
const SWEEP: Duration = Duration::from_secs(600);

/// Bodies, lines and events that are taken away in one go: each is a transaction that keeps others from writing.
const AT_ONCE: usize = 50;

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
            let db = self.db.in_background();
            let gone = db.write(Durability::Relaxed, move |tx| {
                let bodies = forget_bodies(tx, before, AT_ONCE)?;
                let lines = forget_deliveries(tx, before, AT_ONCE)?;
                let events = forget_events(tx, before, AT_ONCE)?;
                Ok::<_, DbError>(bodies.max(lines).max(events))
            });
            if gone.await.map_err(Error::from)? < AT_ONCE as u64 {
                return Ok(());
            }
        }
    }
}
