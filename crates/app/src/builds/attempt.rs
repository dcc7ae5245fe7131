//! One attempt at one build: from the claim to the end of its record.

use super::{
    job::{Prepared, prepare_job},
    launcher::{BuildLauncher, RunningWorker},
    outcome::{Outcome, of_failure},
    protocol::Protocol,
    publish::publish,
    reasons::Reason,
    runner::ATTEMPTS,
    services::BuildServices,
};
use crate::{App, leases::RENEW};
use serde_json::json;
use std::sync::Arc;
use tokio::{sync::watch, task::AbortHandle};
use wharf_db::{
    Durability, Tx, audit,
    builds::{self, Build, BuildEnd, Claim, Failure},
    rules::decisions,
};
use wharf_model::{
    AuditAction, BuildId, CallerKind, RequestId, Timestamp,
    builds::{BuildPhase, BuildSource, BuildState},
};
use wharf_worker::{FinishedBuild, WorkerEvent};

/// A build that was claimed.
pub(super) struct Attempt {
    pub(super) app: App,
    pub(super) launcher: Arc<dyn BuildLauncher>,
    pub(super) claim: Claim,
    pub(super) build: Build,
}

/// Runs a build to its end. Dropping this ends its worker and leaves its record running, for the next server to take up.
pub(super) async fn run_attempt(attempt: Attempt) {
    let Attempt {
        app, claim, build, ..
    } = &attempt;
    let watching = Watching::start(app.clone(), *claim);
    let mut protocol = match Protocol::open(app, *claim, build) {
        Ok(protocol) => protocol,
        Err(error) => {
            tracing::error!(build.id = %build.id, %error, "a build's log cannot be written");
            let failure = Failure {
                reason: Reason::Log.into(),
                detail: Some(error.to_string()),
                ..Failure::default()
            };
            end_attempt(app, *claim, Outcome::Failed(failure)).await;
            return;
        }
    };
    let outcome = attempt.work(&mut protocol, watching.stop.clone()).await;
    protocol.end_phase().await;
    let stop = *watching.stop.borrow();
    let outcome = match (stop, outcome) {
        // Whatever the worker said when it was told to stop.
        (
            Some(Stop::As(state)),
            Outcome::Failed(_) | Outcome::Lost(_) | Outcome::Stopped(_) | Outcome::Abandoned,
        ) => Outcome::Stopped(state),
        (Some(Stop::Lost), _) => Outcome::Abandoned,
        (_, outcome) => outcome,
    };
    if matches!(outcome, Outcome::Succeeded) {
        app.take_readme_over(build, &mut protocol).await;
    }
    protocol.explain(&outcome).await;
    drop(protocol);
    // The lease is renewed until the record has its end.
    end_attempt(app, *claim, outcome).await;
    drop(watching);
    if let Err(error) = app.trim_base_images().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "base images could not be brought back to their budget"
        );
    }
    app.builds.stir();
}

impl Attempt {
    async fn work(
        &self,
        protocol: &mut Protocol,
        mut stop: watch::Receiver<Option<Stop>>,
    ) -> Outcome {
        let Self {
            app,
            launcher,
            build,
            claim,
        } = self;
        let Prepared {
            job,
            secrets,
            source,
        } = match prepare_job(app, build).await {
            Ok(prepared) => prepared,
            Err(refused) => return Outcome::Failed(*refused),
        };
        protocol.name_source(source);
        protocol.mask(secrets);
        let services = Arc::new(BuildServices::new(app, build));
        let started = launcher.start(job, services.clone()).await;
        let mut worker = match started {
            Ok(worker) => worker,
            Err(error) => {
                tracing::error!(
                    build.id = %build.id, error = &error as &dyn std::error::Error,
                    "a build's worker did not start"
                );
                return Outcome::Failed(Failure {
                    reason: Reason::Worker.into(),
                    detail: Some(describe(&error)),
                    hint: error.hint(),
                    ..Failure::default()
                });
            }
        };
        let heard = listen(&mut *worker, protocol, &mut stop).await;
        let is_whole = matches!(heard, Heard::Finished(_));
        let linked = app.link_bases(build.id, services.list_own_bases(), is_whole);
        if let Err(error) = linked.await {
            tracing::warn!(
                build.id = %build.id, error = &error as &dyn std::error::Error,
                "the FROM lines of a build could not be made links"
            );
        }
        let outcome = match heard {
            Heard::Finished(finished) => {
                protocol.begin_phase(BuildPhase::Pushing).await;
                let published = publish(app, build, *claim, &services, &finished, protocol);
                tokio::select! {
                    outcome = published => outcome,
                    Some(stop) = wait_for_stop(&mut stop) => Outcome::of_stop(stop),
                }
            }
            Heard::Failed(outcome) => outcome,
        };
        worker.finish().await;
        outcome
    }
}

