//! Watching remote repositories beside requests: whose turn it is, how soon again, and how failures are waited out.

use super::remote::describe_failure;
use crate::{
    App, Error,
    lanes::{LaneBounds, Lanes},
    turns::Turns,
};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;
use wharf_db::{DbError, Durability, Order, rules::remotes};
use wharf_model::{RemotePath, SourceId, Timestamp};

/// How often due remotes are looked for. A nudge wakes at once; this is how late a poll may be.
const TICK: Duration = Duration::from_secs(1);

/// How often what is left over is given up.
const TIDY: Duration = Duration::from_secs(300);

/// Remotes that are asked at once. Each is a process and a connection; more would crowd out builds on a small machine, and
/// fewer let two dead hosts hold up everybody.
const BOUNDS: LaneBounds = LaneBounds {
    in_all: 8,
    per_host: 2,
};

/// How long one look may take: git's own limit, and some messages of commits. Longer, and a host that dawdles keeps its
/// place from its other repositories.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// The longest wait after failures: a host that is back is noticed within this.
const LONGEST: Duration = Duration::from_secs(3600);

/// How many times longer a remote may wait whose webhook works: it is asked only for what the webhook missed.
const WITH_WEBHOOK: u32 = 10;

/// Who is looking at which remote, and what wakes the watch.
#[derive(Default)]
pub(crate) struct Watching {
    pub(super) turns: Turns<(SourceId, RemotePath)>,
    wake: Notify,
}

impl App {
    /// Looks at remotes when their time comes, until it is dropped. At the start all are looked at: nobody knows what
    /// was pushed while the server was away.
    pub async fn run_watching(self) {
        let now = self.clock.now();
        let all = self
            .db
            .write(Durability::Relaxed, move |tx| remotes::hasten_all(tx, now));
        if let Err(error) = all.await.map_err(Error::from) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not look at all code hosts"
            );
        }
        let mut lanes = Lanes::new(BOUNDS);
        let mut tidied = now;
        loop {
            if tidied.until(self.clock.now()) >= TIDY {
                tidied = self.clock.now();
                self.tidy().await;
            }
            if let Err(error) = self.look_at_due(&mut lanes).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not find remotes to look at"
                );
            }
            tokio::select! {
                () = lanes.end_one() => {}
                () = self.watching.wake.notified() => {}
                () = sleep(TICK) => {}
            }
        }
    }

    /// Begins to look at remotes whose time has come, as much as there is room for.
    async fn look_at_due(&self, lanes: &mut Lanes<(SourceId, RemotePath)>) -> Result<(), Error> {
        loop {
            let (now, full, room) = (self.clock.now(), lanes.full_hosts(), lanes.room());
            if room == 0 {
                return Ok(());
            }
            let list = self
                .db
                .read(move |tx| remotes::list_due_remotes(tx, now, &full, room));
            let mut begun = false;
            for (host, source, remote) in list.await.map_err(Error::from)? {
                let (app, key) = (self.clone(), (source, remote.clone()));
                begun |= lanes.start(&host, key, async move {
                    // What went wrong is in the row, where people see it.
                    let _ = app.look_at_remote(source, &remote).await;
                });
            }
            if !begun {
                return Ok(());
            }
        }
    }

    /// Gives up what nobody waits for: remotes that no rule builds from, archives that no build took.
    async fn tidy(&self) {
        let leave = self
            .db
            .write(Durability::Relaxed, remotes::leave_idle_remotes);
        let left = leave.await.map_err(Error::from).map(drop);
        for done in [left, self.give_up_contexts().await] {
            if let Err(error) = done {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not tidy up after rules"
                );
            }
        }
    }

    /// Has what became due looked at now.
    pub(crate) fn wake_watching(&self) {
        self.watching.wake.notify_one();
    }

    /// Has a remote looked at now: somebody says that something was pushed. Answers whether any rule builds from it.
    pub async fn nudge_remote(&self, source: SourceId, remote: &RemotePath) -> Result<bool, Error> {
        let (remote, now) = (remote.clone(), self.clock.now());
        let hasten = self
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                remotes::hasten_remote(tx, source, &remote, now)
            });
        let watched = hasten.await.map_err(Error::from)?;
        self.wake_watching();
        Ok(watched)
    }

    /// When a remote is looked at again after so many failures.
    pub(super) async fn find_next_look(
        &self,
        source: SourceId,
        remote: &RemotePath,
        failures: u32,
    ) -> Result<Timestamp, Error> {
        let told = self.is_told_of(source, remote).await?;
        let poll = self.settings.poll_interval;
        let wait = find_wait(poll, told, failures, rand::random());
        Ok(self.clock.now().plus(wait))
    }

    pub(super) async fn note_failed_look(
        &self,
        source: SourceId,
        remote: &RemotePath,
        error: &Error,
    ) -> Result<(), Error> {
        let (problem, detail) = describe_failure(error);
        let failures = self.find_failures(source, remote).await?;
        let next_at = self.find_next_look(source, remote, failures + 1).await?;
        tracing::warn!(%remote, problem, detail, failures = failures + 1, "a code host could not be asked for refs");
        let (remote, now) = (remote.clone(), self.clock.now());
        let note = self
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                remotes::note_failure(tx, source, &remote, problem, &detail, now, next_at)
            });
        note.await.map_err(Error::from)
    }

    async fn find_failures(&self, source: SourceId, remote: &RemotePath) -> Result<u32, Error> {
        let remote = remote.clone();
        let find = self.db.look_up(move |tx| {
            let found = remotes::find_remote(tx, source, &remote)?;
            Ok::<_, DbError>(found.map_or(0, |remote| remote.failures))
        });
        find.await.map_err(Error::from)
    }
}

/// How long until the next look. `chance` spreads looks that would come together, by a fifth either way.
fn find_wait(poll: Duration, told: bool, failures: u32, chance: u8) -> Duration {
    let usual = if told && failures == 0 {
        poll.saturating_mul(WITH_WEBHOOK)
    } else {
        poll
    };
    let doubled = usual.saturating_mul(1 << failures.min(16));
    let wait = doubled.min(LONGEST.max(usual));
    wait.mul_f64(0.8 + 0.4 * f64::from(chance) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_waited_out_and_a_working_webhook_needs_few_looks() {
        let minute = Duration::from_secs(60);
        let wait = |told, failures| find_wait(minute, told, failures, 128).as_secs();
        assert_eq!(wait(false, 0), 60);
        assert_eq!(wait(true, 0), 600);
        assert_eq!(wait(false, 1), 120);
        assert_eq!(wait(true, 1), 120, "what failed is not left to the webhook");
        assert_eq!(wait(false, 3), 480);
        assert_eq!(wait(false, 60), 3602, "within the hour, whatever happened");
    }

    #[test]
    fn looks_are_spread() {
        let poll = Duration::from_secs(100);
        let waits = [0, 255].map(|chance| find_wait(poll, false, 0, chance).as_secs());
        assert_eq!(waits, [80, 120]);
        let short = find_wait(Duration::from_millis(200), false, 0, 128);
        assert!(short < Duration::from_millis(250));
    }
}
