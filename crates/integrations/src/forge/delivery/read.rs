//! From verified bytes to facts.

use super::facts::{DeliveredRepository, Delivery, DeliveryContent, IgnoredReason, PushedRef};
use super::kind::HookKind;
use super::verify::Verified;
use super::{gitea, github, gitlab, nudge};
use crate::forge::Commit;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use wharf_model::builds::{CommitError, CommitId};

/// The longest delivery id or event name that is taken; hosts use UUIDs and a few words.
const LONGEST_WORD: usize = 200;

/// A signed delivery that cannot be understood: 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the delivery does not say what event it is")]
    NoEvent,
    #[error("the delivery is not in the form of its event: {reason}")]
    Form { reason: String },
}

/// What a verified delivery says. Events that are not about branches and tags come out as ignored, unread.
///
/// # Errors
/// [`ReadError`] when a push is not in the form that its host documents.
pub fn read_delivery(verified: &Verified) -> Result<Delivery, ReadError> {
    match verified.kind {
        HookKind::GitHub => github::read(verified),
        HookKind::GitLab => gitlab::read(verified),
        HookKind::Gitea => gitea::read(verified),
        HookKind::Nudge => nudge::read(verified),
    }
}

impl Verified {
    /// A header's text, if it is short and printable.
    pub(super) fn find_word(&self, name: &str) -> Option<String> {
        let text = self.headers.get(name)?.to_str().ok()?.trim();
        (!text.is_empty() && text.len() <= LONGEST_WORD).then(|| text.to_owned())
    }

    /// The body as JSON. A form with the JSON in its field `payload`, which GitHub and Gitea send when somebody made
    /// the webhook by hand, is taken too.
    pub(super) fn read_json<T: DeserializeOwned>(&self) -> Result<T, ReadError> {
        let is_form = self
            .find_word("content-type")
            .is_some_and(|text| text.starts_with("application/x-www-form-urlencoded"));
        let payload: Cow<'_, [u8]> = match is_form {
            false => Cow::Borrowed(&self.body),
            true => url::form_urlencoded::parse(&self.body)
                .find(|(name, _)| name == "payload")
                .map(|(_, value)| Cow::Owned(value.into_owned().into_bytes()))
                .ok_or_else(|| ReadError::Form {
                    reason: "the form has no payload".to_owned(),
                })?,
        };
        serde_json::from_slice(&payload).map_err(|error| ReadError::Form {
            reason: error.to_string(),
        })
    }
}

/// A delivery that starts nothing.
pub(super) fn ignore(id: Option<String>, event: String, reason: IgnoredReason) -> Delivery {
    Delivery {
        id,
        event,
        repository: None,
        content: DeliveryContent::Ignored(reason),
    }
}

/// An object's id, `None` for zeros.
pub(super) fn read_object(text: &str) -> Result<Option<CommitId>, ReadError> {
    match text.parse() {
        Ok(id) => Ok(Some(id)),
        Err(CommitError::Zero) => Ok(None),
        Err(error) => Err(ReadError::Form {
            reason: error.to_string(),
        }),
    }
}

/// What a payload says of one ref, before its name is looked at.
pub(super) struct ToldRef {
    pub(super) name: String,
    pub(super) before: Option<CommitId>,
    pub(super) after: Option<CommitId>,
    pub(super) commit: Option<CommitId>,
    pub(super) is_forced: Option<bool>,
    pub(super) head: Option<Commit>,
    pub(super) commit_count: Option<u64>,
    pub(super) pusher: Option<String>,
}

impl ToldRef {
    /// The ref, when it is a branch or tag of a name that git allows.
    pub(super) fn into_pushed(self) -> Option<PushedRef> {
        Some(PushedRef {
            reference: self.name.parse().ok()?,
            before: self.before,
            after: self.after,
            commit: self.commit,
            is_forced: self.is_forced,
            head: self.head,
            commit_count: self.commit_count,
            pusher: self.pusher,
        })
    }
}

/// A delivery about one ref.
pub(super) fn tell(
    id: Option<String>,
    event: String,
    repository: DeliveredRepository,
    told: ToldRef,
) -> Delivery {
    Delivery {
        id,
        event,
        repository: Some(repository),
        content: match told.into_pushed() {
            Some(pushed) => DeliveryContent::RefUpdates(vec![pushed]),
            None => DeliveryContent::Ignored(IgnoredReason::NeitherBranchNorTag),
        },
    }
}

/// What a payload says about an event that is not a push.
pub(super) fn find_reason(event: &str) -> IgnoredReason {
    let is_about = |word| event.contains(word);
    if is_about("comment") || is_about("note") {
        IgnoredReason::Comment
    } else if is_about("pull_request") || is_about("merge_request") {
        IgnoredReason::PullRequest
    } else if event == "fork" {
        IgnoredReason::Fork
    } else {
        IgnoredReason::Event(event.to_owned())
    }
}
