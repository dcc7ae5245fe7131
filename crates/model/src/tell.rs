//! What is wrong with a text, as a key of the message catalogue (`told.…`), so that it is said in the reader's language.
//!
//! The errors themselves say it in English, for logs and programs.

use crate::{
    RemoteError,
    builds::{
        CommitError, MAX_PATTERN, MAX_PATTERNS, MAX_TAGS, NamingError, PathError, PatternError,
        RefError, TemplateError, TriggerError,
    },
    triggers::{ConditionError, MAX_LISTED, RangeError, TriggerNameError},
};
use std::fmt::Display;
use wharf_oci::TagError;

/// A sentence of the catalogue, with the one value that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Below `told.`.
    pub key: &'static str,
    /// What `{value}` stands for.
    pub value: String,
}

fn told(key: &'static str, value: impl Display) -> Told {
    Told {
        key,
        value: value.to_string(),
    }
}

/// Errors that the catalogue has a sentence for.
pub trait Tell: Display {
    /// Which.
    fn tell(&self) -> Told;
}

impl Tell for PatternError {
    fn tell(&self) -> Told {
        match self {
            Self::Empty => told("pattern_empty", ""),
            Self::TooLong => told("pattern_too_long", MAX_PATTERN),
            Self::Unclosed(text) => told("pattern_unclosed", text),
            Self::Glob(text) => told("pattern_glob", text),
            Self::Expression { reason, .. } => told("pattern_expression", reason),
            Self::TooLarge(text) => told("pattern_too_large", text),
        }
    }
}

impl Tell for PathError {
    fn tell(&self) -> Told {
        match self {
            Self::Leaves(path) => told("path_leaves", path),
            Self::Control => told("path_control", ""),
            Self::TooLong => told("path_too_long", ""),
        }
    }
}

impl Tell for TemplateError {
    fn tell(&self) -> Told {
        match self {
            Self::Empty => told("template_empty", ""),
            Self::TooLong => told("template_too_long", ""),
            Self::Open(text) => told("template_open", text),
            Self::Unknown(name) => told("template_unknown", name),
            Self::Digits(text) => told("template_digits", text),
            Self::Time(text) => told("template_time", text),
            Self::Argument(text) => told("template_argument", text),
            Self::Group { group, .. } => told("template_group", group),
            Self::Character(character) => told("template_character", character),
            Self::Begin(character) => told("template_begin", character),
        }
    }
}

impl Tell for NamingError {
    fn tell(&self) -> Told {
        match self {
            Self::Missing { variable, .. } => told("naming_missing", variable),
            Self::Argument { name, .. } => told("naming_argument", name),
            Self::Time { format, .. } => told("template_time", format),
            Self::NotATag { text, .. } => told("naming_not_a_tag", text),
            Self::NoLineMatches(reference) => told("naming_no_line", reference),
            Self::Nothing => told("naming_nothing", ""),
            Self::TooMany => told("naming_too_many", MAX_TAGS),
        }
    }
}

impl Tell for TriggerError {
    fn tell(&self) -> Told {
        match self {
            Self::NoPattern => told("filter_empty", ""),
            Self::TooManyPatterns => told("filter_too_many", MAX_PATTERNS),
        }
    }
}

impl Tell for TagError {
    fn tell(&self) -> Told {
        match self {
            Self::Empty => told("tag_empty", ""),
            Self::TooLong { .. } => told("tag_too_long", wharf_oci::Tag::MAX_LEN),
            Self::FirstCharacter => told("tag_first", ""),
            Self::Character { .. } => told("tag_character", ""),
        }
    }
}

impl Tell for ConditionError {
    fn tell(&self) -> Told {
        match self {
            Self::Empty => told("condition_empty", ""),
            Self::Superfluous => told("condition_superfluous", ""),
            Self::Tag(text) => told("condition_tag", text),
            Self::TooMany => told("condition_too_many", MAX_LISTED),
            Self::Slash(text) => told("condition_slash", text),
            Self::Pattern(error) => error.tell(),
            Self::Range(error) => error.tell(),
        }
    }
}

impl Tell for RangeError {
    fn tell(&self) -> Told {
        match self {
            Self::Empty => told("range_empty", ""),
            Self::TooLong => told("range_too_long", ""),
            Self::Malformed { range, .. } => told("range_malformed", range),
        }
    }
}

impl Tell for TriggerNameError {
    fn tell(&self) -> Told {
        told("trigger_name", "")
    }
}

impl Tell for RemoteError {
    fn tell(&self) -> Told {
        match self {
            Self::Length => told("remote_length", ""),
            Self::Form => told("remote_form", ""),
        }
    }
}

impl Tell for CommitError {
    fn tell(&self) -> Told {
        match self {
            Self::Shape => told("commit_shape", ""),
            Self::Prefix => told("commit_prefix", ""),
            Self::Zero => told("commit_zero", ""),
        }
    }
}

impl Tell for RefError {
    fn tell(&self) -> Told {
        match self {
            Self::Kind => told("ref_kind", ""),
            Self::Shape => told("ref_shape", ""),
            Self::TooLong => told("ref_too_long", ""),
        }
    }
}
