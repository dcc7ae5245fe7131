//! What one run of the program knows about the world around it: language, environment, terminal, time zone.
//!
//! Read once at the start and passed down, so that no command asks the process itself.

use std::borrow::Cow;
use std::io::IsTerminal;

use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wharf_messages::{Language, render};

use crate::config::Environment;

/// How a command prints its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns, local times and rounded sizes, for people
    #[default]
    Table,
    /// The management API's own JSON, for programs
    Json,
}

/// The surroundings of one run.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) language: Language,
    pub(crate) format: Format,
    pub(crate) environment: Environment,
    pub(crate) zone: TimeZone,
    /// When the run began: what "in 30 days" counts from.
    pub(crate) now: Timestamp,
    pub(crate) stdin_is_terminal: bool,
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
}

impl Session {
    /// Looks at the process: the only place that does.
    pub(crate) fn from_process(format: Format) -> Self {
        // Variables that are not Unicode cannot be settings of ours.
        let environment: Environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let variable = |name: &str| environment.get(name).map(String::as_str);
        let language = Language::from_environment_values(
            variable("LC_ALL"),
            variable("LC_MESSAGES"),
            variable("LANG"),
        );
        Session {
            language,
            format,
            zone: TimeZone::system(),
            now: Timestamp::now(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            environment,
        }
    }

    /// An environment variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A sentence of the catalogue in the reader's language.
    pub(crate) fn text(&self, key: &str, parameters: &[(&str, &str)]) -> Cow<'static, str> {
        render(self.language, key, parameters)
    }

    /// Says something to the person: on stderr, because stdout is for data alone.
    pub(crate) fn say(&self, key: &str, parameters: &[(&str, &str)]) {
        eprintln!("{}", self.text(key, parameters));
    }
}

#[cfg(test)]
impl Session {
    /// A session that depends on nothing around the test.
    pub(crate) fn for_test(environment: &[(&str, &str)]) -> Self {
        Session {
            language: Language::En,
            format: Format::Table,
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            zone: TimeZone::UTC,
            now: "2026-03-04T05:06:07Z".parse().expect("a valid time"),
            stdin_is_terminal: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
        }
    }
}
