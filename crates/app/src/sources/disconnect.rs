//! Disconnecting a code host: what uses it is shown first, and what wharf registered there is removed.

use super::Source;
use crate::{
    App, Context, Error, accounts::require_manager, audit::record_audit, vault::Vault, webhooks,
};
use serde_json::json;
use wharf_db::{Durability, Tx, sources};
use wharf_model::{AuditAction, SourceId, Timestamp, UserId};

/// A rule that uses a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceUse {
    /// The image repository that it builds.
    pub repository: String,
    /// The rule's name there.
    pub rule: String,
    /// The repository on the code host.
    pub remote: String,
}

impl App {
    /// The rules that use one of the caller's own sources; they stop when it is disconnected.
    pub async fn list_source_uses(
        &self,
        context: &Context,
        id: SourceId,
    ) -> Result<Vec<SourceUse>, Error> {
        let owner = require_manager(&context.caller)?;
        self.find_own_source(owner, id).await?;
        let found = self.db.read(move |tx| sources::list_uses(tx, id));
        let found = found.await.map_err(Error::from)?;
        Ok(found.into_iter().map(SourceUse::from).collect())
    }

    /// Disconnects one of the caller's own sources. The token goes at once; webhooks at the host are removed soon, and
    /// until then they are listed as what is still to be removed.
    ///
    /// Without `force`, [`Error::Conflict`] `source_in_use` while rules use it; with it they stop, visibly.
    pub async fn disconnect_source(
        &self,
        context: &Context,
        id: SourceId,
        force: bool,
    ) -> Result<(), Error> {
        let owner = require_manager(&context.caller)?;
        let (context, vault, now) = (context.clone(), self.vault.clone(), self.clock.now());
        self.db
            .write(Durability::Durable, move |tx| {
                let source = sources::find_own_source(tx, owner, id)?.ok_or(Error::NotFound)?;
                let uses = sources::list_uses(tx, id)?;
                if !force && !uses.is_empty() {
                    return Err(Error::Conflict {
                        what: "source_in_use",
                    });
                }
                end_source(tx, &vault, &source, now)?;
                let details = json!({
                    "kind": source.kind.as_str(),
                    "account": source.account,
                    "stopped_rules": uses.len(),
                });
                let target = source.address.as_str();
                record_audit(
                    tx,
                    &context,
                    now,
                    AuditAction::SourceDisconnect,
                    target,
                    None,
                    &details,
                )?;
                Ok(())
            })
            .await?;
        self.wake_webhooks();
        Ok(())
    }
}

impl From<sources::Use> for SourceUse {
    fn from(found: sources::Use) -> Self {
        Self {
            repository: found.repository,
            rule: found.rule,
            remote: found.remote,
        }
    }
}

/// Removes a source in the caller's transaction; what wharf registered at the host is noted to be removed there.
fn end_source(
    tx: &mut Tx<'_>,
    vault: &Vault,
    source: &Source,
    now: Timestamp,
) -> Result<(), Error> {
    webhooks::end_webhooks(tx, vault, source, now)?;
    sources::delete_source(tx, source.id)?;
    Ok(())
}

/// Removes all sources of a person who leaves.
pub(crate) fn end_sources_of(
    tx: &mut Tx<'_>,
    vault: &Vault,
    owner: UserId,
    now: Timestamp,
) -> Result<(), Error> {
    for id in sources::list_ids(tx, owner)? {
        if let Some(source) = sources::find_own_source(tx, owner, id)? {
            end_source(tx, vault, &source, now)?;
        }
    }
    Ok(())
}
