//! A build trigger URL is called: whoever knows its secret has the rule build, and nothing else.
//!
//! Calls that come faster than builds are worth it do not vanish and do not pile up: they wait for one build together,
//! before the code host hears of them. `waiting_calls` starts what waits.

use super::{
    call_target::{Target, TriggerCall},
    deciding::{Origin, find_stop, record_start, understand},
    planning::{NotPlanned, Understood, Wanted, plan_build},
    updates::RemoteRef,
    waiting_calls::record_failed,
};
use crate::{App, Error, Settings, access::hash_secret, builds::has_room};
use std::time::Duration;
use subtle::ConstantTimeEq;
use wharf_db::{
    DbError, Durability, Tx, builds,
    rules::{
        self,
        trigger_urls::{self, TriggerUrl},
    },
};
use wharf_model::{
    SourceId, Timestamp, TriggerUrlId,
    builds::{BuildCause, NamingError, RefName, TrustClass},
};

/// How long after one call that had the host asked the next may, and after one build of a ref the next that trigger URLs
/// start may come. Shorter lets a loop in somebody's script keep a builder and a code host busy; longer makes people wait
/// who call twice on purpose.
pub(super) const SPACING: Duration = Duration::from_secs(10);

/// How long calls wait again whose host does not answer, or whose namespace's queue is full.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Different refs that calls of one URL may wait for. Whoever calls for more is told to come back.
const MAX_WAITING: u64 = 50;

/// What became of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// The ref; none while the call waits for all that the rule builds.
    pub reference: Option<RefName>,
    /// The build's number: a new one, or one that waited already.
    pub build: Option<u64>,
    /// Whether the call adds nothing to what waits already.
    pub coalesced: bool,
    /// When the build for it and others begins, where it has to wait.
    pub not_before: Option<Timestamp>,
}

/// Why a call's build was not inserted.
enum NotCalled {
    /// Its image has no name.
    Naming(NamingError),
    /// Anything else.
    Other(Error),
}

impl From<DbError> for NotCalled {
    fn from(error: DbError) -> Self {
        Self::Other(error.into())
    }
}

impl From<Error> for NotCalled {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl App {
    /// Answers a call of a trigger URL. The host is asked at most every few seconds for one URL, however often it is
    /// called: calls in between wait together.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown address, a wrong secret, and one that was revoked, which are told apart by
    /// nothing; [`Error::Invalid`] when the ref is not one that the rule builds; [`Error::Refused`] when none of the refs
    /// that it is about can be named.
    pub async fn call_trigger(
        &self,
        id: &str,
        secret: &str,
        call: &TriggerCall,
    ) -> Result<Vec<CallOutcome>, Error> {
        let id: TriggerUrlId = id.parse().map_err(|_| Error::NotFound)?;
        let find = self
            .db
            .look_up(move |tx| trigger_urls::find_trigger(tx, id));
        let (trigger, hash) = find.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        if !bool::from(hash_secret(secret).ct_eq(&hash)) {
            return Err(Error::NotFound);
        }
        let (rule, source) = self.find_callable(&trigger).await?;
        let target = Target::of_call(call)?;
        target.check(&rule)?;
        if let Some(waits) = self.wait_with_others(&trigger, &target).await? {
            return Ok(vec![waits]);
        }
        let refs = self.list_called_refs(&rule, source, &target).await?;
        let outcomes = self.start_all_called(&trigger, refs).await;
        // Whatever stopped it: builds of the refs before wait in the queue.
        self.wake_builds();
        outcomes
    }

    async fn start_all_called(
        &self,
        trigger: &TriggerUrl,
        refs: Vec<RemoteRef>,
    ) -> Result<Vec<CallOutcome>, Error> {
        let (mut outcomes, mut unnamed) = (Vec::new(), None);
        for found in refs {
            let (settings, trigger, now) =
                (self.settings.clone(), trigger.clone(), self.clock.now());
            let started = self.db.write(Durability::Durable, move |tx| {
                start_called(tx, &settings, &trigger, &found, now)
            });
            match started.await? {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => unnamed = Some(error),
            }
        }
        match unnamed.filter(|_| outcomes.is_empty()) {
            Some(error) => Err(Error::told("source_name", "naming_fails", &error)),
            None => Ok(outcomes),
        }
    }

    /// Lets a call wait that comes soon after another. When it need not wait, the host counts as asked from now on.
    async fn wait_with_others(
        &self,
        trigger: &TriggerUrl,
        target: &Target,
    ) -> Result<Option<CallOutcome>, Error> {
        let (id, rule, now) = (trigger.id, trigger.rule, self.clock.now());
        let target = target.clone();
        let wait = self.db.write(Durability::Durable, move |tx| {
            trigger_urls::note_use(tx, id, now)?;
            let text = target.as_text();
            let waits = trigger_urls::find_waiting(tx, id, text)?.is_some();
            let asked = trigger_urls::find_asked(tx, id)?;
            let free = asked.map_or(now, |asked| asked.plus(SPACING));
            if !waits && free <= now {
                trigger_urls::note_asked(tx, id, now)?;
                return Ok(None);
            }
            if !waits && trigger_urls::count_waiting(tx, id)? >= MAX_WAITING {
                return Err(Error::LimitReached {
                    what: "waiting_calls",
                    limit: MAX_WAITING,
                });
            }
            // Sooner it would only wait again.
            let last = match target.reference() {
                Some(reference) => trigger_urls::find_last_start(tx, rule, reference)?,
                None => None,
            };
            let free = last.map_or(free, |last| free.max(last.plus(SPACING)));
            let waiting = trigger_urls::wait_for_trigger(tx, id, text, free, now)?;
            Ok(Some(CallOutcome {
                reference: target.reference().cloned(),
                build: None,
                coalesced: waiting.calls > 1,
                not_before: Some(waiting.not_before),
            }))
        });
        wait.await
    }

