//! A rule and a commit become a build: what is to be done, and under which tags.

use super::{compile::Compiled, definition::Definition};
use crate::Settings;
use wharf_db::{
    DbError, Tx,
    builds::{NewBuild, RuleRef, find_next_number},
    rules::{self, Rule},
};
use wharf_model::{
    BuildId, Timestamp,
    builds::{
        BuildCause, BuildSource, BuildSpec, CommitId, NamingError, NamingFacts, RefName,
        TrustClass, name_tags,
    },
};
use wharf_oci::Tag;

/// A rule with everything that was understood of it.
pub(crate) struct Understood {
    /// Its row.
    pub(crate) rule: Rule,
    /// What it says.
    pub(crate) definition: Definition,
    /// What that means.
    pub(crate) compiled: Compiled,
}

/// What is to be built, and why.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The branch or tag, if it is one.
    pub(crate) reference: Option<&'a RefName>,
    /// The commit.
    pub(crate) commit: &'a CommitId,
    /// Whom it is trusted like.
    pub(crate) trust: TrustClass,
    /// Whether tags are set only while the commit is the head of the ref.
    pub(crate) follow_head: bool,
    /// Why.
    pub(crate) cause: BuildCause,
    /// Who wrote the commit, where that is known.
    pub(crate) author: &'a str,
    /// What they said, where that is known.
    pub(crate) message: &'a str,
    /// Who started it.
    pub(crate) started_by: &'a str,
    /// Their account, if a person did.
    pub(crate) starter: Option<&'a str>,
    /// Tags that somebody chose, instead of the rule's naming.
    pub(crate) tags: Option<&'a [Tag]>,
    /// Whether the cache is left aside this once.
    pub(crate) no_cache: bool,
}

/// Why a build was not planned.
#[derive(Debug)]
pub(crate) enum NotPlanned {
    /// Its image has no name.
    Naming(NamingError),
    /// The database.
    Database(DbError),
}

impl From<DbError> for NotPlanned {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

/// Plans a build of a rule, in the transaction that will insert it.
pub(crate) fn plan_build(
    tx: &mut Tx<'_>,
    settings: &Settings,
    rule: &Understood,
    wanted: &Wanted<'_>,
    now: Timestamp,
) -> Result<NewBuild, NotPlanned> {
    let Understood {
        rule,
        definition,
        compiled,
    } = rule;
    let tags = match wanted.tags {
        Some(tags) => tags.to_vec(),
        None => {
            let facts = NamingFacts {
                reference: wanted.reference,
                commit: wanted.commit,
                time: now,
                zone: &settings.zone,
                arguments: &definition.build_args,
                number: Some(find_next_number(tx, rule.repository)?),
            };
            name_tags(&compiled.naming, &facts).map_err(NotPlanned::Naming)?
        }
    };
    let source = BuildSource::Git {
        source: rule.source,
        repository: rule.remote.to_string(),
        url: find_clone_url(rule),
        submodules: definition.submodules,
        follow_head: wanted.follow_head,
    };
    let secrets = match wanted.trust {
        TrustClass::Rule => rules::list_rule_secrets(tx, rule.id)?,
        // Nobody knows whose commit that is.
        TrustClass::Loose => Vec::new(),
    };
    let spec = BuildSpec {
        dockerfile: compiled.dockerfile.as_str().to_owned(),
        directory: compiled.directory.as_str().to_owned(),
        build_args: definition.build_args.clone(),
        secrets: secrets.into_iter().map(|secret| secret.name).collect(),
        target: definition.target.clone(),
        platforms: definition.platforms.clone(),
        network: definition.network,
        no_cache: wanted.no_cache || !definition.cache,
        limits: definition.limits,
        push_also: match wanted.trust {
            TrustClass::Rule => definition.push_also.clone(),
            TrustClass::Loose => Vec::new(),
        },
        readme: definition.readme && wanted.trust == TrustClass::Rule,
        // Who asks for a build by hand means it.
        skip_ci: definition.skip_ci && matches!(wanted.cause, BuildCause::Push | BuildCause::Poll),
        ..BuildSpec::of(source)
    };
    Ok(NewBuild {
        id: BuildId::new(),
        repository: rule.repository,
        namespace: rule.namespace,
        rule: Some(RuleRef {
            id: Some(rule.id),
            name: rule.name.clone(),
        }),
        trust: wanted.trust,
        cause: wanted.cause,
        reference: wanted.reference.cloned(),
        commit: Some(wanted.commit.clone()),
        author: wanted.author.to_owned(),
        message: first_line(wanted.message),
        spec,
        tags,
        tags_by_hand: false,
        report_status: definition.report_status && rule.source_kind.has_api(),
        started_by: wanted.started_by.to_owned(),
        starter: wanted.starter.map(str::to_owned),
        retry_of: None,
        at: now,
    })
}

/// Longest line of a message that a record keeps: what fits into a list.
const MAX_LINE: usize = 200;

fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.chars()
        .filter(|character| !character.is_control())
        .take(MAX_LINE)
        .collect()
}

/// What is cloned. Code hosts with an API add `.git`; a plain server's paths are as they are.
fn find_clone_url(rule: &Rule) -> String {
    let (address, remote) = (&rule.source_address, &rule.remote);
    if rule.source_kind.has_api() {
        format!("{address}/{remote}.git")
    } else {
        format!("{address}/{remote}")
    }
}
