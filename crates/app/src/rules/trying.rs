//! A rule tried before it is saved: what it would build of the repository's real refs, and under which tags. The same
//! functions decide and name that do so when it counts.

use super::{
    compile::{Compiled, compile, compile_naming},
    deciding::understand,
    definition::{Definition, NamingText},
    page::sort_refs,
    updates::RemoteRef,
};
use crate::{App, Context, Error};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use wharf_db::{builds, rules};
use wharf_model::{
    Granted, SourceId, Timestamp,
    builds::{
        CommitId, NamingFacts, RefName, RefUpdate, SkipReason, Verdict, decide_ref, name_tags,
    },
    rights::{ManageRules, ViewBuilds},
};
use wharf_oci::Tag;

/// Most refs that are listed; the counts are of all. A page of thousands helps nobody.
const MAX_SHOWN: usize = 500;

/// What a rule is tried on.
#[derive(Debug, Clone)]
pub enum TryOn {
    /// A repository of one of the caller's own sources.
    Remote {
        /// The source.
        source: SourceId,
        /// The repository there.
        remote: String,
    },
    /// The repository that a rule is pointed at already.
    Rule(String),
}

/// A ref under the tried rule.
#[derive(Debug, Clone)]
pub struct TriedRef {
    /// The ref.
    pub reference: RefName,
    /// What it stands at.
    pub commit: CommitId,
    /// Why a push of it would build nothing; none when it would.
    pub skipped: Option<SkipReason>,
    /// What its image would be called.
    pub tags: Result<Vec<Tag>, String>,
}

/// What a rule would do.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The refs, those that would be built first.
    pub refs: Vec<TriedRef>,
    /// How many would be built.
    pub built: usize,
    /// How many there are.
    pub total: usize,
    /// Tags that several refs would set: the last push wins.
    pub shared: Vec<Tag>,
}

/// The facts of an imagined build.
#[derive(Debug, Clone)]
pub struct ImaginedBuild {
    /// The branch or tag; none for a commit alone.
    pub reference: Option<RefName>,
    /// The commit.
    pub commit: CommitId,
    /// When; now when it is left out.
    pub time: Option<Timestamp>,
    /// `--build-arg`.
    pub build_args: BTreeMap<String, String>,
    /// The build's number.
    pub number: Option<u64>,
}

impl App {
    /// Tells what a rule would build of the refs that are there now. Nothing is kept.
    pub async fn try_rule(
        &self,
        context: &Context,
        repository: &str,
        on: TryOn,
        definition: &Definition,
    ) -> Result<Trial, Error> {
        let right: Granted<ManageRules> = self.authorize_named(context, repository).await?;
        let compiled = compile(definition)?;
        let refs = match on {
            TryOn::Remote { source, remote } => {
                let pointed = self.point_at(context, source, &remote).await?;
                pointed.refs.to_vec()
            }
            TryOn::Rule(name) => {
                let seen: Granted<ViewBuilds> = self.authorize_named(context, repository).await?;
                let find = self.db.read(move |tx| rules::find_rule(tx, &seen, &name));
                let rule = find.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
                let source = rule.source.ok_or(Error::Conflict {
                    what: "source_gone",
                })?;
                self.list_remote_refs(source, &rule.remote).await?
            }
        };
        let number = self
            .db
            .read(move |tx| builds::find_next_number(tx, right.repository()));
        let number = number.await.map_err(Error::from)?;
        let moment = Moment {
            now: self.clock.now(),
            zone: &self.settings.zone,
            number,
        };
        Ok(try_refs(&compiled, &definition.build_args, refs, &moment))
    }

    /// What an imagined build would be called.
    ///
    /// # Errors
    /// [`Error::Refused`] when the naming is not valid, or when it makes no name of these facts.
    pub fn preview_naming(
        &self,
        naming: &NamingText,
        build: &ImaginedBuild,
    ) -> Result<Vec<Tag>, Error> {
        let naming = compile_naming(naming)?;
        let facts = NamingFacts {
            reference: build.reference.as_ref(),
            commit: &build.commit,
            time: build.time.unwrap_or_else(|| self.clock.now()),
            zone: &self.settings.zone,
            arguments: &build.build_args,
            number: build.number,
        };
        name_tags(&naming, &facts).map_err(|error| Error::told("naming", "naming_fails", &error))
    }

    /// What the rule of this name would build, as it is saved: for who starts its heads.
    pub(super) async fn list_chosen_refs(
        &self,
        source: SourceId,
        rule: wharf_db::rules::Rule,
    ) -> Result<Vec<RemoteRef>, Error> {
        let mut refs = self.list_remote_refs(source, &rule.remote).await?;
        let rule = understand(rule).ok_or(Error::Conflict {
            what: "rule_broken",
        })?;
        refs.retain(|found| rule.compiled.trigger.chooses(&found.reference));
        sort_refs(&mut refs);
        Ok(refs)
    }
}

/// When and as the how-manieth build a rule is tried.
struct Moment<'a> {
    now: Timestamp,
    zone: &'a TimeZone,
    number: u64,
}

