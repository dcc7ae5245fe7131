//! What an event says, put together from its row and what it names; and as deliveries keep it.

use crate::Settings;
use serde::{Deserialize, Serialize};
use wharf_db::{
    DbError, Tx,
    builds::{self, Build},
    triggers::fan_out::{EventRepository, EventRow},
};
use wharf_model::{
    Timestamp,
    triggers::{BuildFacts, EventFacts, EventKind},
};

/// What this server is called in events.
#[derive(Debug, Clone)]
pub(super) struct OwnNames {
    host: String,
    server_url: String,
}

impl OwnNames {
    /// By `[server] public_url`, and without one by the address on this machine.
    pub(super) fn of(settings: &Settings) -> Self {
        let url = settings.public_url.as_ref().unwrap_or(&settings.local_url);
        let host = url.split_once("://").map_or(url.as_str(), |(_, host)| host);
        Self {
            host: host.to_owned(),
            server_url: url.clone(),
        }
    }

    /// An event about a repository, that says nothing more yet.
    pub(super) fn start_facts(
        &self,
        event: wharf_model::EventId,
        kind: EventKind,
        at: Timestamp,
        actor: String,
        repository: &EventRepository,
    ) -> EventFacts {
        EventFacts {
            event,
            kind,
            at,
            actor,
            host: self.host.clone(),
            server_url: self.server_url.clone(),
            repository: repository.name.clone(),
            is_public: repository.public,
            tag: None,
            digest: None,
            previous_digest: None,
            build: None,
            is_by_hand: false,
        }
    }
}

/// The payload of an event about a tag.
#[derive(Deserialize)]
struct TagPayload {
    tag: String,
    actor: String,
    from: Option<String>,
    digest: Option<String>,
}

/// The payload of an event about a build.
#[derive(Deserialize)]
struct BuildPayload {
    number: u64,
    rule: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    commit: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    digest: Option<String>,
    reason: Option<String>,
}

/// What an event says; `None` for one that says nothing to triggers.
pub(super) fn read_event(
    tx: &mut Tx<'_>,
    names: &OwnNames,
    row: &EventRow,
    repository: &EventRepository,
) -> Result<Option<EventFacts>, DbError> {
    let kind = match row.kind.as_str() {
        "tag_created" => EventKind::TagCreated,
        "tag_changed" => EventKind::TagChanged,
        "tag_deleted" => EventKind::TagDeleted,
        "build.started" => EventKind::BuildStarted,
        "build.succeeded" => EventKind::BuildSucceeded,
        "build.failed" => EventKind::BuildFailed,
        _ => return Ok(None),
    };
    let start = |actor| names.start_facts(row.id, kind, row.at, actor, repository);
    if kind.is_build() {
        let Ok(said) = serde_json::from_str::<BuildPayload>(&row.payload) else {
            return Ok(None);
        };
        let build = BuildFacts {
            number: i64::try_from(said.number).unwrap_or(i64::MAX),
            rule: said.rule,
            reference: said.reference.and_then(|text| text.parse().ok()),
            commit: said.commit.and_then(|text| text.parse().ok()),
            tags: read_all(&said.tags),
            reason: said.reason,
        };
        return Ok(Some(EventFacts {
            digest: said.digest.and_then(|text| text.parse().ok()),
            build: Some(build),
            ..start(format!("build:{}", said.number))
        }));
    }
    let Ok(said) = serde_json::from_str::<TagPayload>(&row.payload) else {
        return Ok(None);
    };
    let build = find_build_of(tx, row, &said.actor)?;
    let (from, to) = (
        said.from.and_then(|text| text.parse().ok()),
        said.digest.and_then(|text| text.parse().ok()),
    );
    let (digest, previous_digest) = match kind {
        EventKind::TagDeleted => (from, None),
        _ => (to, from),
    };
    Ok(Some(EventFacts {
        tag: said.tag.parse().ok(),
        digest,
        previous_digest,
        build,
        ..start(said.actor)
    }))
}

fn read_all<T: std::str::FromStr>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// The build that set a tag.
fn find_build_of(
    tx: &mut Tx<'_>,
    row: &EventRow,
    actor: &str,
) -> Result<Option<BuildFacts>, DbError> {
    let number = actor
        .strip_prefix("build:")
        .and_then(|text| text.parse().ok());
    let Some(number) = number else {
        return Ok(None);
    };
    let build = builds::find_build_number(tx, row.repository, number)?;
    Ok(build.map(|build| describe_build(&build)))
}

