//! Builds started by hand: of a branch or tag, of a commit, of a Dockerfile that somebody pasted.

use super::{
    compile::check_arguments,
    deciding::{Origin, find_stop, record_start, understand},
    owning::{Foreseen, find_owned},
    planning::{NotPlanned, Understood, Wanted, plan_build},
    updates::RemoteRef,
};
use crate::{App, Context, Error, audit::record_audit, builds::require_room};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use wharf_db::{
    Durability, Tx, builds,
    builds::{Build, NewBuild},
    rules::{self, contexts},
};
use wharf_model::{
    Action, AuditAction, BuildId, ContextId, Granted, SourceId, Timestamp,
    builds::{
        BuildCause, BuildSource, BuildSpec, CommitId, CommitPrefix, RefFilter, RefName, TrustClass,
    },
    decide,
    rights::{ManageRules, Push, StartBuild, ViewBuilds},
};
use wharf_oci::Tag;

/// Longest Dockerfile that is pasted, in bytes: BuildKit takes no longer ones either.
const MAX_DOCKERFILE: usize = 1 << 20;

/// What to build.
#[derive(Debug, Clone)]
pub enum StartFrom {
    /// What a branch or tag stands at now.
    Ref(RefName),
    /// One commit.
    Commit(CommitId),
    /// The one that a branch or tag leads to and that begins so.
    Beginning(CommitPrefix),
}

/// A build of a rule to be started.
#[derive(Debug, Clone)]
pub struct RuleStart {
    /// The rule.
    pub rule: String,
    /// What to build.
    pub from: StartFrom,
    /// The image's tag, instead of what the rule would name it.
    pub version: Option<String>,
    /// Whether every step runs, whatever is cached.
    pub no_cache: bool,
}

/// A build of a Dockerfile to be started; no rule has a part in it.
#[derive(Debug, Clone, Default)]
pub struct DockerfileStart {
    /// Its text; none when it is in the context archive.
    pub dockerfile: Option<String>,
    /// Its path in the context archive.
    pub path: Option<String>,
    /// An archive that was uploaded for this.
    pub context: Option<ContextId>,
    /// The image's tag.
    pub version: String,
    /// `--build-arg`.
    pub build_args: BTreeMap<String, String>,
    /// `--target`.
    pub target: Option<String>,
    /// `--platform`.
    pub platforms: Vec<String>,
    /// Whether every step runs, whatever is cached.
    pub no_cache: bool,
}

/// What a start comes to: which commit, as which ref, trusted like whom.
struct Aim {
    reference: Option<RemoteRef>,
    commit: CommitId,
    trust: TrustClass,
}

