//! Events of repositories and of the queue, and who hears of them: decided here, for each event and each look.

use super::{
    follow::Stream,
    news::{News, Told},
    seen::Fresh,
    topic::Topic,
};
use crate::{Error, registry::viewer, repositories::sees_people};
use std::time::Duration;
use tokio::time::Instant;
use wharf_db::{
    DbError,
    events::first_id_at,
    streams::{self, StreamEvent},
};
use wharf_model::{
    Caller, Facts, Timestamp, decide,
    rights::{Pull, ViewBuilds},
};

/// How far back is looked again: an event may become visible after one with a later id.
pub(super) const OVERLAP: Duration = Duration::from_secs(5);

/// How far back is looked between those looks, for what was written side by side.
pub(super) const NEAR: Duration = Duration::from_millis(500);

/// Most events of one look. When there are more, the reader is told that it missed some.
pub(super) const MOST_EVENTS: usize = 1000;

impl Stream {
    /// Tells what happened from `from` on; `whole` says that this is all of the last moments.
    pub(super) async fn find_events(
        &mut self,
        caller: &Caller,
        (from, whole): (Timestamp, bool),
        told: &mut Vec<Told>,
    ) -> Result<(), Error> {
        let everywhere = self.follows(|topic| *topic == Topic::Activity);
        let mut repositories = Vec::new();
        for followed in &self.topics {
            if let Topic::Repository(name) | Topic::Builds(name) = &followed.topic {
                let name = crate::repositories::parse_name(name)?;
                let facts = self.app.find_facts(&name).await?;
                repositories.extend(facts.map(|facts| facts.repository));
            }
        }
        if !everywhere && repositories.is_empty() {
            return Ok(());
        }
        let (after, asking) = (first_id_at(from), caller.clone());
        let found = self.app.db.read(move |tx| {
            let member_of: Vec<_> = asking.roles.keys().copied().collect();
            let which = (!everywhere).then_some(repositories.as_slice());
            let viewer = viewer(&asking, &member_of);
            let found = streams::list_events(tx, &after, which, viewer, MOST_EVENTS)?;
            let ended = match everywhere {
                true => streams::list_endings(tx, &after, MOST_EVENTS)?,
                false => Vec::new(),
            };
            Ok::<_, DbError>((found, ended))
        });
        let (mut found, ended) = found.await.map_err(Error::from)?;
        let is_cut = found.len() == MOST_EVENTS;
        found.extend(ended);
        found.retain(|event| hears(caller, event));
        found.sort_by_key(|event| event.id);
        let full = is_cut || found.len() >= MOST_EVENTS;
        let at = Instant::now();
        match self.seen.sort(found, |event| event.id, (full, whole), at) {
            Fresh::Each(events) => {
                for event in &events {
                    self.tell_event(caller, event, told);
                }
            }
            Fresh::Gap => {
                let any = |topic: &Topic| {
                    matches!(
                        topic,
                        Topic::Repository(_) | Topic::Builds(_) | Topic::Activity
                    )
                };
                self.tell_all(told, any, &News::Gap);
            }
        }
        Ok(())
    }

    fn tell_event(&self, caller: &Caller, event: &StreamEvent, told: &mut Vec<Told>) {
        for followed in &self.topics {
            let is_about = match &followed.topic {
                Topic::Repository(name) => event.facts.name.as_str() == name,
                Topic::Builds(name) => is_build(event) && event.facts.name.as_str() == name,
                Topic::Activity => true,
                _ => false,
            };
            if !is_about {
                continue;
            }
            told.push(Told {
                topic: followed.topic.to_string(),
                news: News::Event {
                    id: event.id,
                    kind: match event.kind.as_str() {
                        // To whoever saw it, it is gone.
                        "repository_hidden" => "repository_deleted".to_owned(),
                        kind => kind.to_owned(),
                    },
                    repository: event.facts.name.clone(),
                    payload: show_payload(caller, event),
                    at: event.at,
                },
            });
        }
    }

