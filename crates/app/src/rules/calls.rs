//! A build trigger URL is called: whoever knows its secret has the rule build, and nothing else.
//!
//! Calls that come faster than builds are worth it do not vanish and do not pile up: they wait for one build together.

use super::{
    deciding::{Origin, find_stop, record_start, understand},
    planning::{NotPlanned, Understood, Wanted, plan_build},
    updates::RemoteRef,
};
use crate::{App, Error, Settings, access::hash_secret};
use std::time::Duration;
use subtle::ConstantTimeEq;
use wharf_db::{
    Durability, Order, Tx, builds,
    rules::{
        self,
        trigger_urls::{self, TriggerUrl, WaitingTrigger},
    },
};
use wharf_model::{
    SourceId, Timestamp, TriggerUrlId,
    builds::{BuildCause, RefKind, RefName, TrustClass},
};

/// How long after one build of a ref the next that trigger URLs start may come. Shorter lets a loop in somebody's script
/// keep a builder busy; longer makes people wait who call twice on purpose.
const SPACING: Duration = Duration::from_secs(10);

/// How long calls wait whose host does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Most refs that one call builds.
const MAX_REFS: usize = 50;

/// What a call asks for: Docker Hub's `source_type` and `source_name`; all that the rule builds when there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TriggerCall {
    /// Branch or tag.
    pub kind: Option<RefKind>,
    /// Its name.
    pub name: Option<String>,
}

/// What became of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// The ref.
    pub reference: RefName,
    /// The build's number: a new one, or one that waited already.
    pub build: Option<u64>,
    /// Whether the call adds nothing to what waits already.
    pub coalesced: bool,
    /// When the build for it and others begins, where it has to wait.
    pub not_before: Option<Timestamp>,
}

