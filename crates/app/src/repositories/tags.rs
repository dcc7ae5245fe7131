//! Tags: listed with what they name, and deleted, one or many.

use super::{
    pages::{MAX_TERM, parse_name},
    people::hide_people,
};
use crate::{
    App, Context, Error, Listed, PageRequest,
    audit::record_audit_of_many,
    list::{read_place, write_place},
};
use std::collections::{BTreeSet, HashSet};
use wharf_db::{
    Direction, Durability, Order,
    tag_list::{self, TagFilter},
    tags::{self, Cause, Mover},
};
use wharf_model::{
    AuditAction, Granted,
    rights::{Delete, Pull},
};
use wharf_oci::{Reference, Tag};

pub use wharf_db::{tag_list::TagSort, tags::TagPage};

/// Most tags of one deletion: each is a move with its history, its event and its line of the audit log, in one transaction
/// that others wait for.
const MOST_DELETED: usize = 1000;

/// Which tags are wanted, and in which order.
#[derive(Debug, Clone, Default)]
pub struct TagQuery {
    /// Only names that contain this.
    pub term: String,
    /// Only what runs on this `os/architecture`.
    pub platform: Option<String>,
    /// The order.
    pub sort: TagSort,
    /// Its direction.
    pub direction: Direction,
}

/// One page of tags, with what a list says about itself.
#[derive(Debug, Clone)]
pub struct TagList {
    /// The page.
    pub page: Listed<TagPage>,
    /// How many tags there are.
    pub total: u64,
    /// How many of them are what is wanted.
    pub matching: u64,
    /// The platforms that occur among all of them, in order; only told with the first page.
    pub platforms: Option<Vec<String>>,
}

/// What became of tags that were to be deleted.
#[derive(Debug, Clone)]
pub struct DeletedTags {
    /// Those that are gone now.
    pub deleted: Vec<Tag>,
    /// Those that were not there.
    pub missing: Vec<String>,
}

impl App {
    /// One page of a repository's tags.
    pub async fn list_tags(
        &self,
        context: &Context,
        repository: &str,
        query: TagQuery,
        page: PageRequest,
    ) -> Result<TagList, Error> {
        let name = parse_name(repository)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        for (field, text) in [
            ("q", Some(&query.term)),
            ("platform", query.platform.as_ref()),
        ] {
            if text.is_some_and(|text| text.len() > MAX_TERM) {
                return Err(Error::invalid(field, "too_long"));
            }
        }
        let sort = query.sort;
        let filter = TagFilter {
            term: query.term,
            platform: query.platform,
            sort,
            direction: query.direction,
            after: read_place(&page, sort == TagSort::Name)?,
        };
        let (room, is_first) = (page.room(), page.after.is_none());
        let wanted = right.clone();
        let found = self.db.read(move |tx| {
            let right = wanted;
            let (total, matching) = tag_list::count_tags(tx, &right, &filter)?;
            let part = tag_list::list_tags(tx, &right, &filter, room)?;
            let lists = match is_first {
                true => Some(tag_list::list_platforms(tx, &right)?),
                false => None,
            };
            Ok::<_, Error>((part, total, matching, lists))
        });
        let (mut part, total, matching, lists) = found.await?;
        hide_people(&context.caller, right.subject(), &mut part.items);
        let by_name = sort == TagSort::Name;
        Ok(TagList {
            page: Listed::of(part, |tag| {
                write_place(by_name, sort.number(tag), tag.name.as_str())
            }),
            total,
            matching,
            platforms: lists.map(|lists| join_platforms(&lists)),
        })
    }

    /// Deletes one tag; the version it named stays.
    pub async fn delete_tag(
        &self,
        context: &Context,
        repository: &str,
        tag: &str,
    ) -> Result<(), Error> {
        let name = parse_name(repository)?;
        let right: Granted<Delete> = self.authorize(&context.caller, &name).await?;
        let tag: Tag = tag.parse().map_err(|_| Error::NotFound)?;
        self.delete_manifest(context, &right, &Reference::Tag(tag))
            .await
    }

    /// Deletes tags, all that are there or none; the versions that they named stay.
    pub async fn delete_tags(
        &self,
        context: &Context,
        repository: &str,
        wanted: Vec<String>,
    ) -> Result<DeletedTags, Error> {
        let name = parse_name(repository)?;
        let right: Granted<Delete> = self.authorize(&context.caller, &name).await?;
        if wanted.is_empty() {
            return Err(Error::invalid("tags", "empty"));
        }
        if wanted.len() > MOST_DELETED {
            let limit = MOST_DELETED.to_string();
            return Err(Error::refused("tags", "too_many", limit));
        }
        let wanted: BTreeSet<String> = wanted.into_iter().collect();
        let context = context.clone();
        let mover = Mover {
            actor: context.caller.name.to_string(),
            cause: Cause::Delete,
            at: self.clock.now(),
        };
        let (order, repository) = (Order::Repository(right.repository()), right.repository());
        let deleted = self
            .db
            .write_in_order(Durability::Durable, order, move |tx| {
                let possible: Vec<Tag> =
                    wanted.iter().filter_map(|text| text.parse().ok()).collect();
                let deleted = tags::delete_tags(tx, &right, &possible, &mover)?;
                let facts = right.subject();
                let targets: Vec<_> = deleted
                    .iter()
                    .map(|tag| format!("{}:{tag}", facts.name))
                    .collect();
                let place = Some(facts.namespace);
                let action = AuditAction::TagDelete;
                record_audit_of_many(tx, &context, mover.at, action, &targets, place)?;
                let gone: HashSet<&str> = deleted.iter().map(Tag::as_str).collect();
                let missing = wanted.iter().filter(|text| !gone.contains(text.as_str()));
                let missing = missing.cloned().collect();
                Ok::<_, Error>(DeletedTags { deleted, missing })
            });
        let deleted = deleted.await?;
        for tag in &deleted.deleted {
            self.memory.tags.forget(&(repository, tag.clone()));
        }
        self.triggers.tell_event();
        Ok(deleted)
    }
}

/// All platforms of lists that we wrote as JSON.
fn join_platforms(lists: &[String]) -> Vec<String> {
    let all: BTreeSet<String> = lists
        .iter()
        .flat_map(|list| serde_json::from_str::<Vec<String>>(list).unwrap_or_default())
        .collect();
    all.into_iter().collect()
}
