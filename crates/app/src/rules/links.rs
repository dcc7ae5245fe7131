//! Links between images: read off the FROM lines of every build, and made by hand to whatever the person may read.
//!
//! Whether one closes a cycle is asked downwards from its base: what an image stands on is little and its owner's, what stands
//! on it may be everybody's.

use crate::{App, Context, Error, Listed, PageRequest, audit::record_audit};
use serde_json::json;
use std::collections::HashSet;
use wharf_client::ImageName;
use wharf_db::{
    DbError, Durability, Tx,
    builds::find_build,
    repositories::find_facts,
    rules::{
        self, Rule,
        links::{self, NewLink},
        rebuilds::{self, find_named},
    },
};
use wharf_model::{
    AuditAction, BuildId, Granted, LinkId, NamespaceId, RepositoryId, Timestamp,
    builds::TrustClass,
    rights::{ManageRules, Pull, ViewBuilds},
};
use wharf_oci::{Digest, RepositoryName, Tag};

pub use wharf_db::rules::links::Link;

/// Most links of a repository: a Dockerfile has few FROM lines.
const MAX_LINKS: u64 = 200;

/// Most of those with the ones that FROM lines make: many rules and branches have more, and with no bound at all whoever
/// writes FROM lines fills the table.
const MAX_NOTED: u64 = 1000;

/// Most images that a base may stand on, over all links: a dozen in good faith. With more, whoever links thousands of images
/// keeps the writer busy whenever something is linked to them.
const MAX_FOUNDATIONS: usize = 100;

/// A link, and whether who asks may know what it leads to.
#[derive(Debug, Clone)]
pub struct LinkPage {
    /// The link.
    pub link: Link,
    /// Whether the caller may read the base.
    pub readable: bool,
}

/// A link to be made by hand.
#[derive(Debug, Clone)]
pub struct LinkDraft {
    /// The image that it stands on: a repository of this registry.
    pub base: String,
    /// Which tag; any when there is none.
    pub tag: Option<String>,
    /// Only this rule; all of the repository's when there is none.
    pub rule: Option<String>,
}

