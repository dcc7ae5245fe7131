//! Changing a source. What is kept of a secret goes when the address changes: a token for one host is never sent to
//! another.

use super::{
    Source,
    form::{check_token, read_address, read_ca, read_host_keys, read_username},
    open::fresh_state,
    renewal_of_source, secret_of_source,
};
use crate::{App, Context, Error, accounts::require_manager, audit::record_audit, webhooks};
use serde_json::json;
use wharf_db::{Durability, rules, sources, webhooks::hurry_webhooks};
use wharf_model::{AuditAction, HostKeyOrigin, SecretText, SourceId, SourceMethod, SourceScheme};

/// What an edit changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct SourceEdit {
    /// Where the host is.
    pub address: Option<String>,
    /// The user name on a server of plain git.
    pub username: Option<String>,
    /// Another token or password; an empty one takes it away.
    pub token: Option<SecretText>,
    /// Other authorities; an empty text takes them away.
    pub ca: Option<String>,
    /// Other host keys; an empty text takes them away, and those of the next use are kept.
    pub host_keys: Option<String>,
}

/// What an edit leaves.
struct Edited {
    source: Source,
    /// The secret to keep; none keeps what is there.
    secret: Option<SecretText>,
    /// Whether what is there has to go.
    clears_secret: bool,
    moved: bool,
}

impl App {
    /// Changes one of the caller's own sources. A new token is tried at the host first.
    ///
    /// With another address and no new token the old one is cleared, what its webhooks were at the old host is removed
    /// there, and the source is `source_without_secret` until it has one; an ssh server gets a new key.
    pub async fn edit_source(
        &self,
        context: &Context,
        id: SourceId,
        edit: SourceEdit,
    ) -> Result<Source, Error> {
        let owner = require_manager(&context.caller)?;
        let before = self.find_own_source(owner, id).await?;
        let edited = self.prepare_edit(&before, edit).await?;
        let (context, vault, now) = (context.clone(), self.vault.clone(), self.clock.now());
        let changed = self
            .db
            .write(Durability::Durable, move |tx| {
                let found = sources::find_own_source(tx, owner, id)?.ok_or(Error::NotFound)?;
                // What was tried at the host is what is kept; somebody else's edit in between would mix the two.
                if found.address != before.address || found.method != before.method {
                    return Err(Error::changed_meanwhile());
                }
                if edited.moved {
                    webhooks::move_webhooks(tx, &vault, &before, now)?;
                    rules::follow_source(tx, id, &edited.source.address)?;
                }
                if !sources::replace_source(tx, &edited.source)? {
                    return Err(Error::Conflict { what: "source" });
                }
                if edited.secret.is_some() || edited.clears_secret {
                    vault.forget(tx, &renewal_of_source(id))?;
                }
                match &edited.secret {
                    Some(secret) => {
                        vault.seal(tx, &secret_of_source(id), secret, now)?;
                        // What failed with the old one waits for up to an hour, and need not any longer.
                        rules::remotes::hasten_source(tx, id, now)?;
                        hurry_webhooks(tx, id, now)?;
                    }
                    None if edited.clears_secret => drop(vault.forget(tx, &secret_of_source(id))?),
                    None => {}
                }
                let details = json!({
                    "kind": edited.source.kind.as_str(),
                    "from": before.address.as_str(),
                    "secret": match (&edited.secret, edited.clears_secret) {
                        (Some(_), _) => "changed",
                        (None, true) => "cleared",
                        (None, false) => "kept",
                    },
                });
                let target = edited.source.address.as_str();
                record_audit(
                    tx,
                    &context,
                    now,
                    AuditAction::SourceEdit,
                    target,
                    None,
                    &details,
                )?;
                sources::find_own_source(tx, owner, id)?.ok_or(Error::NotFound)
            })
            .await?;
        self.wake_watching();
        self.wake_webhooks();
        Ok(changed)
    }

    async fn prepare_edit(&self, before: &Source, edit: SourceEdit) -> Result<Edited, Error> {
        let mut source = before.clone();
        if let Some(text) = &edit.address {
            source.address = read_address(source.kind, Some(text))?;
        }
        let moved = source.address != before.address;
        if let Some(text) = edit.ca {
            source.ca = read_ca(Some(text))?;
        }
        if moved || edit.host_keys.is_some() {
            // Keys of another server are worth nothing.
            source.host_keys = read_host_keys(&source.address, edit.host_keys)?;
            source.host_keys_origin = source.host_keys.is_some().then_some(HostKeyOrigin::Given);
        }
        if let Some(name) = &edit.username {
            if source.kind.has_api() {
                return Err(Error::invalid("username", "not_wanted"));
            }
            source.account = read_username(&source.address, Some(name))?;
        }
        let given = edit.token.as_ref().filter(|token| !token.is_empty());
        if let Some(token) = given {
            check_token(token)?;
        }
        let clears = moved || edit.token.is_some();
        if clears {
            source.token_expires_at = None;
        }
        let now = self.clock.now();
        if !source.kind.has_api() {
            let same_key = source.address.scheme() == SourceScheme::Ssh && !moved;
            if same_key && given.is_none() {
                self.check_reachable(&source).await?;
                return Ok(Edited::keeping(source));
            }
            if !clears {
                return Ok(Edited::keeping(source));
            }
            let secret = self.prepare_plain_git(&mut source, given.cloned()).await?;
            fresh_state(&mut source, now);
            return Ok(Edited {
                source,
                clears_secret: secret.is_none(),
                secret,
                moved,
            });
        }
        match given {
            Some(token) => {
                source.account = self.ask_account(&source, token).await?;
                source.method = SourceMethod::Token;
                fresh_state(&mut source, now);
                Ok(Edited {
                    source,
                    secret: Some(token.clone()),
                    clears_secret: false,
                    moved,
                })
            }
            None if clears => {
                source.problem = Some("source_without_secret".to_owned());
                source.problem_detail = String::new();
                source.state_since = now;
                Ok(Edited {
                    source,
                    secret: None,
                    clears_secret: true,
                    moved,
                })
            }
            None => Ok(Edited::keeping(source)),
        }
    }
}

impl Edited {
    fn keeping(source: Source) -> Self {
        Self {
            source,
            secret: None,
            clears_secret: false,
            moved: false,
        }
    }
}
