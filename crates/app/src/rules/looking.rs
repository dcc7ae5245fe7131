//! Looking at a remote repository: one question for its refs, however many rules build from it, and a decision for each
//! ref that is not where it was known to be. What webhooks missed is found here.

use super::{
    deciding::{Origin, Update, decide_update, understand},
    metrics::{count_decisions, count_look},
    planning::Understood,
    updates::{PushOutcome, RemoteRef},
    watching::PATIENCE,
};
use crate::{App, Error, lanes::limit_time};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wharf_db::{
    DbError, Durability, Tx,
    rules::{
        self,
        heads::{self, Head, NewDecision},
    },
    webhooks,
};
use wharf_model::{
    RemotePath, RuleId, SourceId,
    builds::{BuildCause, CommitId, RefName},
};

/// Most refs whose commits' messages are asked for in one look: each is a request to the host. More refs than this move at once
/// only when a repository is brought over, and then nobody meant `[skip ci]` for each of them.
const MAX_MESSAGES: usize = 20;

/// How long messages are asked for. A host that dawdles must not keep the look from its end: what it did not tell in time
/// is built.
const MESSAGES_TIME: Duration = Duration::from_secs(30);

/// What a rule knew before the host was asked.
type Before = HashMap<RuleId, HashMap<RefName, i64>>;

/// What the host answered.
#[derive(Clone)]
struct Seen {
    refs: Arc<[RemoteRef]>,
    messages: Arc<HashMap<CommitId, (String, String)>>,
}

impl App {
    /// Asks for the refs of a remote repository and decides each that moved, for every rule that is switched on. Rules
    /// that are new or were switched on again take what is there as seen.
    ///
    /// What a webhook brings while the host is being asked is newer than its answer and is not touched.
    pub(crate) async fn look_at_remote(
        &self,
        source: SourceId,
        remote: &RemotePath,
    ) -> Result<PushOutcome, Error> {
        let turn = self.watching.turns.take((source, remote.clone())).await;
        let started = Instant::now();
        let looked = limit_time(PATIENCE, remote.as_str(), self.look(source, remote)).await;
        count_look(started.elapsed(), &looked);
        drop(turn);
        if let Err(error) = &looked {
            self.note_failed_look(source, remote, error).await?;
        }
        looked
    }

    async fn look(&self, source: SourceId, remote: &RemotePath) -> Result<PushOutcome, Error> {
        let before = self.load_sequences(source, remote).await?;
        let refs = self.list_remote_refs(source, remote).await?;
        let messages = self.find_messages(source, remote, &refs).await;
        let seen = Seen {
            refs: refs.into(),
            messages: Arc::new(messages),
        };
        let (settings, now) = (self.settings.clone(), self.clock.now());
        let next_at = self.find_next_look(source, remote, 0).await?;
        let remote = remote.clone();
        let decided = self.db.write(Durability::Durable, move |tx| {
            let origin = Origin {
                cause: BuildCause::Poll,
                origin: "",
                now,
            };
            let (mut outcome, mut missed) = (PushOutcome::default(), false);
            for rule in rules::list_rules_of_remote(tx, source, &remote)? {
                if !rule.enabled {
                    continue;
                }
                outcome.rules += 1;
                let Some(rule) = understand(rule) else {
                    continue;
                };
                if !rule.rule.caught_up {
                    outcome.decided += take_as_seen(tx, &rule, &seen, origin)?;
                    continue;
                }
                // A rule that came while the host was being asked is looked at the next time.
                let Some(before) = before.get(&rule.rule.id) else {
                    continue;
                };
                for moved in find_moved(tx, &rule, before, &seen)? {
                    let message = moved.commit.as_ref().and_then(|it| seen.messages.get(it));
                    let update = Update {
                        reference: &moved.reference,
                        old: moved.old.as_ref(),
                        new: moved.new.as_ref(),
                        commit: moved.commit.as_ref(),
                        message: message.map(|(message, _)| message.as_str()),
                        author: message
                            .map(|(_, author)| author.as_str())
                            .unwrap_or_default(),
                    };
                    outcome.decided += 1;
                    missed = true;
                    let built = decide_update(tx, &settings, &rule, &update, origin)?;
                    outcome.builds.extend(built);
                }
            }
            // Until the webhook tells again nobody counts on it.
            let next_at = match missed {
                true => next_at.min(now.plus(settings.poll_interval)),
                false => next_at,
            };
            rules::remotes::note_answer(tx, source, &remote, now, next_at)?;
            // A webhook that works would have told; whether it is still there is worth a question.
            let doubted = missed && webhooks::doubt_webhook(tx, source, &remote, now)?;
            Ok::<_, Error>((outcome, doubted))
        });
        let (outcome, doubted) = decided.await?;
        count_decisions(&outcome);
        if doubted {
            self.wake_webhooks();
        }
        if !outcome.builds.is_empty() {
            self.wake_builds();
        }
        Ok(outcome)
    }

    async fn load_sequences(&self, source: SourceId, remote: &RemotePath) -> Result<Before, Error> {
        let remote = remote.clone();
        let load = self.db.read(move |tx| {
            let mut before = Before::new();
            for rule in rules::list_rules_of_remote(tx, source, &remote)? {
                let heads = heads::list_heads(tx, rule.id)?;
                let sequences = heads.into_iter().map(|(name, head)| (name, head.sequence));
                before.insert(rule.id, sequences.collect());
            }
            Ok::<_, DbError>(before)
        });
        load.await.map_err(Error::from)
    }

