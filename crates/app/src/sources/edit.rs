//! Changing a source. What is kept of a secret goes when the address changes: a token for one host is never sent to
//! another.

use super::{
    Source,
    form::{check_token, read_address, read_ca, read_host_keys, read_username},
    open::fresh_state,
    renewal_of_source, secret_of_source,
};
use crate::{
    App, Context, Error, accounts::require_manager, audit::record_audit, vault::Vault, webhooks,
};
use serde_json::json;
use wharf_db::{Durability, Tx, rules, sources, webhooks::hurry_webhooks};
use wharf_model::{
    AuditAction, HostKeyOrigin, SecretText, SourceId, SourceMethod, SourceScheme, Timestamp,
};

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
pub(super) struct Edited {
    pub(super) source: Source,
    /// The secret to keep; none keeps what is there.
    pub(super) secret: Option<SecretText>,
    /// What renews it; one of an earlier secret goes with that.
    pub(super) renewal: Option<SecretText>,
    /// Whether what is there has to go.
    pub(super) clears_secret: bool,
    pub(super) moved: bool,
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
        self.keep_edit(context, before, edited).await
    }

    /// Keeps what an edit of `before` changes, and nothing else of that copy.
    ///
    /// [`Error::Conflict`] `changed_meanwhile` when what was tried at the host is not what is there now.
    pub(super) async fn keep_edit(
        &self,
        context: &Context,
        before: Source,
        edited: Edited,
    ) -> Result<Source, Error> {
        let (context, vault, now) = (context.clone(), self.vault.clone(), self.clock.now());
        let changed = self
            .db
            .write(Durability::Durable, move |tx| {
                let (owner, id) = (before.owner, before.id);
                let found = sources::find_own_source(tx, owner, id)?.ok_or(Error::NotFound)?;
                let source = edited.apply_to(found, &before)?;
                if edited.moved {
                    webhooks::move_webhooks(tx, &vault, &before, now)?;
                    rules::follow_source(tx, id, &source.address)?;
                }
                if !sources::replace_source(tx, &source)? {
                    return Err(Error::Conflict { what: "source" });
                }
                edited.keep_secrets(tx, &vault, id, now)?;
                let details = json!({
                    "kind": source.kind.as_str(),
                    "from": before.address.as_str(),
                    "secret": match (&edited.secret, edited.clears_secret) {
                        (Some(_), _) => "changed",
                        (None, true) => "cleared",
                        (None, false) => "kept",
                    },
                });
                let target = source.address.as_str();
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
                renewal: None,
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
                    renewal: None,
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
                    renewal: None,
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
            renewal: None,
            clears_secret: false,
            moved: false,
        }
    }

    /// The row as it is `found`, with what this edit of `before` changes. Whatever it leaves alone may have changed since: a
    /// host took its time to answer.
    fn apply_to(&self, mut found: Source, before: &Source) -> Result<Source, Error> {
        let edited = &self.source;
        let is_where_it_was = found.address == before.address && found.method == before.method;
        if self.secret.is_some() || self.clears_secret {
            // What was tried at the host is what is kept; somebody else's edit in between would mix the two.
            let is_as_tried = found.ca == before.ca && found.account == before.account;
            return match is_where_it_was && is_as_tried {
                true => Ok(edited.clone()),
                false => Err(Error::changed_meanwhile()),
            };
        }
        if !is_where_it_was {
            return Err(Error::changed_meanwhile());
        }
        if edited.ca != before.ca {
            found.ca.clone_from(&edited.ca);
        }
        if edited.host_keys != before.host_keys {
            found.host_keys.clone_from(&edited.host_keys);
            found.host_keys_origin = edited.host_keys_origin;
        }
        if edited.account != before.account {
            found.account.clone_from(&edited.account);
        }
        Ok(found)
    }

    fn keep_secrets(
        &self,
        tx: &mut Tx<'_>,
        vault: &Vault,
        id: SourceId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(secret) = &self.secret else {
            if self.clears_secret {
                vault.forget(tx, &renewal_of_source(id))?;
                vault.forget(tx, &secret_of_source(id))?;
            }
            return Ok(());
        };
        vault.seal(tx, &secret_of_source(id), secret, now)?;
        match &self.renewal {
            Some(renewal) => vault.seal(tx, &renewal_of_source(id), renewal, now)?,
            None => drop(vault.forget(tx, &renewal_of_source(id))?),
        }
        // What failed with the old one waits for up to an hour, and need not any longer.
        rules::remotes::hasten_source(tx, id, now)?;
        hurry_webhooks(tx, id, now)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::open::tests::source;
    use super::*;
    use wharf_model::SourceKind;

    fn on_gitea() -> Source {
        source(SourceKind::Gitea, "https://git.example", "ada")
    }

    /// Somebody entered another token while the host of an earlier edit took its time.
    fn with_new_token(before: &Source) -> Source {
        Source {
            account: "grace".into(),
            problem: None,
            token_expires_at: None,
            checked_at: Some(Timestamp::from_micros(9)),
            ..before.clone()
        }
    }

    #[test]
    fn an_edit_of_the_authorities_alone_leaves_a_token_of_meanwhile_as_it_is() {
        let before = Source {
            problem: Some("unauthorized".into()),
            token_expires_at: Some(Timestamp::from_micros(5)),
            ..on_gitea()
        };
        let edited = Edited::keeping(Source {
            ca: Some("PEM".into()),
            ..before.clone()
        });
        let found = with_new_token(&before);
        let kept = edited.apply_to(found.clone(), &before).unwrap();
        assert_eq!(kept.ca.as_deref(), Some("PEM"));
        assert_eq!(Source { ca: None, ..kept }, found);
    }

    #[test]
    fn a_token_is_kept_with_what_it_was_tried_with_or_not_at_all() {
        let before = on_gitea();
        let edited = Edited {
            secret: Some(SecretText::new("fresh")),
            ..Edited::keeping(before.clone())
        };
        let noted = Source {
            problem: Some("unauthorized".into()),
            ..before.clone()
        };
        let kept = edited.apply_to(noted, &before).unwrap();
        assert_eq!(kept, before, "what was found of the old token is over");
        for found in [
            Source {
                ca: Some("PEM".into()),
                ..before.clone()
            },
            with_new_token(&before),
            Source {
                address: "https://other.example".parse().unwrap(),
                ..before.clone()
            },
        ] {
            let refused = edited.apply_to(found, &before).unwrap_err();
            assert!(matches!(
                refused,
                Error::Conflict {
                    what: "changed_meanwhile"
                }
            ));
        }
    }
}
