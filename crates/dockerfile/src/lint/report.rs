//! What lint answers.

use super::Rule;
use crate::{Error, Excerpt, Lines, Source};
use serde::Serialize;

/// The findings in the file's order, and what stopped the checking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintReport {
    pub source: Source,
    pub findings: Vec<Finding>,
    pub error: Option<Error>,
    /// `error=true` was said and there is a finding.
    pub fails: bool,
}

/// A rule that the file does not follow, at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub rule: Rule,
    pub message: String,
    pub lines: Lines,
}

impl Finding {
    /// The source around it, for showing below the message.
    pub fn excerpt(&self, source: &Source) -> Option<Excerpt> {
        Excerpt::around(source, self.lines, None)
    }
}
