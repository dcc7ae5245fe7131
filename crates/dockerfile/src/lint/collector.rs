//! Gathering findings, those left out that are not wanted.

use super::{Finding, LintConfig, LintReport, Rule};
use crate::{
    Error, Lines, Source,
    parser::find_check,
    suggest::{did_you_mean, suggest},
};

/// How many findings of one run get a suggestion. Each compares a name with all others; who has a hundred mistakes
/// misses no suggestion in the next, and a hostile file has thousands.
const MAX_SUGGESTIONS: usize = 100;

pub(super) struct Collector {
    config: LintConfig,
    suggestions_left: usize,
    findings: Vec<Finding>,
}

impl Collector {
    pub(super) fn new(config: LintConfig) -> Collector {
        Collector {
            config,
            suggestions_left: MAX_SUGGESTIONS,
            findings: Vec::new(),
        }
    }

    /// A finding about the file as a whole: comments have no say in it.
    pub(super) fn report(&mut self, rule: Rule, lines: Lines, message: String) {
        self.report_at(rule, lines, &[], message);
    }

    /// A finding about an instruction: `# check=` in the comments above it applies.
    pub(super) fn report_at(
        &mut self,
        rule: Rule,
        lines: Lines,
        comments: &[String],
        message: String,
    ) {
        if self.allows(rule, comments) {
            self.findings.push(Finding {
                rule,
                message,
                lines,
            });
        }
    }

    /// ` (did you mean X?)` with the nearest of the names behind `prefix`, or nothing.
    pub(super) fn suggest<'a>(
        &mut self,
        written: &str,
        prefix: &str,
        names: impl IntoIterator<Item = &'a str>,
    ) -> String {
        if self.suggestions_left == 0 {
            return String::new();
        }
        self.suggestions_left -= 1;
        did_you_mean(&suggest(written, names).map(|name| format!("{prefix}{name}")))
    }

    pub(super) fn finish(mut self, source: Source, error: Option<Error>) -> LintReport {
        // Stable: findings of one line stay in the order of the rules that made them.
        self.findings.sort_by_key(|finding| finding.lines.first);
        LintReport {
            fails: self.config.error && !self.findings.is_empty(),
            source,
            findings: self.findings,
            error,
        }
    }

    fn allows(&self, rule: Rule, comments: &[String]) -> bool {
        let mut comments = comments.iter();
        let directive = comments.find_map(|comment| find_check(&format!("#{comment}")));
        match directive.and_then(|found| LintConfig::parse(&found.value).ok()) {
            Some(local) => self.config.merge(&local).allows(rule),
            None => self.config.allows(rule),
        }
    }
}
