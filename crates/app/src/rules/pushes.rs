//! Pushes that a code host told of: each update gets exactly one decision, however often and in whatever order it is told.

use super::{
    deciding::{Origin, Update, decide_update, record_overtaken, understand},
    metrics::count_decisions,
    placing::{Known, Place, Step, place_step},
    planning::Understood,
    updates::{PushOutcome, RemoteRef, ReportedUpdate},
};
use crate::{App, Error, Settings};
use std::sync::Arc;
use wharf_db::{
    DbError, Durability, Tx,
    rules::{self, heads},
};
use wharf_model::{RemotePath, SourceId, builds::BuildCause};

/// What is done with an update that follows nothing we know.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strangers {
    /// It is left for later: the host is asked first.
    Wait,
    /// The host was asked, and does not name it: it is overtaken.
    Overtaken,
    /// The host cannot be asked: it is believed. A build sets its tags only while its commit is the head.
    Believe,
}

impl App {
    /// Decides reported updates of a remote repository for each of its rules, and queues the builds.
    ///
    /// Afterwards each update has exactly one decision under each rule that is switched on, also when it is reported
    /// again, late or out of order. `origin` is what the host calls the delivery. Waits for an answer of the host when
    /// an update does not follow what is known.
    pub async fn record_pushes(
        &self,
        source: SourceId,
        remote: &RemotePath,
        updates: Vec<ReportedUpdate>,
        cause: BuildCause,
        origin: &str,
    ) -> Result<PushOutcome, Error> {
        let updates: Arc<[ReportedUpdate]> = updates.into();
        let place = |strangers| {
            self.place_updates(source, remote, updates.clone(), cause, origin, strangers)
        };
        let (mut outcome, waiting) = place(Strangers::Wait).await?;
        count_decisions(&outcome);
        if waiting {
            let looked = self.look_at_remote(source, remote).await;
            let strangers = match looked {
                Ok(seen) => {
                    outcome.add(seen);
                    Strangers::Overtaken
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        %remote,
                        "the code host could not be asked about a push that does not follow what is known"
                    );
                    Strangers::Believe
                }
            };
            let (placed, _) = place(strangers).await?;
            count_decisions(&placed);
            outcome.add(placed);
        }
        if !outcome.builds.is_empty() {
            self.wake_builds();
        }
        Ok(outcome)
    }

    /// Completes what the hook of a plain git repository told, which knows no messages: without them nobody could ask that
    /// a push is skipped.
    pub(crate) async fn complete_updates(
        &self,
        source: SourceId,
        remote: &RemotePath,
        updates: &mut [ReportedUpdate],
    ) {
        let refs = updates.iter().filter_map(|update| {
            Some(RemoteRef {
                reference: update.reference.clone(),
                object: update.new.clone()?,
                // Of a tag it is not known; the host is asked for it before anything is decided.
                commit: update.find_commit()?.clone(),
            })
        });
        let refs: Vec<_> = refs.collect();
        let found = self.find_messages(source, remote, &refs).await;
        for update in updates {
            let note = update.find_commit().and_then(|commit| found.get(commit));
            if let Some((message, author)) = note {
                update.message = Some(message.clone());
                update.author = Some(author.clone());
            }
        }
    }

    async fn place_updates(
        &self,
        source: SourceId,
        remote: &RemotePath,
        updates: Arc<[ReportedUpdate]>,
        cause: BuildCause,
        origin: &str,
        strangers: Strangers,
    ) -> Result<(PushOutcome, bool), Error> {
        let (settings, remote) = (self.settings.clone(), remote.clone());
        let (origin, now) = (origin.to_owned(), self.clock.now());
        let placed = self.db.write(Durability::Durable, move |tx| {
            let from = Origin {
                cause,
                origin: &origin,
                now,
            };
            let (mut outcome, mut waiting) = (PushOutcome::default(), false);
            let mut hasten = false;
            for rule in rules::list_rules_of_remote(tx, source, &remote)? {
                if !rule.enabled {
                    continue;
                }
                outcome.rules += 1;
                let Some(rule) = understand(rule) else {
                    continue;
                };
                for update in updates.iter() {
                    match place_update(tx, &settings, &rule, update, from, strangers)? {
                        Placed::Known => {}
                        Placed::Decided(build) => {
                            outcome.decided += 1;
                            outcome.builds.extend(build);
                        }
                        Placed::Overtaken => {
                            outcome.decided += 1;
                            // Steps came out of order: whether the head is right is for the host to say.
                            hasten = true;
                        }
                        Placed::Waits => waiting = true,
                    }
                }
            }
            if hasten || waiting {
                rules::remotes::hasten_remote(tx, source, &remote, now)?;
            }
            Ok::<_, Error>((outcome, waiting))
        });
        placed.await
    }
}

enum Placed {
    Known,
    Decided(Option<wharf_model::BuildId>),
    Overtaken,
    Waits,
}

fn place_update(
    tx: &mut Tx<'_>,
    settings: &Settings,
    rule: &Understood,
    reported: &ReportedUpdate,
    origin: Origin<'_>,
    strangers: Strangers,
) -> Result<Placed, DbError> {
    let (id, reference) = (rule.rule.id, &reported.reference);
    let (old, new) = (reported.old.as_ref(), reported.new.as_ref());
    let head = heads::find_head(tx, id, reference)?;
    let known = Known {
        head: head.as_ref().map(|head| head.object.as_ref()),
        decided: heads::is_decided(tx, id, reference, old, new)?,
        left: has_left(tx, rule, reported)?,
    };
    let update = Update {
        reference,
        old,
        new,
        commit: reported.find_commit(),
        message: reported.message.as_deref(),
        author: reported.author.as_deref().unwrap_or_default(),
    };
    let place = place_step(known, Step { old, new });
    // An annotated tag whose commit nobody told: only the host knows it.
    let needs_commit = new.is_some() && update.commit.is_none();
    Ok(match (place, strangers) {
        (Place::Again, _) => Placed::Known,
        (Place::Next, _) if needs_commit => Placed::Waits,
        (Place::Gap, Strangers::Wait) => Placed::Waits,
        (Place::Gap, Strangers::Believe) if needs_commit => Placed::Waits,
        (Place::Next, _) | (Place::Gap, Strangers::Believe) => {
            Placed::Decided(decide_update(tx, settings, rule, &update, origin)?)
        }
        (Place::Past, _) | (Place::Gap, Strangers::Overtaken) => {
            record_overtaken(tx, rule, &update, origin)?;
            Placed::Overtaken
        }
    })
}

/// Whether the ref is known to have left what the report calls new, or to have gone elsewhere from what it calls old.
fn has_left(
    tx: &mut Tx<'_>,
    rule: &Understood,
    reported: &ReportedUpdate,
) -> Result<bool, DbError> {
    for object in [&reported.new, &reported.old].into_iter().flatten() {
        if heads::has_left(tx, rule.rule.id, &reported.reference, object)? {
            return Ok(true);
        }
    }
    Ok(false)
}
