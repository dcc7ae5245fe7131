//! Gitea's JSON, as far as it is used.

use crate::forge::text::{clip_message, clip_name, read_time, read_url};
use crate::forge::{
    Account, DeployKey, ForgeKind, Owner, OwnerKind, RemoteId, RemoteRepository, TokenScopes,
    Visibility,
};
use serde::Deserialize;
use wharf_model::builds::CommitId;

#[derive(Deserialize)]
pub(super) struct User {
    id: u64,
    login: String,
    full_name: Option<String>,
    html_url: Option<String>,
}

impl User {
    /// With nothing about the token yet.
    pub(super) fn into_account(self) -> Account {
        Account {
            kind: ForgeKind::Gitea,
            host: String::new(),
            id: self.id.to_string(),
            login: clip_name(self.login),
            name: self
                .full_name
                .map(clip_name)
                .filter(|name| !name.is_empty()),
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
            name: self
                .full_name
                .map(clip_name)
                .filter(|name| !name.is_empty()),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Organization {
    id: u64,
    /// Since 1.16; `username` before, and beside it.
    name: Option<String>,
    username: Option<String>,
    full_name: Option<String>,
}

impl Organization {
    pub(super) fn into_owner(self) -> Option<Owner> {
        Some(Owner {
            kind: OwnerKind::Group,
            id: self.id.to_string(),
            path: self.name.or(self.username).map(clip_name)?,
            name: self
                .full_name
                .map(clip_name)
                .filter(|name| !name.is_empty()),
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Repository {
    id: u64,
    full_name: String,
    description: Option<String>,
    private: bool,
    /// Public, but only for who is signed in.
    #[serde(default)]
    internal: bool,
    default_branch: Option<String>,
    #[serde(default)]
    empty: bool,
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
        let default_branch = self.default_branch.map(clip_name);
        Some(RemoteRepository {
            id: RemoteId::new(self.id.to_string()),
            path: self.full_name.parse().ok()?,
            description: self.description.map(clip_message),
            visibility: match self.private || self.internal {
                true => Visibility::Private,
                false => Visibility::Public,
            },
            default_branch: default_branch.filter(|name| !name.is_empty() && !self.empty),
            clone_url: read_url(&self.clone_url)?,
            ssh_url: self.ssh_url.map(clip_name),
            web_url: self.html_url.as_deref().and_then(read_url),
            is_archived: self.archived,
            is_fork: self.fork,
            may_administrate: self.permissions.map(|permissions| permissions.admin),
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Branch {
    name: String,
    commit: PayloadCommit,
}

#[derive(Deserialize)]
struct PayloadCommit {
    id: String,
}

impl Branch {
    pub(super) fn into_branch(self) -> Option<crate::forge::Branch> {
        Some(crate::forge::Branch {
            commit: self.commit.id.parse().ok()?,
            name: self.name,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Tag {
    name: String,
    commit: CommitMeta,
}

#[derive(Deserialize)]
struct CommitMeta {
    sha: String,
}

impl Tag {
    pub(super) fn into_tag(self) -> Option<crate::forge::Tag> {
        Some(crate::forge::Tag {
            commit: self.commit.sha.parse().ok()?,
            name: self.name,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Commit {
    html_url: Option<String>,
    commit: RepoCommit,
}

#[derive(Deserialize)]
struct RepoCommit {
    #[serde(default)]
    message: String,
    author: Option<Signature>,
    committer: Option<Signature>,
}

#[derive(Deserialize, Default)]
struct Signature {
    name: Option<String>,
    email: Option<String>,
    date: Option<String>,
}

impl Commit {
    pub(super) fn into_commit(self, id: CommitId) -> crate::forge::Commit {
        let author = self.commit.author.unwrap_or_default();
        let committer = self.commit.committer.unwrap_or_default();
        crate::forge::Commit {
            id,
            author: author.name.map(clip_name),
            author_email: author.email.map(clip_name),
            message: clip_message(self.commit.message),
            time: committer
                .date
                .or(author.date)
                .as_deref()
                .and_then(read_time),
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
