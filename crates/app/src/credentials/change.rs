//! Credentials made, changed and removed.

use super::{RegistryCredential, place_of};
use crate::{App, Context, Error, audit::record_audit};
use serde_json::json;
use wharf_client::RegistryHost;
use wharf_db::{Durability, namespaces, registry_credentials};
use wharf_model::{AuditAction, CredentialId, Granted, SecretText, rights::ManageCredentials};

/// Most credentials of one namespace: more registries than anybody pushes to, few enough to list.
const MAX_CREDENTIALS: u64 = 100;

/// Longest user name. Those of cloud registries (`arn:…`, `_json_key`) have a hundred characters.
const MAX_USERNAME: usize = 256;

/// Longest password: keys of service accounts are JSON of some 2,500 bytes.
const MAX_PASSWORD: usize = 16 * 1024;

/// A credential to be made.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// The registry: `docker.io`, `registry.example:5000`.
    pub host: String,
    /// Who wharf is there.
    pub username: String,
    /// Password or token.
    pub password: SecretText,
}

/// What an edit changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct CredentialEdit {
    /// Another registry; without a new password the old one is cleared.
    pub host: Option<String>,
    /// Who wharf is there.
    pub username: Option<String>,
    /// Password or token.
    pub password: Option<SecretText>,
}

impl App {
    /// Makes a credential; a namespace has one for each registry.
    pub async fn create_credential(
        &self,
        context: &Context,
        namespace: &str,
        new: NewCredential,
    ) -> Result<RegistryCredential, Error> {
        let right: Granted<ManageCredentials> =
            self.authorize_namespace(&context.caller, namespace).await?;
        let host = read_host(&new.host)?;
        check_username(&new.username)?;
        check_password(&new.password)?;
        let now = self.clock.now();
        let credential = RegistryCredential {
            id: CredentialId::new(),
            namespace: right.subject().namespace,
            host: host.to_string(),
            username: new.username,
            has_secret: true,
            problem: None,
            problem_detail: String::new(),
            checked_at: None,
            created_by: context.caller.name.to_string(),
            created_at: now,
            updated_at: now,
        };
        let (context, vault, name) = (context.clone(), self.vault.clone(), namespace.to_owned());
        self.db
            .write(Durability::Durable, move |tx| {
                let id = right.subject().namespace;
                if !namespaces::is_there(tx, id)? {
                    return Err(Error::NotFound);
                }
                if registry_credentials::count_credentials(tx, &right)? >= MAX_CREDENTIALS {
                    return Err(Error::LimitReached {
                        what: "credentials",
                        limit: MAX_CREDENTIALS,
                    });
                }
                if !registry_credentials::insert_credential(tx, &right, &credential)? {
                    return Err(Error::Conflict { what: "credential" });
                }
                vault.seal(tx, &place_of(credential.id), &new.password, now)?;
                let target = format!("{name}@{}", credential.host);
                let details = json!({ "username": credential.username });
                let action = AuditAction::CredentialCreate;
                record_audit(tx, &context, now, action, &target, Some(id), &details)?;
                Ok(credential.clone())
            })
            .await
    }

    /// Changes a credential. Another host without a new password leaves it without one: what was meant for one registry
    /// is never sent to another.
    pub async fn edit_credential(
        &self,
        context: &Context,
        namespace: &str,
        id: CredentialId,
        edit: CredentialEdit,
    ) -> Result<RegistryCredential, Error> {
        let right: Granted<ManageCredentials> =
            self.authorize_namespace(&context.caller, namespace).await?;
        let host = edit.host.as_deref().map(read_host).transpose()?;
        if let Some(username) = &edit.username {
            check_username(username)?;
        }
        if let Some(password) = &edit.password {
            check_password(password)?;
        }
        let (context, vault, name) = (context.clone(), self.vault.clone(), namespace.to_owned());
        let now = self.clock.now();
        self.db
            .write(Durability::Durable, move |tx| {
                let found = registry_credentials::find_credential(tx, &right, id)?;
                let mut credential = found.ok_or(Error::NotFound)?;
                let before = credential.host.clone();
                if let Some(host) = &host {
                    credential.host = host.to_string();
                }
                if let Some(username) = &edit.username {
                    credential.username = username.clone();
                }
                credential.updated_at = now;
                if !registry_credentials::replace_credential(tx, &right, &credential)? {
                    return Err(Error::Conflict { what: "credential" });
                }
                match &edit.password {
                    Some(password) => vault.seal(tx, &place_of(id), password, now)?,
                    None if credential.host != before => drop(vault.forget(tx, &place_of(id))?),
                    None => {}
                }
                let target = format!("{name}@{}", credential.host);
                let details = json!({
                    "from": before,
                    "username": credential.username,
                    "password": edit.password.as_ref().map(|_| "changed"),
                });
                let (namespace, action) = (Some(credential.namespace), AuditAction::CredentialEdit);
                record_audit(tx, &context, now, action, &target, namespace, &details)?;
                registry_credentials::find_credential(tx, &right, id)?.ok_or(Error::NotFound)
            })
            .await
    }

    /// Removes a credential with its password.
    pub async fn delete_credential(
        &self,
        context: &Context,
        namespace: &str,
        id: CredentialId,
    ) -> Result<(), Error> {
        let right: Granted<ManageCredentials> =
            self.authorize_namespace(&context.caller, namespace).await?;
        let (context, name, now) = (context.clone(), namespace.to_owned(), self.clock.now());
        self.db
            .write(Durability::Durable, move |tx| {
                let found = registry_credentials::find_credential(tx, &right, id)?;
                let credential = found.ok_or(Error::NotFound)?;
                registry_credentials::delete_credential(tx, &right, id)?;
                let target = format!("{name}@{}", credential.host);
                let (namespace, details) = (Some(credential.namespace), json!({}));
                let action = AuditAction::CredentialDelete;
                record_audit(tx, &context, now, action, &target, namespace, &details)?;
                Ok(())
            })
            .await
    }
}

fn read_host(text: &str) -> Result<RegistryHost, Error> {
    text.parse()
        .map_err(|_| Error::invalid("host", "malformed"))
}

/// A name that a header can hold beside a password: a colon would end it there (RFC 7617, section 2).
fn check_username(text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::invalid("username", "empty"));
    }
    if text.len() > MAX_USERNAME {
        return Err(Error::invalid("username", "too_long"));
    }
    if text.contains(':') || text.chars().any(char::is_control) {
        return Err(Error::invalid("username", "invalid_characters"));
    }
    Ok(())
}

fn check_password(password: &SecretText) -> Result<(), Error> {
    let text = password.expose();
    if text.is_empty() {
        return Err(Error::invalid("password", "empty"));
    }
    if text.len() > MAX_PASSWORD {
        return Err(Error::invalid("password", "too_long"));
    }
    // Keys of service accounts are JSON of several lines.
    let is_stray = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(is_stray) {
        return Err(Error::invalid("password", "invalid_characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_does_not_end_early_and_a_password_may_be_a_document() {
        assert!(check_username("_json_key").is_ok());
        assert!(check_username("a:b").is_err() && check_username("").is_err());
        let key = SecretText::new("{\n  \"type\": \"service_account\"\n}\n");
        assert!(check_password(&key).is_ok());
        assert!(check_password(&SecretText::new("a\0b")).is_err());
        assert_eq!(
            read_host("Registry-1.Docker.io").unwrap().as_str(),
            "docker.io"
        );
        assert!(read_host("https://docker.io").is_err());
    }
}
