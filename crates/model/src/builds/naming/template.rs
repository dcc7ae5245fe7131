//! Texts with variables.

use super::compose::has_tag_characters;
use super::moment;
use crate::Timestamp;
use jiff::tz::TimeZone;
use std::{fmt, str::FromStr};

/// Longest template, in bytes: four tags long, since a variable's name may be longer than what it stands for.
const MAX_TEMPLATE: usize = 512;

/// A text with variables, of which a tag is made.
///
/// `{branch}` `{tag}` `{ref}` (either; Docker Hub's `{sourceref}` is the same), `{sha}` `{sha:8}`, `{date:%Y-%m-%d}`
/// (strftime(3); `{date}` is `%Y%m%d%H%M%S`), `{semver.major}` `{semver.minor}` `{semver.patch}` `{semver.prerelease}`
/// `{semver.version}`, `{build}` (the build's number), `${NAME}` (a build argument); in Docker Hub's lines also `{\1}` to
/// `{\9}`. The text around them holds only what a tag can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Variable(Variable),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Variable {
    Branch,
    Tag,
    Reference,
    Commit { digits: usize },
    Time { format: String },
    Semver(SemverPart),
    Number,
    Argument(String),
    Group(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SemverPart {
    Major,
    Minor,
    Patch,
    Prerelease,
    Version,
}

/// Why a template is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Nothing.
    #[error("a naming is not empty")]
    Empty,
    /// Longer than is read.
    #[error("a naming has at most {MAX_TEMPLATE} bytes")]
    TooLong,
    /// A `{` without its `}`.
    #[error("`{0}` has a `{{` without its `}}`")]
    Open(String),
    /// No such variable.
    #[error(
        "`{{{0}}}` is no variable; there are {{branch}} {{tag}} {{ref}} {{sha}} {{sha:8}} {{date:%Y%m%d}} {{semver.version}} \
         {{semver.major}} {{semver.minor}} {{semver.patch}} {{semver.prerelease}} {{build}} and ${{ARGUMENT}}"
    )]
    Unknown(String),
    /// `{sha:0}`, `{sha:x}`.
    #[error("`{{{0}}}` asks for no number of digits from 1 to 64")]
    Digits(String),
    /// Not for strftime(3), or it writes what no tag can hold.
    #[error("the time format `{0}` is none, or writes what a tag cannot hold")]
    Time(String),
    /// `${}` around something that is no argument's name.
    #[error("`${{{0}}}` names no build argument")]
    Argument(String),
    /// A group that the expression does not have, or no expression at all.
    #[error("`{{\\{group}}}` stands for group {group} of an expression, and there are {groups}")]
    Group {
        /// Asked for.
        group: usize,
        /// Present.
        groups: usize,
    },
    /// A character around the variables that no tag can hold.
    #[error("a tag cannot hold `{0}`: it has only letters, digits, underscores, dots and dashes")]
    Character(char),
    /// A dot or dash in front.
    #[error("a tag does not begin with `{0}`")]
    Begin(char),
}

impl Template {
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Reads a template of a line whose expression has so many groups.
    pub(super) fn parse(text: &str, groups: usize) -> Result<Self, TemplateError> {
        if text.is_empty() {
            return Err(TemplateError::Empty);
        }
        if text.len() > MAX_TEMPLATE {
            return Err(TemplateError::TooLong);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, inside) = (&rest[..at], &rest[at + 1..]);
            let Some((name, after)) = inside.split_once('}') else {
                return Err(TemplateError::Open(text.to_owned()));
            };
            let variable = match before.strip_suffix('$') {
                Some(before) => {
                    push_text(before, &mut parts)?;
                    parse_argument(name)?
                }
                None => {
                    push_text(before, &mut parts)?;
                    parse_variable(name, groups)?
                }
            };
            parts.push(Part::Variable(variable));
            rest = after;
        }
        push_text(rest, &mut parts)?;
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }
}

fn push_text(text: &str, parts: &mut Vec<Part>) -> Result<(), TemplateError> {
    if let Some(stray) = text
        .chars()
        .find(|one| !has_tag_characters(one.encode_utf8(&mut [0; 4])))
    {
        return Err(TemplateError::Character(stray));
    }
    if parts.is_empty()
        && let Some(first @ ('.' | '-')) = text.chars().next()
    {
        return Err(TemplateError::Begin(first));
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(())
}

fn parse_argument(name: &str) -> Result<Variable, TemplateError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(legal) || name.as_bytes()[0].is_ascii_digit() {
        return Err(TemplateError::Argument(name.to_owned()));
    }
    Ok(Variable::Argument(name.to_owned()))
}