impl App {
    /// One page of a repository's links.
    pub async fn list_links(
        &self,
        context: &Context,
        repository: &str,
        page: PageRequest,
    ) -> Result<Listed<LinkPage>, Error> {
        let right: Granted<ViewBuilds> = self.authorize_named(context, repository).await?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| links::list_links(tx, &right, &after, fetch));
        let listed = page.cut(found.await.map_err(Error::from)?, |link| {
            link.id.to_string()
        });
        let mut pages = Vec::with_capacity(listed.items.len());
        for link in listed.items {
            pages.push(self.show_link(context, link).await);
        }
        Ok(Listed {
            items: pages,
            next: listed.next,
        })
    }

    /// What a private repository of others is called is not told by a link that was made when it could be read.
    async fn show_link(&self, context: &Context, link: Link) -> LinkPage {
        let readable = self
            .authorize::<Pull>(&context.caller, &link.base_name)
            .await
            .is_ok();
        LinkPage { link, readable }
    }

    /// Links a repository to an image that the caller may read.
    pub async fn create_link(
        &self,
        context: &Context,
        repository: &str,
        draft: LinkDraft,
    ) -> Result<LinkPage, Error> {
        let (seen, right) = self.authorize_change(context, repository).await?;
        let base: RepositoryName = draft
            .base
            .parse()
            .map_err(|error| Error::refused("base", "refused_text", error))?;
        let base: Granted<Pull> = self
            .authorize(&context.caller, &base)
            .await
            .map_err(|_| Error::invalid("base", "no_such_repository"))?;
        let tag = draft.tag.as_deref().filter(|tag| !tag.is_empty());
        if let Some(tag) = tag {
            tag.parse::<Tag>()
                .map_err(|error| Error::told("tag", "tag", &error))?;
        }
        let tag = tag.unwrap_or_default().to_owned();
        let (context, now) = (context.clone(), self.clock.now());
        let made = self.db.write(Durability::Durable, move |tx| {
            let rule = match &draft.rule {
                Some(name) => {
                    let rule = rules::find_rule(tx, &seen, name)?;
                    Some(rule.ok_or(Error::invalid("rule", "no_such_rule"))?.id)
                }
                None => None,
            };
            if links::count_links(tx, right.repository())? >= MAX_LINKS {
                return Err(Error::LimitReached {
                    what: "links",
                    limit: MAX_LINKS,
                });
            }
            refuse_cycle(tx, base.repository(), right.repository())?;
            let new = NewLink {
                id: LinkId::new(),
                repository: right.repository(),
                rule,
                base: base.repository(),
                base_tag: tag.clone(),
                problem: None,
                created_by: context.caller.name.to_string(),
                maker: Some(context.caller.principal()),
                at: now,
            };
            if !links::insert_manual_link(tx, &right, &base, &new)? {
                return Err(Error::Conflict { what: "link" });
            }
            rebuilds::note_present_bases(tx, new.base, &new.base_tag)?;
            let facts = right.subject();
            let details = json!({ "base": base.subject().name.as_str(), "tag": tag });
            let (target, namespace) = (facts.name.as_str(), Some(facts.namespace));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::LinkCreate,
                target,
                namespace,
                &details,
            )?;
            links::find_link(tx, &right, new.id)?.ok_or(Error::NotFound)
        });
        let link = made.await?;
        Ok(LinkPage {
            link,
            readable: true,
        })
    }

    /// Switches a link on or off. One that a FROM line made stays off although the line stays.
    pub async fn switch_link(
        &self,
        context: &Context,
        repository: &str,
        id: LinkId,
        active: bool,
    ) -> Result<LinkPage, Error> {
        let right: Granted<ManageRules> = self.authorize_named(context, repository).await?;
        let (asked, context, now) = (context, context.clone(), self.clock.now());
        let switched = self.db.write(Durability::Durable, move |tx| {
            let link = links::find_link(tx, &right, id)?.ok_or(Error::NotFound)?;
            if active && !link.active {
                refuse_cycle(tx, link.base, link.repository)?;
                rebuilds::note_present_bases(tx, link.base, &link.base_tag)?;
            }
            links::switch_link(tx, &right, id, active)?;
            let facts = right.subject();
            let details = json!({ "base": link.base_name.as_str(), "active": active });
            let (target, namespace) = (facts.name.as_str(), Some(facts.namespace));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::LinkSwitch,
                target,
                namespace,
                &details,
            )?;
            links::find_link(tx, &right, id)?.ok_or(Error::NotFound)
        });
        let link = switched.await?;
        Ok(self.show_link(asked, link).await)
    }

    /// Removes a link that was made by hand; one of a FROM line can only be switched off, since it would come back.
    pub async fn delete_link(
        &self,
        context: &Context,
        repository: &str,
        id: LinkId,
    ) -> Result<(), Error> {
        let right: Granted<ManageRules> = self.authorize_named(context, repository).await?;
        let (context, now) = (context.clone(), self.clock.now());
        let deleted = self.db.write(Durability::Durable, move |tx| {
            let link = links::find_link(tx, &right, id)?.ok_or(Error::NotFound)?;
            if link.auto {
                return Err(Error::Conflict {
                    what: "link_of_from",
                });
            }
            links::delete_link(tx, &right, id)?;
            let facts = right.subject();
            let details = json!({ "base": link.base_name.as_str() });
            let (target, namespace) = (facts.name.as_str(), Some(facts.namespace));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::LinkDelete,
                target,
                namespace,
                &details,
            )?;
            Ok(())
        });
        deleted.await
    }

    /// Makes links of the FROM lines of a build of a rule, `bases`, and where the build read them all (`is_whole`) forgets
    /// those that its ref does not name any more. What is built loosely links nothing. Where a tag names something else
    /// already than what the build found, nobody else would notice: the rule waits to be built again.
    pub(crate) async fn link_bases(
        &self,
        build: BuildId,
        bases: Vec<OwnBase>,
        is_whole: bool,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let linked = self.db.write(Durability::Relaxed, move |tx| {
            let build = find_build(tx, build)?.filter(|build| build.trust == TrustClass::Rule);
            let Some(build) = build else {
                return Ok(());
            };
            let (rule, Some(reference)) = (build.rule.and_then(|rule| rule.id), build.reference)
            else {
                return Ok(());
            };
            let rule = rule
                .map(|rule| rules::find_rule_by_id(tx, rule))
                .transpose()?;
            let Some(rule) = rule.flatten() else {
                return Ok(());
            };
            let reference = reference.as_str();
            let mut named = HashSet::new();
            for asked in &bases {
                let Some(base) = find_base(tx, &asked.name, rule.namespace)? else {
                    continue;
                };
                note_link(tx, &rule, base, asked, reference, now)?;
                named.insert((base, asked.tag.to_string()));
            }
            if is_whole {
                links::forget_stale_links(tx, rule.id, reference, &named)?;
            }
            Ok::<_, Error>(())
        });
        linked.await
    }
}

