//! Listing tags.

use crate::{App, Error};
use wharf_db::{TextColumn, tags};
use wharf_model::{Granted, rights::Pull};
use wharf_oci::Page;

/// One page of tag names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagNames {
    /// In bytewise order.
    pub names: TextColumn,
    /// Whether there are more after the last one.
    pub more: bool,
}

impl App {
    /// One page of a repository's tags.
    pub async fn list_tag_names(
        &self,
        granted: &Granted<Pull>,
        page: &Page,
    ) -> Result<TagNames, Error> {
        let limit = page.limit() as usize;
        if limit == 0 {
            return Ok(TagNames {
                names: TextColumn::default(),
                more: false,
            });
        }
        let (right, after) = (granted.clone(), page.last.clone().unwrap_or_default());
        let names = self
            .db
            .look_up(move |tx| tags::list_names(tx, &right, &after, limit + 1));
        let mut names = names.await.map_err(Error::from)?;
        let more = names.len() > limit;
        names.truncate(limit);
        Ok(TagNames { names, more })
    }
}
