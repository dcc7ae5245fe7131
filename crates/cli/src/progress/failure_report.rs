//! What is shown of a build that failed, above the error itself: the step, its last output, the Dockerfile's lines.

use std::fmt::Write;

use wharf_dockerfile::Excerpt;

use super::mode::Mode;
use super::renderer::FailedStep;

/// Lines of output where they were shown already; BuildKit repeats as many.
const REPEATED_LINES: usize = 10;

/// Lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceExcerpt {
    /// As the person knows it.
    pub(crate) file: String,
    pub(crate) excerpt: Excerpt,
}

/// Step, output and source between rules, in BuildKit's form; without anything to show it is empty.
pub(crate) fn render_failure(
    mode: Mode,
    step: Option<&FailedStep>,
    source: Option<&SourceExcerpt>,
) -> String {
    let mut text = String::new();
    // Programs read the step's log from the stream itself.
    if matches!(mode, Mode::RawJson) {
        return text;
    }
    if let Some(step) = step {
        let skipped = match mode {
            Mode::Plain => step.output.len().saturating_sub(REPEATED_LINES),
            _ => 0,
        };
        let _ = writeln!(text, "------\n > {}:", step.name);
        for line in &step.output[skipped..] {
            let _ = writeln!(text, "{line}");
        }
        text.push_str("------\n");
    }
    if let Some(SourceExcerpt { file, excerpt }) = source {
        let marked = excerpt.rows.iter().find(|row| row.marked);
        match marked {
            Some(row) => {
                let _ = writeln!(text, "{file}:{}", row.number);
            }
            None => {
                let _ = writeln!(text, "{file}");
            }
        }
        let _ = write!(text, "{excerpt}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_dockerfile::{Lines, Source};

    fn failed(lines: usize) -> FailedStep {
        FailedStep {
            name: "[2/2] RUN make".to_owned(),
            output: (0..lines).map(|line| format!("0.1 line {line}")).collect(),
        }
    }

    fn source() -> SourceExcerpt {
        let source = Source::new(b"FROM a\nRUN make\n");
        SourceExcerpt {
            file: "Dockerfile".to_owned(),
            excerpt: Excerpt::around(&source, Lines::single(2), None).expect("a line"),
        }
    }

    #[test]
    fn a_failure_shows_step_output_and_source() {
        assert_eq!(
            render_failure(Mode::Tty, Some(&failed(2)), Some(&source())),
            "\
------
 > [2/2] RUN make:
0.1 line 0
0.1 line 1
------
Dockerfile:2
--------------------
   1 |     FROM a
   2 | >>> RUN make
--------------------
"
        );
    }

    #[test]
    fn output_that_was_shown_is_repeated_only_in_part() {
        let lines = |mode| {
            render_failure(mode, Some(&failed(50)), None)
                .lines()
                .count()
        };
        assert_eq!(lines(Mode::Tty), 53);
        assert_eq!(lines(Mode::Quiet), 53);
        assert_eq!(lines(Mode::Plain), 13);
        assert_eq!(lines(Mode::RawJson), 0);
    }

    #[test]
    fn nothing_known_is_nothing_shown() {
        assert_eq!(render_failure(Mode::Plain, None, None), "");
    }
}