    /// Tells that the queue changed: at once to whoever sees the build that did. That others did is for everybody, since they
    /// make one wait, but no more than that, and not how often.
    pub(super) async fn find_queue(
        &mut self,
        caller: &Caller,
        (from, whole): (Timestamp, bool),
        told: &mut Vec<Told>,
    ) -> Result<(), Error> {
        if !self.follows(|topic| *topic == Topic::Queue) {
            return Ok(());
        }
        let after = first_id_at(from);
        let found = self
            .app
            .db
            .read(move |tx| streams::list_build_moves(tx, &after, MOST_EVENTS));
        let found = found.await.map_err(Error::from)?;
        let at = Instant::now();
        let full = found.len() == MOST_EVENTS;
        match self.builds.sort(found, |build| build.id, (full, whole), at) {
            Fresh::Gap => self.queue.owe(),
            Fresh::Each(moves) => {
                let sees = |facts: &Facts| decide::<ViewBuilds>(caller, facts).is_ok();
                let mut facts = moves.iter().map(|build| build.facts.as_ref());
                if facts.any(|facts| facts.is_some_and(sees)) {
                    self.queue.tell(at);
                    self.tell_all(told, |topic| *topic == Topic::Queue, &News::Queue);
                } else if !moves.is_empty() {
                    self.queue.owe();
                }
            }
        }
        if self.queue.take(at) {
            self.tell_all(told, |topic| *topic == Topic::Queue, &News::Queue);
        }
        Ok(())
    }
}

fn is_build(event: &StreamEvent) -> bool {
    event.kind.starts_with("build.")
}

/// Whether the caller hears of an event.
fn hears(caller: &Caller, event: &StreamEvent) -> bool {
    let facts = &event.facts;
    match event.kind.as_str() {
        "tag_created" | "tag_changed" | "tag_deleted" => decide::<Pull>(caller, facts).is_ok(),
        "repository_created" | "repository_edited" | "repository_deleted" => {
            decide::<Pull>(caller, facts).is_ok()
        }
        // Who still sees it hears that it was edited.
        "repository_hidden" => {
            let hidden = Facts {
                public: false,
                ..facts.clone()
            };
            decide::<Pull>(caller, facts).is_ok() && decide::<Pull>(caller, &hidden).is_err()
        }
        _ if is_build(event) => decide::<ViewBuilds>(caller, facts).is_ok(),
        // Others are for this server itself.
        _ => false,
    }
}

/// What happened, without who did it where that is for members, and without what the event has for this decision.
fn show_payload(caller: &Caller, event: &StreamEvent) -> String {
    let is_image = event.kind.starts_with("repository_");
    let mut hidden = match is_image {
        true => vec!["name", "namespace", "public"],
        false => Vec::new(),
    };
    if !sees_people(caller, &event.facts) {
        hidden.push("actor");
    }
    if hidden.is_empty() {
        return event.payload.clone();
    }
    let mut value: serde_json::Value = serde_json::from_str(&event.payload).unwrap_or_default();
    if let Some(known) = value.as_object_mut() {
        known.retain(|name, _| !hidden.contains(&name.as_str()));
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashMap, sync::Arc};
    use wharf_model::{EventId, Identity, NamespaceId, RepositoryId, Role, UserId};

    fn event(kind: &str, public: bool) -> StreamEvent {
        StreamEvent {
            id: EventId::new(),
            kind: kind.into(),
            facts: Facts {
                repository: RepositoryId::new(),
                namespace: NamespaceId::new(),
                name: "team/app".parse().unwrap(),
                public,
            },
            payload: r#"{"actor":"alice","name":"team/app","namespace":"x","public":true}"#.into(),
            at: Timestamp::from_seconds(1),
        }
    }

    fn member(of: NamespaceId) -> Caller {
        Caller {
            identity: Identity::User(UserId::new()),
            roles: Arc::new(HashMap::from([(of, Role::Reader)])),
            ..Caller::anonymous()
        }
    }

    #[test]
    fn what_is_private_and_what_is_built_is_told_to_members_alone() {
        let stranger = member(NamespaceId::new());
        for (kind, public, to_stranger) in [
            ("tag_created", true, true),
            ("tag_created", false, false),
            ("repository_created", true, true),
            ("repository_edited", false, false),
            ("repository_deleted", true, true),
            ("repository_deleted", false, false),
            ("build.queued", true, false),
        ] {
            let event = event(kind, public);
            assert_eq!(hears(&stranger, &event), to_stranger, "{kind}");
            assert!(hears(&member(event.facts.namespace), &event), "{kind}");
        }
        for caller in [stranger, Caller::anonymous()] {
            assert!(!hears(&caller, &event("trigger.run", true)));
        }
    }

    #[test]
    fn an_image_that_is_private_from_now_on_is_gone_for_strangers_alone() {
        let event = event("repository_hidden", true);
        assert!(hears(&Caller::anonymous(), &event));
        assert!(hears(&member(NamespaceId::new()), &event));
        assert!(!hears(&member(event.facts.namespace), &event));
        let shown = |caller: &Caller| show_payload(caller, &event);
        assert_eq!(shown(&Caller::anonymous()), "{}");
        assert_eq!(
            shown(&member(event.facts.namespace)),
            r#"{"actor":"alice"}"#
        );
    }
}
