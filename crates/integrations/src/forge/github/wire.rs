//! GitHub's JSON, as far as it is used.

use crate::forge::text::{clip_message, clip_name, read_time, read_url};
use crate::forge::{
    Account, Commit, DeployKey, ForgeKind, Owner, OwnerKind, RemoteId, RemoteRepository,
    TokenScopes, Visibility,
};
use serde::Deserialize;
use wharf_model::builds::CommitId;

#[derive(Deserialize)]
pub(super) struct User {
    id: u64,
    login: String,
    name: Option<String>,
    html_url: Option<String>,
}

impl User {
    /// With nothing about the token yet.
    pub(super) fn into_account(self) -> Account {
        Account {
            kind: ForgeKind::GitHub,
            host: String::new(),
            id: self.id.to_string(),
            login: clip_name(self.login),
            name: self.name.map(clip_name),
            web_url: self.html_url.as_deref().and_then(read_url),
            scopes: TokenScopes::Unlisted,
            missing_scopes: Vec::new(),
            expires_at: None,
        }
    }

    pub(super) fn into_owner(self) -> Owner {
        Owner {
            kind: OwnerKind::Person,
            id: self.id.to_string(),
            path: clip_name(self.login),
            name: self.name.map(clip_name),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Repository {
    id: u64,
    full_name: String,
    description: Option<String>,
    private: bool,
    default_branch: Option<String>,
    clone_url: String,
    ssh_url: Option<String>,
    html_url: Option<String>,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    fork: bool,
    permissions: Option<Permissions>,
}

#[derive(Deserialize)]
struct Permissions {
    #[serde(default)]
    admin: bool,
}

impl Repository {
    /// `None` when its path or clone URL is none.
    pub(super) fn into_remote(self) -> Option<RemoteRepository> {
        Some(RemoteRepository {
            id: RemoteId::new(self.id.to_string()),
            path: self.full_name.parse().ok()?,
            description: self.description.map(clip_message),
            visibility: match self.private {
                true => Visibility::Private,
                false => Visibility::Public,
            },
            default_branch: self
                .default_branch
                .map(clip_name)
                .filter(|name| !name.is_empty()),
            clone_url: read_url(&self.clone_url)?,
            ssh_url: self.ssh_url.map(clip_name),
            web_url: self.html_url.as_deref().and_then(read_url),
            is_archived: self.archived,
            is_fork: self.fork,
            may_administrate: self.permissions.map(|permissions| permissions.admin),
        })
    }
}

/// A branch or tag; of a tag the commit is the one behind the tag object.
#[derive(Deserialize)]
pub(super) struct NamedRef {
    name: String,
    commit: ShaOnly,
}

#[derive(Deserialize)]
struct ShaOnly {
    sha: String,
}

impl NamedRef {
    pub(super) fn into_pair(self) -> Option<(String, CommitId)> {
        Some((self.name, self.commit.sha.parse().ok()?))
    }
}

/// A commit of the Git database API.
#[derive(Deserialize)]
pub(super) struct GitCommit {
    author: Option<Signature>,
    committer: Option<Signature>,
    message: String,
    html_url: Option<String>,
}

#[derive(Deserialize, Default)]
struct Signature {
    name: Option<String>,
    email: Option<String>,
    date: Option<String>,
}

impl GitCommit {
    pub(super) fn into_commit(self, id: CommitId) -> Commit {
        let author = self.author.unwrap_or_default();
        let date = self
            .committer
            .and_then(|committer| committer.date)
            .or(author.date);
        Commit {
            id,
            author: author.name.map(clip_name),
            author_email: author.email.map(clip_name),
            message: clip_message(self.message),
            time: date.as_deref().and_then(read_time),
            web_url: self.html_url.as_deref().and_then(read_url),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Key {
    id: u64,
    #[serde(default)]
    title: String,
    key: String,
    read_only: Option<bool>,
}

impl Key {
    pub(super) fn into_deploy_key(self) -> DeployKey {
        DeployKey {
            id: self.id.to_string(),
            title: clip_name(self.title),
            public_key: self.key,
            may_write: self.read_only == Some(false),
        }
    }
}
