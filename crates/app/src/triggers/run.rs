//! What people have done by hand: a trigger run with a chosen tag, a delivery sent again or called off.

use super::{
    TriggerPlace,
    facts::{OwnNames, write_facts},
    matching::concerns,
};
use crate::{App, Context, Error, audit::record_audit};
use serde_json::json;
use wharf_db::{
    Durability, Tx, events, repositories,
    triggers::{
        self, Trigger, TriggerView, actions,
        deliveries::{self, Delivery, NewDelivery, insert_deliveries},
        fan_out::{EventRepository, find_present_digest},
    },
};
use wharf_model::{
    ActionId, AuditAction, Facts, Timestamp, TriggerDeliveryId,
    triggers::{ActionState, EventFacts, EventKind},
};
use wharf_oci::{Digest, RepositoryName, Tag};

/// A trigger to be run by hand.
#[derive(Debug, Clone)]
pub struct TriggerRunRequest {
    /// The trigger's name.
    pub trigger: String,
    /// Of a namespace's trigger: the repository that it is run for.
    pub repository: Option<String>,
    /// The tag, which must be there.
    pub tag: String,
}

impl App {
    /// Runs a trigger with a tag, whether or not it is switched on or the tag is one that it waits for. Answers the
    /// deliveries that it made, one for each action that has something to do with a tag.
    pub async fn run_trigger(
        &self,
        context: &Context,
        place: &TriggerPlace,
        request: &TriggerRunRequest,
    ) -> Result<Vec<TriggerDeliveryId>, Error> {
        self.authorize_run(&context.caller, place).await?;
        let view = self.authorize_view(&context.caller, place).await?;
        let name = place.choose_repository(request.repository.as_deref())?;
        let tag: Tag = request
            .tag
            .parse()
            .map_err(|_| Error::refused("tag", "tag", &request.tag))?;
        let run = ByHand {
            names: OwnNames::of(&self.settings),
            context: context.clone(),
            trigger: request.trigger.clone(),
            name,
            tag,
            now: self.clock.now(),
            give_up_at: self
                .clock
                .now()
                .plus(self.configuration.live().triggers.retry),
        };
        let made = self
            .db
            .write(Durability::Durable, move |tx| run.insert(tx, view));
        let made: Vec<_> = made.await?;
        for (_, action) in &made {
            self.triggers.rests.end(*action);
        }
        self.triggers.tell_due();
        Ok(made.into_iter().map(|(id, _)| id).collect())
    }

    /// Sends a delivery again that is over, under its id.
    pub async fn redeliver_trigger(
        &self,
        context: &Context,
        place: &TriggerPlace,
        id: &str,
    ) -> Result<(), Error> {
        let run = self.authorize_run(&context.caller, place).await?;
        let view = self.authorize_view(&context.caller, place).await?;
        let id: TriggerDeliveryId = id.parse().map_err(|_| Error::NotFound)?;
        let (context, now) = (context.clone(), self.clock.now());
        let give_up_at = now.plus(self.configuration.live().triggers.retry);
        let sent = self.db.write(Durability::Durable, move |tx| {
            let delivery = deliveries::find_delivery(tx, view, id)?.ok_or(Error::NotFound)?;
            let action = actions::find_action(tx, delivery.action)?;
            let action = action.ok_or(Error::Conflict {
                what: "action_deleted",
            })?;
            if action.state == ActionState::Disabled {
                return Err(Error::Conflict {
                    what: "action_disabled",
                });
            }
            if !deliveries::redeliver(tx, run, id, now, give_up_at)? {
                return Err(Error::Conflict {
                    what: "delivery_open",
                });
            }
            audit_delivery(tx, &context, now, AuditAction::TriggerRedeliver, &delivery)?;
            Ok::<_, Error>(delivery.action)
        });
        let action = sent.await?;
        self.triggers.rests.end(action);
        self.triggers.tell_due();
        Ok(())
    }

    /// Calls a delivery off that is not over. What was sent already stays sent; a rollout goes on unwatched.
    pub async fn cancel_trigger_delivery(
        &self,
        context: &Context,
        place: &TriggerPlace,
        id: &str,
    ) -> Result<(), Error> {
        let run = self.authorize_run(&context.caller, place).await?;
        let view = self.authorize_view(&context.caller, place).await?;
        let id: TriggerDeliveryId = id.parse().map_err(|_| Error::NotFound)?;
        let (context, now) = (context.clone(), self.clock.now());
        let canceled = self.db.write(Durability::Durable, move |tx| {
            let delivery = deliveries::find_delivery(tx, view, id)?.ok_or(Error::NotFound)?;
            if !deliveries::cancel_delivery(tx, run, id, &context.caller.name, now)? {
                return Err(Error::Conflict {
                    what: "delivery_over",
                });
            }
            audit_delivery(tx, &context, now, AuditAction::TriggerCancel, &delivery)
        });
        canceled.await?;
        self.triggers.tell_due();
        Ok(())
    }
}

