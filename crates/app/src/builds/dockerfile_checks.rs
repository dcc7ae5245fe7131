//! A look at a Dockerfile that somebody is writing: what would stop its build, and what it could do better.
//!
//! The same rules as `wharf build --check` and a build's warnings, on the text alone: no base image is asked, so what one
//! might set is not called undefined. A text is short, few are looked at together and its variables grow little, because it
//! is read in this process and not in a worker. Called by the API, for the console's editor.

use crate::{App, Context, Error, places::Asker};
use std::collections::{BTreeMap, BTreeSet};
use wharf_builder::host_platform;
use wharf_dockerfile::lint::{LintInput, LintReport, lint_at_most};

pub use wharf_dockerfile::lint::Rule as DockerfileRule;

/// Longest text in bytes that is looked at. Longest ones that people write have a third of it; work grows with its square.
const MAX_TEXT: usize = 32 * 1024;

/// Most lines that may begin a stage. Each can copy the environment of another.
const MAX_STAGES: usize = 100;

/// How much variables may add to one word, in bytes; a build allows a megabyte. Less would call wrong what people write; with
/// more, a text of patterns over long values keeps a processor busy for seconds.
const MAX_EXPANDED: usize = 2 * 1024;

/// Most findings that are told. Who has so many mends the first ones and looks again.
const MAX_FINDINGS: usize = 200;

/// Longest message in characters: a word of the file may be in it.
const MAX_MESSAGE: usize = 500;

/// One thing about a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerfileFinding {
    /// Counted from 1.
    pub first_line: u32,
    /// The last line of the instruction.
    pub last_line: u32,
    /// Where in the first line, in characters from 1; known of what stops a build.
    pub column: Option<u32>,
    /// The rule that it does not follow; none for what stops a build.
    pub rule: Option<DockerfileRule>,
    /// What it is, in the words of BuildKit.
    pub message: String,
    /// What to do about what stops a build, where that is known.
    pub hint: Option<&'static str>,
}

impl App {
    /// What there is to say about a Dockerfile, in its order.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text that is longer than what people write, or has more stages; [`Error::Crowded`] when too
    /// many wait to be looked at.
    pub async fn check_dockerfile(
        &self,
        context: &Context,
        text: String,
    ) -> Result<Vec<DockerfileFinding>, Error> {
        if text.len() > MAX_TEXT {
            return Err(Error::refused("dockerfile", "too_long", MAX_TEXT));
        }
        if count_stages(&text) > MAX_STAGES {
            return Err(Error::refused("dockerfile", "too_many", MAX_STAGES));
        }
        let places = &self.builds.check_places;
        places
            .run(Asker::Request(context), move || look_at(&text))
            .await
    }
}

/// Lines that may begin a stage; one too many for a here-document that happens to have such lines.
fn count_stages(text: &str) -> usize {
    let is_from = |line: &&str| {
        let word = line.split_whitespace().next().unwrap_or_default();
        word.eq_ignore_ascii_case("from")
    };
    text.lines().filter(is_from).count()
}

fn look_at(text: &str) -> Vec<DockerfileFinding> {
    let platform = host_platform();
    let input = LintInput {
        given: &BTreeMap::new(),
        build_platform: &platform,
        target_platform: &platform,
        target: None,
        every_stage: true,
        contexts: &BTreeSet::new(),
        images: &BTreeMap::new(),
        ignore: None,
    };
    list_findings(lint_at_most(text.as_bytes(), &input, MAX_EXPANDED))
}

fn list_findings(report: LintReport) -> Vec<DockerfileFinding> {
    let last_line = report.source.line_count().max(1);
    let rules = report.findings.into_iter().map(|found| DockerfileFinding {
        first_line: found.lines.first,
        last_line: found.lines.last,
        column: None,
        rule: Some(found.rule),
        message: clip(&found.message),
        hint: None,
    });
    let error = report.error.map(|error| {
        let place = error.position();
        // What is about the file as a whole is shown at its end, where somebody goes on writing.
        let lines = error.lines();
        DockerfileFinding {
            first_line: place.map_or(last_line, |place| place.line),
            last_line: lines.map_or(last_line, |lines| lines.last),
            column: place.map(|place| place.column),
            rule: None,
            message: clip(&error.problem().to_string()),
            hint: error.hint(),
        }
    });
    let mut findings: Vec<_> = error.into_iter().chain(rules).take(MAX_FINDINGS).collect();
    findings.sort_by_key(|found| (found.first_line, found.column));
    findings
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stops_a_build_has_a_place_and_what_could_be_better_its_rule() {
        let found = look_at("FROM alpine AS web\nfrom busybox\nCOPY --chwon=1 a b\n");
        let error = found.iter().find(|it| it.rule.is_none()).unwrap();
        assert_eq!((error.first_line, error.column), (3, Some(6)));
        assert!(error.message.contains("--chown"), "{}", error.message);

        let found = look_at("FROM alpine\nENV A b\nCMD run me\n");
        let rules: Vec<_> = found.iter().map(|it| (it.first_line, it.rule)).collect();
        assert_eq!(
            rules,
            [
                (2, Some(DockerfileRule::LegacyKeyValueFormat)),
                (3, Some(DockerfileRule::JsonArgsRecommended))
            ]
        );
        assert_eq!(look_at("FROM alpine\nRUN true\n"), []);
        let none = look_at("# nothing yet\n");
        assert_eq!((none.len(), none[0].first_line), (1, 1));
        assert!(none[0].rule.is_none());
    }

    #[test]
    fn a_short_text_grows_no_further_than_a_bound() {
        let mut growing = String::from("FROM a\nENV A=xxxxxxxxxxxxxxxx\n");
        while growing.len() < MAX_TEXT - 40 {
            growing.push_str("ENV A=$A$A\nENV B=${A//x/yyyy}\n");
        }
        let found = look_at(&growing);
        let error = found.iter().find(|it| it.rule.is_none()).unwrap();
        assert!(error.message.contains("2048 bytes"), "{}", error.message);
        let stages = look_at(&"FROM a AS b\n".repeat(MAX_STAGES));
        let same_name =
            |it: &DockerfileFinding| it.rule == Some(DockerfileRule::DuplicateStageName);
        assert!(
            !stages.is_empty() && stages.iter().all(same_name),
            "{stages:?}"
        );
        assert_eq!(count_stages("from a\n FROM b\nRUN c\n"), 2);
    }
}
