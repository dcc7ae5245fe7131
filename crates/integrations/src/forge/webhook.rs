//! Webhooks: what wharf wants of one, what a host has, and what is wrong between the two.
//!
//! Pure. Called by the three hosts' rooms and by whoever shows the state of a webhook.

use super::error::ForgeError;
use crate::Secret;
use std::collections::BTreeSet;
use url::Url;
use wharf_model::Timestamp;

/// The host's id of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebhookId(String);

impl WebhookId {
    pub fn new(text: impl Into<String>) -> WebhookId {
        WebhookId(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What wharf wants of a webhook: its own URL and secret. The events are not a choice: what tells of refs, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSpec {
    pub url: Url,
    /// At least 16 characters; an empty one is refused.
    pub secret: Secret,
}

/// The shortest secret. GitHub asks for "high entropy"; what wharf makes has 64 characters, and somebody who types one in
/// should not be able to choose a word.
const SHORTEST_SECRET: usize = 16;

impl WebhookSpec {
    /// Passes what may be registered.
    ///
    /// # Errors
    /// [`ForgeError::Credentials`] for a secret that is missing or too short to be one.
    pub(crate) fn check(&self, host: &str) -> Result<(), ForgeError> {
        match self.secret.expose().len() >= SHORTEST_SECRET {
            true => Ok(()),
            false => Err(ForgeError::Credentials {
                host: host.to_owned(),
                reason: "a webhook's secret has at least 16 characters",
            }),
        }
    }
}

/// What a webhook tells of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookEvent {
    /// Branches move; on GitHub and Gitea tags too.
    Push,
    /// Tags move, where the host tells that apart from [`HookEvent::Push`].
    TagPush,
    /// A branch or tag is made.
    Create,
    /// A branch or tag goes.
    Delete,
    /// Anything else, by the host's word.
    Other(String),
}

/// A webhook as the host has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub id: WebhookId,
    /// Where it sends to; the text of it when that is no URL.
    pub url: String,
    pub is_active: bool,
    pub events: BTreeSet<HookEvent>,
    /// Whether the host checks our certificate; `None` where it is not a setting of the webhook.
    pub verifies_tls: Option<bool>,
    /// Whether the body is JSON.
    pub is_json: bool,
    /// Whether the host says that a secret is set; `None` where it does not tell.
    pub has_secret: Option<bool>,
    /// The host stopped sending by itself, in its words.
    pub disabled: Option<String>,
}

/// One attempt of a host to tell us something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAttempt {
    pub id: String,
    pub event: String,
    pub at: Option<Timestamp>,
    /// The status that we answered; `None` when no answer came.
    pub status: Option<u16>,
    /// The host's sentence about it.
    pub outcome: String,
}

impl HookAttempt {
    /// Whether we took it.
    pub fn is_success(&self) -> bool {
        matches!(self.status, Some(200..=299))
    }
}

/// What keeps a webhook from telling us what we need to hear, or makes it tell more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookFault {
    Inactive,
    /// The host stopped sending after too many failures, in its words.
    Disabled(String),
    WrongUrl {
        found: String,
    },
    MissingEvents(Vec<HookEvent>),
    /// Events that only cost; they are answered "ignored".
    NeedlessEvents(Vec<HookEvent>),
    /// Our certificate is not checked.
    TlsUnchecked,
    NotJson,
    NoSecret,
    /// The last attempt failed.
    LastAttemptFailed {
        status: Option<u16>,
        outcome: String,
    },
}

/// A webhook with everything that is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookReport {
    pub webhook: Webhook,
    pub faults: Vec<WebhookFault>,
    /// The last attempts, newest first; `None` where the host's API does not tell.
    pub attempts: Option<Vec<HookAttempt>>,
}

impl Webhook {
    /// Compares with what it should be. Nothing is found when it tells `url` everything in `events` and no more.
    pub(crate) fn find_faults(
        &self,
        url: &Url,
        events: &BTreeSet<HookEvent>,
        attempts: Option<&[HookAttempt]>,
    ) -> Vec<WebhookFault> {
        let mut faults = Vec::new();
        if !self.is_active {
            faults.push(WebhookFault::Inactive);
        }
        if let Some(words) = &self.disabled {
            faults.push(WebhookFault::Disabled(words.clone()));
        }
        if Url::parse(&self.url).ok().as_ref() != Some(url) {
            let found = self.url.clone();
            faults.push(WebhookFault::WrongUrl { found });
        }
        let difference = |left: &BTreeSet<HookEvent>, right: &BTreeSet<HookEvent>| {
            left.difference(right).cloned().collect::<Vec<_>>()
        };
        let missing = difference(events, &self.events);
        if !missing.is_empty() {
            faults.push(WebhookFault::MissingEvents(missing));
        }
        let needless = difference(&self.events, events);
        if !needless.is_empty() {
            faults.push(WebhookFault::NeedlessEvents(needless));
        }
        if self.verifies_tls == Some(false) && url.scheme() == "https" {
            faults.push(WebhookFault::TlsUnchecked);
        }
        if !self.is_json {
            faults.push(WebhookFault::NotJson);
        }
        if self.has_secret == Some(false) {
            faults.push(WebhookFault::NoSecret);
        }
        if let Some(last) = attempts
            .and_then(<[_]>::first)
            .filter(|last| !last.is_success())
        {
            faults.push(WebhookFault::LastAttemptFailed {
                status: last.status,
                outcome: last.outcome.clone(),
            });
        }
        faults
    }
}
