//! Tags: listed with what they name, and deleted.

use super::pages::{MAX_TERM, parse_name};
use crate::{App, Context, Error, Listed, PageRequest};
use wharf_db::tags;
use wharf_model::{
    Granted,
    rights::{Delete, Pull},
};
use wharf_oci::{Reference, Tag};

pub use wharf_db::tags::TagPage;

impl App {
    /// One page of a repository's tags whose names contain `term`.
    pub async fn list_tags(
        &self,
        context: &Context,
        repository: &str,
        term: Option<String>,
        page: PageRequest,
    ) -> Result<Listed<TagPage>, Error> {
        let name = parse_name(repository)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let term = term.unwrap_or_default();
        if term.len() > MAX_TERM {
            return Err(Error::invalid("q", "too_long"));
        }
        let (after, room) = (page.key(), page.room());
        let found = self
            .db
            .read(move |tx| tags::list_tags(tx, &right, &term, &after, room));
        let found = found.await.map_err(Error::from)?;
        Ok(Listed::of(found, |tag| tag.name.to_string()))
    }

    /// Deletes one tag; the version it named stays.
    pub async fn delete_tag(
        &self,
        context: &Context,
        repository: &str,
        tag: &str,
    ) -> Result<(), Error> {
        let name = parse_name(repository)?;
        let right: Granted<Delete> = self.authorize(&context.caller, &name).await?;
        let tag: Tag = tag.parse().map_err(|_| Error::NotFound)?;
        self.delete_manifest(context, &right, &Reference::Tag(tag))
            .await
    }
}
