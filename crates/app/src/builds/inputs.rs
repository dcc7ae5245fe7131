//! What a build needs of other rooms: access to its repository, its rule's secrets, its namespace's credentials.

use crate::{App, Error, vault::Vault};
use std::{collections::BTreeMap, fmt, sync::Arc};
use wharf_client::{
    ClientError, Credential, CredentialSource, FindingCredential, RegistryHost, Secret,
};
use wharf_db::{Db, registry_credentials, secrets::SecretPlace};
use wharf_model::{
    NamespaceId, RemotePath, RuleId, SecretText, SourceId,
    builds::{CommitId, RefName},
};

impl App {
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

    /// What the namespace signs in to other registries with, looked up whenever a registry asks.
    pub(super) fn open_registry_credentials(
        &self,
        namespace: NamespaceId,
    ) -> Arc<dyn CredentialSource> {
        Arc::new(NamespaceCredentials {
            db: self.db.clone(),
            vault: self.vault.clone(),
            namespace,
        })
    }
}

/// The credentials of one namespace; each is for its own host alone.
struct NamespaceCredentials {
    db: Db,
    vault: Vault,
    namespace: NamespaceId,
}

/// Shows nothing of them.
impl fmt::Debug for NamespaceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NamespaceCredentials({})", self.namespace)
    }
}

impl NamespaceCredentials {
    async fn find(&self, host: &str) -> Result<Option<(String, SecretText)>, Error> {
        let (vault, namespace, host) = (self.vault.clone(), self.namespace, host.to_owned());
        self.db
            .read(move |tx| {
                let Some(found) = registry_credentials::find_for_host(tx, namespace, &host)? else {
                    return Ok(None);
                };
                let place = SecretPlace::new(registry_credentials::TABLE, found.id, "password");
                let password = vault.open(tx, &place)?;
                Ok(password.map(|password| (found.username, password)))
            })
            .await
    }
}

impl CredentialSource for NamespaceCredentials {
    fn find_credential<'a>(&'a self, registry: &'a RegistryHost) -> FindingCredential<'a> {
        Box::pin(async move {
            let found = self.find(registry.as_str()).await;
            let found = found.map_err(|error| ClientError::Source {
                subject: format!("the credentials for {registry}"),
                source: Arc::new(std::io::Error::other(error)),
            })?;
            Ok(found.map(|(username, password)| Credential::Password {
                username,
                password: Secret::new(password.expose()),
            }))
        })
    }
}

impl App {
    pub(super) async fn fill_git_access(
        &self,
        _: wharf_model::SourceId,
        _: &str,
        _: &mut wharf_worker::GitSource,
    ) -> Result<Vec<String>, Box<wharf_db::builds::Failure>> {
        Err(super::job::fail(
            "source",
            "accounts on code hosts cannot be used by builds yet",
        ))
    }

    /// The commit that a branch or tag of a rule's repository stands at now; none when it is not there any more.
    pub(super) async fn find_remote_head(
        &self,
        source: SourceId,
        repository: &str,
        reference: &RefName,
    ) -> Result<Option<CommitId>, Error> {
        let remote: RemotePath = repository.parse().map_err(Error::internal)?;
        self.find_remote_commit(source, &remote, reference).await
    }
}