impl App {
    /// Starts a build of a rule by hand.
    ///
    /// A developer builds what the rule would build; a maintainer any branch or tag. A commit that no branch or tag
    /// reaches is built without secrets, cannot set a tag that a rule owns, and needs the right to push as well; so does
    /// a version that somebody chose.
    pub async fn start_rule_build(
        &self,
        context: &Context,
        repository: &str,
        start: RuleStart,
    ) -> Result<Build, Error> {
        let right: Granted<StartBuild> = self.authorize_named(context, repository).await?;
        let seen: Granted<ViewBuilds> = self.authorize_named(context, repository).await?;
        let (rule, source) = self.find_startable(&seen, &start.rule).await?;
        let may_all = decide::<ManageRules>(&context.caller, right.subject()).is_ok();
        let aim = self.take_aim(&rule, source, &start.from, may_all).await?;
        let version = start.version.as_deref().map(parse_version).transpose()?;
        // Neither what is built nor what it is called comes from the rule alone: that is as good as a push.
        if aim.trust == TrustClass::Loose || version.is_some() {
            decide::<Push>(&context.caller, right.subject())?;
        }
        let (settings, context, now) = (self.settings.clone(), context.clone(), self.clock.now());
        let rule_id = rule.rule.id;
        let foreseen = match aim.trust {
            TrustClass::Loose => self.foresee_tags(&right, now).await?,
            TrustClass::Rule => Arc::new(Foreseen::default()),
        };
        let started = self.db.write(Durability::Durable, move |tx| {
            let rule = rules::find_rule_by_id(tx, rule_id)?.ok_or(Error::NotFound)?;
            let rule = understand(rule).ok_or(Error::Conflict {
                what: "rule_broken",
            })?;
            let starter = context.caller.principal();
            let wanted = Wanted {
                reference: aim.reference.as_ref().map(|found| &found.reference),
                commit: &aim.commit,
                trust: aim.trust,
                follow_head: aim.reference.is_some(),
                cause: BuildCause::Manual,
                author: "",
                message: "",
                started_by: &context.caller.name,
                starter: Some(&starter),
                tags: version.as_ref().map(std::slice::from_ref),
                no_cache: start.no_cache,
            };
            let mut planned = plan_by_hand(tx, &settings, &rule, wanted, now)?;
            planned.tags_by_hand = version.is_some();
            require_room(tx, &settings, &planned)?;
            if aim.trust == TrustClass::Loose {
                refuse_owned(tx, &settings, &planned, &foreseen)?;
                planned.rule = Some(builds::RuleRef {
                    id: Some(rule.rule.id),
                    name: rule.rule.name.clone(),
                });
            }
            let build = builds::insert_build(tx, &planned)?;
            if let Some(found) = &aim.reference {
                let origin = Origin {
                    cause: BuildCause::Manual,
                    origin: &context.caller.name,
                    now,
                };
                record_start(tx, rule.rule.id, found, build.id, origin)?;
            }
            audit_start(tx, &context, &right, &build, now)?;
            Ok::<_, Error>(build)
        });
        let build = started.await?;
        self.wake_builds();
        Ok(build)
    }

    /// A rule that may build now, and its source.
    pub(super) async fn find_startable(
        &self,
        seen: &Granted<ViewBuilds>,
        name: &str,
    ) -> Result<(Understood, SourceId), Error> {
        let (seen, name) = (seen.clone(), name.to_owned());
        let find = self.db.read(move |tx| rules::find_rule(tx, &seen, &name));
        let rule = find.await.map_err(Error::from)?;
        let rule = rule.ok_or(Error::invalid("rule", "no_such_rule"))?;
        if let Some(what) = find_stop(rule.source_state) {
            return Err(Error::Conflict { what });
        }
        let source = rule.source.ok_or(Error::Conflict {
            what: "source_gone",
        })?;
        let rule = understand(rule).ok_or(Error::Conflict {
            what: "rule_broken",
        })?;
        Ok((rule, source))
    }

    /// Whose tags are whose is asked of every ref that rules know: only for a build that there is room for.
    async fn foresee_tags(
        &self,
        right: &Granted<StartBuild>,
        now: Timestamp,
    ) -> Result<Arc<Foreseen>, Error> {
        let (namespace, limit) = (right.subject().namespace, self.settings.namespace_queue);
        let count = self
            .db
            .read(move |tx| builds::count_waiting(tx, namespace, None));
        if count.await.map_err(Error::from)? >= limit {
            return Err(Error::LimitReached {
                what: "queued_builds",
                limit,
            });
        }
        self.foresee_owned(right.subject().repository, now).await
    }

