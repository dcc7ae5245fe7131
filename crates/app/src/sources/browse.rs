//! What an account sees on its host: owners, repositories, branches, tags. For the person whose account it is, and nobody
//! else: an administrator would read what only the owner of the token may.

use super::{HostFailure, OpenSource};
use crate::{App, Context, Error, Listed, PageRequest, accounts::require_manager};
use wharf_integrations::forge::{
    Cursor, ForgeError, Owner, OwnerKind, Page, RemoteRepository, RepositoryPath, RepositoryQuery,
    Visibility,
};
use wharf_model::{RemotePath, SourceId, builds::RefKind};

/// Longest search text: longer ones find nothing anywhere.
const MAX_SEARCH: usize = 200;

/// Which repositories are wanted.
#[derive(Debug, Clone, Default)]
pub struct RemoteQuery {
    /// Only those of this person, organization or group.
    pub owner: Option<(OwnerKind, String)>,
    /// Only public or only private ones.
    pub visibility: Option<Visibility>,
    /// Only those with this in their name.
    pub search: Option<String>,
}

/// A branch or tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteRef {
    /// The name without `refs/heads/` or `refs/tags/`.
    pub name: String,
    /// The commit it leads to, in full.
    pub commit: String,
}

impl App {
    /// Whose repositories one of the caller's own sources sees: the account itself, organizations, groups.
    pub async fn list_owners(
        &self,
        context: &Context,
        id: SourceId,
        page: PageRequest,
    ) -> Result<Listed<Owner>, Error> {
        let open = self.open_own_source(context, id).await?;
        let place = Place::read(&page)?;
        let asked = open.forge()?.list_owners(place.cursor.as_ref()).await;
        self.finish_browsing(id, asked, &place, &page).await
    }

    /// The repositories that one of the caller's own sources sees.
    pub async fn list_remote_repositories(
        &self,
        context: &Context,
        id: SourceId,
        query: RemoteQuery,
        page: PageRequest,
    ) -> Result<Listed<RemoteRepository>, Error> {
        let search = query.search.filter(|text| !text.trim().is_empty());
        if search.as_ref().is_some_and(|text| text.len() > MAX_SEARCH) {
            return Err(Error::invalid("q", "too_long"));
        }
        let query = RepositoryQuery {
            owner: query.owner,
            visibility: query.visibility,
            search,
        };
        let open = self.open_own_source(context, id).await?;
        let place = Place::read(&page)?;
        let cursor = place.cursor.as_ref();
        let asked = open.forge()?.list_repositories(&query, cursor).await;
        self.finish_browsing(id, asked, &place, &page).await
    }

    /// The branches of a repository that one of the caller's own sources sees.
    pub async fn list_remote_branches(
        &self,
        context: &Context,
        id: SourceId,
        remote: &str,
        page: PageRequest,
    ) -> Result<Listed<RemoteRef>, Error> {
        let open = self.open_own_source(context, id).await?;
        if !open.source.kind.has_api() {
            return self.list_git_refs(id, remote, RefKind::Branch, &page).await;
        }
        let path = read_path(remote)?;
        let place = Place::read(&page)?;
        let asked = open
            .forge()?
            .list_branches(&path, place.cursor.as_ref())
            .await;
        let listed = self.finish_browsing(id, asked, &place, &page).await?;
        Ok(listed.map(|branch| RemoteRef {
            name: branch.name,
            commit: branch.commit.to_string(),
        }))
    }

    /// The tags of a repository that one of the caller's own sources sees.
    pub async fn list_remote_tags(
        &self,
        context: &Context,
        id: SourceId,
        remote: &str,
        page: PageRequest,
    ) -> Result<Listed<RemoteRef>, Error> {
        let open = self.open_own_source(context, id).await?;
        if !open.source.kind.has_api() {
            return self.list_git_refs(id, remote, RefKind::Tag, &page).await;
        }
        let path = read_path(remote)?;
        let place = Place::read(&page)?;
        let asked = open.forge()?.list_tags(&path, place.cursor.as_ref()).await;
        let listed = self.finish_browsing(id, asked, &place, &page).await?;
        Ok(listed.map(|tag| RemoteRef {
            name: tag.name,
            commit: tag.commit.to_string(),
        }))
    }

