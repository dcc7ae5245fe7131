//! GitHub: github.com, Enterprise Cloud with data residency, Enterprise Server.
//!
//! Facts: <https://docs.github.com/en/rest> (API version 2022-11-28). Called through [`Forge`] alone.

mod hooks;
mod reach;
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
use http::{HeaderMap, Method};
use serde_json::json;
use std::collections::BTreeSet;
use wharf_egress::Egress;
use wharf_model::builds::CommitId;

/// Most entries a page: GitHub's own limit.
const PAGE: u32 = 100;

/// The longest description of a status; GitHub refuses 141 characters.
const LONGEST_DESCRIPTION: usize = 140;

#[derive(Debug)]
pub(super) struct GitHub {
    caller: Caller,
}

impl GitHub {
    pub(super) fn new(address: ForgeAddress, egress: Egress, token: Secret) -> Result<GitHub> {
        let caller = Caller::new(ForgeKind::GitHub, address, egress, token, "Bearer")?
            .with_header("accept", "application/vnd.github+json")
            .with_header("x-github-api-version", "2022-11-28");
        Ok(GitHub { caller })
    }

    fn place(&self, path: &RepositoryPath, rest: &str) -> Result<String> {
        Ok(format!("/repos/{}{rest}", path.as_two_segments()?))
    }

    async fn find_user(&self) -> Result<(wire::User, HeaderMap)> {
        let call = Call::get("/user".to_owned(), "the account");
        self.caller.read_with_headers(call).await
    }
}

#[async_trait]
impl Forge for GitHub {
    fn kind(&self) -> ForgeKind {
        ForgeKind::GitHub
    }

    fn address(&self) -> &ForgeAddress {
        &self.caller.address
    }

    /// docs.github.com, "Authenticating as a GitHub App installation": the name does not matter, this one is theirs.
    fn git_login(&self) -> GitLogin {
        GitLogin {
            username: "x-access-token".to_owned(),
            password: self.caller.token.clone(),
        }
    }

    /// A push tells of branches and tags that are made and removed too.
    fn hook_events(&self) -> BTreeSet<HookEvent> {
        BTreeSet::from([HookEvent::Push])
    }

    async fn find_account(&self) -> Result<Account> {
        let (user, headers) = self.find_user().await?;
        let scopes = token::read_scopes(self.caller.token.expose(), &headers);
        Ok(Account {
            kind: ForgeKind::GitHub,
            host: self.caller.host(),
            missing_scopes: token::find_missing(&scopes),
            scopes,
            expires_at: token::read_expiration(&headers),
            ..user.into_account()
        })
    }

    async fn list_owners(&self, after: Option<&Cursor>) -> Result<Page<Owner>> {
        let mut owners = Vec::new();
        if after.is_none() {
            owners.push(self.find_user().await?.0.into_owner());
        }
        let call =
            Call::get("/user/orgs".to_owned(), "the organizations").with_query("per_page", PAGE);
        let page: Page<wire::User> = self.caller.read_page(call, after).await?;
        owners.extend(page.items.into_iter().map(|found| Owner {
            kind: OwnerKind::Group,
            ..found.into_owner()
        }));
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
        let visibility = match query.visibility {
            Some(Visibility::Public) => "public",
            Some(Visibility::Private) => "private",
            None => "all",
        };
        let call = match &query.owner {
            Some((OwnerKind::Group, name)) => {
                let path = format!("/orgs/{}/repos", encode_word(name)?);
                Call::get(path, format!("the organization {name}")).with_query("type", visibility)
            }
            owner => Call::get("/user/repos".to_owned(), "the repositories")
                .with_query("visibility", visibility)
                .with_query(
                    "affiliation",
                    match owner {
                        Some(_) => "owner",
                        None => "owner,collaborator,organization_member",
                    },
                ),
        };
        let call = call
            .with_query("sort", "full_name")
            .with_query("per_page", PAGE);
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
        let page = self.list_refs(path, "/branches", after).await?;
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
        let page = self.list_refs(path, "/tags", after).await?;
        let items = page
            .items
            .into_iter()
            .map(|(name, commit)| Tag { name, commit });
        Ok(Page {
            items: items.collect(),
            next: page.next,
        })
    }

    /// The usual endpoint answers with every changed line, so names are turned into ids first, and the id is asked for
    /// where only the commit itself is told.
    async fn find_commit(&self, path: &RepositoryPath, revision: &str) -> Result<Commit> {
        let subject = format!("the commit {revision} in {path}");
        let id: CommitId = match revision.parse() {
            Ok(id) => id,
            Err(_) => {
                let place = self.place(path, &format!("/commits/{}", encode_word(revision)?))?;
                let call = Call::get(place, &*subject).with_accept("application/vnd.github.sha");
                let answer = self.caller.fetch_text(call, 100).await;
                let answer = answer.map_err(|error| miss(error, &subject))?;
                let text = String::from_utf8_lossy(&answer.body);
                text.trim().parse().map_err(|_| ForgeError::BadAnswer {
                    host: self.caller.host(),
                    subject: subject.clone(),
                    reason: "it is no commit id".to_owned(),
                })?
            }
        };
        let call = Call::get(self.place(path, &format!("/git/commits/{id}"))?, &*subject);
        let found: Result<wire::GitCommit> = self.caller.read(call).await;
        let found = found.map_err(|error| miss(error, &subject))?;
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

    async fn list_attempts(
        &self,
        path: &RepositoryPath,
        id: &WebhookId,
    ) -> Result<Option<Vec<HookAttempt>>> {
        hooks::list_attempts(self, path, id).await.map(Some)
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
            // It knows four words; the description says which of the two it is.
            StatusState::Error | StatusState::Canceled => "error",
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

impl GitHub {
    fn take_repository(&self, found: wire::Repository) -> Result<RemoteRepository> {
        found.into_remote().ok_or_else(|| ForgeError::BadAnswer {
            host: self.caller.host(),
            subject: "the repository".to_owned(),
            reason: "its path or URL is none".to_owned(),
        })
    }

    async fn list_refs(
        &self,
        path: &RepositoryPath,
        place: &str,
        after: Option<&Cursor>,
    ) -> Result<Page<(String, CommitId)>> {
        let call = Call::get(self.place(path, place)?, format!("the repository {path}"))
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

/// GitHub answers 422 for an id that it does not know, and 409 in an empty repository.
fn miss(error: ForgeError, subject: &str) -> ForgeError {
    match error {
        ForgeError::Refused {
            host,
            status: 409 | 422,
            ..
        } => ForgeError::NotFound {
            host,
            subject: subject.to_owned(),
        },
        other => other,
    }
}
