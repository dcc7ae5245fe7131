//! What a build needs of other rooms: access to its repository, and its rule's secrets.

use super::job::fail;
use crate::{App, Error};
use std::collections::BTreeMap;
use wharf_db::{builds::Failure, secrets::SecretPlace};
use wharf_model::{RuleId, SourceId};
use wharf_worker::{GitAccess, GitSource};

impl App {
    /// Fills in how the worker signs in at the repository, and answers what must not be in its log.
    pub(super) async fn fill_git_access(
        &self,
        source: SourceId,
        git: &mut GitSource,
    ) -> Result<Vec<String>, Box<Failure>> {
        let open = self.open_source(source).await;
        let open = open.map_err(|error| explain(&error))?;
        git.access = open.worker_access().map_err(|error| explain(&error))?;
        git.authority = open.source.ca.clone();
        Ok(match &git.access {
            GitAccess::Anonymous => Vec::new(),
            GitAccess::Password { secret, .. } => vec![secret.clone()],
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
fn explain(error: &Error) -> Box<Failure> {
    match error {
        Error::Conflict { what } => fail("source", *what),
        other => fail("source", other.to_string()),
    }
}
