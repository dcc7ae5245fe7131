//! Credentials of namespaces for other registries: builds pull base images with them, and "also push to" pushes.
//!
//! A credential belongs to one registry. Its password comes in, is sealed, and is never answered; another host clears it.
//! Owners of a namespace manage them; RUN never sees them, because only this process asks registries. Called by the
//! management API, and by `builds` through [`App::find_credential`].

mod change;
mod find;
mod trying;

pub use change::{CredentialEdit, NewCredential};
pub use wharf_db::registry_credentials::RegistryCredential;

use crate::{App, Context, Error, Listed, PageRequest};
use wharf_db::{registry_credentials, secrets::SecretPlace};
use wharf_model::{CredentialId, Granted, rights::ManageCredentials};

/// Where the password of a credential is kept.
fn place_of(id: CredentialId) -> SecretPlace {
    SecretPlace::new(registry_credentials::TABLE, id, "password")
}

impl App {
    /// One page of a namespace's credentials.
    pub async fn list_credentials(
        &self,
        context: &Context,
        namespace: &str,
        page: PageRequest,
    ) -> Result<Listed<RegistryCredential>, Error> {
        let right = self.authorize_namespace(&context.caller, namespace).await?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| registry_credentials::list_credentials(tx, &right, &after, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |credential| credential.host.clone()))
    }

    /// One credential of a namespace.
    pub async fn show_credential(
        &self,
        context: &Context,
        namespace: &str,
        id: CredentialId,
    ) -> Result<RegistryCredential, Error> {
        let right = self.authorize_namespace(&context.caller, namespace).await?;
        self.load_credential(&right, id).await
    }

    async fn load_credential(
        &self,
        right: &Granted<ManageCredentials>,
        id: CredentialId,
    ) -> Result<RegistryCredential, Error> {
        let right = right.clone();
        let found = self
            .db
            .read(move |tx| registry_credentials::find_credential(tx, &right, id));
        found.await.map_err(Error::from)?.ok_or(Error::NotFound)
    }
}
