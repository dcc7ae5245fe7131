//! Which tags a rule owns: nothing that nobody vouches for may set them.
//!
//! A tag belongs to a rule when one of its builds set it, or when the rule as it is now would set it for a ref that is there
//! now. The second makes a rule's tags its own from the moment it is saved, before it has built anything. Who asks does so
//! in the transaction that queues a build, and again in the one that sets its tags: rules come and change in between.
//!
//! A repository may have a hundred thousand refs, and naming them all would keep every other writer waiting. So they are
//! named before ([`App::foresee_owned`]), and the transaction only looks whether rules and refs are still those.

use super::{deciding::understand, planning::Understood};
use crate::{App, Error, Settings};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use wharf_db::{
    DbError, Tx,
    builds::{find_next_number, list_owned},
    rules::{
        self,
        heads::{self, Head, HeadsMark},
    },
};
use wharf_model::{
    RepositoryId, RuleId, Timestamp,
    builds::{NamingFacts, name_tags},
};
use wharf_oci::Tag;

/// What the rules of a repository name its refs, as they were a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Foreseen {
    rules: HashMap<RuleId, Names>,
}

#[derive(Debug)]
struct Names {
    mark: Mark,
    tags: HashSet<Tag>,
}

/// What the names were made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    version: i64,
    heads: HeadsMark,
    at: Timestamp,
    /// The next build's number, where names have it in them.
    number: Option<u64>,
}

impl Foreseen {
    /// The names of a rule, if they were made of just this.
    fn find(&self, rule: RuleId, mark: &Mark) -> Option<&HashSet<Tag>> {
        let names = self.rules.get(&rule)?;
        let number = names.mark.number.and(mark.number);
        let mark = Mark { number, ..*mark };
        (names.mark == mark).then_some(&names.tags)
    }
}

impl App {
    /// Names all refs that rules of the repository know, beside every transaction.
    pub(crate) async fn foresee_owned(
        &self,
        repository: RepositoryId,
        now: Timestamp,
    ) -> Result<Arc<Foreseen>, Error> {
        let read = self.db.read(move |tx| {
            let rules = rules::list_rules_of_repository(tx, repository)?;
            Ok::<_, DbError>((rules, find_next_number(tx, repository)?))
        });
        let (rules, number) = read.await.map_err(Error::from)?;
        let mut foreseen = Foreseen::default();
        for rule in rules {
            let Some(rule) = Some(rule).filter(|rule| rule.enabled).and_then(understand) else {
                continue;
            };
            let id = rule.rule.id;
            let read = self.db.read(move |tx| {
                Ok::<_, DbError>((heads::mark_heads(tx, id)?, heads::list_heads(tx, id)?))
            });
            let (mark, known) = read.await.map_err(Error::from)?;
            let settings = self.settings.clone();
            let named = tokio::task::spawn_blocking(move || {
                let known: Vec<_> = known.into_values().collect();
                name_all(&settings, &rule, &known, mark, number, now)
            });
            foreseen
                .rules
                .insert(id, named.await.map_err(Error::internal)?);
        }
        Ok(Arc::new(foreseen))
    }
}

/// The first of `tags` that belongs to a rule of the repository. Rules and refs that changed since they were foreseen are
/// looked at again; `now` is the moment for which they were.
pub(crate) fn find_owned(
    tx: &mut Tx<'_>,
    settings: &Settings,
    repository: RepositoryId,
    tags: &[Tag],
    now: Timestamp,
    foreseen: &Foreseen,
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
        let id = rule.rule.id;
        let mark = Mark {
            version: rule.rule.version,
            heads: heads::mark_heads(tx, id)?,
            at: now,
            number: Some(number),
        };
        let again;
        let named = match foreseen.find(id, &mark) {
            Some(named) => named,
            None => {
                let known: Vec<_> = heads::list_heads(tx, id)?.into_values().collect();
                again = name_all(settings, &rule, &known, mark.heads, number, now);
                &again.tags
            }
        };
        if let Some(tag) = tags.iter().find(|tag| named.contains(*tag)) {
            return Ok(Some(tag.clone()));
        }
    }
    Ok(None)
}

/// All tags that the rule would set for the refs that it builds.
fn name_all(
    settings: &Settings,
    rule: &Understood,
    known: &[Head],
    heads: HeadsMark,
    number: u64,
    now: Timestamp,
) -> Names {
    let trigger = &rule.compiled.trigger;
    // A rule without a trigger builds any ref, when somebody asks it to.
    let builds = |head: &&Head| trigger.is_manual() || trigger.chooses(&head.reference);
    let name = |head: &Head, number| {
        let commit = head.commit.as_ref().or(head.object.as_ref())?;
        let facts = NamingFacts {
            reference: Some(&head.reference),
            commit,
            time: now,
            zone: &settings.zone,
            arguments: &rule.definition.build_args,
            number: Some(number),
        };
        // A ref that the rule cannot name is not built.
        name_tags(&rule.compiled.naming, &facts).ok()
    };
    let (mut tags, mut has_number) = (HashSet::new(), false);
    for head in known.iter().filter(builds) {
        let Some(named) = name(head, number) else {
            continue;
        };
        // One rule names all of its refs in one way.
        if tags.is_empty() {
            has_number = name(head, number + 1).is_none_or(|other| other != named);
        }
        tags.extend(named);
    }
    Names {
        mark: Mark {
            version: rule.rule.version,
            heads,
            at: now,
            number: has_number.then_some(number),
        },
        tags,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_only_while_rule_heads_and_moment_are_the_same() {
        let heads = HeadsMark::of(2, 7);
        let mark = Mark {
            version: 1,
            heads,
            at: Timestamp::from_seconds(9),
            number: Some(5),
        };
        let rule = RuleId::new();
        let foresee = |number| Foreseen {
            rules: HashMap::from([(
                rule,
                Names {
                    mark: Mark { number, ..mark },
                    tags: HashSet::new(),
                },
            )]),
        };
        let plain = foresee(None);
        assert!(plain.find(rule, &mark).is_some());
        let later = Mark {
            number: Some(6),
            ..mark
        };
        assert!(plain.find(rule, &later).is_some(), "no name has it");
        assert!(foresee(Some(5)).find(rule, &mark).is_some());
        assert!(foresee(Some(5)).find(rule, &later).is_none());
        for other in [
            Mark { version: 2, ..mark },
            Mark {
                heads: HeadsMark::of(3, 8),
                ..mark
            },
            Mark {
                heads: HeadsMark::of(2, 8),
                ..mark
            },
            Mark {
                at: Timestamp::from_seconds(10),
                ..mark
            },
        ] {
            assert!(plain.find(rule, &other).is_none(), "{other:?}");
        }
        assert!(plain.find(RuleId::new(), &mark).is_none());
    }
}
