//! `_catalog`: names of the repositories that the caller may see.

use crate::{App, Error};
use wharf_db::{
    TextColumn,
    repositories::{self, Viewer},
};
use wharf_model::{Actions, Caller, Identity};
use wharf_oci::Page;

/// One page of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogPage {
    /// In bytewise order.
    pub names: TextColumn,
    /// Whether there are more after the last one.
    pub more: bool,
}

impl App {
    /// One page of the repositories that `caller` may see. A registry token must have been issued for the catalog.
    pub async fn list_catalog(&self, caller: &Caller, page: &Page) -> Result<CatalogPage, Error> {
        match &caller.scope {
            None if caller.is_anonymous() => return Err(Error::Unauthenticated),
            Some(scope) if !scope.catalog => return Err(Error::OutOfScope { needs: None }),
            _ => {}
        }
        let limit = page.limit() as usize;
        if limit == 0 {
            return Ok(CatalogPage {
                names: TextColumn::default(),
                more: false,
            });
        }
        let caller = caller.clone();
        let after = page.last.clone().unwrap_or_default();
        let names = self.db.read(move |tx| {
            let namespaces: Vec<_> = caller.roles.keys().copied().collect();
            repositories::list_names(tx, viewer(&caller, &namespaces), &after, limit + 1)
        });
        let mut names = names.await.map_err(Error::from)?;
        let more = names.len() > limit;
        names.truncate(limit);
        Ok(CatalogPage { names, more })
    }
}

/// How far the caller sees in lists of repositories.
pub(crate) fn viewer<'a>(
    caller: &Caller,
    namespaces: &'a [wharf_model::NamespaceId],
) -> Viewer<'a> {
    let user = match caller.identity {
        Identity::User(id) => Some(id),
        Identity::Anonymous | Identity::Robot(_) | Identity::Build(_) => None,
    };
    match user {
        _ if !caller.actions.contains(Actions::PULL) => Viewer::Member(user, &[]),
        Some(id) if caller.admin => Viewer::Administrator(id),
        _ => Viewer::Member(user, namespaces),
    }
}
