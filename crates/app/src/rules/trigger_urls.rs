//! Build trigger URLs: made and revoked by maintainers, their secret shown once and kept as a hash.

use super::page::RulePage;
use crate::{
    App, Context, Error, Listed, PageRequest,
    access::{Secret, TRIGGER_PREFIX},
    accounts::check_line,
    audit::record_audit,
};
use serde_json::json;
use wharf_db::{
    Durability,
    rules::{self, trigger_urls},
};
use wharf_model::{AuditAction, TriggerUrlId};

pub use wharf_db::rules::trigger_urls::TriggerUrl;

/// Most trigger URLs of a rule: one for each place that calls it.
const MAX_TRIGGERS: u64 = 50;

/// Longest name.
const MAX_NAME: usize = 64;

impl App {
    /// One page of a rule's trigger URLs, by name. For maintainers.
    pub async fn list_trigger_urls(
        &self,
        context: &Context,
        repository: &str,
        rule: &str,
        page: PageRequest,
    ) -> Result<Listed<TriggerUrl>, Error> {
        let (seen, right) = self.authorize_change(context, repository).await?;
        let (rule, after, fetch) = (rule.to_owned(), page.key(), page.fetch());
        let found = self.db.read(move |tx| {
            let rule = rules::find_rule(tx, &seen, &rule)?.ok_or(Error::NotFound)?;
            let list = trigger_urls::list_triggers(tx, &right, rule.id, &after, fetch)?;
            Ok::<_, Error>(list)
        });
        Ok(page.cut(found.await?, |trigger| trigger.name.clone()))
    }

    /// Makes a trigger URL. The second value is its secret.
    pub async fn create_trigger_url(
        &self,
        context: &Context,
        repository: &str,
        rule: &str,
        name: String,
    ) -> Result<(TriggerUrl, String), Error> {
        let (seen, right) = self.authorize_change(context, repository).await?;
        if name.is_empty() {
            return Err(Error::invalid("name", "empty"));
        }
        check_line("name", &name, MAX_NAME)?;
        let secret = Secret::new(TRIGGER_PREFIX);
        let (context, rule, now) = (context.clone(), rule.to_owned(), self.clock.now());
        let (id, hash) = (TriggerUrlId::new(), secret.hash());
        let made = self.db.write(Durability::Durable, move |tx| {
            let rule = rules::find_rule(tx, &seen, &rule)?.ok_or(Error::NotFound)?;
            if trigger_urls::count_triggers(tx, rule.id)? >= MAX_TRIGGERS {
                return Err(Error::LimitReached {
                    what: "trigger_urls",
                    limit: MAX_TRIGGERS,
                });
            }
            let new = TriggerUrl {
                id,
                rule: rule.id,
                name: name.clone(),
                created_by: context.caller.name.to_string(),
                created_at: now,
                last_used_at: None,
            };
            if !trigger_urls::insert_trigger(tx, &right, &new, &hash)? {
                return Err(Error::Conflict {
                    what: "trigger_url",
                });
            }
            let details = json!({ "rule": rule.name, "trigger_url": new.name });
            let (target, namespace) = (rule.repository_name.as_str(), Some(rule.namespace));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::TriggerUrlCreate,
                target,
                namespace,
                &details,
            )?;
            Ok(new)
        });
        Ok((made.await?, secret.into_text()))
    }

    /// Revokes a trigger URL: from the next request on it starts nothing.
    pub async fn delete_trigger_url(
        &self,
        context: &Context,
        repository: &str,
        rule: &str,
        id: TriggerUrlId,
    ) -> Result<(), Error> {
        let (seen, right) = self.authorize_change(context, repository).await?;
        let (context, rule, now) = (context.clone(), rule.to_owned(), self.clock.now());
        let deleted = self.db.write(Durability::Durable, move |tx| {
            let rule = rules::find_rule(tx, &seen, &rule)?.ok_or(Error::NotFound)?;
            let name = trigger_urls::delete_trigger(tx, &right, rule.id, id)?;
            let name = name.ok_or(Error::NotFound)?;
            let details = json!({ "rule": rule.name, "trigger_url": name });
            let (target, namespace) = (rule.repository_name.as_str(), Some(rule.namespace));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::TriggerUrlDelete,
                target,
                namespace,
                &details,
            )?;
            Ok(())
        });
        deleted.await
    }
}

impl RulePage {
    /// What the rule is called in sentences.
    pub fn name(&self) -> &str {
        &self.rule.name
    }
}