    /// What git itself tells of a repository whose server has nothing else to be asked by. The pages are ours.
    async fn list_git_refs(
        &self,
        id: SourceId,
        remote: &str,
        kind: RefKind,
        page: &PageRequest,
    ) -> Result<Listed<RemoteRef>, Error> {
        let remote: RemotePath = remote
            .parse()
            .map_err(|error| Error::told("remote", "refused_text", &error))?;
        let refs = self.list_remote_refs(id, &remote).await?;
        let after = page.key();
        let of_kind = refs
            .into_iter()
            .filter(|found| found.reference.kind() == kind);
        let mut listed: Vec<_> = of_kind
            .map(|found| RemoteRef {
                name: found.reference.short().to_owned(),
                commit: found.commit.to_string(),
            })
            .filter(|found| *found.name > *after)
            .collect();
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        listed.truncate(page.limit.get() + 1);
        Ok(page.cut(listed, |found| found.name.clone()))
    }

    async fn open_own_source(&self, context: &Context, id: SourceId) -> Result<OpenSource, Error> {
        let owner = require_manager(&context.caller)?;
        self.find_own_source(owner, id).await?;
        self.open_source(id).await
    }

    /// The host's page as ours; what it has against the account is remembered.
    async fn finish_browsing<T>(
        &self,
        id: SourceId,
        asked: Result<Page<T>, ForgeError>,
        place: &Place,
        wanted: &PageRequest,
    ) -> Result<Listed<T>, Error> {
        match asked {
            Ok(page) => Ok(place.cut(page, wanted.limit.get())),
            Err(error) => {
                let failure = HostFailure::from(error);
                if failure.problem.is_about_account() {
                    self.note_source(id, Some(&failure)).await?;
                }
                Err(failure.into())
            }
        }
    }
}

/// A place in a host's list. Hosts choose how much they put on a page, so ours may begin within one of theirs.
struct Place {
    /// The host's page; none for the first.
    cursor: Option<Cursor>,
    /// What was shown of it before.
    shown: usize,
}

impl Place {
    /// As [`Place::cut`] wrote it: a number and the host's cursor.
    fn read(page: &PageRequest) -> Result<Self, Error> {
        let Some(after) = page.after.as_deref() else {
            return Ok(Self {
                cursor: None,
                shown: 0,
            });
        };
        let refuse = Error::invalid("after", "not_a_cursor");
        let read = || {
            let (shown, cursor) = after.split_once(':')?;
            let cursor = match cursor {
                "" => None,
                text => Some(text.parse().ok()?),
            };
            Some(Self {
                cursor,
                shown: shown.parse().ok()?,
            })
        };
        read().ok_or(refuse)
    }

    /// At most `limit` of a host's page, and where the rest begins.
    fn cut<T>(&self, page: Page<T>, limit: usize) -> Listed<T> {
        let left = page.items.len().saturating_sub(self.shown);
        let next = match (left > limit, page.next) {
            (true, _) => {
                let cursor = self.cursor.as_ref().map(ToString::to_string);
                Some(format!(
                    "{}:{}",
                    self.shown + limit,
                    cursor.unwrap_or_default()
                ))
            }
            (false, next) => next.map(|cursor| format!("0:{cursor}")),
        };
        Listed {
            items: page
                .items
                .into_iter()
                .skip(self.shown)
                .take(limit)
                .collect(),
            next,
        }
    }
}

fn read_path(remote: &str) -> Result<RepositoryPath, Error> {
    remote
        .parse()
        .map_err(|_| Error::invalid("remote", "malformed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_model::Limit;

    #[test]
    fn a_long_page_of_a_host_is_shown_in_parts_and_nothing_twice() {
        let next: Cursor = "page=2".parse().unwrap();
        let mut after = None;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let request = PageRequest {
                after: after.take(),
                limit: Limit::clamped(Some(2)),
            };
            let place = Place::read(&request).unwrap();
            assert!(place.cursor.is_none());
            let theirs = Page {
                items: vec![1, 2, 3, 4, 5],
                next: Some(next.clone()),
            };
            let listed = place.cut(theirs, 2);
            seen.extend(listed.items);
            after = listed.next;
        }
        assert_eq!(seen, [1, 2, 3, 4, 5]);
        assert_eq!(after.as_deref(), Some("0:page=2"));
        for bad in ["", "page=2", "x:page=2", "0:sudo=root", "-1:"] {
            let request = PageRequest {
                after: Some(bad.to_owned()),
                limit: Limit::clamped(None),
            };
            assert!(Place::read(&request).is_err(), "{bad}");
        }
    }
}
