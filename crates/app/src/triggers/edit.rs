//! Triggers changed and removed by maintainers. An action that is named by its id stays the same one: its log and its secrets
//! stay with it.

use super::{
    checking::{OldAction, check_rules, read_condition, read_events, read_name},
    create::{audit, check_known_rules, list_made},
    draft::TriggerEditing,
    end::end_trigger,
    keeping::{Keeper, SavedTrigger, open_secret},
    page::{EditRight, TriggerPage, find_page},
    place::TriggerPlace,
    reasons,
    redraft::redraft_actions,
};
use crate::{App, Context, Error};
use std::sync::Arc;
use wharf_db::{
    DbErrorKind, Durability,
    triggers::{
        self, TriggerChange,
        deliveries::{Whose, cancel_deliveries},
    },
};
use wharf_model::AuditAction;

impl App {
    /// Changes a trigger. One that is switched off calls off what waits; switched on again it fires for what happens from
    /// then on.
    ///
    /// # Errors
    /// As [`App::create_trigger`]; [`Error::Conflict`] when somebody else changed it meanwhile.
    pub async fn edit_trigger(
        &self,
        context: &Context,
        place: &TriggerPlace,
        name: &str,
        edit: TriggerEditing,
    ) -> Result<SavedTrigger, Error> {
        let right = self.authorize_change_of(context, place).await?;
        let known_rules = self.find_rule_right(context, place).await?;
        let (old, old_actions) = self.load_old(&right, name).await?;
        let version = old.trigger.version;
        if edit.version.is_some_and(|seen| seen != version) {
            return Err(Error::changed_meanwhile());
        }
        let now = self.clock.now();
        let mut change = TriggerChange {
            name: old.trigger.name.clone(),
            events: old.trigger.events.clone(),
            rules: old.trigger.rules.clone(),
            condition_kind: old.trigger.condition_kind,
            condition_text: old.trigger.condition_text.clone(),
            enabled: old.trigger.enabled,
            active_since: old.trigger.active_since,
            by: context.caller.name.to_string(),
            at: now,
        };
        if let Some(name) = &edit.name {
            change.name = read_name(name)?;
        }
        if let Some(condition) = &edit.condition {
            let condition = read_condition(condition)?;
            change.condition_kind = condition.kind();
            change.condition_text = condition.text();
        }
        let events_given = edit.events.is_some();
        if let Some(events) = &edit.events {
            change.events = read_events(events)?;
        }
        let rules_given = edit.rules.is_some();
        if let Some(rules) = edit.rules {
            change.rules = rules;
        }
        check_rules(&change.rules, &change.events)?;
        if let Some(enabled) = edit.enabled {
            if enabled && !change.enabled {
                change.active_since = now;
            }
            change.enabled = enabled;
        }
        let actions_given = edit.actions.is_some();
        let actions = match edit.actions {
            Some(drafts) => Some(drafts),
            // Other events may be ones that an action has no words for.
            None if events_given => Some(redraft_actions(&old)?),
            None => None,
        };
        let mut actions = match actions {
            Some(drafts) => Some(
                self.check_actions(place, drafts, &old_actions, &change.events)
                    .await?,
            ),
            None => None,
        };
        let warnings = match &mut actions {
            Some(actions) if actions_given => {
                self.look_at_workloads(place, right.namespace, actions)
                    .await
            }
            _ => Vec::new(),
        };
        let made = actions.as_deref().map(list_made).unwrap_or_default();
        let (context, vault, actions) = (context.clone(), self.vault.clone(), Arc::new(actions));
        let write = self.db.write(Durability::Durable, move |tx| {
            if rules_given {
                check_known_rules(tx, known_rules.as_ref(), &change.rules)?;
            }
            let id = old.trigger.id;
            let changed = triggers::change_trigger(tx, right.edit, id, version, &change);
            let changed = changed.map_err(|error| match error.kind() {
                DbErrorKind::Constraint => Error::Conflict { what: "trigger" },
                _ => error.into(),
            });
            if !changed? {
                return Err(Error::changed_meanwhile());
            }
            // Who switches a trigger off in an emergency means what is on its way too.
            if old.trigger.enabled && !change.enabled {
                let whose = Whose::WaitingOfTrigger(id);
                cancel_deliveries(tx, whose, reasons::TRIGGER_OFF, &change.by, now)?;
            }
            if let Some(actions) = &*actions {
                let keeper = Keeper {
                    vault: &vault,
                    namespace: right.namespace,
                    trigger: id,
                    by: &change.by,
                    now,
                };
                keeper.put_actions(tx, actions, Some(&old))?;
            }
            let page = find_page(tx, right.view, change.name.as_str())?;
            audit(tx, &context, &right, AuditAction::TriggerEdit, &page, now)?;
            Ok::<_, Error>(page)
        });
        let page = write.await?;
        // It may go elsewhere now.
        for action in &page.actions {
            self.triggers.rests.end(action.action.id);
        }
        Ok(SavedTrigger {
            page,
            made,
            warnings,
        })
    }

    /// Removes a trigger with its secrets; what waits is called off.
    pub async fn delete_trigger(
        &self,
        context: &Context,
        place: &TriggerPlace,
        name: &str,
    ) -> Result<(), Error> {
        let right = self.authorize_change_of(context, place).await?;
        let (context, name, now) = (context.clone(), name.to_owned(), self.clock.now());
        let write = self.db.write(Durability::Durable, move |tx| {
            let page = find_page(tx, right.view, &name)?;
            end_trigger(tx, page.trigger.id, &context.caller.name, now)?;
            triggers::delete_trigger(tx, right.edit, page.trigger.id)?;
            audit(tx, &context, &right, AuditAction::TriggerDelete, &page, now)
        });
        write.await
    }

    async fn load_old(
        &self,
        right: &EditRight,
        name: &str,
    ) -> Result<(TriggerPage, Vec<OldAction>), Error> {
        let (view, name, vault) = (right.view, name.to_owned(), self.vault.clone());
        let load = self.db.read(move |tx| {
            let page = find_page(tx, view, &name)?;
            let mut old = Vec::with_capacity(page.actions.len());
            for action in &page.actions {
                old.push(OldAction {
                    id: action.action.id,
                    spec: action.spec.clone(),
                    secret: open_secret(tx, &vault, action.action.id)?,
                });
            }
            Ok::<_, Error>((page, old))
        });
        load.await
    }
}
