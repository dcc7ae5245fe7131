//! The decision about one update of a ref under one rule: recorded in the same transaction as its build and as what the
//! rule knows of the ref from then on.

use super::{
    compile::compile,
    definition::Definition,
    planning::{NotPlanned, Understood, Wanted, plan_build},
    updates::RemoteRef,
};
use crate::{Settings, builds::has_room};
use wharf_db::{
    DbError, Tx, builds,
    rules::{
        Rule, SourceState,
        heads::{self, NewDecision},
    },
};
use wharf_model::{
    BuildId, RuleId, Timestamp,
    builds::{
        BuildCause, CommitId, RefName, RefUpdate, SkipReason, TrustClass, Verdict, decide_ref,
    },
};

/// An update with all that is known of it.
pub(super) struct Update<'a> {
    pub(super) reference: &'a RefName,
    pub(super) old: Option<&'a CommitId>,
    pub(super) new: Option<&'a CommitId>,
    /// The commit behind `new`; a build needs it.
    pub(super) commit: Option<&'a CommitId>,
    pub(super) message: Option<&'a str>,
    pub(super) author: &'a str,
}

/// How it came to our ears.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) cause: BuildCause,
    /// The delivery, or who asked.
    pub(super) origin: &'a str,
    pub(super) now: Timestamp,
}

/// Understands a rule's row. What was saved was understood then; a row that is not understood any more builds nothing,
/// and the log says so.
pub(crate) fn understand(rule: Rule) -> Option<Understood> {
    let definition: Definition = match serde_json::from_str(&rule.definition) {
        Ok(definition) => definition,
        Err(error) => {
            tracing::error!(rule = %rule.id, %error, "a rule's definition cannot be read; save it again");
            return None;
        }
    };
    match compile(&definition) {
        Ok(compiled) => Some(Understood {
            rule,
            definition,
            compiled,
        }),
        Err(error) => {
            tracing::error!(rule = %rule.id, %error, "a rule's definition is not valid; save it again");
            None
        }
    }
}

/// The words that a decision gives as its reason; each has a sentence in the catalogue (`decision.…`). What keeps a code
/// host from answering is in the words of [`HostProblem`](crate::sources::HostProblem), which have theirs.
pub const DECISION_REASONS: &[&str] = &[
    SkipReason::Deleted.as_str(),
    SkipReason::Unchanged.as_str(),
    SkipReason::TagsNotBuilt.as_str(),
    SkipReason::BranchesNotBuilt.as_str(),
    SkipReason::NoPatternMatches.as_str(),
    SkipReason::AskedFor.as_str(),
    "source_gone",
    "source_owner_disabled",
    "source_owner_left",
    COMMIT_UNKNOWN,
    NAMING,
    OVERTAKEN,
    STORM,
    QUEUE_FULL,
    "not_of_rule",
];

/// The code host did not say which commit it is.
const COMMIT_UNKNOWN: &str = "commit_unknown";

/// The rule's naming makes no tag of it.
const NAMING: &str = "naming";

/// Something newer was known already.
const OVERTAKEN: &str = "overtaken";

/// The namespace has as many builds waiting as it may.
const QUEUE_FULL: &str = "queue_full";

/// Links built the rule too often.
pub(super) const STORM: &str = "storm";

/// Why a rule passes over a head of a ref that it builds: the image of what it built there last stays wanted.
pub(crate) const PASSED_OVER: &[&str] = &[SkipReason::AskedFor.as_str(), NAMING, QUEUE_FULL];

/// Why a rule's source keeps it from building.
pub(crate) fn find_stop(state: SourceState) -> Option<&'static str> {
    match state {
        SourceState::Usable => None,
        SourceState::Gone => Some("source_gone"),
        SourceState::OwnerDisabled => Some("source_owner_disabled"),
        SourceState::OwnerLeft => Some("source_owner_left"),
    }
}

