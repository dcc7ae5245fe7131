//! The state of a build beside its commit on the code host, with a link to the build.
//!
//! The latest state wins, and it is told until the host took it. A host that does not take it changes nothing here, and
//! keeps nothing from other hosts. States of one commit are told one after the other.

use super::reasons::Reason;
use crate::{
    App, Error,
    lanes::{LaneBounds, Lanes, limit_time},
};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use wharf_db::{
    Durability,
    builds::{self, Build, StatusRow},
};
use wharf_integrations::forge::{CommitStatus, StatusState};
use wharf_model::builds::{BuildSource, BuildState};

/// How often it is looked for what is due; a build that changes is noticed at once.
const LOOK: Duration = Duration::from_secs(5);

/// States that are told at once. Each is one small request.
const BOUNDS: LaneBounds = LaneBounds {
    in_all: 16,
    per_host: 4,
};

/// How long telling one may take: the longest call of a code host's API, and what comes before it.
const PATIENCE: Duration = Duration::from_secs(45);

/// How often one is tried: over the waits below that is about an hour, longer than most outages.
const ATTEMPTS: u32 = 8;

/// The wait after the first failure; each is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(15);

/// The longest that a host may ask for: GitHub counts requests by the hour. A state that is told later interests nobody.
const LONGEST_WAIT: Duration = Duration::from_secs(2 * 3600);

/// How long to wait after a failure: as long as the host asks for, where it does.
fn choose_wait(attempt: u32, error: &Error) -> Duration {
    let asked = match error {
        Error::Upstream(failure) => failure.retry_after,
        _ => None,
    };
    let own = FIRST_WAIT * 2_u32.pow(attempt - 1);
    own.max(asked.unwrap_or_default().min(LONGEST_WAIT))
}

impl App {
    /// Tells code hosts how builds stand, until it is dropped.
    pub async fn run_build_statuses(self) {
        let mut stirred = self.builds.listen();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut lanes = Lanes::new(BOUNDS);
        loop {
            tokio::select! {
                _ = look.tick() => {}
                _ = stirred.changed() => {}
                () = lanes.end_one() => {}
            }
            if let Err(error) = self.tell_statuses(&mut lanes).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not tell code hosts how builds stand"
                );
            }
        }
    }

    /// Begins to tell what is due, as much as there is room for.
    async fn tell_statuses(&self, lanes: &mut Lanes<String>) -> Result<(), Error> {
        loop {
            let (now, full, room) = (self.clock.now(), lanes.full_hosts(), lanes.room());
            if room == 0 {
                return Ok(());
            }
            let due = self
                .db
                .read(move |tx| builds::find_due_statuses(tx, now, &full, room));
            let mut begun = false;
            for status in due.await.map_err(Error::from)? {
                let (app, host) = (self.clone(), status.host.clone());
                let place = status.place.clone();
                begun |= lanes.start(&host, place, async move { app.settle_status(status).await });
            }
            if !begun {
                return Ok(());
            }
        }
    }

    /// Tells a state, and notes what became of it.
    async fn settle_status(&self, status: StatusRow) {
        let told = match says_the_same(status.sent, status.wanted) {
            true => Ok(()),
            false => limit_time(PATIENCE, &status.host, self.tell_status(&status)).await,
        };
        let attempt = status.attempts + 1;
        let again = told.as_ref().err().filter(|_| attempt < ATTEMPTS);
        let next = again.map(|error| self.clock.now().plus(choose_wait(attempt, error)));
        let failed = told.err().map(|error| error.to_string());
        let (build, wanted) = (status.build, status.wanted);
        let noted = self.db.write(Durability::Relaxed, move |tx| {
            builds::note_status(tx, build, wanted, failed.as_deref(), next)
        });
        let noted: Result<(), wharf_db::DbError> = noted.await;
        if let Err(error) = noted {
            tracing::warn!(
                build.id = %build, error = &error as &dyn std::error::Error,
                "what became of telling a build's state could not be noted"
            );
        }
    }

    async fn tell_status(&self, status: &StatusRow) -> Result<(), Error> {
        let id = status.build;
        let found = self.db.look_up(move |tx| {
            let build = builds::find_build(tx, id)?;
            Ok::<_, wharf_db::DbError>(build.zip(builds::load_spec(tx, id)?))
        });
        let Some((build, spec)) = found.await.map_err(Error::from)? else {
            return Ok(());
        };
        let BuildSource::Git {
            source: Some(source),
            repository,
            ..
        } = &spec.source
        else {
            return Ok(());
        };
        let Some(commit) = &build.commit else {
            return Ok(());
        };
        let forge = self.open_source(*source).await?.forge()?;
        let path = repository.parse().map_err(Error::internal)?;
        let status = self.describe_status(&build, status.wanted);
        let told = forge.set_commit_status(&path, commit, &status).await;
        told.map_err(|error| Error::from(crate::sources::HostFailure::from(error)))
    }

    fn describe_status(&self, build: &Build, state: BuildState) -> CommitStatus {
        let name = &build.repository_name;
        let target = self.settings.public_url.as_ref();
        let target = target.map(|url| format!("{url}/repositories/{name}/builds/{}", build.number));
        CommitStatus {
            state: match state {
                BuildState::Queued | BuildState::Running => StatusState::Pending,
                // Who asked for no build has what they asked for.
                BuildState::Succeeded | BuildState::Skipped => StatusState::Success,
                BuildState::Failed if is_our_fault(build) => StatusState::Error,
                BuildState::Failed => StatusState::Failure,
                BuildState::Canceled | BuildState::Superseded => StatusState::Canceled,
            },
            // Each rule has its own mark: of two that build one commit, the failed one stays to be seen.
            context: match &build.rule {
                Some(rule) => format!("wharf/{name}/{}", rule.name),
                None => format!("wharf/{name}"),
            },
            target_url: target.and_then(|url| url.parse().ok()),
            description: format!("Build #{}{}", build.number, describe(build, state)),
        }
    }
}