    async fn take_aim(
        &self,
        rule: &Understood,
        source: SourceId,
        from: &StartFrom,
        may_all: bool,
    ) -> Result<Aim, Error> {
        let refs = self.list_remote_refs(source, &rule.rule.remote).await?;
        let trigger = &rule.compiled.trigger;
        match from {
            StartFrom::Ref(reference) => {
                let found = refs.into_iter().find(|found| found.reference == *reference);
                let found = found.ok_or(Error::invalid("ref", "no_such_ref"))?;
                if !may_all && !trigger.is_manual() && !trigger.chooses(reference) {
                    return Err(Error::Denied(Action::ManageRules));
                }
                Ok(Aim {
                    commit: found.commit.clone(),
                    reference: Some(found),
                    trust: TrustClass::Rule,
                })
            }
            StartFrom::Commit(commit) => {
                let reachable = is_head(&refs, commit)
                    || self
                        .is_remote_commit_reachable(source, &rule.rule.remote, commit)
                        .await?;
                Ok(aim_at_commit(
                    rule,
                    &refs,
                    commit.clone(),
                    reachable,
                    may_all,
                ))
            }
            StartFrom::Beginning(prefix) => {
                let found = self.find_beginning_commit(source, &rule.rule.remote, prefix);
                Ok(aim_at_commit(rule, &refs, found.await?, true, may_all))
            }
        }
    }

    /// Starts a build of a Dockerfile, with or without a context archive. It is trusted like anybody's: no secrets, a cache
    /// of its own, and no tag that a rule owns. It can hold anything, so it needs the right to push as well.
    pub async fn start_dockerfile_build(
        &self,
        context: &Context,
        repository: &str,
        start: DockerfileStart,
    ) -> Result<Build, Error> {
        let right: Granted<StartBuild> = self.authorize_named(context, repository).await?;
        decide::<Push>(&context.caller, right.subject())?;
        let version = parse_version(&start.version)?;
        let spec = make_spec(&start)?;
        let settings = self.settings.clone();
        let (context, now) = (context.clone(), self.clock.now());
        let (id, archive) = (BuildId::new(), start.context);
        let foreseen = self.foresee_tags(&right, now).await?;
        if let Some(archive) = archive {
            self.hand_over_context(archive, id).await?;
        }
        let started = self.db.write(Durability::Durable, move |tx| {
            if let Some(archive) = archive {
                let by = context.caller.principal();
                if !contexts::take_context(tx, &right, archive, &by, id)? {
                    return Err(Error::invalid("context", "no_such_context"));
                }
            }
            let facts = right.subject();
            let new = NewBuild {
                id,
                repository: facts.repository,
                namespace: facts.namespace,
                rule: None,
                trust: TrustClass::Loose,
                cause: BuildCause::Manual,
                reference: None,
                commit: None,
                author: String::new(),
                message: String::new(),
                spec: spec.clone(),
                tags: vec![version.clone()],
                tags_by_hand: true,
                report_status: false,
                started_by: context.caller.name.to_string(),
                starter: Some(context.caller.principal()),
                retry_of: None,
                at: now,
            };
            require_room(tx, &settings, &new)?;
            refuse_owned(tx, &settings, &new, &foreseen)?;
            let build = builds::insert_build(tx, &new)?;
            audit_start(tx, &context, &right, &build, now)?;
            Ok::<_, Error>(build)
        });
        let started = started.await;
        if let Some(archive) = archive {
            self.settle_context(archive, id, started.is_ok()).await;
        }
        let build = started?;
        self.wake_builds();
        Ok(build)
    }
}

fn is_head(refs: &[RemoteRef], commit: &CommitId) -> bool {
    refs.iter().any(|found| found.commit == *commit)
}

/// A commit, and how far it is trusted. Which branch leads to an older commit is not known: a rule that is choosy trusts its
/// heads only.
fn aim_at_commit(
    rule: &Understood,
    refs: &[RemoteRef],
    commit: CommitId,
    reachable: bool,
    may_all: bool,
) -> Aim {
    let trigger = &rule.compiled.trigger;
    let mut heads = refs.iter().filter(|found| found.commit == commit);
    let own = heads.any(|found| trigger.chooses(&found.reference));
    let trusts_all = may_all || trigger.is_manual() || matches!(trigger.branches, RefFilter::All);
    Aim {
        reference: None,
        commit,
        trust: match own || reachable && trusts_all {
            true => TrustClass::Rule,
            false => TrustClass::Loose,
        },
    }
}

