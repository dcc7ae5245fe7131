//! Which tags a trigger is about.

use super::{RangeError, SemverRange};
use crate::builds::{Pattern, PatternError};
use std::{fmt, ops::Range, str::FromStr};
use wharf_oci::Tag;

/// Most tags of a list; more belong in an expression.
pub const MAX_LISTED: usize = 100;

/// Which tags a trigger is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagCondition {
    /// Every tag.
    All,
    /// These, in the order given.
    Listed(Vec<Tag>),
    /// What a regular expression finds in a name: it searches, `^v` and `1` are enough.
    Expression(Pattern),
    /// What a glob matches as a whole: `v*`, `release-?`.
    Glob(Pattern),
    /// What is a version of a range.
    Range(SemverRange),
}

/// The kinds of conditions, as a form chooses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionKind {
    /// [`TagCondition::All`]
    All,
    /// [`TagCondition::Listed`]
    Listed,
    /// [`TagCondition::Expression`]
    Expression,
    /// [`TagCondition::Glob`]
    Glob,
    /// [`TagCondition::Range`]
    Range,
}

/// Why a condition is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// A condition of this kind says something.
    #[error("the condition is empty")]
    Empty,
    /// Beside `all` there is nothing to say.
    #[error("the condition `all` takes no text")]
    Superfluous,
    /// In a list.
    #[error("`{0}` is no tag")]
    Tag(String),
    /// In a list.
    #[error("a list has at most {MAX_LISTED} tags")]
    TooMany,
    /// A glob with `/`, which no tag has.
    #[error("`{0}` has a `/`, which no tag has")]
    Slash(String),
    /// Expression or glob.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// Range.
    #[error(transparent)]
    Range(#[from] RangeError),
}

impl TagCondition {
    /// Reads what a form says: tags separated by `;`, an expression (`^[v]`, or between slashes), a glob, or a range.
    ///
    /// # Errors
    /// Says what is wrong with the text. A pattern's size is bounded, and it runs in linear time.
    pub fn read(kind: ConditionKind, text: &str) -> Result<Self, ConditionError> {
        let text = text.trim();
        match (kind, text.is_empty()) {
            (ConditionKind::All, true) => return Ok(Self::All),
            (ConditionKind::All, false) => return Err(ConditionError::Superfluous),
            (_, true) => return Err(ConditionError::Empty),
            (_, false) => {}
        }
        match kind {
            ConditionKind::All => Ok(Self::All),
            ConditionKind::Listed => read_list(text).map(Self::Listed),
            ConditionKind::Expression => {
                let is_closed = text.len() > 1 && text.starts_with('/') && text.ends_with('/');
                let closed = if is_closed {
                    text.to_owned()
                } else {
                    format!("/{text}/")
                };
                Ok(Self::Expression(closed.parse()?))
            }
            ConditionKind::Glob if text.contains('/') => Err(ConditionError::Slash(text.into())),
            ConditionKind::Glob => Ok(Self::Glob(text.parse()?)),
            ConditionKind::Range => Ok(Self::Range(text.parse()?)),
        }
    }

    /// Whether the tag is meant: the one answer for simulator and events.
    pub fn matches(&self, tag: &Tag) -> bool {
        match self {
            Self::All => true,
            Self::Listed(tags) => tags.contains(tag),
            Self::Expression(pattern) | Self::Glob(pattern) => pattern.is_match(tag.as_str()),
            Self::Range(range) => range.is_match(tag.as_str()),
        }
    }

    /// The part of a tag that makes it match, in bytes; an expression may find less than all of it, the other kinds are
    /// about whole tags. None where [`TagCondition::matches`] is false.
    pub fn find(&self, tag: &Tag) -> Option<Range<usize>> {
        match self {
            Self::Expression(pattern) => pattern.find(tag.as_str()),
            Self::All | Self::Listed(_) | Self::Glob(_) | Self::Range(_) => {
                self.matches(tag).then(|| 0..tag.as_str().len())
            }
        }
    }

    /// Its kind.
    pub fn kind(&self) -> ConditionKind {
        match self {
            Self::All => ConditionKind::All,
            Self::Listed(_) => ConditionKind::Listed,
            Self::Expression(_) => ConditionKind::Expression,
            Self::Glob(_) => ConditionKind::Glob,
            Self::Range(_) => ConditionKind::Range,
        }
    }

