//! The facts of an event as payloads and templates name them: one list of words for all of them.
//!
//! Pure. The words are part of the contract with receivers: none is ever renamed.

use serde::Serialize;
use wharf_model::Timestamp;
use wharf_model::triggers::{BuildFacts, EventFacts};
use wharf_oci::RepositoryName;

/// Everything that may be said about an event. What an event lacks is `null`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SpokenFacts {
    pub(super) event: &'static str,
    pub(super) event_id: String,
    pub(super) delivery_id: String,
    /// RFC 3339, UTC, seconds.
    pub(super) time: String,
    pub(super) actor: String,
    pub(super) registry: String,
    pub(super) server_url: String,
    pub(super) repository: String,
    /// The first part of the repository's name; `library` where there is only one.
    pub(super) namespace: String,
    /// The rest of it.
    pub(super) name: String,
    pub(super) is_public: bool,
    pub(super) image: String,
    pub(super) tag: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) previous_digest: Option<String>,
    /// `registry/repository:tag@digest`, with as much as there is.
    pub(super) reference: String,
    /// The page of the repository, or of the build.
    pub(super) url: String,
    pub(super) is_by_hand: bool,
    pub(super) build: Option<SpokenBuild>,
}

/// What may be said about a build.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SpokenBuild {
    pub(super) number: i64,
    pub(super) rule: Option<String>,
    /// The branch's or tag's full name: `refs/heads/main`.
    #[serde(rename = "ref")]
    pub(super) reference: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) reason: Option<String>,
}

impl SpokenFacts {
    pub(super) fn new(facts: &EventFacts, delivery: &str) -> SpokenFacts {
        let repository = facts.repository.to_string();
        let (namespace, name) = repository
            .split_once('/')
            .unwrap_or((RepositoryName::DEFAULT_NAMESPACE, &repository));
        SpokenFacts {
            event: facts.kind.as_str(),
            event_id: facts.event.to_string(),
            delivery_id: delivery.to_owned(),
            time: write_time(facts.at),
            actor: facts.actor.clone(),
            registry: facts.host.clone(),
            server_url: facts.server_url.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            is_public: facts.is_public,
            image: facts.image(),
            tag: facts.tag.as_ref().map(ToString::to_string),
            digest: facts.digest.as_ref().map(ToString::to_string),
            previous_digest: facts.previous_digest.as_ref().map(ToString::to_string),
            reference: facts.reference(),
            url: find_page(facts),
            is_by_hand: facts.is_by_hand,
            build: facts.build.as_ref().map(SpokenBuild::new),
            repository,
        }
    }
}

impl SpokenBuild {
    fn new(build: &BuildFacts) -> SpokenBuild {
        SpokenBuild {
            number: build.number,
            rule: build.rule.clone(),
            reference: build.reference.as_ref().map(ToString::to_string),
            commit: build.commit.as_ref().map(ToString::to_string),
            tags: build.tags.iter().map(ToString::to_string).collect(),
            reason: build.reason.clone(),
        }
    }
}

/// The page about it on our own server, as commit statuses link it too.
pub(super) fn find_page(facts: &EventFacts) -> String {
    let base = format!("{}/repositories/{}", facts.server_url, facts.repository);
    match &facts.build {
        Some(build) if facts.kind.is_build() => format!("{base}/builds/{}", build.number),
        _ => base,
    }
}

/// The time as RFC 3339 writes it, in whole seconds of UTC.
pub(super) fn write_time(time: Timestamp) -> String {
    jiff::Timestamp::from_second(time.as_seconds())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}
