//! GitLab's payloads (docs.gitlab.com, "Webhook events").

use super::facts::{DeliveredRepository, Delivery};
use super::github::PushedCommit;
use super::read::{ReadError, ToldRef, find_reason, ignore, read_object, tell};
use super::verify::Verified;
use crate::forge::text::{clip_name, read_id, read_url};
use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;

/// What every event has. The body says what it is; the header that says it too is not signed.
#[derive(Deserialize)]
struct Event {
    object_kind: Option<String>,
    event_name: Option<String>,
}

/// `push` and `tag_push` have one form.
#[derive(Deserialize)]
struct Push {
    r#ref: String,
    before: String,
    after: String,
    /// The commit behind an annotated tag; null when the ref was removed.
    checkout_sha: Option<String>,
    user_username: Option<String>,
    user_name: Option<String>,
    #[serde(default)]
    commits: Vec<PushedCommit>,
    total_commits_count: Option<u64>,
    /// Older servers name the project's id only here.
    project_id: Option<u64>,
    project: Project,
}

#[derive(Deserialize)]
struct Project {
    id: Option<u64>,
    path_with_namespace: Option<String>,
    web_url: Option<String>,
    git_http_url: Option<String>,
    git_ssh_url: Option<String>,
    default_branch: Option<String>,
}

pub(super) fn read(verified: &Verified) -> Result<Delivery, ReadError> {
    let event: Event = verified.read_json()?;
    let event = event
        .object_kind
        .or(event.event_name)
        .map(clip_name)
        .ok_or(ReadError::NoEvent)?;
    let id = find_id(verified);
    match &*event {
        "push" | "tag_push" => read_push(verified, id, event),
        _ => {
            let reason = find_reason(&event);
            Ok(ignore(id, event, reason))
        }
    }
}

/// The signed id, else the key that GitLab keeps when it tries again. Before 17.4 there is neither: `X-Gitlab-Event-UUID`
/// is shared by events that cause each other, so the body is part of the id then.
fn find_id(verified: &Verified) -> Option<String> {
    let own = verified.signed_id.clone();
    own.or_else(|| verified.find_word("idempotency-key"))
        .or_else(|| {
            let shared = verified.find_word("x-gitlab-event-uuid")?;
            let sum = digest(&SHA256, &verified.body);
            Some(format!("{shared}:{}", hex::encode(&sum.as_ref()[..16])))
        })
}

fn read_push(
    verified: &Verified,
    id: Option<String>,
    event: String,
) -> Result<Delivery, ReadError> {
    let push: Push = verified.read_json()?;
    let mut repository = DeliveredRepository::from(push.project);
    repository.id = repository.id.or(push.project_id.map(|id| id.to_string()));
    let commit = push.checkout_sha.as_deref().and_then(read_id);
    let listed = push.commits.len() as u64;
    let head = push
        .commits
        .into_iter()
        .filter_map(PushedCommit::into_commit)
        .find(|listed| Some(&listed.id) == commit.as_ref());
    let told = ToldRef {
        before: read_object(&push.before)?,
        after: read_object(&push.after)?,
        commit,
        is_forced: None,
        commit_count: Some(push.total_commits_count.unwrap_or(listed)),
        pusher: push.user_username.or(push.user_name).map(clip_name),
        name: push.r#ref,
        head,
    };
    Ok(tell(id, event, repository, told))
}

impl From<Project> for DeliveredRepository {
    fn from(found: Project) -> DeliveredRepository {
        DeliveredRepository {
            id: found.id.map(|id| id.to_string()),
            path: found.path_with_namespace.and_then(|path| path.parse().ok()),
            web_url: found.web_url.as_deref().and_then(read_url),
            clone_url: found.git_http_url.as_deref().and_then(read_url),
            ssh_url: found.git_ssh_url.map(clip_name),
            default_branch: found.default_branch.map(clip_name),
        }
    }
}