impl App {
    /// Answers a call of a trigger URL.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown address, a wrong secret, and one that was revoked, which are told apart by
    /// nothing; [`Error::Invalid`] when the ref is not one that the rule builds.
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
        let refs = self.list_called_refs(&rule, source, call).await?;
        let mut outcomes = Vec::new();
        for found in refs {
            outcomes.push(self.start_called(&trigger, found).await?);
        }
        self.wake_builds();
        Ok(outcomes)
    }

    async fn find_callable(&self, trigger: &TriggerUrl) -> Result<(Understood, SourceId), Error> {
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
        call: &TriggerCall,
    ) -> Result<Vec<RemoteRef>, Error> {
        let trigger = &rule.compiled.trigger;
        let mut refs = self.list_remote_refs(source, &rule.rule.remote).await?;
        let Some(name) = &call.name else {
            if trigger.is_manual() {
                let default = self.find_default_branch(source, &rule.rule.remote).await?;
                let default = default.ok_or(Error::invalid("source_name", "required"))?;
                refs.retain(|found| found.reference == default);
            } else {
                let wanted = |kind: RefKind| call.kind.is_none_or(|wanted| wanted == kind);
                refs.retain(|found| {
                    trigger.chooses(&found.reference) && wanted(found.reference.kind())
                });
            }
            if refs.len() > MAX_REFS {
                return Err(Error::invalid("source_name", "required"));
            }
            return Ok(refs);
        };
        let kind = call.kind.unwrap_or(RefKind::Branch);
        let reference = RefName::of_kind(kind, name)
            .map_err(|error| Error::refused("source_name", "refused_text", error))?;
        if !trigger.is_manual() && !trigger.chooses(&reference) {
            return Err(Error::invalid("source_name", "not_of_rule"));
        }
        refs.retain(|found| found.reference == reference);
        if refs.is_empty() {
            return Err(Error::invalid("source_name", "no_such_ref"));
        }
        Ok(refs)
    }

    async fn start_called(
        &self,
        trigger: &TriggerUrl,
        found: RemoteRef,
    ) -> Result<CallOutcome, Error> {
        let (settings, trigger, now) = (self.settings.clone(), trigger.clone(), self.clock.now());
        let started = self.db.write(Durability::Durable, move |tx| {
            let outcome = |build, coalesced, not_before| CallOutcome {
                reference: found.reference.clone(),
                build,
                coalesced,
                not_before,
            };
            trigger_urls::note_use(tx, trigger.id, now)?;
            let queued = trigger_urls::find_queued_build(tx, trigger.rule, &found.reference)?;
            if let Some((number, commit)) = queued
                && commit.as_deref() == Some(found.commit.as_str())
            {
                return Ok(outcome(Some(number), true, None));
            }
            let last = trigger_urls::find_last_start(tx, trigger.rule, &found.reference)?;
            let free = last
                .map(|last| last.plus(SPACING))
                .filter(|free| *free > now);
            if let Some(free) = free {
                let waiting =
                    trigger_urls::wait_for_trigger(tx, trigger.id, &found.reference, free)?;
                let coalesced = waiting.calls > 1;
                return Ok(outcome(None, coalesced, Some(waiting.not_before)));
            }
            let number = insert_called(tx, &settings, &trigger, &found, now)?;
            Ok::<_, Error>(outcome(Some(number), false, None))
        });
        started.await
    }

    /// Starts what calls wait for, when its time has come.
    pub(super) async fn start_waiting_triggers(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let list = self
            .db
            .read(move |tx| trigger_urls::list_due_triggers(tx, now, MAX_REFS));
        for waiting in list.await.map_err(Error::from)? {
            if let Err(error) = self.start_waiting(&waiting).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    trigger = %waiting.trigger,
                    "calls of a trigger URL go on waiting"
                );
                self.let_wait(waiting, now.plus(PATIENCE)).await?;
            }
        }
        Ok(())
    }

    async fn start_waiting(&self, waiting: &WaitingTrigger) -> Result<(), Error> {
        let id = waiting.trigger;
        let find = self
            .db
            .look_up(move |tx| trigger_urls::find_trigger(tx, id));
        let Some((trigger, _)) = find.await.map_err(Error::from)? else {
            return Ok(());
        };
        let call = TriggerCall {
            kind: Some(waiting.reference.kind()),
            name: Some(waiting.reference.short().to_owned()),
        };
        let refs = match self.find_callable(&trigger).await {
            Ok((rule, source)) => self.list_called_refs(&rule, source, &call).await,
            Err(error) => Err(error),
        };
        let refs = match refs {
            // Whatever the row says stays true: there is nothing to wait for any more.
            Err(Error::NotFound | Error::Conflict { .. } | Error::Invalid { .. }) => Vec::new(),
            refs => refs?,
        };
        let (settings, now) = (self.settings.clone(), self.clock.now());
        let reference = waiting.reference.clone();
        let started = self.db.write(Durability::Durable, move |tx| {
            if trigger_urls::end_waiting(tx, trigger.id, &reference)? {
                for found in &refs {
                    insert_called(tx, &settings, &trigger, found, now)?;
                }
            }
            Ok::<_, Error>(())
        });
        started.await?;
        self.wake_builds();
        Ok(())
    }

    async fn let_wait(&self, waiting: WaitingTrigger, until: Timestamp) -> Result<(), Error> {
        let delay = self
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                trigger_urls::delay_waiting(tx, waiting.trigger, &waiting.reference, until)
            });
        delay.await.map_err(Error::from)
    }
}

/// Inserts the build of a call, with the decision about its ref; answers its number.
fn insert_called(
    tx: &mut Tx<'_>,
    settings: &Settings,
    trigger: &TriggerUrl,
    found: &RemoteRef,
    now: Timestamp,
) -> Result<u64, Error> {
    let rule = rules::find_rule_by_id(tx, trigger.rule)?.ok_or(Error::NotFound)?;
    let rule = understand(rule).ok_or(Error::Conflict {
        what: "rule_broken",
    })?;
    let by = format!("trigger:{}", trigger.name);
    let wanted = Wanted {
        reference: Some(&found.reference),
        commit: &found.commit,
        trust: TrustClass::Rule,
        follow_head: true,
        cause: BuildCause::TriggerUrl,
        author: "",
        message: "",
        started_by: &by,
        tags: None,
        no_cache: false,
    };
    let planned = match plan_build(tx, settings, &rule, &wanted, now) {
        Ok(planned) => planned,
        Err(NotPlanned::Naming(error)) => {
            return Err(Error::refused("source_name", "naming_fails", error));
        }
        Err(NotPlanned::Database(error)) => return Err(error.into()),
    };
    let build = builds::insert_build(tx, &planned)?;
    let origin = Origin {
        cause: BuildCause::TriggerUrl,
        origin: &by,
        now,
    };
    record_start(tx, rule.rule.id, found, build.id, origin)?;
    Ok(build.number)
}
