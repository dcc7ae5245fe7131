//! Gitea and Forgejo.
//!
//! Facts: <https://docs.gitea.com/api> (v1), which Forgejo keeps. Called through [`Forge`] alone.

mod hooks;
mod reach;
mod wire;

use super::account::{Account, Owner, OwnerKind};
use super::address::ForgeAddress;
use super::call::{Call, Caller};
use super::commit::{Branch, Commit, Reachability, Tag};
use super::contract::{Forge, GitLogin};
use super::deploy_key::DeployKey;
use super::error::{ForgeError, Result};
use super::kind::ForgeKind;
use super::page::{Cursor, Page};
use super::repository::{RemoteId, RemoteRepository, RepositoryPath, RepositoryQuery, encode_word};
use super::status::{CommitStatus, StatusState};
use super::webhook::{HookAttempt, HookEvent, Webhook, WebhookId, WebhookSpec};
use crate::Secret;
use async_trait::async_trait;
use http::Method;
use serde_json::json;
use std::collections::BTreeSet;
use wharf_egress::Egress;
use wharf_model::builds::CommitId;

/// Entries a page: a server takes at most 50 unless its `[api] MAX_RESPONSE_ITEMS` says otherwise.
const PAGE: u32 = 50;

/// The longest description of a status: as on the other hosts, so that one text serves all.
const LONGEST_DESCRIPTION: usize = 140;

#[derive(Debug)]
pub(super) struct Gitea {
    caller: Caller,
}

impl Gitea {
    pub(super) fn new(address: ForgeAddress, egress: Egress, token: Secret) -> Result<Gitea> {
        let caller = Caller::new(ForgeKind::Gitea, address, egress, token, "token")?;
        Ok(Gitea { caller })
    }

    fn place(&self, path: &RepositoryPath, rest: &str) -> Result<String> {
        Ok(format!("/repos/{}{rest}", path.as_two_segments()?))
    }

    async fn find_user(&self) -> Result<wire::User> {
        self.caller
            .read(Call::get("/user".to_owned(), "the account"))
            .await
    }

    /// The scopes that reading needs, of which the server names only the first that is missing with each refusal.
    async fn find_missing(&self) -> Result<Vec<String>> {
        let mut missing = Vec::new();
        for place in ["/user/orgs", "/user/repos"] {
            let call = Call::get(place.to_owned(), "the account").with_query("limit", 1);
            match self.caller.change(call).await {
                Err(ForgeError::MissingScopes { scopes, .. }) => missing.extend(scopes),
                outcome => outcome?,
            }
        }
        missing.dedup();
        Ok(missing)
    }
}

#[async_trait]
impl Forge for Gitea {
    fn kind(&self) -> ForgeKind {
        ForgeKind::Gitea
    }

    fn address(&self) -> &ForgeAddress {
        &self.caller.address
    }

    /// A token as password is taken with any name (`services/auth/basic.go` of go-gitea/gitea).
    fn git_login(&self) -> GitLogin {
        GitLogin {
            username: "oauth2".to_owned(),
            password: self.caller.token.clone(),
        }
    }

    /// Pushes tell of tags too, but of a branch that is removed there is only the deletion.
    fn hook_events(&self) -> BTreeSet<HookEvent> {
        BTreeSet::from([HookEvent::Push, HookEvent::Delete])
    }

    /// The server tells a token's scopes to nobody, so each kind of reading is tried. That it may write
    /// (`write:repository`) shows when a webhook is registered.
    async fn find_account(&self) -> Result<Account> {
        let user = self.find_user().await?;
        Ok(Account {
            host: self.caller.host(),
            missing_scopes: self.find_missing().await?,
            ..user.into_account()
        })
    }

    async fn list_owners(&self, after: Option<&Cursor>) -> Result<Page<Owner>> {
        let mut owners = Vec::new();
        if after.is_none() {
            owners.push(self.find_user().await?.into_owner());
        }
        let call =
            Call::get("/user/orgs".to_owned(), "the organizations").with_query("limit", PAGE);
        let page: Page<wire::Organization> = self.caller.read_page(call, after).await?;
        owners.extend(
            page.items
                .into_iter()
                .filter_map(wire::Organization::into_owner),
        );
        Ok(Page {
            items: owners,
            next: page.next,
        })
    }

    async fn list_repositories(
        &self,
        query: &RepositoryQuery,
        after: Option<&Cursor>,
    ) -> Result<Page<RemoteRepository>> {
        let call = match &query.owner {
            Some((OwnerKind::Group, name)) => {
                let path = format!("/orgs/{}/repos", encode_word(name)?);
                Call::get(path, format!("the organization {name}"))
            }
            _ => Call::get("/user/repos".to_owned(), "the repositories"),
        };
        let call = call.with_query("limit", PAGE);
        let page: Page<wire::Repository> = self.caller.read_page(call, after).await?;
        let items = page
            .items
            .into_iter()
            .filter_map(wire::Repository::into_remote);
        Ok(Page {
            items: items.filter(|found| query.matches(found)).collect(),
            next: page.next,
        })
    }

    async fn find_repository(&self, path: &RepositoryPath) -> Result<RemoteRepository> {
        let call = Call::get(self.place(path, "")?, format!("the repository {path}"));
        self.take_repository(self.caller.read(call).await?)
    }

    async fn find_repository_by_id(&self, id: &RemoteId) -> Result<RemoteRepository> {
        let path = format!("/repositories/{}", encode_word(id.as_str())?);
        let call = Call::get(path, format!("the repository with the id {id}"));
        self.take_repository(self.caller.read(call).await?)
    }

