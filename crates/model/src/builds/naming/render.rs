//! Values of the variables of a template.

use super::compose::{Piece, has_tag_characters};
use super::moment::format_time;
use super::semver::parse_version;
use super::template::{Part, SemverPart, Template, Variable};
use super::{NamingError, NamingFacts};
use crate::builds::{RefKind, RefName};
use regex::Captures;
use std::fmt;

/// Why a variable has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// A commit alone is built.
    NoReference,
    /// A tag is built.
    NotABranch,
    /// A branch is built.
    NotATag,
    /// The name of the tag is no version.
    NoVersion(String),
    /// The version has no such part.
    NoPart(String),
    /// The rule has no such build argument, or an empty one.
    NoArgument,
    /// The build has no number yet.
    NoNumber,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReference => f.write_str("a commit is built, not a branch or tag"),
            Self::NotABranch => f.write_str("a tag is built, not a branch"),
            Self::NotATag => f.write_str("a branch is built, not a tag"),
            Self::NoVersion(name) => write!(f, "`{name}` is no version like 1.2.3"),
            Self::NoPart(name) => write!(f, "the version `{name}` has no such part"),
            Self::NoArgument => f.write_str("there is no such build argument, or it is empty"),
            Self::NoNumber => f.write_str("the build has no number yet"),
        }
    }
}

/// The pieces of `template`; `groups` are those of the line's expression.
pub(super) fn render(
    template: &Template,
    facts: &NamingFacts<'_>,
    groups: Option<&Captures<'_>>,
) -> Result<Vec<Piece>, NamingError> {
    let piece = |part: &Part| match part {
        Part::Text(text) => Ok(Piece::Text(text.clone())),
        Part::Variable(variable) => render_variable(variable, facts, groups),
    };
    template.parts().iter().map(piece).collect()
}

fn render_variable(
    variable: &Variable,
    facts: &NamingFacts<'_>,
    groups: Option<&Captures<'_>>,
) -> Result<Piece, NamingError> {
    let missing = |reason: Missing| NamingError::Missing {
        variable: variable.to_string(),
        reason,
    };
    match variable {
        Variable::Branch => name_of(facts, Some(RefKind::Branch)).map_err(missing),
        Variable::Tag => name_of(facts, Some(RefKind::Tag)).map_err(missing),
        Variable::Reference => name_of(facts, None).map_err(missing),
        Variable::Commit { digits } => Ok(Piece::Text(facts.commit.short(*digits).to_owned())),
        Variable::Time { format } => format_time(format, facts.time, facts.zone).map(Piece::Text),
        Variable::Semver(part) => version_part(*part, facts).map(Piece::Text).map_err(missing),
        Variable::Number => match facts.number {
            Some(number) => Ok(Piece::Text(number.to_string())),
            None => Err(missing(Missing::NoNumber)),
        },
        Variable::Argument(name) => {
            match facts.arguments.get(name).filter(|value| !value.is_empty()) {
                Some(value) if has_tag_characters(value) => Ok(Piece::Text(value.clone())),
                Some(value) => Err(NamingError::Argument {
                    name: name.clone(),
                    value: value.clone(),
                }),
                None => Err(missing(Missing::NoArgument)),
            }
        }
        // A group that took no part in the match is empty, as in Docker Hub's builds.
        Variable::Group(group) => Ok(Piece::Name(
            groups
                .and_then(|groups| groups.get(*group))
                .map_or_else(String::new, |found| found.as_str().to_owned()),
        )),
    }
}

fn name_of(facts: &NamingFacts<'_>, kind: Option<RefKind>) -> Result<Piece, Missing> {
    let reference = find_reference(facts)?;
    match kind {
        Some(RefKind::Branch) if reference.kind() != RefKind::Branch => Err(Missing::NotABranch),
        Some(RefKind::Tag) if reference.kind() != RefKind::Tag => Err(Missing::NotATag),
        _ => Ok(Piece::Name(reference.short().to_owned())),
    }
}

fn find_reference<'a>(facts: &NamingFacts<'a>) -> Result<&'a RefName, Missing> {
    facts.reference.ok_or(Missing::NoReference)
}

fn version_part(part: SemverPart, facts: &NamingFacts<'_>) -> Result<String, Missing> {
    let name = find_reference(facts)?.short();
    let version = parse_version(name).ok_or_else(|| Missing::NoVersion(name.to_owned()))?;
    let whole = || {
        let mut whole = format!("{}.{}.{}", version.major, version.minor?, version.patch?);
        if let Some(label) = version.prerelease {
            whole.push('-');
            whole.push_str(label);
        }
        Some(whole)
    };
    let value = match part {
        SemverPart::Major => Some(version.major.to_owned()),
        SemverPart::Minor => version.minor.map(str::to_owned),
        SemverPart::Patch => version.patch.map(str::to_owned),
        SemverPart::Prerelease => version.prerelease.map(str::to_owned),
        SemverPart::Version => whole(),
    };
    value.ok_or_else(|| Missing::NoPart(name.to_owned()))
}