/// Whether the host shows what is wanted already: that a build waits and that it runs are one word there.
fn says_the_same(sent: Option<BuildState>, wanted: BuildState) -> bool {
    let is_open = |state| matches!(state, BuildState::Queued | BuildState::Running);
    sent.is_some_and(|sent| sent == wanted || is_open(sent) && is_open(wanted))
}

/// Whether the machine failed, and not what was built.
fn is_our_fault(build: &Build) -> bool {
    let ours = [
        Reason::Machine,
        Reason::Worker,
        Reason::WorkerLost,
        Reason::Log,
        Reason::Internal,
    ];
    let reason = build.failure.as_ref().map(|failure| &*failure.reason);
    reason.is_some_and(|reason| ours.iter().any(|ours| ours.as_str() == reason))
}

/// What follows the build's number on the host's page.
fn describe(build: &Build, state: BuildState) -> &'static str {
    match state {
        BuildState::Queued | BuildState::Running => " is under way",
        BuildState::Succeeded => " succeeded",
        BuildState::Skipped => " was skipped, as the commit's message asks",
        BuildState::Failed if is_our_fault(build) => ": the build server failed; retry it",
        BuildState::Failed => " failed",
        BuildState::Canceled => " was canceled",
        BuildState::Superseded => ": a newer commit is built instead",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::HostFailure;

    #[test]
    fn a_host_is_told_each_of_its_words_once() {
        use BuildState::{Canceled, Queued, Running, Succeeded};
        assert!(!says_the_same(None, Queued));
        assert!(says_the_same(Some(Queued), Running));
        assert!(!says_the_same(Some(Running), Succeeded));
        // One that was canceled and is retried.
        assert!(!says_the_same(Some(Canceled), Queued));
    }

    #[test]
    fn a_host_is_left_alone_as_long_as_it_asks() {
        let asked = |seconds: u64| {
            let failure = HostFailure {
                retry_after: Some(Duration::from_secs(seconds)),
                ..HostFailure::too_slow("host.example", PATIENCE)
            };
            Error::from(failure)
        };
        assert_eq!(choose_wait(1, &asked(600)), Duration::from_secs(600));
        assert_eq!(choose_wait(1, &asked(1)), FIRST_WAIT);
        assert_eq!(choose_wait(1, &asked(1 << 30)), LONGEST_WAIT);
        assert_eq!(choose_wait(3, &Error::NotFound), FIRST_WAIT * 4);
    }
}