/// What may be said about a build.
pub(super) fn describe_build(build: &Build) -> BuildFacts {
    BuildFacts {
        number: i64::try_from(build.number).unwrap_or(i64::MAX),
        rule: build.rule.as_ref().map(|rule| rule.name.clone()),
        reference: build.reference.clone(),
        commit: build.commit.clone(),
        tags: build.tags.clone(),
        reason: build.failure.as_ref().map(|failure| failure.reason.clone()),
    }
}

/// An event as a delivery's row keeps it: JSON of texts.
#[derive(Serialize, Deserialize)]
struct FactsText {
    event: String,
    kind: String,
    at: i64,
    actor: String,
    host: String,
    server_url: String,
    repository: String,
    is_public: bool,
    tag: Option<String>,
    digest: Option<String>,
    previous_digest: Option<String>,
    #[serde(default)]
    build: Option<BuildText>,
    #[serde(default)]
    is_by_hand: bool,
}

#[derive(Serialize, Deserialize)]
struct BuildText {
    number: i64,
    rule: Option<String>,
    reference: Option<String>,
    commit: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    reason: Option<String>,
}

/// An event as a delivery's row keeps it.
pub(super) fn write_facts(facts: &EventFacts) -> String {
    let text = FactsText {
        event: facts.event.to_string(),
        kind: facts.kind.to_string(),
        at: facts.at.as_micros(),
        actor: facts.actor.clone(),
        host: facts.host.clone(),
        server_url: facts.server_url.clone(),
        repository: facts.repository.to_string(),
        is_public: facts.is_public,
        tag: facts.tag.as_ref().map(ToString::to_string),
        digest: facts.digest.as_ref().map(ToString::to_string),
        previous_digest: facts.previous_digest.as_ref().map(ToString::to_string),
        build: facts.build.as_ref().map(|build| BuildText {
            number: build.number,
            rule: build.rule.clone(),
            reference: build.reference.as_ref().map(ToString::to_string),
            commit: build.commit.as_ref().map(ToString::to_string),
            tags: build.tags.iter().map(ToString::to_string).collect(),
            reason: build.reason.clone(),
        }),
        is_by_hand: facts.is_by_hand,
    };
    // Texts and numbers alone: there is nothing in it that JSON could not say.
    serde_json::to_string(&text).unwrap_or_default()
}

/// What [`write_facts`] wrote.
pub(super) fn read_facts(text: &str) -> Option<EventFacts> {
    let text: FactsText = serde_json::from_str(text).ok()?;
    Some(EventFacts {
        event: text.event.parse().ok()?,
        kind: text.kind.parse().ok()?,
        at: Timestamp::from_micros(text.at),
        actor: text.actor,
        host: text.host,
        server_url: text.server_url,
        repository: text.repository.parse().ok()?,
        is_public: text.is_public,
        tag: text.tag.and_then(|text| text.parse().ok()),
        digest: text.digest.and_then(|text| text.parse().ok()),
        previous_digest: text.previous_digest.and_then(|text| text.parse().ok()),
        build: text.build.map(|build| BuildFacts {
            number: build.number,
            rule: build.rule,
            reference: build.reference.and_then(|text| text.parse().ok()),
            commit: build.commit.and_then(|text| text.parse().ok()),
            tags: read_all(&build.tags),
            reason: build.reason,
        }),
        is_by_hand: text.is_by_hand,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_model::EventId;

    #[test]
    fn an_event_survives_its_row() {
        let facts = EventFacts {
            event: EventId::new(),
            kind: EventKind::TagChanged,
            at: Timestamp::from_micros(1_900_000_000_000_001),
            actor: "build:12".into(),
            host: "registry.example:5000".into(),
            server_url: "https://registry.example:5000".into(),
            repository: "team/app".parse().unwrap(),
            is_public: true,
            tag: Some("v1".parse().unwrap()),
            digest: Some(format!("sha256:{}", "1".repeat(64)).parse().unwrap()),
            previous_digest: Some(format!("sha256:{}", "2".repeat(64)).parse().unwrap()),
            build: Some(BuildFacts {
                number: 12,
                rule: Some("main".into()),
                reference: Some("refs/heads/main".parse().unwrap()),
                commit: Some("2".repeat(40).parse().unwrap()),
                tags: vec!["v1".parse().unwrap()],
                reason: None,
            }),
            is_by_hand: true,
        };
        assert_eq!(read_facts(&write_facts(&facts)), Some(facts));
        assert_eq!(read_facts("{}"), None);
    }

    #[test]
    fn the_server_is_called_by_its_public_address() {
        let mut settings = Settings::default();
        assert_eq!(OwnNames::of(&settings).host, "localhost:5000");
        settings.public_url = Some("https://registry.example".into());
        let names = OwnNames::of(&settings);
        assert_eq!(names.host, "registry.example");
        assert_eq!(names.server_url, "https://registry.example");
    }
}
