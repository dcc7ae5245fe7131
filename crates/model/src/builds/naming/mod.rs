//! What the image of a build is called.
//!
//! [`name_tags`] is the one function for it: the preview of a rule, the simulator and the build call it, so none can say
//! something else. It is pure; the build's time, the zone and the arguments are given to it.

mod compose;
mod expressions;
mod moment;
mod parts;
mod render;
mod semver;
mod template;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use expressions::{ExpressionRule, Expressions};
pub use parts::Parts;
pub use render::Missing;
pub use template::{Template, TemplateError};

use super::{CommitId, RefName};
use crate::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use wharf_oci::{Tag, TagError};

/// Most tags of one build. Each is a row, an event and a link in lists; more are a mistake.
pub const MAX_TAGS: usize = 20;

/// How a rule names images: by one of three forms, and tags that are set besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagNaming {
    /// How the names are made.
    pub form: NamingForm,
    /// Set as well, whatever they stood on: "also overwrite `latest`". Not for a commit alone, which may be any, and old.
    pub also: Vec<Tag>,
}

/// The three ways to name an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamingForm {
    /// Prefix, branch or tag, time and commit, each on or off, joined by `-`.
    Parts(Parts),
    /// Texts with variables, a tag each.
    Templates(Vec<Template>),
    /// Docker Hub's lines: what matches is named after what matched.
    Expressions(Expressions),
}

impl Default for TagNaming {
    /// The branch's or tag's name.
    fn default() -> Self {
        Self {
            form: NamingForm::Parts(Parts::default()),
            also: Vec::new(),
        }
    }
}

/// What a name is made of.
#[derive(Debug, Clone)]
pub struct NamingFacts<'a> {
    /// The branch or tag that is built; `None` for a commit alone.
    pub reference: Option<&'a RefName>,
    /// The commit that is built.
    pub commit: &'a CommitId,
    /// When the build was asked for. Taken once a build, so that it has one name.
    pub time: Timestamp,
    /// Where that time is told: `[server] timezone`.
    pub zone: &'a TimeZone,
    /// The build arguments.
    pub arguments: &'a BTreeMap<String, String>,
    /// The build's number in its repository, once it has one.
    pub number: Option<u64>,
}

/// Why a build has no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamingError {
    /// A variable without a value.
    #[error("`{variable}` has no value: {reason}")]
    Missing {
        /// As it is written in the naming.
        variable: String,
        /// Why there is none.
        reason: Missing,
    },
    /// A build argument that a tag cannot hold.
    #[error(
        "the build argument {name} is `{value}`; a tag has only letters, digits, underscores, dots and dashes"
    )]
    Argument {
        /// The argument.
        name: String,
        /// What it is.
        value: String,
    },
    /// A time that a tag cannot hold.
    #[error("`{format}` makes `{text}` of the time, which a tag cannot hold")]
    Time {
        /// As written.
        format: String,
        /// What came out.
        text: String,
    },
    /// All parts together are no tag.
    #[error("the naming makes `{text}`, which is no tag")]
    NotATag {
        /// What came out.
        text: String,
        /// Why not.
        #[source]
        source: TagError,
    },
    /// None of Docker Hub's lines matches the ref.
    #[error("no line of the naming matches the {0}")]
    NoLineMatches(String),
    /// No form, and nothing besides.
    #[error("the naming makes no tag")]
    Nothing,
    /// More than [`MAX_TAGS`].
    #[error("a build has at most {MAX_TAGS} tags")]
    TooMany,
}

/// The tags of a build, in the order of the naming, each once.
///
/// The same facts give the same tags, always. A legal name of a branch or tag is kept as it is; in any other, runs of
/// characters that a tag cannot have become `-`, and `-` with the first 6 hexadecimal digits of the name's SHA-256 is
/// added, so that `a/b` and `a-b` stay two images. What is longer than 128 characters is cut in the branch's or tag's
/// name, else at the end, and gets such digits too. Fails where a variable has no value or the result would be no tag.
pub fn name_tags(naming: &TagNaming, facts: &NamingFacts<'_>) -> Result<Vec<Tag>, NamingError> {
    let mut tags = match &naming.form {
        NamingForm::Parts(parts) => vec![parts.name_tag(facts)?],
        NamingForm::Templates(templates) => templates
            .iter()
            .map(|template| {
                render::render(template, facts, None).and_then(|all| compose::compose(&all))
            })
            .collect::<Result<_, _>>()?,
        NamingForm::Expressions(expressions) => expressions.name_tags(facts)?,
    };
    if facts.reference.is_some() {
        tags.extend(naming.also.iter().cloned());
    }
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    match tags.len() {
        0 => Err(NamingError::Nothing),
        1..=MAX_TAGS => Ok(tags),
        _ => Err(NamingError::TooMany),
    }
}
