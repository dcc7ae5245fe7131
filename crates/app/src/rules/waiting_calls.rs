//! Calls of trigger URLs that wait: their time comes, and whatever becomes of them is in the records of their rule.
//!
//! The host is asked once for all that waits at one URL. What cannot be built ends as a decision that says why; only what
//! may pass (a host that does not answer, a full queue) waits again, and not for ever.

use super::{
    call_target::Target,
    calls::{PATIENCE, SPACING, name_caller, start_called},
    deciding::understand,
    planning::Understood,
    remote::describe_failure,
    updates::RemoteRef,
};
use crate::{
    App, Error,
    lanes::{LaneBounds, Lanes, limit_time},
};
use std::{collections::BTreeMap, time::Duration};
use wharf_db::{
    DbError, Durability, Order, Tx,
    rules::{
        self,
        heads::{self, NewDecision},
        trigger_urls::{self, TriggerUrl, WaitingTrigger},
    },
};
use wharf_model::{
    RuleId, Timestamp, TriggerUrlId,
    builds::{BuildCause, RefName},
};

/// Calls that are looked at in one go.
const AT_ONCE: usize = 50;

/// URLs whose hosts are asked at once; each is a git process.
pub(super) const BOUNDS: LaneBounds = LaneBounds {
    in_all: 6,
    per_host: 2,
};

/// How long calls wait for a host that does not answer. After an hour whoever called has seen that nothing came of it.
const GIVE_UP: Duration = Duration::from_secs(3600);

/// Refs whose records say that a call came to nothing. More make a call that fails cost as much as a look at all that the
/// rule knows; with fewer, rules of a handful of branches say nothing of some.
const MAX_RECORDS: usize = 50;

/// What the host answered about everything that waits at one URL.
struct Asked {
    rule: Understood,
    refs: Vec<RemoteRef>,
    default: Option<RefName>,
}

impl App {
    /// Begins to start what calls wait for, when its time has come and its host has room.
    pub(super) async fn start_waiting_triggers(
        &self,
        lanes: &mut Lanes<TriggerUrlId>,
    ) -> Result<(), Error> {
        loop {
            let (now, full) = (self.clock.now(), lanes.full_hosts());
            if lanes.room() == 0 {
                return Ok(());
            }
            let list = self
                .db
                .read(move |tx| trigger_urls::list_due_triggers(tx, now, &full, AT_ONCE));
            let mut due: BTreeMap<TriggerUrlId, (String, Vec<WaitingTrigger>)> = BTreeMap::new();
            for (host, waiting) in list.await.map_err(Error::from)? {
                let place = due.entry(waiting.trigger);
                place.or_insert((host, Vec::new())).1.push(waiting);
            }
            let mut begun = false;
            for (id, (host, waiting)) in due {
                let (app, at) = (self.clone(), host.clone());
                begun |= lanes.start(&host, id, async move {
                    if let Err(error) = app.start_waiting(&at, id, waiting).await {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            trigger = %id,
                            "what calls of a trigger URL wait for could not be started"
                        );
                    }
                });
            }
            if !begun {
                return Ok(());
            }
        }
    }

    async fn start_waiting(
        &self,
        host: &str,
        id: TriggerUrlId,
        waiting: Vec<WaitingTrigger>,
    ) -> Result<(), Error> {
        let find = self
            .db
            .look_up(move |tx| trigger_urls::find_trigger(tx, id));
        // Revoked: its calls went with it.
        let Some((trigger, _)) = find.await.map_err(Error::from)? else {
            return Ok(());
        };
        let trigger = &trigger;
        let asked = limit_time(PATIENCE, host, self.ask_for_waiting(trigger, &waiting)).await;
        for calls in waiting {
            match &asked {
                Ok(asked) => self.settle_calls(trigger, calls, asked).await?,
                Err(error) => self.put_off(trigger, calls, error).await?,
            }
        }
        self.wake_builds();
        Ok(())
    }

    async fn ask_for_waiting(
        &self,
        trigger: &TriggerUrl,
        waiting: &[WaitingTrigger],
    ) -> Result<Asked, Error> {
        let (rule, source) = self.find_callable(trigger).await?;
        let (id, now) = (trigger.id, self.clock.now());
        let note = self
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                trigger_urls::note_asked(tx, id, now)
            });
        note.await.map_err(Error::from)?;
        let refs = self.list_remote_refs(source, &rule.rule.remote).await?;
        let targets = waiting.iter().filter_map(|it| Target::parse(&it.target));
        let default = match targets.into_iter().any(|it| it.needs_default(&rule)) {
            true => self.find_default_branch(source, &rule.rule.remote).await?,
            false => None,
        };
        Ok(Asked {
            rule,
            refs,
            default,
        })
    }

    /// Builds what calls were about; what cannot be named or is not there is written down.
    async fn settle_calls(
        &self,
        trigger: &TriggerUrl,
        calls: WaitingTrigger,
        asked: &Asked,
    ) -> Result<(), Error> {
        let Some(target) = Target::parse(&calls.target) else {
            return self.end_calls(trigger, calls, "not_of_rule", "").await;
        };
        let chosen = target.choose(&asked.rule, &asked.refs, asked.default.as_ref());
        let chosen = match chosen {
            Ok(chosen) => chosen,
            Err(error) => {
                let (reason, detail) = describe_failure(&error);
                return self.end_calls(trigger, calls, reason, &detail).await;
            }
        };
        let (settings, trigger, now) = (self.settings.clone(), trigger.clone(), self.clock.now());
        let settle = self.db.write(Durability::Durable, move |tx| {
            // Calls that came while the host was asked may be about something newer.
            if !trigger_urls::end_waiting(tx, &calls, now, now.plus(SPACING))? {
                return Ok(());
            }
            for found in &chosen {
                // One without a name has its record.
                let _ = start_called(tx, &settings, &trigger, found, now)?;
            }
            Ok::<_, Error>(())
        });
        settle.await
    }

    /// What keeps everything from being started either passes, or ends the calls.
    async fn put_off(
        &self,
        trigger: &TriggerUrl,
        calls: WaitingTrigger,
        error: &Error,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let passes = !matches!(
            error,
            Error::NotFound
                | Error::Conflict { .. }
                | Error::Invalid { .. }
                | Error::Refused { .. }
        );
        let (reason, detail) = describe_failure(error);
        if !passes || calls.since.until(now) >= GIVE_UP {
            return self.end_calls(trigger, calls, reason, &detail).await;
        }
        tracing::warn!(
            error = error as &dyn std::error::Error, trigger = %trigger.id,
            "calls of a trigger URL go on waiting"
        );
        let until = now.plus(PATIENCE);
        let delay = self
            .db
            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                trigger_urls::delay_waiting(tx, calls.trigger, &calls.target, until)
            });
        delay.await.map_err(Error::from)
    }

    /// The calls wait no more, and nothing was built: the records of the refs that they were about say why.
    async fn end_calls(
        &self,
        trigger: &TriggerUrl,
        calls: WaitingTrigger,
        reason: &'static str,
        detail: &str,
    ) -> Result<(), Error> {
        tracing::warn!(trigger = %trigger.id, target = calls.target, reason, detail,
            "calls of a trigger URL came to nothing");
        let (id, target) = (trigger.rule, calls.target.clone());
        let concerned = self.db.read(move |tx| list_concerned(tx, id, &target));
        let mut concerned = concerned.await.map_err(Error::from)?;
        if concerned.len() > MAX_RECORDS {
            tracing::warn!(trigger = %trigger.id, refs = concerned.len(), recorded = MAX_RECORDS,
                "calls of a trigger URL were about more refs than have a record of it");
            concerned.truncate(MAX_RECORDS);
        }
        let (trigger, detail, now) = (trigger.clone(), detail.to_owned(), self.clock.now());
        let end = self.db.write(Durability::Durable, move |tx| {
            if !trigger_urls::end_waiting(tx, &calls, now, now.plus(SPACING))? {
                return Ok(());
            }
            for reference in &concerned {
                record_failed(tx, &trigger, reference, reason, &detail, now)?;
            }
            Ok::<_, DbError>(())
        });
        end.await.map_err(Error::from)
    }
}

