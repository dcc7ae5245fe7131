//! GitLab: gitlab.com and self-managed servers, also over http where the policy lists them.
//!
//! Facts: <https://docs.gitlab.com/api/> (v4). Called through [`Forge`] alone.

mod hooks;
mod token;
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
use super::repository::{
    RemoteId, RemoteRepository, RepositoryPath, RepositoryQuery, Visibility, encode_word,
};
use super::status::{CommitStatus, StatusState};
use super::webhook::{HookAttempt, HookEvent, Webhook, WebhookId, WebhookSpec};
use crate::Secret;
use async_trait::async_trait;
use http::Method;
use serde_json::json;
use std::collections::BTreeSet;
use wharf_egress::Egress;
use wharf_model::builds::CommitId;

/// Most entries a page: GitLab's own limit.
const PAGE: u32 = 100;

/// The longest description of a status; GitLab keeps 255 characters in the column.
const LONGEST_DESCRIPTION: usize = 255;

#[derive(Debug)]
pub(super) struct GitLab {
    caller: Caller,
}

impl GitLab {
    /// The token goes as Bearer, which GitLab takes for personal, project and group tokens too (docs.gitlab.com, "REST API
    /// authentication"): its own header `PRIVATE-TOKEN` would travel along with a redirect.
    pub(super) fn new(address: ForgeAddress, egress: Egress, token: Secret) -> Result<GitLab> {
        let caller = Caller::new(ForgeKind::GitLab, address, egress, token, "Bearer")?;
        Ok(GitLab { caller })
    }

    fn place(&self, path: &RepositoryPath, rest: &str) -> String {
        format!("/projects/{}{rest}", path.as_one_segment())
    }

    async fn find_user(&self) -> Result<wire::User> {
        self.caller
            .read(Call::get("/user".to_owned(), "the account"))
            .await
    }
}

#[async_trait]
impl Forge for GitLab {
    fn kind(&self) -> ForgeKind {
        ForgeKind::GitLab
    }

    fn address(&self) -> &ForgeAddress {
        &self.caller.address
    }

    /// docs.gitlab.com, "Clone using a token": any name that is not empty.
    fn git_login(&self) -> GitLogin {
        GitLogin {
            username: "oauth2".to_owned(),
            password: self.caller.token.clone(),
        }
    }

    fn hook_events(&self) -> BTreeSet<HookEvent> {
        BTreeSet::from([HookEvent::Push, HookEvent::TagPush])
    }

    async fn find_account(&self) -> Result<Account> {
        token::find_account(self).await
    }

    async fn list_owners(&self, after: Option<&Cursor>) -> Result<Page<Owner>> {
        let mut owners = Vec::new();
        if after.is_none() {
            owners.push(self.find_user().await?.into_owner());
        }
        // Guests see no code, so their groups would only be in the way.
        let call = Call::get("/groups".to_owned(), "the groups")
            .with_query("min_access_level", 20)
            .with_query("order_by", "path")
            .with_query("sort", "asc")
            .with_query("per_page", PAGE);
        let page: Page<wire::Group> = self.caller.read_page(call, after).await?;
        owners.extend(page.items.into_iter().map(wire::Group::into_owner));
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
        let mut call = match &query.owner {
            Some((OwnerKind::Group, path)) => Call::get(
                format!("/groups/{}/projects", encode_word(path)?),
                format!("the group {path}"),
            )
            .with_query("with_shared", false)
            .with_query("order_by", "path"),
            Some((OwnerKind::Person, name)) => Call::get(
                format!("/users/{}/projects", encode_word(name)?),
                format!("the person {name}"),
            )
            .with_query("order_by", "path"),
            // Without an owner there can be very many: pages by key do not get slower towards the end.
            None => Call::get("/projects".to_owned(), "the projects")
                .with_query("membership", true)
                .with_query("pagination", "keyset")
                .with_query("order_by", "id"),
        };
        call = call.with_query("sort", "asc").with_query("per_page", PAGE);
        if let Some(text) = &query.search {
            call = call.with_query("search", text);
        }
        if query.visibility == Some(Visibility::Public) {
            call = call.with_query("visibility", "public");
        }
        let page: Page<wire::Project> = self.caller.read_page(call, after).await?;
        let is_wanted = |found: &RemoteRepository| {
            query
                .visibility
                .is_none_or(|wanted| wanted == found.visibility)
        };
        let items = page
            .items
            .into_iter()
            .filter_map(wire::Project::into_remote);
        Ok(Page {
            items: items.filter(is_wanted).collect(),
            next: page.next,
        })
    }

    async fn find_repository(&self, path: &RepositoryPath) -> Result<RemoteRepository> {
        let project = self.find_project(path).await?;
        self.take_project(project)
    }

    async fn find_repository_by_id(&self, id: &RemoteId) -> Result<RemoteRepository> {
        let path = format!("/projects/{}", encode_word(id.as_str())?);
        let call = Call::get(path, format!("the project with the id {id}"));
        self.take_project(self.caller.read(call).await?)
    }

