//! What a build needs of other rooms: access to its repository, and its rule's secrets.

use super::{job::fail, reasons::Reason};
use crate::{App, Error, rules::find_stop};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::BTreeMap;
use wharf_db::{
    builds::{Build, Failure},
    rules,
    secrets::SecretPlace,
};
use wharf_model::{RemotePath, RuleId, SourceId};
use wharf_worker::{GitAccess, GitSource};

impl App {
    /// The repository of the build's rule. A build waits, and can be repeated, for longer than its rule may use somebody's
    /// account: the rule still has to be there, name the same repository, and have a source that may be used.
    pub(super) async fn find_remote(
        &self,
        build: &Build,
        source: SourceId,
        repository: &str,
    ) -> Result<RemotePath, Box<Failure>> {
        let gone = || fail(Reason::RuleGone, "");
        let id = build.rule.as_ref().and_then(|rule| rule.id);
        let id = id.ok_or_else(gone)?;
        let found = self.db.read(move |tx| rules::find_rule_by_id(tx, id)).await;
        let found = found.map_err(|error| fail(Reason::Source, error.to_string()))?;
        let rule = found.ok_or_else(gone)?;
        if let Some(what) = find_stop(rule.source_state) {
            return Err(fail(of_stop(what), ""));
        }
        if rule.source != Some(source) || rule.remote.as_str() != repository {
            return Err(fail(Reason::RuleMoved, ""));
        }
        Ok(rule.remote)
    }

    /// Fills in how the worker signs in at the repository, and answers what must not be in its log. What is secret goes to
    /// the address that the source has now, and only if the build was queued for that one.
    pub(super) async fn fill_git_access(
        &self,
        source: SourceId,
        remote: &RemotePath,
        git: &mut GitSource,
    ) -> Result<Vec<String>, Box<Failure>> {
        let open = self.open_source(source).await;
        let open = open.map_err(|error| explain(&error))?;
        let address = format!("{}/", open.source.address);
        if !git.remote.starts_with(&address) {
            return Err(fail(Reason::SourceMoved, ""));
        }
        git.remote = open.remote_url(remote);
        git.access = open.worker_access().map_err(|error| explain(&error))?;
        git.authority = open.source.ca.clone();
        Ok(match &git.access {
            GitAccess::Anonymous => Vec::new(),
            // By itself, and as the header has it (RFC 7617).
            GitAccess::Password { username, secret } => vec![
                secret.clone(),
                STANDARD.encode(format!("{username}:{secret}")),
            ],
            GitAccess::Key { private_key, .. } => vec![private_key.clone()],
        })
    }

    /// The values of a rule's build secrets, by name. One that was removed meanwhile is left out: a step that needs it
    /// says so.
    pub(super) async fn open_rule_secrets(
        &self,
        rule: RuleId,
        names: &[String],
    ) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let (vault, names) = (self.vault.clone(), names.to_vec());
        self.db
            .read(move |tx| {
                let mut values = BTreeMap::new();
                for name in names {
                    let place = SecretPlace::new("rule_secrets", rule, name.clone());
                    if let Some(value) = vault.open(tx, &place)? {
                        values.insert(name, value.expose().as_bytes().to_vec());
                    }
                }
                Ok(values)
            })
            .await
    }
}

/// Why the account on the code host cannot be used, as the record keeps it.
pub(super) fn explain(error: &Error) -> Box<Failure> {
    match error {
        Error::Conflict { what } => fail(of_stop(what), ""),
        other => fail(Reason::Source, other.to_string()),
    }
}

/// What keeps an account from being used, as a reason.
fn of_stop(what: &str) -> Reason {
    Reason::of_word(what).unwrap_or(Reason::Source)
}