/// The refs that calls were about as far as the rule knows them: the one that they name, or those that it would build. A
/// name that the rule never heard of leaves nothing behind: whoever calls could make up any number.
fn list_concerned(tx: &mut Tx<'_>, rule: RuleId, target: &str) -> Result<Vec<RefName>, DbError> {
    let target = Target::parse(target);
    if let Some(reference) = target.as_ref().and_then(Target::reference) {
        let head = heads::find_head(tx, rule, reference)?;
        return Ok(head.into_iter().map(|head| head.reference).collect());
    }
    let understood = rules::find_rule_by_id(tx, rule)?.and_then(understand);
    let trigger = understood.as_ref().map(|rule| &rule.compiled.trigger);
    let known = heads::list_heads(tx, rule)?.into_values();
    let there = known.filter(|head| head.object.is_some());
    let mut names: Vec<_> = there
        .map(|head| head.reference)
        .filter(|name| trigger.is_none_or(|it| it.is_manual() || it.chooses(name)))
        .filter(|name| match &target {
            Some(Target::Kind(kind)) => name.kind() == *kind,
            _ => true,
        })
        .collect();
    names.sort();
    Ok(names)
}

/// Writes down that a call built nothing of a ref. What the rule knows of the ref stays as it is.
pub(super) fn record_failed(
    tx: &mut Tx<'_>,
    trigger: &TriggerUrl,
    reference: &RefName,
    reason: &str,
    detail: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let head = heads::find_head(tx, trigger.rule, reference)?;
    let (object, commit) = match head {
        Some(head) => (head.object, head.commit),
        None => (None, None),
    };
    let new = NewDecision {
        rule: trigger.rule,
        reference: reference.clone(),
        old: object.clone(),
        new: object,
        commit,
        decision: "skipped",
        reason: Some(reason.to_owned()),
        detail: detail.to_owned(),
        build: None,
        cause: BuildCause::TriggerUrl.as_str(),
        origin: name_caller(trigger),
        at: now,
    };
    heads::record_decision(tx, &new, false).map(drop)
}
