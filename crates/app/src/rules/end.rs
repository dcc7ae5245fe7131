//! Rules removed, with everything that hangs on them.

use super::secrets::SECRET_TABLE;
use crate::{App, Context, Error, audit::record_audit, webhooks::end_unused_webhooks};
use serde_json::json;
use wharf_db::{
    DbError, Durability, Tx, builds,
    rules::{self, Rule, remotes},
    secrets,
};
use wharf_model::{AuditAction, RepositoryId, Timestamp};

impl App {
    /// Removes a rule: its open builds are canceled, its tags become free, its trigger URLs end. Records of builds stay.
    pub async fn delete_rule(
        &self,
        context: &Context,
        repository: &str,
        name: &str,
    ) -> Result<(), Error> {
        let (seen, right) = self.authorize_change(context, repository).await?;
        let (context, name, now) = (context.clone(), name.to_owned(), self.clock.now());
        let vault = self.vault.clone();
        let deleted = self.db.write(Durability::Durable, move |tx| {
            let rule = rules::find_rule(tx, &seen, &name)?.ok_or(Error::NotFound)?;
            end_rule(tx, &rule, &context.caller.name, now)?;
            rules::delete_rule(tx, &right, rule.id)?;
            if let Some(source) = rule.source {
                remotes::leave_remote(tx, source, &rule.remote)?;
                end_unused_webhooks(tx, &vault, now)?;
            }
            let details = json!({ "rule": rule.name });
            let (target, namespace) = (rule.repository_name.as_str(), Some(rule.namespace));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RuleDelete,
                target,
                namespace,
                &details,
            )?;
            Ok::<_, Error>(())
        });
        deleted.await?;
        self.wake_builds();
        self.wake_webhooks();
        Ok(())
    }
}

/// Ends what hangs on a rule that is going: open builds, owned tags, secrets.
pub(super) fn end_rule(
    tx: &mut Tx<'_>,
    rule: &Rule,
    by: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    builds::detach_rule(tx, rule.id, by, now)?;
    secrets::forget_secrets(tx, SECRET_TABLE, rule.id)
}

/// Ends what hangs on the rules of a repository that is going; their rows go with it.
pub(crate) fn end_rules(
    tx: &mut Tx<'_>,
    repository: RepositoryId,
    by: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    for rule in rules::list_rules_of_repository(tx, repository)? {
        end_rule(tx, &rule, by, now)?;
    }
    Ok(())
}
