//! Removing at code hosts what is no longer wanted there: tried until it succeeds, and listed until then.

use super::{HostRemoval, end::token_of_removal};
use crate::{
    App, Context, Error, Listed, PageRequest,
    accounts::require_manager,
    audit::record_audit,
    sources::{HostFailure, HostProblem, make_forge},
};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;
use wharf_db::{Durability, host_removals};
use wharf_integrations::forge::WebhookId as HostWebhookId;
use wharf_model::{AuditAction, RemovalId, UserId};

/// The first wait after a failure; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// The longest wait between two tries: a host that comes back is done with within this.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);

/// How long it is tried. A host that is away for longer has gone, and its webhooks with it; until then a copy of the token
/// is kept.
const PATIENCE: Duration = Duration::from_secs(14 * 24 * 3600);

/// How long one try may take: the longest call of a code host's API, and what comes before it.
const LONGEST_TRY: Duration = Duration::from_secs(45);

impl App {
    /// What wharf still has to remove at code hosts: the caller's own, or everybody's for administrators.
    pub async fn list_removals(
        &self,
        context: &Context,
        page: PageRequest,
    ) -> Result<Listed<HostRemoval>, Error> {
        let whose = whose_removals(context)?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| host_removals::list_removals(tx, whose, &after, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |removal| removal.id.to_string()))
    }

    /// Stops trying to remove something at a code host, and forgets it with its token.
    pub async fn dismiss_removal(&self, context: &Context, id: RemovalId) -> Result<(), Error> {
        let whose = whose_removals(context)?;
        let (context, now) = (context.clone(), self.clock.now());
        self.db
            .write(Durability::Durable, move |tx| {
                let found = host_removals::find_removal(tx, whose, id)?.ok_or(Error::NotFound)?;
                host_removals::delete_removal(tx, id)?;
                let details = json!({ "what": found.what, "remote": found.remote.as_str() });
                let target = found.address.as_str();
                record_audit(
                    tx,
                    &context,
                    now,
                    AuditAction::RemovalDismiss,
                    target,
                    None,
                    &details,
                )?;
                Ok(())
            })
            .await
    }

    /// Tries one removal, and notes what became of it.
    pub(super) async fn try_removal(&self, removal: HostRemoval) -> Result<(), Error> {
        let outcome = match timeout(LONGEST_TRY, self.remove_at_host(&removal)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(HostFailure::too_slow(
                removal.address.authority(),
                LONGEST_TRY,
            )),
        };
        let (now, id) = (self.clock.now(), removal.id);
        let Err(failure) = outcome else {
            let done = self.db.write(Durability::Durable, move |tx| {
                host_removals::delete_removal(tx, id).map(drop)
            });
            return done.await.map_err(Error::from);
        };
        let wait = FIRST_WAIT
            .saturating_mul(1 << removal.attempts.min(16))
            .min(LONGEST_WAIT);
        // A token that is not accepted today will not be tomorrow; hosts that stumble get a second chance.
        let hopeless = removal.attempts >= 2
            && matches!(
                failure.problem,
                HostProblem::Unauthorized | HostProblem::MissingScopes | HostProblem::HostDenied
            );
        let given_up = hopeless || removal.created_at.until(now) > PATIENCE;
        tracing::warn!(
            code_host = %removal.address,
            remote = %removal.remote,
            detail = failure.detail,
            given_up,
            "a webhook could not be removed at its code host"
        );
        let next_at = now.plus(wait);
        let noted = self.db.write(Durability::Durable, move |tx| {
            host_removals::record_failure(tx, id, &failure.detail, next_at, given_up)
        });
        noted.await.map_err(Error::from)
    }

    async fn remove_at_host(&self, removal: &HostRemoval) -> Result<(), HostFailure> {
        let (vault, place) = (self.vault.clone(), token_of_removal(removal.id));
        let token = self.db.read(move |tx| vault.open(tx, &place)).await;
        let token = match token {
            Ok(Some(token)) => token,
            Ok(None) => return Err(HostFailure::without_token(&removal.address)),
            Err(error) => return Err(HostFailure::of_own(&removal.address, &error)),
        };
        let ca = removal.ca.as_deref();
        let forge = make_forge(&self.egress, removal.kind, &removal.address, ca, &token);
        let forge = forge.map_err(|error| match error {
            Error::Upstream(failure) => *failure,
            other => HostFailure::of_own(&removal.address, &other),
        })?;
        let path = removal.remote.as_str().parse().map_err(HostFailure::from)?;
        let id = HostWebhookId::new(removal.host_id.clone());
        match forge.remove_webhook(&path, &id).await {
            // The repository went, or the account lost it: the webhook is not ours to remove any longer.
            Err(error) if error.is_not_found() => Ok(()),
            other => other.map_err(HostFailure::from),
        }
    }
}

/// Whose removals a caller sees: their own, or all for administrators.
fn whose_removals(context: &Context) -> Result<Option<UserId>, Error> {
    let own = require_manager(&context.caller)?;
    Ok((!context.caller.admin).then_some(own))
}
