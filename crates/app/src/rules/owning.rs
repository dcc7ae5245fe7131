//! Which tags a rule owns: nothing that nobody vouches for may set them.
//!
//! A tag belongs to a rule when one of its builds set it, or when the rule as it is now would set it for a ref that is there
//! now. The second makes a rule's tags its own from the moment it is saved, before it has built anything. Who asks does so
//! in the transaction that queues a build, and again in the one that sets its tags: rules come and change in between.

use super::{deciding::understand, planning::Understood};
use crate::Settings;
use wharf_db::{
    DbError, Tx,
    builds::{find_next_number, list_owned},
    rules::{self, heads},
};
use wharf_model::{
    RepositoryId, Timestamp,
    builds::{NamingFacts, name_tags},
};
use wharf_oci::Tag;

/// The first of `tags` that belongs to a rule of the repository.
pub(crate) fn find_owned(
    tx: &mut Tx<'_>,
    settings: &Settings,
    repository: RepositoryId,
    tags: &[Tag],
    now: Timestamp,
) -> Result<Option<Tag>, DbError> {
    if let Some(tag) = list_owned(tx, repository, tags)?.into_iter().next() {
        return Ok(Some(tag));
    }
    let number = find_next_number(tx, repository)?;
    for rule in rules::list_rules_of_repository(tx, repository)? {
        // One that is switched off builds nothing, and keeps what it set.
        let Some(rule) = Some(rule).filter(|rule| rule.enabled).and_then(understand) else {
            continue;
        };
        if let Some(tag) = find_named(tx, settings, &rule, tags, number, now)? {
            return Ok(Some(tag));
        }
    }
    Ok(None)
}

/// The first of `tags` that the rule would set for a ref that it builds.
fn find_named(
    tx: &mut Tx<'_>,
    settings: &Settings,
    rule: &Understood,
    tags: &[Tag],
    number: u64,
    now: Timestamp,
) -> Result<Option<Tag>, DbError> {
    let trigger = &rule.compiled.trigger;
    for head in heads::list_heads(tx, rule.rule.id)?.into_values() {
        // A rule without a trigger builds any ref, when somebody asks it to.
        let builds = trigger.is_manual() || trigger.chooses(&head.reference);
        let Some(commit) = head.commit.or(head.object).filter(|_| builds) else {
            continue;
        };
        let facts = NamingFacts {
            reference: Some(&head.reference),
            commit: &commit,
            time: now,
            zone: &settings.zone,
            arguments: &rule.definition.build_args,
            number: Some(number),
        };
        // A ref that the rule cannot name is not built.
        let named = name_tags(&rule.compiled.naming, &facts).unwrap_or_default();
        if let Some(tag) = tags.iter().find(|tag| named.contains(tag)) {
            return Ok(Some(tag.clone()));
        }
    }
    Ok(None)
}