/// Plans a build by hand. A commit that the rule cannot name by itself is named by its first digits.
pub(super) fn plan_by_hand(
    tx: &mut Tx<'_>,
    settings: &crate::Settings,
    rule: &Understood,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Result<NewBuild, Error> {
    match plan_build(tx, settings, rule, &wanted, now) {
        Ok(planned) => Ok(planned),
        Err(NotPlanned::Database(error)) => Err(error.into()),
        Err(NotPlanned::Naming(_)) if wanted.reference.is_none() && wanted.tags.is_none() => {
            let tag: Tag = wanted.commit.short(8).parse().map_err(Error::internal)?;
            let named = Wanted {
                tags: Some(std::slice::from_ref(&tag)),
                ..wanted
            };
            match plan_build(tx, settings, rule, &named, now) {
                Ok(planned) => Ok(planned),
                Err(NotPlanned::Database(error)) => Err(error.into()),
                Err(NotPlanned::Naming(error)) => {
                    Err(Error::told("version", "naming_fails", &error))
                }
            }
        }
        Err(NotPlanned::Naming(error)) => Err(Error::told("version", "naming_fails", &error)),
    }
}

/// A tag that a rule owns is not for others to set.
fn refuse_owned(
    tx: &mut Tx<'_>,
    settings: &crate::Settings,
    new: &NewBuild,
    foreseen: &Foreseen,
) -> Result<(), Error> {
    match find_owned(tx, settings, new.repository, &new.tags, new.at, foreseen)? {
        Some(tag) => Err(Error::refused("version", "tag_of_rule", tag)),
        None => Ok(()),
    }
}

pub(super) fn audit_start(
    tx: &mut Tx<'_>,
    context: &Context,
    right: &Granted<StartBuild>,
    build: &Build,
    now: Timestamp,
) -> Result<(), Error> {
    let facts = right.subject();
    let details = json!({
        "build": build.number,
        "ref": build.reference.as_ref().map(ToString::to_string),
        "commit": build.commit.as_ref().map(ToString::to_string),
    });
    let (target, namespace) = (facts.name.as_str(), Some(facts.namespace));
    Ok(record_audit(
        tx,
        context,
        now,
        AuditAction::BuildStart,
        target,
        namespace,
        &details,
    )?)
}

fn parse_version(text: &str) -> Result<Tag, Error> {
    text.parse()
        .map_err(|error| Error::told("version", "tag", &error))
}

fn make_spec(start: &DockerfileStart) -> Result<BuildSpec, Error> {
    check_arguments(&start.build_args)?;
    let text = start.dockerfile.clone().unwrap_or_default();
    if text.trim().is_empty() && start.context.is_none() {
        return Err(Error::invalid("dockerfile", "required"));
    }
    if text.len() > MAX_DOCKERFILE {
        return Err(Error::invalid("dockerfile", "too_long"));
    }
    if !text.trim().is_empty() && start.path.is_some() {
        return Err(Error::invalid("path", "dockerfile_given"));
    }
    let path: wharf_model::builds::DockerfilePath = start
        .path
        .as_deref()
        .unwrap_or_default()
        .parse()
        .map_err(|error| Error::told("path", "refused_text", &error))?;
    let definition = super::Definition {
        target: start.target.clone(),
        platforms: start.platforms.clone(),
        ..super::Definition::default()
    };
    super::compile::check_rest(&definition, &wharf_model::builds::BuildBounds::default())?;
    Ok(BuildSpec {
        dockerfile: path.as_str().to_owned(),
        build_args: start.build_args.clone(),
        target: start.target.clone(),
        platforms: start.platforms.clone(),
        no_cache: start.no_cache,
        ..BuildSpec::of(BuildSource::Dockerfile {
            text,
            context: start.context.is_some(),
        })
    })
}