    async fn list_branches(
        &self,
        path: &RepositoryPath,
        after: Option<&Cursor>,
    ) -> Result<Page<Branch>> {
        let call = Call::get(
            self.place(path, "/branches")?,
            format!("the repository {path}"),
        )
        .with_query("limit", PAGE);
        let page: Page<wire::Branch> = self.caller.read_page(call, after).await?;
        Ok(Page {
            items: page
                .items
                .into_iter()
                .filter_map(wire::Branch::into_branch)
                .collect(),
            next: page.next,
        })
    }

    async fn list_tags(&self, path: &RepositoryPath, after: Option<&Cursor>) -> Result<Page<Tag>> {
        let call = Call::get(self.place(path, "/tags")?, format!("the repository {path}"))
            .with_query("limit", PAGE);
        let page: Page<wire::Tag> = self.caller.read_page(call, after).await?;
        Ok(Page {
            items: page
                .items
                .into_iter()
                .filter_map(wire::Tag::into_tag)
                .collect(),
            next: page.next,
        })
    }

    async fn find_commit(&self, path: &RepositoryPath, revision: &str) -> Result<Commit> {
        let subject = format!("the commit {revision} in {path}");
        let id = match revision.parse() {
            Ok(id) => id,
            Err(_) => self.find_head(path, revision, &subject).await?,
        };
        let call = Call::get(self.place(path, &format!("/git/commits/{id}"))?, &*subject)
            .with_query("stat", false)
            .with_query("verification", false)
            .with_query("files", false);
        let found: wire::Commit = self.caller.read(call).await?;
        Ok(found.into_commit(id))
    }

    async fn check_reachable(
        &self,
        path: &RepositoryPath,
        commit: &CommitId,
    ) -> Result<Reachability> {
        reach::check(self, path, commit).await
    }

    async fn register_webhook(&self, path: &RepositoryPath, spec: &WebhookSpec) -> Result<Webhook> {
        hooks::register(self, path, spec).await
    }

    async fn list_webhooks(
        &self,
        path: &RepositoryPath,
        after: Option<&Cursor>,
    ) -> Result<Page<Webhook>> {
        hooks::list(self, path, after).await
    }

    async fn find_webhook(&self, path: &RepositoryPath, id: &WebhookId) -> Result<Webhook> {
        hooks::find(self, path, id).await
    }

    /// Attempts are shown on the server's own pages; its API has no word for them.
    async fn list_attempts(
        &self,
        _: &RepositoryPath,
        _: &WebhookId,
    ) -> Result<Option<Vec<HookAttempt>>> {
        Ok(None)
    }

    async fn repair_webhook(
        &self,
        path: &RepositoryPath,
        id: &WebhookId,
        spec: &WebhookSpec,
    ) -> Result<Webhook> {
        hooks::repair(self, path, id, spec).await
    }

    async fn remove_webhook(&self, path: &RepositoryPath, id: &WebhookId) -> Result<()> {
        hooks::remove(self, path, id).await
    }

    async fn add_deploy_key(
        &self,
        path: &RepositoryPath,
        title: &str,
        public_key: &str,
    ) -> Result<DeployKey> {
        let call = Call::new(
            Method::POST,
            self.place(path, "/keys")?,
            format!("a deploy key of {path}"),
        )
        .with_body(json!({ "title": title, "key": public_key, "read_only": true }));
        let key: wire::Key = self.caller.read(call).await?;
        Ok(key.into_deploy_key())
    }

    async fn remove_deploy_key(&self, path: &RepositoryPath, id: &str) -> Result<()> {
        let place = self.place(path, &format!("/keys/{}", encode_word(id)?))?;
        self.caller
            .remove(Call::new(
                Method::DELETE,
                place,
                format!("a deploy key of {path}"),
            ))
            .await
    }

    async fn set_commit_status(
        &self,
        path: &RepositoryPath,
        commit: &CommitId,
        status: &CommitStatus,
    ) -> Result<()> {
        let state = match status.state {
            StatusState::Pending => "pending",
            StatusState::Success => "success",
            StatusState::Failure => "failure",
            StatusState::Error => "error",
            StatusState::Canceled => "warning",
        };
        let place = self.place(path, &format!("/statuses/{commit}"))?;
        let call =
            Call::new(Method::POST, place, format!("the status of {commit}")).with_body(json!({
                "state": state,
                "target_url": status.target_url,
                "description": status.describe(LONGEST_DESCRIPTION),
                "context": status.context,
            }));
        self.caller.change(call).await
    }
}

impl Gitea {
    fn take_repository(&self, found: wire::Repository) -> Result<RemoteRepository> {
        found.into_remote().ok_or_else(|| ForgeError::BadAnswer {
            host: self.caller.host(),
            subject: "the repository".to_owned(),
            reason: "its path or URL is none".to_owned(),
        })
    }

    /// What a branch or else a tag leads to. Their routes take slashes as they are.
    async fn find_head(
        &self,
        path: &RepositoryPath,
        name: &str,
        subject: &str,
    ) -> Result<CommitId> {
        let segments: Vec<_> = name.split('/').map(encode_word).collect::<Result<_>>()?;
        let name = segments.join("/");
        let call = Call::get(self.place(path, &format!("/branches/{name}"))?, subject);
        let found = match self.caller.read::<wire::Branch>(call).await {
            Ok(branch) => branch.into_branch().map(|branch| branch.commit),
            Err(error) if error.is_not_found() => {
                let call = Call::get(self.place(path, &format!("/tags/{name}"))?, subject);
                let tag: wire::Tag = self.caller.read(call).await?;
                tag.into_tag().map(|tag| tag.commit)
            }
            Err(error) => return Err(error),
        };
        found.ok_or_else(|| ForgeError::BadAnswer {
            host: self.caller.host(),
            subject: subject.to_owned(),
            reason: "it is no commit id".to_owned(),
        })
    }
}