fn parse_variable(name: &str, groups: usize) -> Result<Variable, TemplateError> {
    if let Some(digit) = name.strip_prefix('\\') {
        return parse_group(name, digit, groups);
    }
    let (word, detail) = match name.split_once(':') {
        Some((word, detail)) => (word, Some(detail)),
        None => (name, None),
    };
    match (word, detail) {
        ("branch", None) => Ok(Variable::Branch),
        ("tag", None) => Ok(Variable::Tag),
        ("ref" | "sourceref", None) => Ok(Variable::Reference),
        ("sha", None) => Ok(Variable::Commit { digits: 64 }),
        ("sha", Some(digits)) => match digits.parse() {
            Ok(digits @ 1..=64) => Ok(Variable::Commit { digits }),
            _ => Err(TemplateError::Digits(name.to_owned())),
        },
        ("date", format) => parse_time(format.unwrap_or(moment::PLAIN)),
        ("semver.major", None) => Ok(Variable::Semver(SemverPart::Major)),
        ("semver.minor", None) => Ok(Variable::Semver(SemverPart::Minor)),
        ("semver.patch", None) => Ok(Variable::Semver(SemverPart::Patch)),
        ("semver.prerelease", None) => Ok(Variable::Semver(SemverPart::Prerelease)),
        ("semver.version", None) => Ok(Variable::Semver(SemverPart::Version)),
        ("build", None) => Ok(Variable::Number),
        _ => Err(TemplateError::Unknown(name.to_owned())),
    }
}

fn parse_group(name: &str, digit: &str, groups: usize) -> Result<Variable, TemplateError> {
    match digit.parse() {
        Ok(group @ 1..=9) if group <= groups => Ok(Variable::Group(group)),
        Ok(group @ 1..=9) => Err(TemplateError::Group { group, groups }),
        _ => Err(TemplateError::Unknown(name.to_owned())),
    }
}

/// Formats a time to try, so that what can never work is refused when the rule is saved.
fn parse_time(format: &str) -> Result<Variable, TemplateError> {
    moment::format_time(format, Timestamp::from_seconds(0), &TimeZone::UTC)
        .map_err(|_| TemplateError::Time(format.to_owned()))?;
    Ok(Variable::Time {
        format: format.to_owned(),
    })
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        Self::parse(text, 0)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch => f.write_str("{branch}"),
            Self::Tag => f.write_str("{tag}"),
            Self::Reference => f.write_str("{ref}"),
            Self::Commit { digits } => write!(f, "{{sha:{digits}}}"),
            Self::Time { format } => write!(f, "{{date:{format}}}"),
            Self::Semver(part) => write!(f, "{{semver.{}}}", part.word()),
            Self::Number => f.write_str("{build}"),
            Self::Argument(name) => write!(f, "${{{name}}}"),
            Self::Group(group) => write!(f, "{{\\{group}}}"),
        }
    }
}

impl SemverPart {
    fn word(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
            Self::Prerelease => "prerelease",
            Self::Version => "version",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_survive_their_text() {
        for text in [
            "{branch}-{sha:8}",
            "v-${VERSION}",
            "{date:%Y-%m}",
            "latest",
            "{sourceref}",
            "{semver.major}",
        ] {
            let template: Template = text.parse().unwrap();
            assert_eq!(template.to_string(), text);
        }
        assert!(Template::parse("release-{\\1}", 1).is_ok());
    }

    #[test]
    fn what_can_never_make_a_tag_is_refused_when_it_is_written() {
        let refuse = |text: &str| text.parse::<Template>().unwrap_err();
        assert_eq!(refuse(""), TemplateError::Empty);
        assert_eq!(refuse("{branch"), TemplateError::Open("{branch".into()));
        assert_eq!(refuse("{brunch}"), TemplateError::Unknown("brunch".into()));
        assert_eq!(
            refuse("{branch:3}"),
            TemplateError::Unknown("branch:3".into())
        );
        assert_eq!(refuse("{sha:0}"), TemplateError::Digits("sha:0".into()));
        assert_eq!(refuse("{sha:999}"), TemplateError::Digits("sha:999".into()));
        assert_eq!(refuse("{date:%H:%M}"), TemplateError::Time("%H:%M".into()));
        assert_eq!(refuse("{date:}"), TemplateError::Time(String::new()));
        assert_eq!(refuse("{date:%!}"), TemplateError::Time("%!".into()));
        assert_eq!(refuse("${1A}"), TemplateError::Argument("1A".into()));
        assert_eq!(refuse("a b"), TemplateError::Character(' '));
        assert_eq!(refuse("$VERSION"), TemplateError::Character('$'));
        assert_eq!(refuse("a}"), TemplateError::Character('}'));
        assert_eq!(refuse("-{branch}"), TemplateError::Begin('-'));
        assert_eq!(
            refuse("{\\1}"),
            TemplateError::Group {
                group: 1,
                groups: 0
            }
        );
        assert_eq!(refuse("{\\0}"), TemplateError::Unknown("\\0".into()));
        assert_eq!(refuse(&"a".repeat(513)), TemplateError::TooLong);
        assert!(refuse("{x}").to_string().contains("{branch} {tag}"));
    }
}