enum Heard {
    Finished(Box<FinishedBuild>),
    Failed(Outcome),
}

/// Writes down what a worker tells, until it tells the end.
async fn listen(
    worker: &mut dyn RunningWorker,
    protocol: &mut Protocol,
    stop: &mut watch::Receiver<Option<Stop>>,
) -> Heard {
    let mut asked = false;
    loop {
        let event = tokio::select! {
            event = worker.next_event() => event,
            Some(_) = wait_for_stop(stop), if !asked => {
                asked = true;
                worker.cancel();
                continue;
            }
        };
        match event {
            Some(WorkerEvent::Finished(finished)) => {
                protocol
                    .note_steps(finished.steps.into(), finished.cached_steps.into())
                    .await;
                return Heard::Finished(finished);
            }
            Some(WorkerEvent::Failed(failure)) => {
                return Heard::Failed(of_failure(failure, protocol));
            }
            Some(event) => {
                if let WorkerEvent::Commit(facts) = &event {
                    protocol.pin_host_keys(&facts.learnt).await;
                }
                protocol.take(event).await;
            }
            None => return Heard::Failed(Outcome::Lost("the worker's line was cut".to_owned())),
        }
    }
}

/// Why a build is not to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Somebody wants this to become of it.
    As(BuildState),
    /// It is another server's by now.
    Lost,
}

async fn wait_for_stop(stop: &mut watch::Receiver<Option<Stop>>) -> Option<Stop> {
    let heard = stop.wait_for(Option::is_some).await.map(|stop| *stop);
    match heard {
        Ok(stop) => stop,
        // Nobody watches any more: nothing will stop it.
        Err(_) => std::future::pending().await,
    }
}

/// Renews the lease, and hears when the build is to stop.
struct Watching {
    stop: watch::Receiver<Option<Stop>>,
    task: AbortHandle,
}

