//! Rules changed by maintainers; whoever is not the source's owner changes anything but what the rule is pointed at and that
//! it fetches submodules.

use super::{
    create::see_refs,
    definition::Definition,
    draft::{Pointed, RuleEdit, check_rule_name},
    page::{RulePage, load_page},
};
use crate::{App, Context, Error, audit::record_audit, webhooks::end_unused_webhooks};
use serde_json::json;
use wharf_db::{
    DbErrorKind, Durability,
    rules::{self, Rule, RuleChange, remotes},
};
use wharf_model::{AuditAction, Timestamp};

impl App {
    /// Changes a rule; `change` works on what it says now. A repository that is new to it, and a rule that is switched on
    /// again, take the refs that are there as seen.
    pub async fn edit_rule(
        &self,
        context: &Context,
        repository: &str,
        name: &str,
        edit: RuleEdit,
        change: impl FnOnce(&mut Definition) + Send,
    ) -> Result<RulePage, Error> {
        let (seen, right) = self.authorize_change(context, repository).await?;
        let old = self.show_rule(context, repository, name).await?;
        if edit.version.is_some_and(|seen| seen != old.rule.version) {
            return Err(Error::changed_meanwhile());
        }
        let mut definition = old.definition.clone();
        change(&mut definition);
        self.check_definition(&definition)?;
        if let Some(name) = &edit.name {
            check_rule_name(name)?;
        }
        let pointed = self.find_new_target(context, &old.rule, &edit).await?;
        // Submodules are fetched from anywhere at the host, with the owner's token: that is more than pointing elsewhere.
        if definition.submodules && !old.definition.submodules && pointed.is_none() {
            self.require_own_source(context, old.rule.source).await?;
        }
        let change = make_change(
            &old,
            &edit,
            pointed.as_ref(),
            &definition,
            context,
            self.clock.now(),
        )?;
        let next_at = match (&pointed, change.source) {
            (Some(pointed), _) => {
                let look = self.find_next_look(pointed.source.id, &pointed.remote, 0);
                Some((pointed.source.id, pointed.remote.clone(), look.await?))
            }
            (None, Some(source)) if !change.caught_up => {
                Some((source, old.rule.remote.clone(), self.clock.now()))
            }
            _ => None,
        };
        let (context, vault, now) = (context.clone(), self.vault.clone(), self.clock.now());
        let (id, version, moved) = (old.rule.id, old.rule.version, pointed.is_some());
        let old_place = old
            .rule
            .source
            .map(|source| (source, old.rule.remote.clone()));
        let name = change.name.clone();
        let (refs, repository) = (
            pointed.map(|pointed| pointed.refs),
            old.rule.repository_name.clone(),
        );
        let edited = self.db.write(Durability::Durable, move |tx| {
            let changed = rules::change_rule(tx, &right, id, version, &change).map_err(
                |error| match error.kind() {
                    DbErrorKind::Constraint => Error::Conflict { what: "rule" },
                    _ => error.into(),
                },
            )?;
            if !changed {
                return Err(Error::changed_meanwhile());
            }
            if moved {
                rules::forget_heads(tx, id)?;
            }
            if let Some((source, remote, at)) = &next_at {
                remotes::watch_remote(tx, *source, remote, *at)?;
            }
            if let Some(refs) = &refs {
                see_refs(tx, id, refs, &context, now)?;
            }
            if let Some((source, remote)) = &old_place {
                remotes::leave_remote(tx, *source, remote)?;
                end_unused_webhooks(tx, &vault, now)?;
            }
            let details = json!({ "rule": name, "source": moved, "enabled": edit.enabled });
            let (target, namespace) = (repository.as_str(), right.subject().namespace);
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RuleEdit,
                target,
                Some(namespace),
                &details,
            )?;
            let rule = rules::find_rule(tx, &seen, &name)?.ok_or(Error::NotFound)?;
            Ok(load_page(tx, rule)?)
        });
        let edited = edited.await?;
        self.settle_edit(&old, edited).await
    }

    /// What follows an edit: the refs that are there now are taken as seen, and its host is asked to tell of pushes.
    async fn settle_edit(&self, old: &RulePage, edited: RulePage) -> Result<RulePage, Error> {
        let moved = old.rule.source != edited.rule.source || old.rule.remote != edited.rule.remote;
        if moved {
            self.hear_of(&edited).await?;
            self.wake_webhooks();
        }
        let rule = &edited.rule;
        let Some(source) = rule.source.filter(|_| rule.enabled && !rule.caught_up) else {
            return Ok(edited);
        };
        // A host that does not answer now is asked again, and the rule's page says so.
        let _ = self.look_at_remote(source, &rule.remote).await;
        let id = rule.id;
        let load = self.db.read(move |tx| {
            let rule = rules::find_rule_by_id(tx, id)?.ok_or(Error::NotFound)?;
            Ok(load_page(tx, rule)?)
        });
        load.await
    }

    /// What the rule shall be pointed at instead, if anything else than what it is.
    async fn find_new_target(
        &self,
        context: &Context,
        old: &Rule,
        edit: &RuleEdit,
    ) -> Result<Option<Pointed>, Error> {
        let same_source = edit.source.is_none() || edit.source == old.source;
        let same_remote = edit
            .remote
            .as_ref()
            .is_none_or(|remote| remote == old.remote.as_str());
        if same_source && same_remote {
            return Ok(None);
        }
        let source = edit.source.or(old.source);
        let source = source.ok_or(Error::invalid("source", "required"))?;
        let remote = edit.remote.as_deref().unwrap_or(old.remote.as_str());
        self.point_at(context, source, remote).await.map(Some)
    }
}

fn make_change(
    old: &RulePage,
    edit: &RuleEdit,
    pointed: Option<&Pointed>,
    definition: &Definition,
    context: &Context,
    now: Timestamp,
) -> Result<RuleChange, Error> {
    let rule = &old.rule;
    let enabled = edit.enabled.unwrap_or(rule.enabled);
    let source = pointed.map(|pointed| &pointed.source);
    let kind = source.map_or(rule.source_kind, |source| source.kind);
    Ok(RuleChange {
        name: edit.name.clone().unwrap_or_else(|| rule.name.clone()),
        source: source.map_or(rule.source, |source| Some(source.id)),
        source_kind: kind,
        source_address: source.map_or_else(
            || rule.source_address.clone(),
            |source| source.address.clone(),
        ),
        source_owner: source.map_or_else(
            || rule.source_owner.clone(),
            |source| source.owner_name.to_string(),
        ),
        remote: pointed.map_or_else(|| rule.remote.clone(), |pointed| pointed.remote.clone()),
        enabled,
        caught_up: rule.caught_up && pointed.is_none() && (rule.enabled || !enabled),
        definition: serde_json::to_string(definition).map_err(Error::internal)?,
        changed_by: context.caller.name.to_string(),
        at: now,
    })
}
