//! The loop that begins builds: whose turn it is runs, up to the limits; what a dead server left is taken up again.

use super::{
    attempt::{Attempt, run_attempt},
    reasons::Reason,
};
use crate::{
    App, Error,
    leases::{Leases, RENEW},
};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};
use wharf_db::{
    Durability,
    builds::{self, Build, BuildEnd, Claim, Failure},
};
use wharf_model::builds::BuildState;

/// How often the queue is looked at although nobody said that it changed: another process may have.
const LOOK: Duration = Duration::from_secs(5);

/// How often a build is begun whose worker or server dies under it: it is tried once more, then its record says so.
pub(super) const ATTEMPTS: u32 = 2;

impl App {
    /// Lets the queue be looked at, and running builds look whether they are to stop. Call it after a transaction that
    /// made, stopped or removed builds.
    pub fn wake_builds(&self) {
        self.builds.stir();
    }

    /// Runs builds until it is dropped; then their workers end, and [`App::release_builds`] gives them back.
    pub async fn run_builds(self) {
        let mut stirred = self.builds.listen();
        // Before anything is begun: later, builds under this installation's name are this process's own.
        while let Err(error) = self.recover_own_builds().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "builds of an earlier process could not be taken up; trying again"
            );
            tokio::time::sleep(LOOK).await;
        }
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut recover = interval(RENEW);
        recover.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut running = JoinSet::new();
        let mut leases = Leases::default();
        if self.builds.settings.launcher.is_ok() {
            self.explain_waiting(None, None).await;
        }
        loop {
            let done = tokio::select! {
                _ = recover.tick() => self.recover_builds(&mut leases).await,
                _ = look.tick() => Ok(()),
                _ = stirred.changed() => Ok(()),
                Some(ended) = running.join_next(), if !running.is_empty() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a build's task broke off");
                    }
                    Ok(())
                }
            };
            let begun = match done {
                Ok(()) => self.begin_builds(&mut running).await,
                Err(error) => Err(error),
            };
            if let Err(error) = begun {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not look after the builds' queue"
                );
            }
        }
    }

    /// Begins as many builds as may begin now.
    async fn begin_builds(&self, running: &mut JoinSet<()>) -> Result<(), Error> {
        let launcher = match &self.builds.settings.launcher {
            Ok(launcher) => launcher.clone(),
            Err(why) => {
                let detail = match &why.hint {
                    Some(hint) => format!("{}: {hint}", why.problem),
                    None => why.problem.clone(),
                };
                self.explain_waiting(Some(Reason::CannotBuild), Some(detail))
                    .await;
                return Ok(());
            }
        };
        if self.builds.settings.slots.all == 0 {
            self.explain_waiting(Some(Reason::Paused), None).await;
            return Ok(());
        }
        while let Some((claim, build)) = self.claim_next().await? {
            metrics::counter!("wharf_builds_started_total").increment(1);
            self.builds.stir();
            let attempt = Attempt {
                app: self.clone(),
                launcher: launcher.clone(),
                claim,
                build,
            };
            running.spawn(run_attempt(attempt));
        }
        Ok(())
    }

    /// Says at every build that waits why none is begun, or that nothing keeps them any more.
    async fn explain_waiting(&self, reason: Option<Reason>, detail: Option<String>) {
        let explained = self.db.write(Durability::Relaxed, move |tx| {
            builds::explain_waiting(tx, reason.map(Reason::as_str), detail.as_deref())
        });
        let explained: Result<(), wharf_db::DbError> = explained.await;
        if let Err(error) = explained {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "why builds wait could not be noted"
            );
        }
    }

    async fn claim_next(&self) -> Result<Option<(Claim, Build)>, Error> {
        let (slots, owner) = (self.builds.settings.slots, self.builds.owner.clone());
        let now = self.clock.now();
        let ending = self.builds.ending.clone();
        let claimed = self.db.write(Durability::Durable, move |tx| {
            if ending.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let queue = builds::load_queue(tx)?;
            metrics::gauge!("wharf_builds_running").set(queue.running.len() as f64);
            let Some(next) = queue.next(slots) else {
                return Ok(None);
            };
            builds::claim_build(tx, next, &owner, now)
        });
        claimed.await.map_err(Error::from)
    }

    /// Takes up what earlier processes of this installation left: once more from the front, or as failed when that was
    /// tried already. The lock on the data folder says that they are gone.
    async fn recover_own_builds(&self) -> Result<(), Error> {
        let (now, earlier) = (self.clock.now(), self.builds.installation.clone());
        let recovered = self.db.write(Durability::Durable, move |tx| {
            builds::reset_running_pushes(tx, now)?;
            let left = builds::list_owned_builds(tx, &earlier)?;
            for build in &left {
                give_back(tx, build, now)?;
            }
            Ok::<_, wharf_db::DbError>(left)
        });
        self.report_recovered(&recovered.await.map_err(Error::from)?);
        Ok(())
    }

    /// Takes up what servers left that say nothing any more.
    async fn recover_builds(&self, leases: &mut Leases<Claim>) -> Result<(), Error> {
        let list = self.db.read(builds::list_leases);
        let running = list.await.map_err(Error::from)?;
        let silent = leases.find_silent(&running, Instant::now());
        if silent.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let recovered = self.db.write(Durability::Durable, move |tx| {
            // Whoever said something since the look keeps the build.
            let running_now = builds::list_leases(tx)?;
            let mut left = Vec::new();
            for claim in silent.iter().copied() {
                let before = running.iter().find(|(one, _)| *one == claim);
                if before.is_some_and(|lease| running_now.contains(lease)) {
                    left.extend(builds::find_build(tx, claim.build)?);
                }
            }
            for build in &left {
                give_back(tx, build, now)?;
            }
            Ok::<_, wharf_db::DbError>(left)
        });
        self.report_recovered(&recovered.await.map_err(Error::from)?);
        Ok(())
    }

    fn report_recovered(&self, left: &[Build]) {
        for build in left {
            tracing::warn!(
                build.id = %build.id, build.attempt = build.attempt,
                "took up a build whose server had ended"
            );
            self.builds.stir();
        }
    }

    /// Gives back what this process was at, so that the next one begins it again and no attempt is counted. Called at
    /// the end of the process, when nothing runs any more.
    pub async fn release_builds(&self) -> Result<(), Error> {
        self.builds.ending.store(true, Ordering::Relaxed);
        let owner = self.builds.owner.clone();
        let released = self.db.write(Durability::Durable, move |tx| {
            builds::release_owned(tx, &owner)
        });
        released.await.map_err(Error::from)
    }
}

fn give_back(
    tx: &mut wharf_db::Tx<'_>,
    build: &Build,
    now: wharf_model::Timestamp,
) -> Result<(), wharf_db::DbError> {
    let claim = Claim {
        build: build.id,
        fence: build.fence,
    };
    let state = match build.stop {
        // Nobody is there any more who could do it.
        Some(stop) => stop,
        None if build.attempt < ATTEMPTS => return builds::release_build(tx, claim).map(drop),
        None => BuildState::Failed,
    };
    let failure = (state == BuildState::Failed).then(|| Failure {
        reason: Reason::Interrupted.into(),
        ..Failure::default()
    });
    let end = BuildEnd {
        state,
        digest: None,
        failure,
        at: now,
    };
    builds::end_build(tx, claim, &end).map(drop)
}