    async fn list_branches(
        &self,
        path: &RepositoryPath,
        after: Option<&Cursor>,
    ) -> Result<Page<Branch>> {
        let page = self.list_refs(path, "/repository/branches", after).await?;
        let items = page
            .items
            .into_iter()
            .map(|(name, commit)| Branch { name, commit });
        Ok(Page {
            items: items.collect(),
            next: page.next,
        })
    }

    async fn list_tags(&self, path: &RepositoryPath, after: Option<&Cursor>) -> Result<Page<Tag>> {
        let page = self.list_refs(path, "/repository/tags", after).await?;
        let items = page
            .items
            .into_iter()
            .map(|(name, commit)| Tag { name, commit });
        Ok(Page {
            items: items.collect(),
            next: page.next,
        })
    }

    async fn find_commit(&self, path: &RepositoryPath, revision: &str) -> Result<Commit> {
        let place = self.place(
            path,
            &format!("/repository/commits/{}", encode_word(revision)?),
        );
        let call =
            Call::get(place, format!("the commit {revision} in {path}")).with_query("stats", false);
        let found: wire::Commit = self.caller.read(call).await?;
        found
            .into_commit()
            .ok_or_else(|| self.misunderstand("the commit", "its id is none"))
    }

    /// docs.gitlab.com, "Get references a commit is pushed to".
    async fn check_reachable(
        &self,
        path: &RepositoryPath,
        commit: &CommitId,
    ) -> Result<Reachability> {
        let place = self.place(path, &format!("/repository/commits/{commit}/refs"));
        let call = Call::get(place, format!("the commit {commit} in {path}"))
            .with_query("type", "all")
            .with_query("per_page", 1);
        match self.caller.read::<Vec<wire::ContainingRef>>(call).await {
            // Merge requests have refs too; only these two are the repository's own.
            Ok(refs) if refs.iter().any(wire::ContainingRef::is_branch_or_tag) => {
                Ok(Reachability::Reachable)
            }
            Ok(_) => Ok(Reachability::Unreachable),
            Err(ForgeError::NotFound { .. }) => {
                // It may be the repository that is missing.
                self.find_project(path).await?;
                Ok(Reachability::Unreachable)
            }
            Err(error) => Err(error),
        }
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

    async fn list_attempts(
        &self,
        path: &RepositoryPath,
        id: &WebhookId,
    ) -> Result<Option<Vec<HookAttempt>>> {
        hooks::list_attempts(self, path, id).await
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
            self.place(path, "/deploy_keys"),
            format!("a deploy key of {path}"),
        )
        .with_body(json!({ "title": title, "key": public_key, "can_push": false }));
        let key: wire::Key = self.caller.read(call).await?;
        Ok(key.into_deploy_key())
    }

    async fn remove_deploy_key(&self, path: &RepositoryPath, id: &str) -> Result<()> {
        let place = self.place(path, &format!("/deploy_keys/{}", encode_word(id)?));
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
            StatusState::Failure | StatusState::Error => "failed",
            StatusState::Canceled => "canceled",
        };
        let call = Call::new(
            Method::POST,
            self.place(path, &format!("/statuses/{commit}")),
            format!("the status of {commit}"),
        )
        .with_body(json!({
            "state": state,
            "name": status.context,
            "target_url": status.target_url,
            "description": status.describe(LONGEST_DESCRIPTION),
        }));
        match self.caller.change(call).await {
            // It says already what it should say ("Cannot transition status via :enqueue from :pending").
            Err(ForgeError::Refused { said, .. }) if said.contains("Cannot transition status") => {
                Ok(())
            }
            outcome => outcome,
        }
    }
}

impl GitLab {
    async fn find_project(&self, path: &RepositoryPath) -> Result<wire::Project> {
        self.caller
            .read(Call::get(
                self.place(path, ""),
                format!("the project {path}"),
            ))
            .await
    }

    fn take_project(&self, found: wire::Project) -> Result<RemoteRepository> {
        found
            .into_remote()
            .ok_or_else(|| self.misunderstand("the project", "its path or URL is none"))
    }

    fn misunderstand(&self, subject: &str, reason: &str) -> ForgeError {
        ForgeError::BadAnswer {
            host: self.caller.host(),
            subject: subject.to_owned(),
            reason: reason.to_owned(),
        }
    }

    async fn list_refs(
        &self,
        path: &RepositoryPath,
        place: &str,
        after: Option<&Cursor>,
    ) -> Result<Page<(String, CommitId)>> {
        let call = Call::get(self.place(path, place), format!("the project {path}"))
            .with_query("per_page", PAGE);
        let page: Page<wire::NamedRef> = self.caller.read_page(call, after).await?;
        Ok(Page {
            items: page
                .items
                .into_iter()
                .filter_map(wire::NamedRef::into_pair)
                .collect(),
            next: page.next,
        })
    }
}
