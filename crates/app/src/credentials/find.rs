//! Credentials for whoever acts for a namespace inside this process: pulling base images, pushing results.

use super::place_of;
use crate::{App, Error};
use std::{fmt, sync::Arc};
use wharf_client::{
    ClientError, Credential, CredentialSource, FindingCredential, RegistryHost, Secret,
};
use wharf_db::registry_credentials;
use wharf_model::NamespaceId;

impl App {
    /// What a namespace has for a registry; none when it has nothing, or only a name without a password.
    pub(crate) async fn find_credential(
        &self,
        namespace: NamespaceId,
        registry: &RegistryHost,
    ) -> Result<Option<Credential>, Error> {
        let (vault, host) = (self.vault.clone(), registry.to_string());
        self.db
            .read(move |tx| {
                let found = registry_credentials::find_for_host(tx, namespace, &host)?;
                let Some(found) = found else { return Ok(None) };
                let password = vault.open(tx, &place_of(found.id))?;
                Ok(password.map(|password| Credential::Password {
                    username: found.username,
                    password: Secret::new(password.expose()),
                }))
            })
            .await
    }

    /// A namespace's credentials as the client of registries wants them.
    pub(crate) fn credentials_of(&self, namespace: NamespaceId) -> Arc<NamespaceCredentials> {
        Arc::new(NamespaceCredentials {
            app: self.clone(),
            namespace,
        })
    }
}

/// The credentials of a namespace, looked up each time they are needed.
pub(crate) struct NamespaceCredentials {
    app: App,
    namespace: NamespaceId,
}

impl CredentialSource for NamespaceCredentials {
    fn find_credential<'a>(&'a self, registry: &'a RegistryHost) -> FindingCredential<'a> {
        Box::pin(async move {
            let found = self.app.find_credential(self.namespace, registry).await;
            found.map_err(|error| {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(registry = %registry, error, "a stored credential cannot be opened");
                ClientError::Credentials {
                    registry: registry.clone(),
                    reason: "what is stored for it cannot be opened",
                }
            })
        })
    }
}

impl fmt::Debug for NamespaceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NamespaceCredentials({})", self.namespace)
    }
}
