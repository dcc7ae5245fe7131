//! GitHub's payloads (docs.github.com, "Webhook events and payloads").

use super::facts::{DeliveredRepository, Delivery, DeliveryContent, IgnoredReason};
use super::read::{ReadError, ToldRef, find_reason, ignore, read_object, tell};
use super::verify::Verified;
use crate::forge::Commit;
use crate::forge::text::{clip_message, clip_name, read_id, read_time, read_url};
use serde::Deserialize;

/// The fields of a push that are used. `ref`, `before` and `after` must be there: the event's name is in a header that
/// is not signed, and no other event has all three.
#[derive(Deserialize)]
struct Push {
    r#ref: String,
    before: String,
    after: String,
    forced: Option<bool>,
    head_commit: Option<PushedCommit>,
    #[serde(default)]
    commits: Vec<serde::de::IgnoredAny>,
    pusher: Option<Person>,
    repository: PushedRepository,
}

#[derive(Deserialize)]
pub(super) struct PushedCommit {
    pub(super) id: String,
    pub(super) message: Option<String>,
    pub(super) timestamp: Option<String>,
    pub(super) url: Option<String>,
    pub(super) author: Option<Person>,
}

#[derive(Deserialize, Default)]
pub(super) struct Person {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) login: Option<String>,
    pub(super) username: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PushedRepository {
    pub(super) id: u64,
    pub(super) full_name: String,
    pub(super) html_url: Option<String>,
    pub(super) clone_url: Option<String>,
    pub(super) ssh_url: Option<String>,
    pub(super) default_branch: Option<String>,
}

#[derive(Deserialize)]
struct Ping {
    repository: Option<PushedRepository>,
}

pub(super) fn read(verified: &Verified) -> Result<Delivery, ReadError> {
    let id = verified.find_word("x-github-delivery");
    let event = verified
        .find_word("x-github-event")
        .ok_or(ReadError::NoEvent)?;
    match &*event {
        "push" => read_push(verified, id, event),
        "ping" => {
            let ping: Ping = verified.read_json()?;
            Ok(Delivery {
                id,
                event,
                repository: ping.repository.map(DeliveredRepository::from),
                content: DeliveryContent::Ping,
            })
        }
        // Both come beside a push of the same ref, and neither names a commit.
        "create" | "delete" => Ok(ignore(id, event, IgnoredReason::SaidByPush)),
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
    let head = push.head_commit.and_then(PushedCommit::into_commit);
    let pusher = push.pusher.and_then(|person| person.login.or(person.name));
    let told = ToldRef {
        before: read_object(&push.before)?,
        after: read_object(&push.after)?,
        commit: head.as_ref().map(|head| head.id.clone()),
        is_forced: push.forced,
        commit_count: Some(push.commits.len() as u64),
        pusher: pusher.map(clip_name),
        name: push.r#ref,
        head,
    };
    Ok(tell(id, event, push.repository.into(), told))
}

impl PushedCommit {
    /// The facts; `None` when the id is none.
    pub(super) fn into_commit(self) -> Option<Commit> {
        let author = self.author.unwrap_or_default();
        Some(Commit {
            id: read_id(&self.id)?,
            author: author.name.or(author.username).map(clip_name),
            author_email: author.email.map(clip_name),
            message: clip_message(self.message.unwrap_or_default()),
            time: self.timestamp.as_deref().and_then(read_time),
            web_url: self.url.as_deref().and_then(read_url),
        })
    }
}

impl From<PushedRepository> for DeliveredRepository {
    fn from(found: PushedRepository) -> DeliveredRepository {
        DeliveredRepository {
            id: Some(found.id.to_string()),
            path: found.full_name.parse().ok(),
            web_url: found.html_url.as_deref().and_then(read_url),
            clone_url: found.clone_url.as_deref().and_then(read_url),
            ssh_url: found.ssh_url.map(clip_name),
            default_branch: found.default_branch.map(clip_name),
        }
    }
}
