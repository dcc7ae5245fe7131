//! What happened lately, for people: tags that were pushed and deleted, builds that ended, what triggers sent.
//!
//! Members see it of their namespaces, administrators of all; what triggers did only those who may see triggers. Nothing is
//! written here: it is read from what happened.

use crate::{App, Context, Error, Listed, PageRequest};
use serde::Deserialize;
use wharf_db::{
    DbError,
    activity::{self, ActivityFilter, EventLine, Viewer},
};
use wharf_model::{
    Action, Actions, Caller, EventId, NamespaceFacts, NamespaceId, Timestamp, decide_namespace,
    rights::ViewNamespaceTriggers,
};

use crate::triggers::Delivery;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityKind {
    /// A tag that was not there names something.
    TagCreated,
    /// A tag names another digest.
    TagChanged,
    /// A tag is gone.
    TagDeleted,
    /// A build set its tags.
    BuildSucceeded,
    /// A build failed.
    BuildFailed,
    /// Somebody called a build off.
    BuildCanceled,
    /// A newer commit took a build's place.
    BuildSuperseded,
    /// There was nothing to build.
    BuildSkipped,
    /// A trigger sends something, or updates a workload.
    Delivery,
}

impl ActivityKind {
    /// All of them, with the word of their events' rows; deliveries have rows of their own.
    const ALL: [(Self, &'static str); 9] = [
        (Self::TagCreated, "tag_created"),
        (Self::TagChanged, "tag_changed"),
        (Self::TagDeleted, "tag_deleted"),
        (Self::BuildSucceeded, "build.succeeded"),
        (Self::BuildFailed, "build.failed"),
        (Self::BuildCanceled, "build.canceled"),
        (Self::BuildSuperseded, "build.superseded"),
        (Self::BuildSkipped, "build.skipped"),
        (Self::Delivery, ""),
    ];

    fn of_row(kind: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, word)| *word == kind).map(|(kind, _)| *kind)
    }
}

