//! A condition tried before it is kept: which tags that are there it chooses, and which of the last pushes it would have fired
//! for. Nothing is kept and nothing is sent.

use super::{TriggerPlace, checking::read_condition, draft::ConditionText, matching::chooses};
use crate::{App, Context, Error};
use std::ops::Range;
use wharf_db::{
    Room, tag_history,
    tag_list::{self, TagFilter},
    tags,
};
use wharf_model::{
    Granted, Timestamp,
    rights::Pull,
    triggers::{EventKind, TagCondition},
};
use wharf_oci::Tag;

/// Most tags that are looked at. A person reads some hundred; a repository may have a hundred thousand.
const MOST_TAGS: usize = 1000;

/// How many of the last changes of tags are looked at.
const LAST_CHANGES: usize = 100;

/// Bytes of what is read of tags: names and platforms, no descriptions.
const MOST_BYTES: u64 = 2 << 20;

/// What is tried.
#[derive(Debug, Clone)]
pub enum TriedCondition {
    /// This one, for these kinds of events.
    Given(ConditionText, Vec<EventKind>),
    /// That of a trigger.
    OfTrigger(String),
}

/// A tag that is there.
#[derive(Debug, Clone)]
pub struct TriedTag {
    /// The tag.
    pub tag: Tag,
    /// When it was last set.
    pub at: Timestamp,
    /// The part of it, in bytes, by which the condition chooses it; none when it does not.
    pub part: Option<Range<usize>>,
}

/// A change of a tag.
#[derive(Debug, Clone)]
pub struct TriedPush {
    /// The tag.
    pub tag: Tag,
    /// What happened to it.
    pub event: EventKind,
    /// When.
    pub at: Timestamp,
    /// Whether a trigger of this condition and these events would have fired.
    pub matches: bool,
    /// The part of the tag, in bytes, by which the condition chooses it; none when it does not.
    pub part: Option<Range<usize>>,
}

/// What a condition chooses.
#[derive(Debug, Clone)]
pub struct ConditionTrial {
    /// The tags, those that are chosen first.
    pub tags: Vec<TriedTag>,
    /// The last changes, newest first.
    pub pushes: Vec<TriedPush>,
    /// Whether there are more tags.
    pub more: bool,
}

impl App {
    /// Tells which tags of a repository a condition chooses.
    pub async fn try_condition(
        &self,
        context: &Context,
        repository: &str,
        tried: TriedCondition,
    ) -> Result<ConditionTrial, Error> {
        let place = TriggerPlace::Repository(repository.to_owned());
        let view = self.authorize_view(&context.caller, &place).await?;
        let right: Granted<Pull> = self.authorize_named(context, repository).await?;
        let read = self.db.read(move |tx| {
            let (condition, events) = match tried {
                TriedCondition::Given(condition, events) => (read_condition(&condition)?, events),
                TriedCondition::OfTrigger(name) => {
                    let page = super::page::find_page(tx, view, &name)?;
                    let (kind, text) = (page.trigger.condition_kind, page.trigger.condition_text);
                    let condition = read_condition(&ConditionText { kind, text })?;
                    (condition, page.trigger.events)
                }
            };
            let room = Room {
                items: MOST_TAGS,
                bytes: MOST_BYTES,
            };
            let present = tag_list::list_tags(tx, &right, &TagFilter::default(), room)?;
            let changes = tag_history::list_changes(tx, &right, LAST_CHANGES)?;
            Ok::<_, Error>(ConditionTrial {
                more: present.more,
                tags: try_tags(&condition, present.items),
                pushes: try_changes(&condition, &events, changes),
            })
        });
        read.await
    }
}

fn try_tags(condition: &TagCondition, present: Vec<tags::TagPage>) -> Vec<TriedTag> {
    let tags = present.into_iter().map(|page| TriedTag {
        part: condition.find(&page.name),
        at: page.pushed_at,
        tag: page.name,
    });
    let mut tags: Vec<_> = tags.collect();
    // Stable: within each half they stay in order.
    tags.sort_by_key(|tried| tried.part.is_none());
    tags
}

fn try_changes(
    condition: &TagCondition,
    events: &[EventKind],
    changes: Vec<tag_history::TagChange>,
) -> Vec<TriedPush> {
    let pushes = changes.into_iter().map(|change| {
        let event = match (&change.from, &change.to) {
            (_, None) => EventKind::TagDeleted,
            (None, Some(_)) => EventKind::TagCreated,
            (Some(_), Some(_)) => EventKind::TagChanged,
        };
        TriedPush {
            matches: chooses(events, condition, event, &change.tag),
            part: condition.find(&change.tag),
            event,
            at: change.at,
            tag: change.tag,
        }
    });
    pushes.collect()
}
