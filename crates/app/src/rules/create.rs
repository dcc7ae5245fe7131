//! Rules made by maintainers. Only the owner of a source points a rule at one of its repositories.

use super::{
    draft::{Pointed, RuleDraft},
    page::{RulePage, load_page},
    secrets::put_secret,
    updates::RemoteRef,
};
use crate::{App, Context, Error, audit::record_audit, vault::Vault, webhooks::want_webhook};
use serde_json::json;
use std::sync::Arc;
use wharf_db::{
    DbError, Durability, Tx,
    rules::{self, NewRule, heads, remotes},
};
use wharf_model::{AuditAction, Granted, RuleId, Timestamp, rights::ManageRules};

/// Most rules of a repository: each is asked at every push.
const MAX_RULES: u64 = 100;

impl App {
    /// Makes a rule. Its host is asked for the refs once: what is there now counts as seen.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::Refused`] with the field; what keeps the host from answering.
    pub async fn create_rule(
        &self,
        context: &Context,
        repository: &str,
        draft: RuleDraft,
    ) -> Result<RulePage, Error> {
        let right: Granted<ManageRules> = self.authorize_named(context, repository).await?;
        self.check_draft(&draft)?;
        let pointed = self.point_at(context, draft.source, &draft.remote).await?;
        let next_at = self
            .find_next_look(pointed.source.id, &pointed.remote, 0)
            .await?;
        let (context, vault, now) = (context.clone(), self.vault.clone(), self.clock.now());
        let (pointed, draft) = (Arc::new(pointed), Arc::new(draft));
        let made = self.db.write(Durability::Durable, move |tx| {
            let made = insert_rule(tx, &right, &context, &vault, &draft, &pointed, now)?;
            follow_remote(tx, &pointed, next_at, now)?;
            Ok::<_, Error>(made)
        });
        let made = made.await?;
        self.wake_webhooks();
        Ok(made)
    }

    /// Wants to be told of pushes to what a rule builds.
    pub(super) async fn hear_of(&self, page: &RulePage) -> Result<(), Error> {
        if let Some(source) = page.rule.source {
            self.want_webhook_of(source, &page.rule.remote).await?;
        }
        Ok(())
    }
}

/// Has the repository that a rule was pointed at watched, and tell of pushes by itself.
pub(super) fn follow_remote(
    tx: &mut Tx<'_>,
    pointed: &Pointed,
    next_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    remotes::watch_remote(tx, pointed.source.id, &pointed.remote, next_at)?;
    want_webhook(tx, pointed.source.id, &pointed.remote, now).map(drop)
}

/// Inserts a rule with its secrets and with what it has seen.
pub(super) fn insert_rule(
    tx: &mut Tx<'_>,
    right: &Granted<ManageRules>,
    context: &Context,
    vault: &Vault,
    draft: &RuleDraft,
    pointed: &Pointed,
    now: Timestamp,
) -> Result<RulePage, Error> {
    if rules::count_rules(tx, right.repository())? >= MAX_RULES {
        return Err(Error::LimitReached {
            what: "rules",
            limit: MAX_RULES,
        });
    }
    let by = &context.caller.name;
    let new = NewRule {
        id: RuleId::new(),
        name: draft.name.clone(),
        source: pointed.source.id,
        source_kind: pointed.source.kind,
        source_address: pointed.source.address.clone(),
        source_owner: pointed.source.owner_name.to_string(),
        remote: pointed.remote.clone(),
        enabled: draft.enabled,
        definition: serde_json::to_string(&draft.definition).map_err(Error::internal)?,
        created_by: by.to_string(),
        at: now,
    };
    if !rules::insert_rule(tx, right, &new)? {
        return Err(Error::Conflict { what: "rule" });
    }
    for (name, value) in &draft.secrets {
        put_secret(tx, vault, new.id, name, value, context, now)?;
    }
    if draft.enabled {
        see_refs(tx, new.id, &pointed.refs, context, now)?;
    }
    let details = json!({ "rule": new.name, "remote": new.remote.as_str(), "host": new.source_address.as_str() });
    let facts = right.subject();
    let (target, namespace) = (facts.name.as_str(), Some(facts.namespace));
    record_audit(
        tx,
        context,
        now,
        AuditAction::RuleCreate,
        target,
        namespace,
        &details,
    )?;
    let rule = rules::find_rule_by_id(tx, new.id)?.ok_or(Error::NotFound)?;
    Ok(load_page(tx, rule)?)
}

/// Takes the refs of a repository that a rule is new to as seen.
pub(super) fn see_refs(
    tx: &mut Tx<'_>,
    rule: RuleId,
    refs: &[RemoteRef],
    context: &Context,
    now: Timestamp,
) -> Result<(), DbError> {
    let known = heads::list_heads(tx, rule)?;
    let fresh: Vec<_> = refs
        .iter()
        .filter(|found| !known.contains_key(&found.reference))
        .map(|found| {
            (
                found.reference.clone(),
                found.object.clone(),
                found.commit.clone(),
            )
        })
        .collect();
    heads::record_seen(tx, rule, &fresh, "manual", &context.caller.name, now)?;
    // Refs of the same name in the repository before: the look that is due next takes them as seen.
    if fresh.len() == refs.len() {
        rules::catch_up(tx, rule)?;
    }
    Ok(())
}
