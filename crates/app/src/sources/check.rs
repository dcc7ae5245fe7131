//! Asking a host again whether a source still works.

use super::{HostFailure, Source};
use crate::{App, Context, Error, accounts::require_manager};
use wharf_model::SourceId;

impl App {
    /// Asks the host about one of the caller's own sources; its state is what came out of it, and that is no error of this
    /// call.
    pub async fn check_source(&self, context: &Context, id: SourceId) -> Result<Source, Error> {
        let owner = require_manager(&context.caller)?;
        let source = self.find_own_source(owner, id).await?;
        match self.try_source(&source).await {
            Ok(()) => self.note_source(id, None).await?,
            Err(Error::Upstream(failure)) => {
                // Asked for its own sake, whatever the host has against it is about the account.
                let (problem, detail) = failure.as_state();
                self.record_source_state(id, problem, detail).await?;
            }
            Err(Error::Conflict { what }) => self.record_source_state(id, Some(what), "").await?,
            Err(other) => return Err(other),
        }
        self.find_own_source(owner, id).await
    }

    async fn try_source(&self, source: &Source) -> Result<(), Error> {
        let open = self.open_source(source.id).await?;
        if !source.kind.has_api() {
            return self.check_reachable(source).await;
        }
        let account = open.forge()?.find_account().await;
        let account = account.map_err(HostFailure::from)?;
        account.check_scopes().map_err(HostFailure::from)?;
        Ok(())
    }

    async fn record_source_state(
        &self,
        id: SourceId,
        problem: Option<&'static str>,
        detail: &str,
    ) -> Result<(), Error> {
        let (detail, now) = (detail.to_owned(), self.clock.now());
        self.db
            .write(wharf_db::Durability::Relaxed, move |tx| {
                wharf_db::sources::record_state(tx, id, problem, &detail, now)
            })
            .await
            .map_err(Error::from)
    }
}