/// Decides an update that follows what is known, and moves the head. Answers the build, if there is one.
///
/// When the namespace's queue is full, the update is recorded as skipped for that reason and the head moves on: a queue
/// that nobody empties is no reason to decide the same push again every minute. Another push, or the button that builds
/// the heads, builds it later.
pub(super) fn decide_update(
    tx: &mut Tx<'_>,
    settings: &Settings,
    rule: &Understood,
    update: &Update<'_>,
    origin: Origin<'_>,
) -> Result<Option<BuildId>, DbError> {
    let outcome = weigh(tx, settings, rule, update, origin)?;
    let (decision, reason, detail, build) = match outcome {
        Outcome::Built(build) => ("built", None, String::new(), Some(build)),
        Outcome::Skipped(reason, detail) => ("skipped", Some(reason), detail, None),
    };
    let new = NewDecision {
        rule: rule.rule.id,
        reference: update.reference.clone(),
        old: update.old.cloned(),
        new: update.new.cloned(),
        commit: update.commit.cloned(),
        decision,
        reason: reason.map(str::to_owned),
        detail,
        build,
        cause: origin.cause.as_str(),
        origin: origin.origin.to_owned(),
        at: origin.now,
    };
    heads::record_decision(tx, &new, true)?;
    Ok(build)
}

enum Outcome {
    Built(BuildId),
    Skipped(&'static str, String),
}

fn weigh(
    tx: &mut Tx<'_>,
    settings: &Settings,
    rule: &Understood,
    update: &Update<'_>,
    origin: Origin<'_>,
) -> Result<Outcome, DbError> {
    let asked = RefUpdate {
        reference: update.reference.clone(),
        // A link builds what stands where it stood.
        old: match origin.cause {
            BuildCause::Link => None,
            _ => update.old.cloned(),
        },
        new: update.new.cloned(),
    };
    let message = update.message.filter(|_| rule.definition.skip_ci);
    if let Verdict::Skip(reason) = decide_ref(&rule.compiled.trigger, &asked, message) {
        return Ok(Outcome::Skipped(reason.as_str(), String::new()));
    }
    if let Some(reason) = find_stop(rule.rule.source_state) {
        return Ok(Outcome::Skipped(reason, rule.rule.source_owner.clone()));
    }
    let Some(commit) = update.commit else {
        return Ok(Outcome::Skipped(COMMIT_UNKNOWN, String::new()));
    };
    let wanted = Wanted {
        reference: Some(update.reference),
        commit,
        trust: TrustClass::Rule,
        follow_head: true,
        cause: origin.cause,
        author: update.author,
        message: update.message.unwrap_or_default(),
        started_by: "system",
        starter: None,
        tags: None,
        no_cache: false,
    };
    let planned = match plan_build(tx, settings, rule, &wanted, origin.now) {
        Ok(planned) => planned,
        Err(NotPlanned::Naming(error)) => {
            return Ok(Outcome::Skipped(NAMING, error.to_string()));
        }
        Err(NotPlanned::Database(error)) => return Err(error),
    };
    if !has_room(tx, settings, &planned)? {
        let limit = settings.namespace_queue.to_string();
        return Ok(Outcome::Skipped(QUEUE_FULL, limit));
    }
    let build = builds::insert_build(tx, &planned)?;
    builds::supersede_builds(tx, rule.rule.id, update.reference, build.id, origin.now)?;
    Ok(Outcome::Built(build.id))
}

/// Records an update that something newer overtook; the head stays where it is.
pub(super) fn record_overtaken(
    tx: &mut Tx<'_>,
    rule: &Understood,
    update: &Update<'_>,
    origin: Origin<'_>,
) -> Result<(), DbError> {
    let new = NewDecision {
        rule: rule.rule.id,
        reference: update.reference.clone(),
        old: update.old.cloned(),
        new: update.new.cloned(),
        commit: update.commit.cloned(),
        decision: "superseded",
        reason: Some(OVERTAKEN.to_owned()),
        detail: String::new(),
        build: None,
        cause: origin.cause.as_str(),
        origin: origin.origin.to_owned(),
        at: origin.now,
    };
    heads::record_decision(tx, &new, false).map(drop)
}

/// Records that somebody had a ref built as it is now: the update that brought it there needs no other decision.
pub(super) fn record_start(
    tx: &mut Tx<'_>,
    rule: RuleId,
    found: &RemoteRef,
    build: BuildId,
    origin: Origin<'_>,
) -> Result<(), DbError> {
    let head = heads::find_head(tx, rule, &found.reference)?;
    let new = NewDecision {
        rule,
        reference: found.reference.clone(),
        old: head.and_then(|head| head.object),
        new: Some(found.object.clone()),
        commit: Some(found.commit.clone()),
        decision: "built",
        reason: None,
        detail: String::new(),
        build: Some(build),
        cause: origin.cause.as_str(),
        origin: origin.origin.to_owned(),
        at: origin.now,
    };
    heads::record_decision(tx, &new, true)?;
    builds::supersede_builds(tx, rule, &found.reference, build, origin.now).map(drop)
}
