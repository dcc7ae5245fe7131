//! What follows code hosts, as numbers: gauges that are counted anew now and then, counters where something happens.

use super::updates::PushOutcome;
use crate::{App, Error};
use std::{collections::HashSet, time::Duration};
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{counts::load_counts, triggers::deliveries::count_open};

/// How often the gauges are counted. Prometheus asks every 15 seconds or more seldom.
const COUNT: Duration = Duration::from_secs(15);

impl App {
    /// Counts what the gauges tell, until it is dropped.
    pub async fn run_counting(self) {
        let mut ticks = interval(COUNT);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut states = HashSet::new();
        loop {
            ticks.tick().await;
            if let Err(error) = self.count(&mut states).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not count rules, webhooks and builds"
                );
            }
        }
    }

    /// `states` are the webhooks' states that were ever told: one that nothing is in any more is told as 0.
    async fn count(&self, states: &mut HashSet<String>) -> Result<(), Error> {
        let counts = self.db.read(load_counts).await.map_err(Error::from)?;
        for (state, count) in counts.rules {
            metrics::gauge!("wharf_rules", "state" => state).set(count as f64);
        }
        for (state, count) in counts.remotes {
            metrics::gauge!("wharf_watched_remotes", "state" => state).set(count as f64);
        }
        states.extend(counts.webhooks.iter().map(|(state, _)| state.clone()));
        for state in states.iter() {
            let found = counts.webhooks.iter().find(|(other, _)| other == state);
            let count = found.map_or(0, |(_, count)| *count);
            metrics::gauge!("wharf_webhooks", "state" => state.clone()).set(count as f64);
        }
        let set = |name: &'static str, count: u64| metrics::gauge!(name).set(count as f64);
        set("wharf_host_removals_waiting", counts.removals);
        set("wharf_build_statuses_waiting", counts.statuses);
        set("wharf_build_pushes_waiting", counts.pushes);
        set("wharf_builds_queued", counts.queued);
        let now = self.clock.now();
        let open = self.db.read(count_open).await.map_err(Error::from)?;
        set("wharf_trigger_deliveries_open", open.open);
        set("wharf_trigger_rollouts", open.rollouts);
        set("wharf_trigger_actions_disabled", open.disabled_actions);
        let oldest = open.oldest.map_or(Duration::ZERO, |since| since.until(now));
        metrics::gauge!("wharf_trigger_deliveries_oldest_seconds").set(oldest.as_secs_f64());
        let waited = counts
            .queued_since
            .map_or(Duration::ZERO, |since| since.until(now));
        metrics::gauge!("wharf_builds_queued_oldest_seconds").set(waited.as_secs_f64());
        Ok(())
    }
}

/// Counts what one look, or one delivery, came to.
pub(super) fn count_decisions(outcome: &PushOutcome) {
    let built = outcome.builds.len();
    let others = outcome.decided.saturating_sub(built);
    for (result, count) in [("built", built), ("not_built", others)] {
        metrics::counter!("wharf_ref_decisions_total", "result" => result).increment(count as u64);
    }
}

/// Counts a look at a remote repository.
pub(super) fn count_look(took: Duration, looked: &Result<PushOutcome, Error>) {
    let result = match looked {
        Ok(_) => "answered",
        Err(_) => "failed",
    };
    metrics::counter!("wharf_polls_total", "result" => result).increment(1);
    metrics::histogram!("wharf_poll_seconds").record(took.as_secs_f64());
}