impl Watching {
    fn start(app: App, claim: Claim) -> Self {
        let (tell, stop) = watch::channel(None);
        let watching = async move {
            let mut stirred = app.builds.listen();
            let mut renew = tokio::time::interval(RENEW);
            loop {
                let due = tokio::select! {
                    _ = renew.tick() => true,
                    _ = stirred.changed() => false,
                };
                let looked = app.db.write(Durability::Relaxed, move |tx| {
                    if due && !builds::renew_lease(tx, claim)? {
                        return Ok(Some(Stop::Lost));
                    }
                    Ok(builds::find_stop(tx, claim)?.map(Stop::As))
                });
                match looked.await {
                    Ok(None) => {}
                    Ok(Some(stop)) => {
                        tell.send_replace(Some(stop));
                    }
                    Err::<_, wharf_db::DbError>(error) => tracing::warn!(
                        build.id = %claim.build, error = &error as &dyn std::error::Error,
                        "a build's lease could not be renewed"
                    ),
                }
            }
        };
        Self {
            stop,
            task: tokio::spawn(watching).abort_handle(),
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Writes the end, or gives the build back to the queue. Tries until the database takes it: a build whose end nobody
/// wrote would be begun again.
async fn end_attempt(app: &App, claim: Claim, outcome: Outcome) {
    let mut wait = std::time::Duration::from_millis(100);
    loop {
        match write_end(app, claim, &outcome).await {
            Ok(()) => break,
            Err(error) => tracing::warn!(
                build.id = %claim.build, error = &error as &dyn std::error::Error,
                "a build's end could not be written; trying again"
            ),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(RENEW);
    }
    app.settle_files(claim.build).await;
    if matches!(&outcome, Outcome::Failed(failure) if failure.reason == Reason::Source.as_str())
        && let Err(error) = doubt_source(app, claim.build).await
    {
        tracing::warn!(
            build.id = %claim.build, error = &error as &dyn std::error::Error,
            "a build could not be fetched, and its code host could not be asked why"
        );
    }
}

/// Has the host of a build that could not be fetched asked soon: when its token ended, source and rule say so.
async fn doubt_source(app: &App, build: BuildId) -> Result<(), crate::Error> {
    let spec = app.db.look_up(move |tx| builds::load_spec(tx, build)).await;
    let spec = spec.map_err(|error: wharf_db::DbError| crate::Error::from(error))?;
    let Some(BuildSource::Git {
        source: Some(source),
        repository,
        ..
    }) = spec.map(|spec| spec.source)
    else {
        return Ok(());
    };
    let remote = repository.parse().map_err(crate::Error::internal)?;
    app.nudge_remote(source, &remote).await.map(drop)
}

async fn write_end(app: &App, claim: Claim, outcome: &Outcome) -> Result<(), wharf_db::DbError> {
    let (outcome, now) = (outcome.clone(), app.clock.now());
    let ended = app.db.write(Durability::Durable, move |tx| {
        let (state, failure) = match &outcome {
            // Written with its tags, or another's.
            Outcome::Succeeded | Outcome::Abandoned => return Ok(None),
            Outcome::Failed(failure) => (BuildState::Failed, Some(failure.clone())),
            Outcome::Stopped(state) => (*state, None),
            Outcome::Skipped => {
                let failure = Failure {
                    reason: Reason::SkipCi.into(),
                    ..Failure::default()
                };
                (BuildState::Skipped, Some(failure))
            }
            Outcome::Lost(detail) => {
                let build = builds::find_build(tx, claim.build)?;
                if build.is_some_and(|build| build.attempt < ATTEMPTS) {
                    builds::release_build(tx, claim)?;
                    return Ok(None);
                }
                let failure = Failure {
                    reason: Reason::WorkerLost.into(),
                    detail: Some(detail.clone()),
                    ..Failure::default()
                };
                (BuildState::Failed, Some(failure))
            }
        };
        let end = BuildEnd {
            state,
            digest: None,
            failure,
            at: now,
        };
        let ended = builds::end_build(tx, claim, &end)?;
        if let Some(build) = &ended {
            audit_refusal(tx, build, now)?;
        }
        if state == BuildState::Skipped && ended.is_some() {
            decisions::skip_built(tx, claim.build, Reason::SkipCi.as_str())?;
        }
        Ok(ended)
    });
    if let Some(build) = ended.await? {
        super::metrics::count_end(&build);
    }
    Ok(())
}

/// Leaves a line in the audit log when a build asked for the machine's own rights: whoever started it, or pushed it, tried.
fn audit_refusal(tx: &mut Tx<'_>, build: &Build, now: Timestamp) -> Result<(), wharf_db::DbError> {
    let refused = build.failure.as_ref();
    let Some(failure) = refused.filter(|it| it.reason == Reason::Forbidden.as_str()) else {
        return Ok(());
    };
    let details = json!({
        "build": build.number,
        "started_by": build.started_by,
        "author": build.author,
        "commit": build.commit.as_ref().map(ToString::to_string),
        "detail": failure.detail,
    });
    audit::insert_entry(
        tx,
        &audit::NewEntry {
            at: now,
            actor: &format!("build:{}", build.number),
            actor_kind: CallerKind::Build.as_str(),
            action: AuditAction::BuildRefuse,
            target: build.repository_name.as_str(),
            namespace: Some(build.namespace),
            // Nobody asks over the network when a build runs.
            address: &std::net::Ipv4Addr::LOCALHOST.to_string(),
            request: &RequestId::new().to_string(),
            details: &details.to_string(),
        },
    )
}

fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
