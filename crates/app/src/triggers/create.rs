//! Triggers made by maintainers.

use super::{
    checking::{check_rules, read_condition, read_events, read_name},
    draft::TriggerDraft,
    keeping::{Keeper, MadeSecret, SavedTrigger},
    page::{EditRight, TriggerPage, find_page},
    place::TriggerPlace,
};
use crate::{App, Context, Error, audit::record_audit};
use serde_json::{Value, json};
use std::sync::Arc;
use wharf_db::{
    Durability, Tx, rules,
    triggers::{self, NewTrigger, TriggerChange, TriggerOwner},
};
use wharf_model::{AuditAction, Granted, TriggerId, rights::ViewBuilds};

impl App {
    /// Makes a trigger. It fires for what happens from now on. What its workloads' clusters say against it is a warning.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::Invalid`] with the field; [`Error::Upstream`] for a host that may not be dialed.
    pub async fn create_trigger(
        &self,
        context: &Context,
        place: &TriggerPlace,
        draft: TriggerDraft,
    ) -> Result<SavedTrigger, Error> {
        let right = self.authorize_change_of(context, place).await?;
        let known_rules = self.find_rule_right(context, place).await?;
        let name = read_name(&draft.name)?;
        let condition = read_condition(&draft.condition)?;
        let events = read_events(&draft.events)?;
        check_rules(&draft.rules, &events)?;
        let mut actions = self
            .check_actions(place, draft.actions, &[], &events)
            .await?;
        let warnings = self
            .look_at_workloads(place, right.namespace, &mut actions)
            .await;
        let now = self.clock.now();
        let new = NewTrigger {
            id: TriggerId::new(),
            change: TriggerChange {
                name,
                events,
                rules: draft.rules,
                condition_kind: condition.kind(),
                condition_text: condition.text(),
                enabled: draft.enabled,
                active_since: now,
                by: context.caller.name.to_string(),
                at: now,
            },
        };
        let made = list_made(&actions);
        let limit = self.find_limit(right.edit.owner());
        let (context, vault, actions) = (context.clone(), self.vault.clone(), Arc::new(actions));
        let write = self.db.write(Durability::Durable, move |tx| {
            check_known_rules(tx, known_rules.as_ref(), &new.change.rules)?;
            if triggers::count_triggers(tx, right.edit.owner())? >= limit.1 {
                return Err(Error::LimitReached {
                    what: limit.0,
                    limit: limit.1,
                });
            }
            if !triggers::insert_trigger(tx, right.edit, &new)? {
                return Err(Error::Conflict { what: "trigger" });
            }
            let keeper = Keeper {
                vault: &vault,
                namespace: right.namespace,
                trigger: new.id,
                by: &new.change.by,
                now,
            };
            keeper.put_actions(tx, &actions, None)?;
            let page = find_page(tx, right.view, new.change.name.as_str())?;
            audit(tx, &context, &right, AuditAction::TriggerCreate, &page, now)?;
            Ok::<_, Error>(page)
        });
        Ok(SavedTrigger {
            page: write.await?,
            made,
            warnings,
        })
    }

    /// How many triggers an owner may have, and what the limit is called.
    fn find_limit(&self, owner: TriggerOwner) -> (&'static str, u64) {
        let limits = self.configuration.live().triggers;
        match owner.repository() {
            Some(_) => ("triggers", limits.per_repository),
            None => ("namespace_triggers", limits.per_namespace),
        }
    }

    /// What finds the rules that a trigger of a repository may name; those of a namespace name rules of any repository.
    pub(super) async fn find_rule_right(
        &self,
        context: &Context,
        place: &TriggerPlace,
    ) -> Result<Option<Granted<ViewBuilds>>, Error> {
        match place {
            TriggerPlace::Repository(name) => self.authorize_named(context, name).await.map(Some),
            TriggerPlace::Namespace(_) => Ok(None),
        }
    }
}

/// Refuses the name of a rule that is not there.
pub(super) fn check_known_rules(
    tx: &mut Tx<'_>,
    right: Option<&Granted<ViewBuilds>>,
    names: &[String],
) -> Result<(), Error> {
    let Some(right) = right else {
        return Ok(());
    };
    for name in names {
        if rules::find_rule(tx, right, name)?.is_none() {
            return Err(Error::invalid("rules", "no_such_rule"));
        }
    }
    Ok(())
}

pub(super) fn list_made(actions: &[super::checking::CheckedAction]) -> Vec<MadeSecret> {
    let made = actions.iter().filter_map(|action| {
        Some(MadeSecret {
            action: action.id,
            secret: action.made.clone()?,
        })
    });
    made.collect()
}

/// A line of the audit log about a trigger: what it does and where to, nothing secret.
pub(super) fn audit(
    tx: &mut Tx<'_>,
    context: &Context,
    right: &EditRight,
    action: AuditAction,
    page: &TriggerPage,
    now: wharf_model::Timestamp,
) -> Result<(), Error> {
    let actions: Vec<Value> = page
        .actions
        .iter()
        .map(|one| json!({ "kind": one.action.kind.as_str(), "target": one.action.label }))
        .collect();
    let details = json!({
        "trigger": page.trigger.name.as_str(),
        "enabled": page.trigger.enabled,
        "actions": actions,
    });
    let namespace = Some(right.namespace);
    record_audit(tx, context, now, action, &right.target, namespace, &details)?;
    Ok(())
}
