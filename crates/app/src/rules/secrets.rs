//! Build secrets of rules: set and removed, never shown. Builds open them when they run, at [`secret_place`].

use crate::{
    App, Context, Error,
    audit::record_audit,
    vault::{SecretPlace, Vault},
};
use serde_json::json;
use wharf_db::{Durability, Tx, rules};
use wharf_model::{AuditAction, RuleId, SecretText, Timestamp};

/// Most build secrets of a rule.
pub(super) const MAX_SECRETS: usize = 50;

/// Longest value of a build secret, in bytes: keys and small configuration files fit (Docker allows 500 kB of Swarm
/// secrets; larger ones belong elsewhere).
const MAX_SECRET: usize = 500 * 1024;

/// The table in whose name values of build secrets are sealed.
pub(super) const SECRET_TABLE: &str = "rule_secrets";

/// Where the value of a build secret is kept: builds open it when they run.
pub(crate) fn secret_place(rule: RuleId, name: &str) -> SecretPlace {
    SecretPlace::new(SECRET_TABLE, rule, name)
}

impl App {
    /// Sets a build secret of a rule.
    pub async fn set_rule_secret(
        &self,
        context: &Context,
        repository: &str,
        rule: &str,
        name: &str,
        value: SecretText,
    ) -> Result<(), Error> {
        let (seen, right) = self.authorize_change(context, repository).await?;
        check_secret(name, &value)?;
        let (context, rule, name) = (context.clone(), rule.to_owned(), name.to_owned());
        let (vault, now) = (self.vault.clone(), self.clock.now());
        let set = self.db.write(Durability::Durable, move |tx| {
            let rule = rules::find_rule(tx, &seen, &rule)?.ok_or(Error::NotFound)?;
            let there = rules::list_rule_secrets(tx, rule.id)?;
            if there.len() >= MAX_SECRETS && there.iter().all(|secret| secret.name != name) {
                return Err(Error::refused("secrets", "too_many", MAX_SECRETS));
            }
            put_secret(tx, &vault, rule.id, &name, &value, &context, now)?;
            let details = json!({ "rule": rule.name, "secret": name });
            let (target, namespace) = (rule.repository_name.as_str(), right.subject().namespace);
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RuleSetSecret,
                target,
                Some(namespace),
                &details,
            )?;
            Ok(())
        });
        set.await
    }

    /// Removes a build secret of a rule.
    pub async fn delete_rule_secret(
        &self,
        context: &Context,
        repository: &str,
        rule: &str,
        name: &str,
    ) -> Result<(), Error> {
        let (seen, right) = self.authorize_change(context, repository).await?;
        let (context, rule, name) = (context.clone(), rule.to_owned(), name.to_owned());
        let (vault, now) = (self.vault.clone(), self.clock.now());
        let removed = self.db.write(Durability::Durable, move |tx| {
            let rule = rules::find_rule(tx, &seen, &rule)?.ok_or(Error::NotFound)?;
            if !rules::forget_rule_secret(tx, rule.id, &name)? {
                return Err(Error::NotFound);
            }
            vault.forget(tx, &secret_place(rule.id, &name))?;
            let details = json!({ "rule": rule.name, "secret": name });
            let (target, namespace) = (rule.repository_name.as_str(), right.subject().namespace);
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RuleDeleteSecret,
                target,
                Some(namespace),
                &details,
            )?;
            Ok(())
        });
        removed.await
    }
}

pub(super) fn put_secret(
    tx: &mut Tx<'_>,
    vault: &Vault,
    rule: RuleId,
    name: &str,
    value: &SecretText,
    context: &Context,
    now: Timestamp,
) -> Result<(), Error> {
    vault.seal(tx, &secret_place(rule, name), value, now)?;
    rules::note_rule_secret(tx, rule, name, &context.caller.name, now)?;
    Ok(())
}

/// A secret's id becomes a file's name: letters, digits, `.`, `_` and `-`.
pub(super) fn check_secret(name: &str, value: &SecretText) -> Result<(), Error> {
    let legal = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    if name.is_empty() || name.len() > 128 || !legal || name.starts_with('.') {
        return Err(Error::refused("secrets", "secret_name", name));
    }
    if value.expose().is_empty() {
        return Err(Error::refused(format!("secrets.{name}"), "empty", ""));
    }
    if value.expose().len() > MAX_SECRET {
        return Err(Error::refused(format!("secrets.{name}"), "too_long", ""));
    }
    Ok(())
}
