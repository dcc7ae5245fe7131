//! GitLab's JSON, as far as it is used.

use crate::forge::text::{clip_message, clip_name, read_time, read_url};
use crate::forge::{
    Account, DeployKey, ForgeKind, Owner, OwnerKind, RemoteId, RemoteRepository, TokenScopes,
    Visibility,
};
use serde::Deserialize;
use wharf_model::builds::CommitId;

/// Maintainer: who may register webhooks and deploy keys.
const MAINTAINER: u32 = 40;

#[derive(Deserialize)]
pub(super) struct User {
    id: u64,
    username: String,
    name: Option<String>,
    web_url: Option<String>,
}

impl User {
    /// With nothing about the token yet.
    pub(super) fn into_account(self) -> Account {
        Account {
            kind: ForgeKind::GitLab,
            host: String::new(),
            id: self.id.to_string(),
            login: clip_name(self.username),
            name: self.name.map(clip_name),
            web_url: self.web_url.as_deref().and_then(read_url),
            scopes: TokenScopes::Unlisted,
            missing_scopes: Vec::new(),
            expires_at: None,
        }
    }

    pub(super) fn into_owner(self) -> Owner {
        Owner {
            kind: OwnerKind::Person,
            id: self.id.to_string(),
            path: clip_name(self.username),
            name: self.name.map(clip_name),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) scopes: Vec<String>,
    /// `2026-12-01`.
    pub(super) expires_at: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Group {
    id: u64,
    full_path: String,
    full_name: Option<String>,
}

impl Group {
    pub(super) fn into_owner(self) -> Owner {
        Owner {
            kind: OwnerKind::Group,
            id: self.id.to_string(),
            path: clip_name(self.full_path),
            name: self.full_name.map(clip_name),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Project {
    id: u64,
    path_with_namespace: String,
    description: Option<String>,
    visibility: Option<String>,
    default_branch: Option<String>,
    http_url_to_repo: String,
    ssh_url_to_repo: Option<String>,
    web_url: Option<String>,
    #[serde(default)]
    archived: bool,
    forked_from_project: Option<serde::de::IgnoredAny>,
    permissions: Option<Permissions>,
}

#[derive(Deserialize)]
struct Permissions {
    project_access: Option<Access>,
    group_access: Option<Access>,
}

#[derive(Deserialize)]
struct Access {
    access_level: u32,
}

impl Project {
    /// `None` when its path or clone URL is none.
    pub(super) fn into_remote(self) -> Option<RemoteRepository> {
        let may_administrate = self.permissions.map(|permissions| {
            [permissions.project_access, permissions.group_access]
                .into_iter()
                .flatten()
                .any(|access| access.access_level >= MAINTAINER)
        });
        Some(RemoteRepository {
            id: RemoteId::new(self.id.to_string()),
            path: self.path_with_namespace.parse().ok()?,
            description: self.description.map(clip_message),
            visibility: match self.visibility.as_deref() {
                Some("public") => Visibility::Public,
                _ => Visibility::Private,
            },
            default_branch: self
                .default_branch
                .map(clip_name)
                .filter(|name| !name.is_empty()),
            clone_url: read_url(&self.http_url_to_repo)?,
            ssh_url: self.ssh_url_to_repo.map(clip_name),
            web_url: self.web_url.as_deref().and_then(read_url),
            is_archived: self.archived,
            is_fork: self.forked_from_project.is_some(),
            may_administrate,
        })
    }
}

/// A branch or tag; of a tag the commit is the one behind the tag object.
#[derive(Deserialize)]
pub(super) struct NamedRef {
    name: String,
    commit: IdOnly,
}

#[derive(Deserialize)]
struct IdOnly {
    id: String,
}

impl NamedRef {
    pub(super) fn into_pair(self) -> Option<(String, CommitId)> {
        Some((self.name, self.commit.id.parse().ok()?))
    }
}

#[derive(Deserialize)]
pub(super) struct Commit {
    id: String,
    author_name: Option<String>,
    author_email: Option<String>,
    #[serde(default)]
    message: String,
    committed_date: Option<String>,
    web_url: Option<String>,
}

impl Commit {
    pub(super) fn into_commit(self) -> Option<crate::forge::Commit> {
        Some(crate::forge::Commit {
            id: self.id.parse().ok()?,
            author: self.author_name.map(clip_name),
            author_email: self.author_email.map(clip_name),
            message: clip_message(self.message),
            time: self.committed_date.as_deref().and_then(read_time),
            web_url: self.web_url.as_deref().and_then(read_url),
        })
    }
}

/// A ref that leads to a commit.
#[derive(Deserialize)]
pub(super) struct ContainingRef {
    r#type: String,
}

impl ContainingRef {
    pub(super) fn is_branch_or_tag(&self) -> bool {
        matches!(&*self.r#type, "branch" | "tag")
    }
}

#[derive(Deserialize)]
pub(super) struct Key {
    id: u64,
    #[serde(default)]
    title: String,
    key: String,
    can_push: Option<bool>,
}

impl Key {
    pub(super) fn into_deploy_key(self) -> DeployKey {
        DeployKey {
            id: self.id.to_string(),
            title: clip_name(self.title),
            public_key: self.key,
            may_write: self.can_push == Some(true),
        }
    }
}