fn try_refs(
    compiled: &Compiled,
    arguments: &BTreeMap<String, String>,
    mut refs: Vec<RemoteRef>,
    moment: &Moment<'_>,
) -> Trial {
    sort_refs(&mut refs);
    let mut tried: Vec<_> = refs
        .into_iter()
        .map(|found| try_ref(compiled, arguments, found, moment))
        .collect();
    // Stable: within each half they stay in order.
    tried.sort_by_key(|tried| tried.skipped.is_some());
    let total = tried.len();
    let built = tried.iter().filter(|tried| tried.skipped.is_none()).count();
    let mut uses: BTreeMap<&Tag, usize> = BTreeMap::new();
    for tried in tried.iter().filter(|tried| tried.skipped.is_none()) {
        for tag in tried.tags.iter().flatten() {
            *uses.entry(tag).or_default() += 1;
        }
    }
    let shared = uses
        .into_iter()
        .filter(|(_, uses)| *uses > 1)
        .map(|(tag, _)| tag.clone())
        .collect();
    tried.truncate(MAX_SHOWN);
    Trial {
        refs: tried,
        built,
        total,
        shared,
    }
}

fn try_ref(
    compiled: &Compiled,
    arguments: &BTreeMap<String, String>,
    found: RemoteRef,
    moment: &Moment<'_>,
) -> TriedRef {
    let update = RefUpdate {
        reference: found.reference.clone(),
        old: None,
        new: Some(found.object.clone()),
    };
    let facts = NamingFacts {
        reference: Some(&found.reference),
        commit: &found.commit,
        time: moment.now,
        zone: moment.zone,
        arguments,
        number: Some(moment.number),
    };
    TriedRef {
        skipped: match decide_ref(&compiled.trigger, &update, None) {
            Verdict::Build => None,
            Verdict::Skip(reason) => Some(reason),
        },
        tags: name_tags(&compiled.naming, &facts).map_err(|error| error.to_string()),
        reference: found.reference,
        commit: found.commit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{FormText, LineText};

    fn found(reference: &str, digit: char) -> RemoteRef {
        let commit: CommitId = digit.to_string().repeat(40).parse().unwrap();
        RemoteRef {
            reference: reference.parse().unwrap(),
            object: commit.clone(),
            commit,
        }
    }

    fn try_on(definition: &Definition, refs: Vec<RemoteRef>) -> Trial {
        let moment = Moment {
            now: Timestamp::from_seconds(1_800_000_000),
            zone: &TimeZone::UTC,
            number: 7,
        };
        try_refs(
            &compile(definition).unwrap(),
            &definition.build_args,
            refs,
            &moment,
        )
    }

    #[test]
    fn a_trial_tells_what_would_be_built_and_as_what() {
        let mut definition = Definition::default();
        definition.trigger.branches = true;
        definition.trigger.branch_patterns = vec!["main".into(), "release/*".into()];
        definition.naming.also = vec!["latest".into()];
        let refs = vec![
            found("refs/tags/v1", '1'),
            found("refs/heads/topic", '2'),
            found("refs/heads/release/1", '3'),
            found("refs/heads/main", '4'),
        ];
        let trial = try_on(&definition, refs);
        assert_eq!((trial.built, trial.total), (2, 4));
        let names: Vec<_> = trial
            .refs
            .iter()
            .map(|tried| tried.reference.short())
            .collect();
        assert_eq!(names, ["main", "release/1", "topic", "v1"]);
        let tags = trial.refs[0].tags.as_ref().unwrap();
        assert_eq!(
            tags.iter().map(Tag::as_str).collect::<Vec<_>>(),
            ["main", "latest"]
        );
        assert!(
            trial.refs[1].tags.as_ref().unwrap()[0]
                .as_str()
                .starts_with("release-1-")
        );
        assert_eq!(trial.refs[2].skipped, Some(SkipReason::NoPatternMatches));
        assert_eq!(trial.refs[3].skipped, Some(SkipReason::TagsNotBuilt));
        assert_eq!(
            trial.shared.iter().map(Tag::as_str).collect::<Vec<_>>(),
            ["latest"]
        );
    }

    #[test]
    fn what_cannot_be_named_says_why() {
        let mut definition = Definition::default();
        definition.naming.form = FormText::DockerHub;
        definition.naming.lines = vec![LineText {
            of_tags: true,
            source: "/^v([0-9.]+)$/".into(),
            tags: "release-{\\1},{sourceref}".into(),
            automatic: true,
        }];
        let trial = try_on(
            &definition,
            vec![found("refs/tags/v1.2", '1'), found("refs/tags/beta", '2')],
        );
        let tags = trial.refs[0].tags.as_ref().unwrap();
        assert_eq!(
            tags.iter().map(Tag::as_str).collect::<Vec<_>>(),
            ["release-1.2", "v1.2"]
        );
        assert!(trial.refs[1].tags.as_ref().unwrap_err().contains("beta"));
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let refs = (0..MAX_SHOWN + 10)
            .map(|number| found(&format!("refs/tags/v{number}"), '1'))
            .collect();
        let trial = try_on(&Definition::default(), refs);
        assert_eq!((trial.refs.len(), trial.total), (MAX_SHOWN, MAX_SHOWN + 10));
    }
}
