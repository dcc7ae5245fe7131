//! What is wrong with a setting, where it was written, and how that reads.
//!
//! A problem holds a catalogue key and parameters, not a sentence, so that one list serves both languages and JSON.

use std::path::PathBuf;

use wharf_messages::{Language, render};

/// Whether a server may start in spite of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
}

impl Severity {
    /// The stable word for JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Line and column count from 1; the column counts characters.
    File {
        path: PathBuf,
        line: usize,
        column: usize,
    },
    Environment(String),
    Flag(&'static str),
    /// An administrator, while the server ran.
    Console,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::File { path, line, column } => {
                write!(formatter, "{}:{line}:{column}", path.display())
            }
            Place::Environment(name) => formatter.write_str(name),
            Place::Flag(name) => formatter.write_str(name),
            Place::Console => formatter.write_str("console"),
        }
    }
}

/// What a value parser says about a value it cannot use: a catalogue key and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    key: &'static str,
    parameters: Vec<(&'static str, String)>,
}

impl Complaint {
    pub(crate) fn new(key: &'static str) -> Self {
        Complaint {
            key,
            parameters: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }
}

/// One thing that is wrong, or doubtful, with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    pub(crate) place: Option<Place>,
    /// The setting as `section.key`, where it is about one.
    pub(crate) setting: Option<String>,
    complaint: Complaint,
}

impl Problem {
    pub(crate) fn error(key: &'static str) -> Self {
        Problem::new(Severity::Error, Complaint::new(key))
    }

    pub(crate) fn warning(key: &'static str) -> Self {
        Problem::new(Severity::Warning, Complaint::new(key))
    }

    pub(crate) fn new(severity: Severity, complaint: Complaint) -> Self {
        Problem {
            severity,
            place: None,
            setting: None,
            complaint,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.complaint = self.complaint.with(name, value);
        self
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub(crate) fn about(mut self, setting: impl Into<String>) -> Self {
        self.setting = Some(setting.into());
        self
    }

    /// The sentence as the catalogue has it: its key and what it says.
    pub(crate) fn parts(&self) -> (&'static str, &[(&'static str, String)]) {
        (self.complaint.key, &self.complaint.parameters)
    }

    /// The stable name of this kind of problem.
    pub(crate) fn code(&self) -> &'static str {
        self.complaint.key.trim_start_matches("config.")
    }

    /// The sentence alone.
    pub(crate) fn render_message(&self, language: Language) -> String {
        let parameters: Vec<(&str, &str)> = self
            .complaint
            .parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        render(language, self.complaint.key, &parameters).into_owned()
    }

    /// One line: where, which setting, what is wrong.
    pub(crate) fn render_line(&self, language: Language) -> String {
        let mut line = String::new();
        if let Some(place) = &self.place {
            line.push_str(&place.to_string());
            line.push_str(": ");
        }
        if let Some(setting) = &self.setting {
            line.push_str(setting);
            line.push_str(": ");
        }
        line.push_str(&self.render_message(language));
        line
    }
}
