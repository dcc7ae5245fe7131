//! What every code host can be asked.

use super::account::{Account, Owner};
use super::address::ForgeAddress;
use super::commit::{Branch, Commit, Reachability, Tag};
use super::deploy_key::DeployKey;
use super::error::Result;
use super::kind::ForgeKind;
use super::page::{Cursor, Page};
use super::repository::{RemoteId, RemoteRepository, RepositoryPath, RepositoryQuery};
use super::status::CommitStatus;
use super::webhook::{HookAttempt, HookEvent, Webhook, WebhookId, WebhookReport, WebhookSpec};
use crate::Secret;
use async_trait::async_trait;
use std::collections::BTreeSet;
use std::fmt;
use wharf_model::builds::CommitId;

/// What git itself says to a host over http: a name and a token in a header, never in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitLogin {
    pub username: String,
    pub password: Secret,
}

/// One account on one code host. Each method sends one question or one change, within 30 seconds an answer, and does not
/// try again.
///
/// # Errors
/// All methods: [`ForgeError`](super::ForgeError), of which `Unreachable` (with what the egress policy says), `Unauthorized`,
/// `MissingScopes`, `RateLimited`, `NotFound` and `Denied` are what callers tell apart.
#[async_trait]
pub trait Forge: fmt::Debug + Send + Sync {
    fn kind(&self) -> ForgeKind;

    fn address(&self) -> &ForgeAddress;

    /// How git signs in with this account's token.
    fn git_login(&self) -> GitLogin;

    /// The events that a webhook of this host must tell of, and no others.
    fn hook_events(&self) -> BTreeSet<HookEvent>;

    /// Who the token belongs to, and what it lacks as far as the host tells. It does not fail for missing scopes unless
    /// they keep it from answering: see [`Account::check_scopes`].
    async fn find_account(&self) -> Result<Account>;

    /// Whose repositories the account sees: on the first page the account itself, then organizations or groups with
    /// subgroups.
    async fn list_owners(&self, after: Option<&Cursor>) -> Result<Page<Owner>>;

    /// Repositories, in the host's order. Where the host cannot choose, pages are thinned out here, so that one may be
    /// short or empty although there are more.
    async fn list_repositories(
        &self,
        query: &RepositoryQuery,
        after: Option<&Cursor>,
    ) -> Result<Page<RemoteRepository>>;

    /// A repository by its path; a renamed one is found under its old path where the host redirects.
    async fn find_repository(&self, path: &RepositoryPath) -> Result<RemoteRepository>;

    /// A repository by the host's id.
    async fn find_repository_by_id(&self, id: &RemoteId) -> Result<RemoteRepository>;

    async fn list_branches(
        &self,
        path: &RepositoryPath,
        after: Option<&Cursor>,
    ) -> Result<Page<Branch>>;

    async fn list_tags(&self, path: &RepositoryPath, after: Option<&Cursor>) -> Result<Page<Tag>>;

    /// A commit by its id, or the one that a branch or tag leads to.
    async fn find_commit(&self, path: &RepositoryPath, revision: &str) -> Result<Commit>;

    /// Whether a branch or tag of this repository leads to the commit.
    async fn check_reachable(
        &self,
        path: &RepositoryPath,
        commit: &CommitId,
    ) -> Result<Reachability>;

    /// Registers a webhook for exactly [`Forge::hook_events`], with our certificate checked.
    async fn register_webhook(&self, path: &RepositoryPath, spec: &WebhookSpec) -> Result<Webhook>;

    async fn list_webhooks(
        &self,
        path: &RepositoryPath,
        after: Option<&Cursor>,
    ) -> Result<Page<Webhook>>;

    async fn find_webhook(&self, path: &RepositoryPath, id: &WebhookId) -> Result<Webhook>;

    /// The last attempts to deliver, newest first, at most 20; `None` where the host's API does not tell.
    async fn list_attempts(
        &self,
        path: &RepositoryPath,
        id: &WebhookId,
    ) -> Result<Option<Vec<HookAttempt>>>;

    /// Makes a webhook what [`Forge::register_webhook`] would have made it, with the secret of `spec`. The answer may have
    /// another id: a host that stopped sending is made to start again by a new one.
    async fn repair_webhook(
        &self,
        path: &RepositoryPath,
        id: &WebhookId,
        spec: &WebhookSpec,
    ) -> Result<Webhook>;

    /// Removes a webhook; one that is gone already is no error.
    async fn remove_webhook(&self, path: &RepositoryPath, id: &WebhookId) -> Result<()>;

    /// Looks whether a webhook tells us what we need: compares it with what it should be, and looks at its last attempts.
    async fn inspect_webhook(
        &self,
        path: &RepositoryPath,
        id: &WebhookId,
        spec: &WebhookSpec,
    ) -> Result<WebhookReport> {
        let webhook = self.find_webhook(path, id).await?;
        let attempts = self.list_attempts(path, id).await?;
        let faults = webhook.find_faults(&spec.url, &self.hook_events(), attempts.as_deref());
        Ok(WebhookReport {
            webhook,
            faults,
            attempts,
        })
    }

    /// Adds a key that may read the repository, and no more.
    async fn add_deploy_key(
        &self,
        path: &RepositoryPath,
        title: &str,
        public_key: &str,
    ) -> Result<DeployKey>;

    /// Removes a key; one that is gone already is no error.
    async fn remove_deploy_key(&self, path: &RepositoryPath, id: &str) -> Result<()>;

    /// Says something about a commit.
    async fn set_commit_status(
        &self,
        path: &RepositoryPath,
        commit: &CommitId,
        status: &CommitStatus,
    ) -> Result<()>;
}
