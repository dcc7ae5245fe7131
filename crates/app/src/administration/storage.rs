//! How much room images take, and how much there is.

use crate::{App, Context, Error, Listed, PageRequest, search::check_term};
use wharf_blobs::FreeSpace;
use wharf_db::administration::{self, NamespaceUsage};
use wharf_model::{Timestamp, decide_system, stats::Stored};

/// The store as administrators see it.
#[derive(Debug, Clone)]
pub struct StoragePage {
    /// The folder.
    pub folder: String,
    /// What was stored at the last look, and when that was; none before the first one.
    pub stored: Option<(Timestamp, Stored)>,
    /// Room on the folder's file system.
    pub space: Option<FreeSpace>,
}

impl App {
    /// How much room images take, and how much there is.
    pub async fn show_storage(&self, context: &Context) -> Result<StoragePage, Error> {
        let right = decide_system(&context.caller)?;
        let stored = self
            .db
            .read(move |tx| administration::find_last_stored(tx, &right));
        Ok(StoragePage {
            stored: stored.await.map_err(Error::from)?,
            folder: self.blobs.root().display().to_string(),
            space: self.measure_space().await.ok(),
        })
    }

    /// One page of what each namespace holds whose name contains `term`.
    pub async fn list_namespace_usage(
        &self,
        context: &Context,
        term: String,
        page: PageRequest,
    ) -> Result<Listed<NamespaceUsage>, Error> {
        let right = decide_system(&context.caller)?;
        check_term(&term)?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| administration::list_usage(tx, &right, &term, &after, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |usage| usage.name.clone()))
    }

    pub(super) async fn measure_space(&self) -> Result<FreeSpace, Error> {
        let store = self.blobs.clone();
        let measured = tokio::task::spawn_blocking(move || store.free_space());
        measured
            .await
            .map_err(Error::internal)?
            .map_err(Error::from)
    }
}
