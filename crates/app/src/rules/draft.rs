//! A rule as somebody wants it, checked: its texts, and that the one who points it at a repository may browse there.

use super::{
    compile::{check_rest, compile},
    definition::Definition,
    secrets::{MAX_SECRETS, check_secret},
    updates::RemoteRef,
};
use crate::{App, Context, Error, accounts::require_manager};
use std::sync::Arc;
use wharf_db::sources::{self, Source};
use wharf_model::{RemotePath, SecretText, SourceId};

/// A rule to be made.
#[derive(Debug, Clone)]
pub struct RuleDraft {
    /// Its name, unique in the repository.
    pub name: String,
    /// The account on a code host, one of the caller's own.
    pub source: SourceId,
    /// The repository there.
    pub remote: String,
    /// Whether it builds by itself.
    pub enabled: bool,
    /// What it says.
    pub definition: Definition,
    /// Build secrets, by the id that `RUN --mount=type=secret` names.
    pub secrets: Vec<(String, SecretText)>,
}

/// What an edit changes besides the definition; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct RuleEdit {
    /// Its name.
    pub name: Option<String>,
    /// The account on a code host, one of the caller's own.
    pub source: Option<SourceId>,
    /// The repository there.
    pub remote: Option<String>,
    /// Whether it builds by itself.
    pub enabled: Option<bool>,
    /// The version that was seen; when it is another one by now, nothing is changed.
    pub version: Option<i64>,
}

/// A repository of a source that the caller may point rules at, with its refs as they are now.
pub(super) struct Pointed {
    pub(super) source: Source,
    pub(super) remote: RemotePath,
    pub(super) refs: Arc<[RemoteRef]>,
}

impl App {
    /// Checks everything about a draft that can be checked without its host.
    pub(super) fn check_draft(&self, draft: &RuleDraft) -> Result<(), Error> {
        check_rule_name(&draft.name)?;
        self.check_definition(&draft.definition)?;
        if draft.secrets.len() > MAX_SECRETS {
            return Err(Error::refused("secrets", "too_many", MAX_SECRETS));
        }
        for (name, value) in &draft.secrets {
            check_secret(name, value)?;
        }
        Ok(())
    }

    pub(super) fn check_definition(&self, definition: &Definition) -> Result<(), Error> {
        compile(definition)?;
        check_rest(definition, &self.builds.settings.bounds)
    }

    /// Refuses what only the owner of a rule's source may change.
    pub(super) async fn require_own_source(
        &self,
        context: &Context,
        source: Option<SourceId>,
    ) -> Result<(), Error> {
        let owner = require_manager(&context.caller)?;
        let found = match source {
            Some(source) => {
                let find = self
                    .db
                    .read(move |tx| sources::find_own_source(tx, owner, source));
                find.await.map_err(Error::from)?
            }
            None => None,
        };
        match found {
            Some(_) => Ok(()),
            None => Err(Error::invalid("submodules", "not_your_source")),
        }
    }

    /// Finds a repository of one of the caller's own sources and asks for its refs.
    pub(super) async fn point_at(
        &self,
        context: &Context,
        source: SourceId,
        remote: &str,
    ) -> Result<Pointed, Error> {
        let owner = require_manager(&context.caller)?;
        let remote: RemotePath = remote
            .parse()
            .map_err(|error| Error::told("remote", "refused_text", &error))?;
        let find = self
            .db
            .read(move |tx| sources::find_own_source(tx, owner, source));
        let found = find.await.map_err(Error::from)?;
        let source = found.ok_or(Error::invalid("source", "not_your_source"))?;
        let remote = self.find_canonical_remote(&source, &remote).await?;
        let refs = self.list_remote_refs(source.id, &remote).await?;
        Ok(Pointed {
            source,
            remote,
            refs: refs.into(),
        })
    }
}

/// A rule's name stands in addresses and tables: letters, digits, `.`, `_` and `-`.
pub(super) fn check_rule_name(name: &str) -> Result<(), Error> {
    let reason = if name.is_empty() {
        "empty"
    } else if name.len() > 64 {
        "too_long"
    } else if !name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        || name.starts_with(['.', '-'])
    {
        "invalid_characters"
    } else {
        return Ok(());
    };
    Err(Error::invalid("name", reason))
}
