//! Tokens that end by themselves (those of GitHub Apps, after eight hours) are renewed before somebody needs them.

use super::{
    HostFailure, OpenSource, Source, device::find_app, renewal_of_source, secret_of_source,
};
use crate::{App, Error};
use std::time::Duration;
use wharf_db::{Durability, sources};
use wharf_integrations::{
    Secret,
    forge::device::{Grant, refresh_grant},
};
use wharf_model::{SecretText, SourceId, Timestamp};

/// How long before its end a token is renewed: a clone that begins with it must be able to end with it.
const BEFORE_END: Duration = Duration::from_secs(30 * 60);

impl App {
    pub(super) fn is_ending(&self, source: &Source) -> bool {
        let soon = self.clock.now().plus(BEFORE_END);
        source.token_expires_at.is_some_and(|end| end <= soon)
    }

    /// Renews a token; of one source, one after the other: what renews it is good once. Another source's host that does not
    /// answer keeps nobody waiting.
    pub(super) async fn renew_token(&self, id: SourceId) -> Result<OpenSource, Error> {
        let _turn = self.renewing.take(id).await;
        let open = self.read_source(id).await?;
        if !self.is_ending(&open.source) {
            return Ok(open);
        }
        let (vault, place) = (self.vault.clone(), renewal_of_source(id));
        let renewal = self.db.read(move |tx| vault.open(tx, &place)).await?;
        let app = find_app(&self.configuration.live().oauth_apps, &open.source.address);
        let (Some(renewal), Ok(app)) = (renewal, app) else {
            // Used until its end; then the host says so.
            return Ok(open);
        };
        let granted = refresh_grant(&self.egress, &app, &Secret::new(renewal.expose())).await;
        let grant = match granted {
            Ok(grant) => grant,
            Err(error) => {
                let failure = HostFailure::from(error);
                let ended = open.source.token_expires_at <= Some(self.clock.now());
                if !ended {
                    return Ok(open);
                }
                self.note_source(id, Some(&failure)).await?;
                return Err(failure.into());
            }
        };
        self.keep_grant(id, renewal, &grant).await?;
        self.read_source(id).await
    }

    async fn keep_grant(&self, id: SourceId, used: SecretText, grant: &Grant) -> Result<(), Error> {
        let (vault, now) = (self.vault.clone(), self.clock.now());
        let (token, renewal, ends) = read_grant(grant, now);
        self.db
            .write(Durability::Durable, move |tx| {
                // Disconnected meanwhile, or somebody entered another token or signed in again: nothing is kept of it.
                let kept = vault.open(tx, &renewal_of_source(id))?;
                if kept.is_none_or(|kept| kept.expose() != used.expose()) {
                    return Ok(());
                }
                sources::record_renewal(tx, id, ends)?;
                vault.seal(tx, &secret_of_source(id), &token, now)?;
                if let Some(renewal) = &renewal {
                    vault.seal(tx, &renewal_of_source(id), renewal, now)?;
                }
                Ok(())
            })
            .await
    }
}

/// What a grant means for rows: the token, what renews it, and when it ends.
pub(super) fn read_grant(
    grant: &Grant,
    now: Timestamp,
) -> (SecretText, Option<SecretText>, Option<Timestamp>) {
    let renewal = grant.refresh_token.as_ref();
    (
        SecretText::new(grant.token.expose()),
        renewal.map(|token| SecretText::new(token.expose())),
        grant.expires_in.map(|time| now.plus(time)),
    )
}
