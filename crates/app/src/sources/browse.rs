//! What an account sees on its host: owners, repositories, branches, tags. For the person whose account it is, and nobody
//! else: an administrator would read what only the owner of the token may.

use super::{HostFailure, OpenSource};
use crate::{App, Context, Error, Listed, PageRequest, accounts::require_manager};
use wharf_integrations::forge::{
    Cursor, ForgeError, Owner, OwnerKind, Page, RemoteRepository, RepositoryPath, RepositoryQuery,
    Visibility,
};
use wharf_model::SourceId;

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
        let after = read_cursor(&page)?;
        let asked = open.forge()?.list_owners(after.as_ref()).await;
        self.finish_browsing(id, asked).await
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
        let after = read_cursor(&page)?;
        let asked = open
            .forge()?
            .list_repositories(&query, after.as_ref())
            .await;
        self.finish_browsing(id, asked).await
    }

    /// The branches of a repository that one of the caller's own sources sees.
    pub async fn list_remote_branches(
        &self,
        context: &Context,
        id: SourceId,
        remote: &str,
        page: PageRequest,
    ) -> Result<Listed<RemoteRef>, Error> {
        let path = read_path(remote)?;
        let open = self.open_own_source(context, id).await?;
        let after = read_cursor(&page)?;
        let asked = open.forge()?.list_branches(&path, after.as_ref()).await;
        let listed = self.finish_browsing(id, asked).await?;
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
        let path = read_path(remote)?;
        let open = self.open_own_source(context, id).await?;
        let after = read_cursor(&page)?;
        let asked = open.forge()?.list_tags(&path, after.as_ref()).await;
        let listed = self.finish_browsing(id, asked).await?;
        Ok(listed.map(|tag| RemoteRef {
            name: tag.name,
            commit: tag.commit.to_string(),
        }))
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
    ) -> Result<Listed<T>, Error> {
        match asked {
            Ok(page) => Ok(Listed {
                items: page.items,
                next: page.next.map(|cursor| cursor.to_string()),
            }),
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

fn read_cursor(page: &PageRequest) -> Result<Option<Cursor>, Error> {
    let after = page.after.as_deref().map(str::parse);
    after
        .transpose()
        .map_err(|_| Error::invalid("after", "not_a_cursor"))
}

fn read_path(remote: &str) -> Result<RepositoryPath, Error> {
    remote
        .parse()
        .map_err(|_| Error::invalid("remote", "malformed"))
}