/// The image that a FROM line names, if a build of this namespace may pull it.
fn find_base(
    tx: &mut Tx<'_>,
    name: &RepositoryName,
    namespace: NamespaceId,
) -> Result<Option<RepositoryId>, Error> {
    let facts = find_facts(tx, name)?;
    let readable = facts.filter(|facts| facts.public || facts.namespace == namespace);
    Ok(readable.map(|facts| facts.repository))
}

/// Whether an image with a link to `base` goes round, or nobody can tell because the base stands on too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Ends,
    GoesRound,
    TooLong,
}

fn find_way(tx: &mut Tx<'_>, base: RepositoryId, linked: RepositoryId) -> Result<Way, DbError> {
    let below = links::list_foundations(tx, base, MAX_FOUNDATIONS + 1)?;
    Ok(match below.contains(&linked) {
        true => Way::GoesRound,
        false if below.len() > MAX_FOUNDATIONS => Way::TooLong,
        false => Way::Ends,
    })
}

fn refuse_cycle(tx: &mut Tx<'_>, base: RepositoryId, linked: RepositoryId) -> Result<(), Error> {
    match find_way(tx, base, linked)? {
        Way::Ends => Ok(()),
        Way::GoesRound => Err(Error::Conflict { what: "link_cycle" }),
        Way::TooLong => Err(Error::LimitReached {
            what: "link_foundations",
            limit: MAX_FOUNDATIONS as u64,
        }),
    }
}

fn note_link(
    tx: &mut Tx<'_>,
    rule: &Rule,
    base: RepositoryId,
    asked: &OwnBase,
    reference: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let (repository, tag) = (rule.repository, &asked.tag);
    let mut new = NewLink {
        id: LinkId::new(),
        repository,
        rule: Some(rule.id),
        base,
        base_tag: tag.to_string(),
        problem: None,
        created_by: "system".to_owned(),
        maker: None,
        at: now,
    };
    let is_new = !links::name_again(tx, &new, reference)?;
    if is_new {
        if links::count_links(tx, repository)? >= MAX_NOTED {
            tracing::warn!(rule.id = %rule.id, "a FROM line is not followed: its repository has too many links");
            return Ok(());
        }
        let goes_round = !links::is_linked(tx, repository, base)?
            && find_way(tx, base, repository)? != Way::Ends;
        new.problem = goes_round.then_some("cycle");
        links::note_auto_link(tx, &new, reference)?;
    }
    rebuilds::note_present_bases(tx, base, tag.as_str())?;
    let present = find_named(tx, base, tag)?;
    if is_new && new.problem.is_none() && present.is_some() && present != asked.digest {
        rebuilds::want_rebuild(tx, rule.id, &format!("{}:{tag}", asked.name), now)?;
    }
    Ok(())
}

/// A base image of this registry that a build asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnBase {
    name: RepositoryName,
    tag: Tag,
    /// What the tag named then; none when the build did not get it.
    digest: Option<Digest>,
}

impl OwnBase {
    /// Of a name in this registry; none for one by digest, which never changes.
    pub(crate) fn of(
        image: &ImageName,
        name: &RepositoryName,
        digest: Option<Digest>,
    ) -> Option<Self> {
        Some(Self {
            name: name.clone(),
            tag: image.tag.clone().filter(|_| image.digest.is_none())?,
            digest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::find_own_name;

    #[test]
    fn what_a_from_line_names_by_tag_is_a_base_that_can_change() {
        let read = |text: &str| {
            let image: ImageName = text.parse().unwrap();
            let name = find_own_name(&["hub.example:5000".to_owned()], &image)?;
            OwnBase::of(&image, &name, None)
        };
        for (text, expected) in [
            ("hub.example:5000/acme/base", Some("acme/base:latest")),
            ("HUB.example:5000/acme/base:1", Some("acme/base:1")),
            ("hub.example:5000/alpine:3", Some("library/alpine:3")),
            ("hub.example/acme/base:1", None),
            ("alpine", None),
            (
                "hub.example:5000/acme/pinned@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                None,
            ),
        ] {
            let found = read(text).map(|base| format!("{}:{}", base.name, base.tag));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