/// Which activity is wanted; each condition is met exactly.
#[derive(Debug, Clone, Default)]
pub struct ActivityQuery {
    /// By this user, robot or build.
    pub actor: Option<String>,
    /// What happened.
    pub kind: Option<ActivityKind>,
    /// To this repository, or in this namespace.
    pub object: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Activity {
    /// To a tag or a build.
    Event(Box<EventActivity>),
    /// A trigger acts.
    Delivery(Box<Delivery>),
}

/// What an event says.
#[derive(Debug, Clone)]
pub struct EventActivity {
    /// The id.
    pub id: EventId,
    /// What happened.
    pub kind: ActivityKind,
    /// When.
    pub at: Timestamp,
    /// The repository.
    pub repository: String,
    /// Who moved a tag; a build's own name (`build:12`) for what builds do.
    pub actor: String,
    /// The tag; those that a build set.
    pub tags: Vec<String>,
    /// What the tag names now, or named when it was deleted; the image of a build.
    pub digest: Option<String>,
    /// What it named before.
    pub previous_digest: Option<String>,
    /// The build.
    pub build: Option<u64>,
    /// The branch or tag it was built from, in full.
    pub reference: Option<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
    /// The rule that wanted it.
    pub rule: Option<String>,
    /// Why it came to no image, as a word.
    pub reason: Option<String>,
}

impl Activity {
    /// Ids begin with their time: one order for both.
    fn id(&self) -> String {
        match self {
            Self::Event(event) => event.id.to_string(),
            Self::Delivery(delivery) => delivery.id.to_string(),
        }
    }
}

/// What payloads of events say, all kinds together.
#[derive(Deserialize)]
struct Payload {
    tag: Option<String>,
    actor: Option<String>,
    from: Option<String>,
    digest: Option<String>,
    number: Option<u64>,
    rule: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    commit: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    reason: Option<String>,
}

impl App {
    /// One page of what happened, newest first. A page may have fewer items than were asked for, or none, and a next one
    /// all the same: much that others did was passed over.
    pub async fn list_activity(
        &self,
        context: &Context,
        query: ActivityQuery,
        page: PageRequest,
    ) -> Result<Listed<Activity>, Error> {
        let before = match &page.after {
            Some(key) => {
                let id: Result<EventId, _> = key.parse();
                Some(id.map_err(|_| Error::invalid("after", "not_a_cursor"))?)
            }
            None => None,
        };
        let (events, deliveries) = find_viewers(&context.caller);
        let wanted = |kind| query.kind.is_none_or(|only| only == kind);
        let all = ActivityKind::ALL.into_iter();
        let kinds = all.filter(|(kind, word)| !word.is_empty() && wanted(*kind));
        let filter = ActivityFilter {
            kinds: kinds.map(|(_, word)| word).collect(),
            actor: query.actor.clone(),
            object: query.object.clone(),
            since: query.since,
            until: query.until,
        };
        let (limit, with_deliveries) = (page.limit.get(), wanted(ActivityKind::Delivery));
        let before = before.map(|id| id.to_string());
        let read = self.db.read(move |tx| {
            let before = before.as_deref();
            let events = activity::list_events(tx, &events, &filter, before, limit + 1)?;
            let deliveries = match with_deliveries {
                true => activity::list_deliveries(tx, &deliveries, &filter, before, limit + 1)?,
                false => Vec::new(),
            };
            Ok::<_, DbError>((events, deliveries))
        });
        let (events, deliveries) = read.await.map_err(Error::from)?;
        Ok(join(events, deliveries, limit))
    }
}

/// Puts both lists into one order and ends it where either list is not known further.
fn join(events: activity::EventPart, deliveries: Vec<Delivery>, limit: usize) -> Listed<Activity> {
    let last_delivery = deliveries.last().map(|last| last.id.to_string());
    let known_to = [
        events.looked_to,
        last_delivery.filter(|_| deliveries.len() > limit),
    ];
    let known_to = known_to.into_iter().flatten().max();
    let events = events.lines.into_iter().filter_map(read_event);
    let mut items: Vec<(String, Activity)> = events
        .map(|event| Activity::Event(Box::new(event)))
        .chain(
            deliveries
                .into_iter()
                .map(|one| Activity::Delivery(Box::new(one))),
        )
        .map(|item| (item.id(), item))
        .filter(|(id, _)| known_to.as_ref().is_none_or(|end| id >= end))
        .collect();
    items.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
    let is_cut = items.len() > limit;
    items.truncate(limit);
    let next = match is_cut {
        true => items.last().map(|(id, _)| id.clone()),
        false => known_to,
    };
    Listed {
        items: items.into_iter().map(|(_, item)| item).collect(),
        next,
    }
}

/// Whose events, and whose deliveries, the caller may see.
fn find_viewers(caller: &Caller) -> (Viewer, Viewer) {
    let may_pull = caller.actions.contains(Actions::PULL);
    let may_trigger = caller
        .actions
        .contains(Action::ViewNamespaceTriggers.carried());
    if caller.admin {
        let all = |may| match may {
            true => Viewer::Administrator,
            false => Viewer::Member(Vec::new()),
        };
        return (all(may_pull), all(may_pull && may_trigger));
    }
    let namespaces: Vec<NamespaceId> = match may_pull {
        true => caller.roles.keys().copied().collect(),
        false => Vec::new(),
    };
    let of_triggers = namespaces.iter().copied().filter(|id| {
        let facts = NamespaceFacts {
            namespace: *id,
            repository: None,
        };
        decide_namespace::<ViewNamespaceTriggers>(caller, &facts).is_ok()
    });
    let of_triggers = of_triggers.collect();
    (Viewer::Member(namespaces), Viewer::Member(of_triggers))
}

fn read_event(line: EventLine) -> Option<EventActivity> {
    let kind = ActivityKind::of_row(&line.kind)?;
    let said: Payload = serde_json::from_str(&line.payload).ok()?;
    let actor = said.actor.unwrap_or_default();
    let builder = actor.strip_prefix("build:");
    let builder = builder.and_then(|number| number.parse().ok());
    let (digest, previous_digest) = match kind {
        ActivityKind::TagDeleted => (said.from, None),
        _ => (said.digest, said.from),
    };
    Some(EventActivity {
        id: line.id,
        kind,
        at: line.at,
        repository: line.repository.to_string(),
        actor: match said.number {
            Some(number) => format!("build:{number}"),
            None => actor,
        },
        tags: match said.tag {
            Some(tag) => vec![tag],
            None => said.tags,
        },
        digest,
        previous_digest,
        build: said.number.or(builder),
        reference: said.reference,
        commit: said.commit,
        rule: said.rule,
        reason: said.reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::{Scene, context_of};
    use wharf_db::events::record_event;
    use wharf_model::Limit;

    fn line(kind: &str, payload: &str) -> EventLine {
        EventLine {
            id: EventId::new(),
            kind: kind.into(),
            repository: "team/app".parse().unwrap(),
            payload: payload.into(),
            at: Timestamp::from_seconds(1),
        }
    }

    #[test]
    fn events_of_tags_and_builds_say_who_and_what() {
        let payload =
            r#"{"actor":"build:12","digest":"sha256:b","from":"sha256:a","tag":"v1","version":2}"#;
        let changed = read_event(line("tag_changed", payload)).unwrap();
        assert_eq!(
            (changed.build, changed.tags.as_slice()),
            (Some(12), &["v1".to_owned()][..])
        );
        assert_eq!(changed.previous_digest.as_deref(), Some("sha256:a"));
        let payload = r#"{"actor":"alice","digest":null,"from":"sha256:a","tag":"v1"}"#;
        let deleted = read_event(line("tag_deleted", payload)).unwrap();
        assert_eq!(deleted.digest.as_deref(), Some("sha256:a"));
        assert_eq!(deleted.actor, "alice");
        let payload =
            r#"{"number":7,"ref":"refs/heads/main","tags":["a","b"],"reason":"step_failed"}"#;
        let failed = read_event(line("build.failed", payload)).unwrap();
        assert_eq!((failed.actor.as_str(), failed.build), ("build:7", Some(7)));
        assert!(read_event(line("build.started", payload)).is_none());
        assert!(read_event(line("tag_changed", "no json")).is_none());
    }

    #[tokio::test]
    async fn how_much_happens_in_a_repository_is_told_to_nobody_who_may_not_see_it() {
        let scene = Scene::make().await;
        let (repository, at) = (scene.facts.repository, scene.app.clock.now());
        scene
            .write(move |tx| {
                for _ in 0..=20_000 {
                    record_event(tx, "tag_created", repository, "{}", at)?;
                }
                Ok(())
            })
            .await;
        let list = async |admin| {
            let query = ActivityQuery {
                object: Some(scene.facts.name.to_string()),
                actor: Some("who".into()),
                ..ActivityQuery::default()
            };
            let page = PageRequest {
                after: None,
                limit: Limit::clamped(None),
            };
            let context = context_of(admin);
            let listed = scene.app.list_activity(&context, query, page);
            listed.await.unwrap()
        };
        assert!(list(true).await.next.is_some(), "more than is looked at");
        let hidden = list(false).await;
        assert!(hidden.items.is_empty() && hidden.next.is_none());
    }

    #[test]
    fn a_page_ends_where_events_were_not_looked_at_any_further() {
        let mut lines: Vec<_> = (0..3)
            .map(|_| line("tag_created", r#"{"tag":"v1","actor":"alice"}"#))
            .collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.id.to_string()));
        let part = |looked_to: Option<String>| activity::EventPart {
            lines: lines.clone(),
            looked_to,
        };
        let whole = join(part(None), Vec::new(), 3);
        assert_eq!((whole.items.len(), whole.next), (3, None));
        let cut = join(part(None), Vec::new(), 2);
        assert_eq!(
            (cut.items.len(), cut.next),
            (2, Some(lines[1].id.to_string()))
        );
        let far = EventId::new().to_string();
        let none = join(part(Some(far.clone())), Vec::new(), 3);
        assert_eq!((none.items.len(), none.next), (0, Some(far)));
    }
}