/// Notes who did something to a delivery.
fn audit_delivery(
    tx: &mut Tx<'_>,
    context: &Context,
    now: Timestamp,
    action: AuditAction,
    delivery: &Delivery,
) -> Result<(), Error> {
    let details = json!({
        "delivery": delivery.id.to_string(), "trigger": delivery.trigger_name.as_str(),
    });
    let target = delivery.repository_name.as_str();
    let namespace = Some(delivery.namespace);
    record_audit(tx, context, now, action, target, namespace, &details)?;
    Ok(())
}

/// A run by hand, as its transaction makes it.
struct ByHand {
    names: OwnNames,
    context: Context,
    trigger: String,
    name: RepositoryName,
    tag: Tag,
    now: Timestamp,
    give_up_at: Timestamp,
}

impl ByHand {
    fn insert(
        &self,
        tx: &mut Tx<'_>,
        view: TriggerView,
    ) -> Result<Vec<(TriggerDeliveryId, ActionId)>, Error> {
        let trigger = triggers::find_trigger(tx, view, &self.trigger)?.ok_or(Error::NotFound)?;
        let facts = repositories::find_facts(tx, &self.name)?;
        let facts = facts.filter(|facts| facts.namespace == trigger.namespace);
        let facts = facts.ok_or(Error::invalid("repository", "no_such_repository"))?;
        let digest = find_present_digest(tx, facts.repository, &self.tag)?;
        let digest = digest.ok_or(Error::invalid("tag", "no_such_tag"))?;
        let event = self.describe(tx, &trigger, &facts, digest)?;
        let text = write_facts(&event);
        let all = actions::list_actions(tx, trigger.id)?;
        let concerned = all
            .iter()
            .filter(|action| concerns(action.kind, event.kind));
        let new: Vec<_> = concerned
            .map(|action| NewDelivery {
                event: event.event,
                event_kind: event.kind,
                by_hand: true,
                actor: &event.actor,
                namespace: facts.namespace,
                repository: facts.repository,
                repository_name: &facts.name,
                tag: Some(&self.tag),
                digest: Some(&digest),
                trigger: &trigger,
                action: action.id,
                dead: None,
                facts: &text,
                at: self.now,
                give_up_at: self.give_up_at,
            })
            .collect();
        let made = insert_deliveries(tx, &new)?;
        let made = made.into_iter().zip(&new);
        let made: Vec<_> = made
            .filter_map(|(id, new)| Some((id?, new.action)))
            .collect();
        for (id, _) in &made {
            deliveries::hasten_older(tx, *id, self.now)?;
        }
        let details = json!({ "trigger": trigger.name.as_str(), "tag": self.tag.as_str() });
        let (target, namespace) = (facts.name.as_str(), Some(facts.namespace));
        record_audit(
            tx,
            &self.context,
            self.now,
            AuditAction::TriggerRun,
            target,
            namespace,
            &details,
        )?;
        Ok(made)
    }

    /// The event of its own that a run by hand is.
    fn describe(
        &self,
        tx: &mut Tx<'_>,
        trigger: &Trigger,
        facts: &Facts,
        digest: Digest,
    ) -> Result<EventFacts, Error> {
        let actor = self.context.caller.name.to_string();
        let payload = json!({
            "trigger": trigger.id.to_string(), "tag": self.tag.as_str(), "digest": digest.to_string(), "actor": actor,
        });
        let payload = payload.to_string();
        let event = events::record_event(tx, "trigger.run", facts.repository, &payload, self.now)?;
        // Of what the trigger listens to: its template may know nothing else.
        let kinds = [EventKind::TagCreated, EventKind::TagChanged];
        let kind = kinds.into_iter().find(|kind| trigger.events.contains(kind));
        let kind = kind.unwrap_or(EventKind::TagChanged);
        let place = EventRepository {
            namespace: facts.namespace,
            name: facts.name.clone(),
            public: facts.public,
        };
        Ok(EventFacts {
            tag: Some(self.tag.clone()),
            digest: Some(digest),
            is_by_hand: true,
            ..self.names.start_facts(event, kind, self.now, actor, &place)
        })
    }
}