    pub(super) async fn find_callable(
        &self,
        trigger: &TriggerUrl,
    ) -> Result<(Understood, SourceId), Error> {
        let id = trigger.rule;
        let find = self.db.look_up(move |tx| rules::find_rule_by_id(tx, id));
        let rule = find.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        if !rule.enabled {
            return Err(Error::Conflict { what: "rule_off" });
        }
        if let Some(what) = find_stop(rule.source_state) {
            return Err(Error::Conflict { what });
        }
        let source = rule.source.ok_or(Error::NotFound)?;
        let rule = understand(rule).ok_or(Error::Conflict {
            what: "rule_broken",
        })?;
        Ok((rule, source))
    }

    /// The refs that a call is about; each is one that the rule builds.
    async fn list_called_refs(
        &self,
        rule: &Understood,
        source: SourceId,
        target: &Target,
    ) -> Result<Vec<RemoteRef>, Error> {
        let refs = self.list_remote_refs(source, &rule.rule.remote).await?;
        let default = match target.needs_default(rule) {
            true => self.find_default_branch(source, &rule.rule.remote).await?,
            false => None,
        };
        target.choose(rule, &refs, default.as_ref())
    }
}

/// Starts the build of one ref that calls are about, unless one that waits does already, or it has to wait itself. That its
/// image has no name is written down, and keeps no other ref from being built.
pub(super) fn start_called(
    tx: &mut Tx<'_>,
    settings: &Settings,
    trigger: &TriggerUrl,
    found: &RemoteRef,
    now: Timestamp,
) -> Result<Result<CallOutcome, NamingError>, Error> {
    match try_called(tx, settings, trigger, found, now) {
        Ok(outcome) => Ok(Ok(outcome)),
        Err(NotCalled::Naming(error)) => {
            let detail = error.to_string();
            record_failed(tx, trigger, &found.reference, "naming", &detail, now)?;
            Ok(Err(error))
        }
        Err(NotCalled::Other(error)) => Err(error),
    }
}

fn try_called(
    tx: &mut Tx<'_>,
    settings: &Settings,
    trigger: &TriggerUrl,
    found: &RemoteRef,
    now: Timestamp,
) -> Result<CallOutcome, NotCalled> {
    let outcome = |build, coalesced, not_before| CallOutcome {
        reference: Some(found.reference.clone()),
        build,
        coalesced,
        not_before,
    };
    let queued = trigger_urls::find_queued_build(tx, trigger.rule, &found.reference)?;
    if let Some((number, commit)) = queued
        && commit.as_deref() == Some(found.commit.as_str())
    {
        return Ok(outcome(Some(number), true, None));
    }
    let last = trigger_urls::find_last_start(tx, trigger.rule, &found.reference)?;
    let free = last.map_or(now, |last| last.plus(SPACING));
    let number = match free > now {
        true => None,
        false => insert_called(tx, settings, trigger, found, now)?,
    };
    if let Some(number) = number {
        return Ok(outcome(Some(number), false, None));
    }
    let until = if free > now { free } else { now.plus(PATIENCE) };
    let target = found.reference.as_str();
    let waiting = trigger_urls::wait_for_trigger(tx, trigger.id, target, until, now)?;
    Ok(outcome(None, waiting.calls > 1, Some(waiting.not_before)))
}

/// Inserts the build of a call, with the decision about its ref; answers its number, or nothing when the queue is full.
fn insert_called(
    tx: &mut Tx<'_>,
    settings: &Settings,
    trigger: &TriggerUrl,
    found: &RemoteRef,
    now: Timestamp,
) -> Result<Option<u64>, NotCalled> {
    let rule = rules::find_rule_by_id(tx, trigger.rule)?.ok_or(Error::NotFound)?;
    let rule = understand(rule).ok_or(Error::Conflict {
        what: "rule_broken",
    })?;
    let by = name_caller(trigger);
    let wanted = Wanted {
        reference: Some(&found.reference),
        commit: &found.commit,
        trust: TrustClass::Rule,
        follow_head: true,
        cause: BuildCause::TriggerUrl,
        author: "",
        message: "",
        started_by: &by,
        starter: None,
        tags: None,
        no_cache: false,
    };
    let planned = match plan_build(tx, settings, &rule, &wanted, now) {
        Ok(planned) => planned,
        Err(NotPlanned::Naming(error)) => return Err(NotCalled::Naming(error)),
        Err(NotPlanned::Database(error)) => return Err(error.into()),
    };
    if !has_room(tx, settings, &planned)? {
        return Ok(None);
    }
    let build = builds::insert_build(tx, &planned)?;
    let origin = Origin {
        cause: BuildCause::TriggerUrl,
        origin: &by,
        now,
    };
    record_start(tx, rule.rule.id, found, build.id, origin)?;
    Ok(Some(build.number))
}

/// Who started a build that a trigger URL started.
pub(super) fn name_caller(trigger: &TriggerUrl) -> String {
    format!("trigger:{}", trigger.name)
}
