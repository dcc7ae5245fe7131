//! Why the value of an option cannot be used: catalogue keys, not sentences.

use wharf_messages::has_message;

use crate::failure::Failure;
use crate::session::Session;

/// An option that was given in vain. Its sentence is `option.KEY`, its hint `option.KEY_hint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands::build) struct OptionProblem {
    pub(super) key: &'static str,
    parameters: Vec<(&'static str, String)>,
}

impl OptionProblem {
    /// `option` as the person wrote it, with its dashes.
    pub(in crate::commands::build) fn new(
        key: &'static str,
        option: &str,
        value: impl Into<String>,
    ) -> Self {
        OptionProblem {
            key,
            parameters: vec![("option", option.to_owned()), ("value", value.into())],
        }
    }

    pub(in crate::commands::build) fn with(
        mut self,
        name: &'static str,
        value: impl Into<String>,
    ) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// The command was called wrongly.
    pub(in crate::commands::build) fn into_failure(self, session: &Session) -> Failure {
        let parameters: Vec<(&str, &str)> = self
            .parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let key = format!("option.{}", self.key);
        let failure = Failure::usage(session.text(&key, &parameters));
        let hint = format!("{key}_hint");
        match has_message(&hint) {
            true => failure.with_hint(session.text(&hint, &parameters)),
            false => failure,
        }
    }
}

#[cfg(test)]
impl OptionProblem {
    /// The key, for tests that name what is wrong.
    pub(in crate::commands::build) fn key(&self) -> &'static str {
        assert!(
            has_message(&format!("option.{}", self.key)),
            "{} has no sentence",
            self.key
        );
        self.key
    }
}