    /// What [`TagCondition::read`] reads as the same condition.
    pub fn text(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Listed(tags) => {
                let names: Vec<_> = tags.iter().map(Tag::as_str).collect();
                names.join(";")
            }
            Self::Expression(pattern) => {
                let text = pattern.as_str();
                text[1..text.len() - 1].to_owned()
            }
            Self::Glob(pattern) => pattern.to_string(),
            Self::Range(range) => range.to_string(),
        }
    }
}

fn read_list(text: &str) -> Result<Vec<Tag>, ConditionError> {
    let mut tags = Vec::new();
    for word in text
        .split(';')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let tag: Tag = word
            .parse()
            .map_err(|_| ConditionError::Tag(word.to_owned()))?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    match tags.len() {
        0 => Err(ConditionError::Empty),
        count if count > MAX_LISTED => Err(ConditionError::TooMany),
        _ => Ok(tags),
    }
}

impl ConditionKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Listed,
        Self::Expression,
        Self::Glob,
        Self::Range,
    ];

    /// The word in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Listed => "tags",
            Self::Expression => "regex",
            Self::Glob => "glob",
            Self::Range => "semver",
        }
    }
}

impl fmt::Display for ConditionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ConditionKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(kind: ConditionKind, text: &str, tag: &str) -> bool {
        let condition = TagCondition::read(kind, text).expect(text);
        assert_eq!(
            TagCondition::read(kind, &condition.text()).as_ref(),
            Ok(&condition)
        );
        condition.matches(&tag.parse().expect(tag))
    }

    #[test]
    fn each_kind_chooses_in_its_own_way() {
        use ConditionKind::{All, Expression, Glob, Listed, Range};
        assert!(matches(All, "", "anything"));
        assert!(matches(Listed, "v1; latest ;v1", "latest"));
        assert!(!matches(Listed, "v1;latest", "v1.0"));
        assert!(matches(Expression, "^[v]", "v1.2") && !matches(Expression, "^[v]", "1.v"));
        assert!(matches(Expression, "/^v/", "v1") && matches(Expression, "2", "v1.2"));
        assert!(matches(Glob, "v*", "v1.2") && !matches(Glob, "v*", "dev1"));
        assert!(matches(Range, "^1.2", "v1.4.0") && !matches(Range, "^1.2", "latest"));
    }

    #[test]
    fn an_expression_marks_what_it_found_and_the_others_whole_tags() {
        use ConditionKind::{All, Expression, Glob, Range};
        let find = |kind, text: &str, tag: &str| {
            let condition = TagCondition::read(kind, text).expect(text);
            condition.find(&tag.parse().expect(tag))
        };
        assert_eq!(find(Expression, "[0-9]+", "v12.3"), Some(1..3));
        assert_eq!(find(Expression, "^[0-9]", "v12.3"), None);
        assert_eq!(find(Glob, "v*", "v12.3"), Some(0..5));
        assert_eq!(find(All, "", "v1"), Some(0..2));
        assert_eq!(find(Range, ">=2", "v1.0"), None);
    }

    #[test]
    fn what_means_nothing_or_costs_too_much_is_refused() {
        use ConditionKind::{All, Expression, Glob, Listed, Range};
        for (kind, text) in [
            (All, "x"),
            (Listed, " ; "),
            (Listed, "a b"),
            (Listed, "-v"),
            (Expression, ""),
            (Expression, "("),
            (Expression, "a{1000}{1000}"),
            (Glob, "a/b"),
            (Glob, "["),
            (Range, "new"),
        ] {
            assert!(TagCondition::read(kind, text).is_err(), "{kind} {text}");
        }
        let long = "a".repeat(50_000);
        assert!(TagCondition::read(Expression, &long).is_err());
        let many: Vec<_> = (0..=MAX_LISTED).map(|count| format!("v{count}")).collect();
        assert_eq!(
            TagCondition::read(Listed, &many.join(";")),
            Err(ConditionError::TooMany)
        );
    }

    #[test]
    fn an_expression_that_repeats_what_repeats_ends_at_once() {
        let condition =
            TagCondition::read(ConditionKind::Expression, "(a+)+$").expect("it is small");
        let tag: Tag = format!("{}b", "a".repeat(127)).parse().expect("a tag");
        assert!(!condition.matches(&tag));
    }
}
