//! Gitea's and Forgejo's payloads (docs.gitea.com, "Webhooks"; `modules/structs/hook.go` of go-gitea/gitea).

use super::facts::{Delivery, IgnoredReason};
use super::github::{Person, PushedCommit, PushedRepository};
use super::read::{ReadError, ToldRef, find_reason, ignore, read_object, tell};
use super::verify::Verified;
use crate::forge::text::clip_name;
use serde::Deserialize;

#[derive(Deserialize)]
struct Push {
    r#ref: String,
    before: String,
    after: String,
    head_commit: Option<PushedCommit>,
    #[serde(default)]
    commits: Option<Vec<PushedCommit>>,
    /// Missing before 1.18; `commits` lists at most a few of them.
    total_commits: Option<u64>,
    pusher: Option<Person>,
    repository: PushedRepository,
}

/// A branch or tag that went. Of a branch that is removed Gitea sends no push.
#[derive(Deserialize)]
struct Delete {
    r#ref: String,
    ref_type: String,
    /// Only a creation names a commit, and the event's name is not signed.
    sha: Option<String>,
    sender: Option<Person>,
    repository: PushedRepository,
}

pub(super) fn read(verified: &Verified) -> Result<Delivery, ReadError> {
    let id = verified
        .find_word("x-gitea-delivery")
        .or_else(|| verified.find_word("x-forgejo-delivery"));
    let event = verified
        .find_word("x-gitea-event")
        .or_else(|| verified.find_word("x-forgejo-event"))
        .ok_or(ReadError::NoEvent)?;
    match &*event {
        "push" => read_push(verified, id, event),
        "delete" => read_delete(verified, id, event),
        // It comes beside a push of the same ref.
        "create" => Ok(ignore(id, event, IgnoredReason::SaidByPush)),
        _ => {
            let reason = find_reason(&event);
            Ok(ignore(id, event, reason))
        }
    }
}

fn read_push(
    verified: &Verified,
    id: Option<String>,
    event: String,
) -> Result<Delivery, ReadError> {
    let push: Push = verified.read_json()?;
    let after = read_object(&push.after)?;
    let listed = push.commits.unwrap_or_default();
    let count = push.total_commits.unwrap_or(listed.len() as u64);
    let head = push
        .head_commit
        .or_else(|| listed.into_iter().find(|commit| commit.id == push.after))
        .and_then(PushedCommit::into_commit);
    let told = ToldRef {
        before: read_object(&push.before)?,
        commit: head.as_ref().map(|head| head.id.clone()),
        is_forced: None,
        commit_count: Some(count),
        pusher: push.pusher.and_then(find_login),
        name: push.r#ref,
        head,
        after,
    };
    Ok(tell(id, event, push.repository.into(), told))
}

fn read_delete(
    verified: &Verified,
    id: Option<String>,
    event: String,
) -> Result<Delivery, ReadError> {
    let delete: Delete = verified.read_json()?;
    let folder = match &*delete.ref_type {
        "branch" => "refs/heads",
        "tag" => "refs/tags",
        _ => "refs",
    };
    if delete.sha.is_some_and(|sha| !sha.is_empty()) {
        return Err(ReadError::Form {
            reason: "a deletion names no commit".to_owned(),
        });
    }
    let told = ToldRef {
        // Older versions send the short name, newer ones the short name too, a few the full one.
        name: match delete.r#ref.starts_with("refs/") {
            true => delete.r#ref,
            false => format!("{folder}/{}", delete.r#ref),
        },
        before: None,
        after: None,
        commit: None,
        is_forced: None,
        head: None,
        commit_count: None,
        pusher: delete.sender.and_then(find_login),
    };
    Ok(tell(id, event, delete.repository.into(), told))
}

fn find_login(person: Person) -> Option<String> {
    person.login.or(person.username).map(clip_name)
}
