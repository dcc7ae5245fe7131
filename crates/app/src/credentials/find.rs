//! Credentials for whoever acts for a namespace inside this process: pulling base images, pushing results.

use super::place_of;
use crate::{App, Error};
use wharf_client::{Credential, RegistryHost, Secret};
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
}