    /// Messages of the commits that some rule would build and that honors `[skip ci]`; what cannot be found out is built.
    pub(super) async fn find_messages(
        &self,
        source: SourceId,
        remote: &RemotePath,
        refs: &[RemoteRef],
    ) -> HashMap<CommitId, (String, String)> {
        let wanted = match self.list_unread_refs(source, remote, refs).await {
            Ok(wanted) => wanted,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "could not tell which commits moved"
                );
                return HashMap::new();
            }
        };
        if wanted.len() > MAX_MESSAGES {
            return HashMap::new();
        }
        let asked = self.find_remote_messages(source, remote, &wanted);
        let told = limit_time(MESSAGES_TIME, remote.as_str(), asked).await;
        told.unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                %remote,
                "could not read the messages of commits, which are built whatever they say"
            );
            HashMap::new()
        })
    }

    async fn list_unread_refs(
        &self,
        source: SourceId,
        remote: &RemotePath,
        refs: &[RemoteRef],
    ) -> Result<Vec<RemoteRef>, Error> {
        let (remote, refs) = (remote.clone(), refs.to_vec());
        let list = self.db.read(move |tx| {
            let (mut wanted, mut names) = (Vec::new(), HashSet::new());
            for rule in rules::list_rules_of_remote(tx, source, &remote)? {
                let Some(rule) = Some(rule).filter(|rule| rule.enabled && rule.caught_up) else {
                    continue;
                };
                let Some(rule) = understand(rule).filter(|rule| rule.definition.skip_ci) else {
                    continue;
                };
                let heads = heads::list_heads(tx, rule.rule.id)?;
                for found in &refs {
                    let known = heads.get(&found.reference);
                    let moved = known.and_then(|head| head.object.as_ref()) != Some(&found.object);
                    let chosen = moved && rule.compiled.trigger.chooses(&found.reference);
                    if chosen && names.insert(found.reference.clone()) {
                        wanted.push(found.clone());
                    }
                }
            }
            Ok::<_, DbError>(wanted)
        });
        list.await.map_err(Error::from)
    }
}

/// A ref that is not where it was known to be.
struct Moved {
    reference: RefName,
    old: Option<CommitId>,
    new: Option<CommitId>,
    commit: Option<CommitId>,
}

/// Refs that moved, appeared or went, without those about which something was decided since the host was asked.
fn find_moved(
    tx: &mut Tx<'_>,
    rule: &Understood,
    before: &HashMap<RefName, i64>,
    seen: &Seen,
) -> Result<Vec<Moved>, DbError> {
    let mut heads = heads::list_heads(tx, rule.rule.id)?;
    let is_fresh = |name: &RefName, head: Option<&Head>| {
        head.map(|head| head.sequence) != before.get(name).copied()
    };
    let mut moved = Vec::new();
    for found in seen.refs.iter() {
        let head = heads.remove(&found.reference);
        if is_fresh(&found.reference, head.as_ref()) {
            continue;
        }
        let old = head.and_then(|head| head.object);
        if old.as_ref() != Some(&found.object) {
            moved.push(Moved {
                reference: found.reference.clone(),
                old,
                new: Some(found.object.clone()),
                commit: Some(found.commit.clone()),
            });
        }
    }
    let mut gone: Vec<_> = heads
        .into_values()
        .filter(|head| head.object.is_some() && !is_fresh(&head.reference, Some(head)))
        .map(|head| Moved {
            reference: head.reference,
            old: head.object,
            new: None,
            commit: None,
        })
        .collect();
    gone.sort_by(|one, other| one.reference.cmp(&other.reference));
    moved.append(&mut gone);
    Ok(moved)
}

/// Takes all refs that are there as seen; answers how many decisions that were.
fn take_as_seen(
    tx: &mut Tx<'_>,
    rule: &Understood,
    seen: &Seen,
    origin: Origin<'_>,
) -> Result<usize, DbError> {
    let heads = heads::list_heads(tx, rule.rule.id)?;
    let (mut fresh, mut decided) = (Vec::new(), 0);
    for found in seen.refs.iter() {
        let triple = (
            found.reference.clone(),
            found.object.clone(),
            found.commit.clone(),
        );
        match heads.get(&found.reference) {
            None => fresh.push(triple),
            Some(head) if head.object.as_ref() == Some(&found.object) => {}
            Some(head) => {
                let new = NewDecision {
                    rule: rule.rule.id,
                    reference: found.reference.clone(),
                    old: head.object.clone(),
                    new: Some(found.object.clone()),
                    commit: Some(found.commit.clone()),
                    decision: "seen",
                    reason: None,
                    detail: String::new(),
                    build: None,
                    cause: origin.cause.as_str(),
                    origin: origin.origin.to_owned(),
                    at: origin.now,
                };
                heads::record_decision(tx, &new, true)?;
                decided += 1;
            }
        }
    }
    let cause = origin.cause.as_str();
    heads::record_seen(tx, rule.rule.id, &fresh, cause, origin.origin, origin.now)?;
    rules::catch_up(tx, rule.rule.id)?;
    Ok(decided + fresh.len())
}
