//! A build's log as text, in the shape in which `wharf build` shows its steps.
//!
//! Records in, text out; it reads nothing. The server numbers the records, so each comes once.

use jiff::Timestamp;
use serde_json::Value;
use wharf_builder::progress::{Event, StepId, Stream};

use crate::output::{clean_lines, clean_text, show_word};
use crate::progress::{Look, Mode, Renderer, Size};
use crate::session::Session;

/// What was shown of a log so far.
pub(super) struct LogView<'a> {
    session: &'a Session,
    renderer: Renderer,
}

impl<'a> LogView<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        LogView {
            session,
            renderer: start_renderer(session),
        }
    }

    /// The text for one record; records of kinds that are not known yet are passed over.
    pub(super) fn show(&mut self, record: &Value) -> String {
        let at = record["at"]
            .as_i64()
            .and_then(|micros| Timestamp::from_microsecond(micros).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let text = |field: &str| record[field].as_str().unwrap_or_default();
        let step = StepId(record["step"].as_u64().unwrap_or(0) as u32);
        let event = match text("type") {
            "attempt" => return self.begin_attempt(record["attempt"].as_u64().unwrap_or(1), at),
            "phase" => {
                let phase = text("phase");
                return self.say_phase(phase);
            }
            "step" => Event::StepStarted {
                step,
                name: clean_text(text("name")),
                at,
            },
            "cached" => Event::StepCached { step },
            "output" => Event::StepLog {
                step,
                stream: match text("stream") {
                    "stderr" => Stream::Stderr,
                    _ => Stream::Stdout,
                },
                bytes: text("text").as_bytes().to_vec(),
                at,
            },
            "done" => Event::StepDone {
                step,
                at,
                error: record["error"].as_str().map(clean_text),
            },
            "warning" => {
                return self
                    .renderer
                    .say(&format!("WARN: {}", clean_text(text("text"))));
            }
            "notice" => return self.renderer.say(&clean_lines(text("text"))),
            "truncated" => {
                let limit = record["limit"].to_string();
                let sentence = self
                    .session
                    .text("cli.builds.truncated", &[("limit", &limit)]);
                return self.renderer.say(&sentence);
            }
            _ => return String::new(),
        };
        self.renderer.apply(&event)
    }

    /// What was held back: lines of steps that wait for others.
    pub(super) fn finish(&mut self, now: Timestamp) -> String {
        self.renderer.finish(now, Size::default())
    }

    fn begin_attempt(&mut self, attempt: u64, at: Timestamp) -> String {
        if attempt <= 1 {
            return String::new();
        }
        // Steps are counted from the start again.
        let mut text = self.finish(at);
        self.renderer = start_renderer(self.session);
        let number = attempt.to_string();
        let sentence = self
            .session
            .text("cli.builds.attempt", &[("number", &number)]);
        text += &self.renderer.say(&sentence);
        text
    }

    fn say_phase(&mut self, phase: &str) -> String {
        let sentence = show_word(self.session, "build_phase", &Value::from(phase));
        self.renderer.say(&format!("=== {sentence}"))
    }
}

fn start_renderer(session: &Session) -> Renderer {
    let look = Look::detect(session.language, session.stdout_is_terminal, |name| {
        session.variable(name)
    });
    Renderer::new(Mode::Plain, look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn show(records: &[Value]) -> String {
        let session = Session::for_test(&[]);
        let mut view = LogView::new(&session);
        let mut text: String = records.iter().map(|record| view.show(record)).collect();
        text += &view.finish(Timestamp::UNIX_EPOCH);
        text
    }

    #[test]
    fn a_log_looks_as_wharf_build_does() {
        let text = show(&[
            json!({"n": 1, "at": 1_000_000, "type": "attempt", "attempt": 1}),
            json!({"n": 2, "at": 1_000_000, "type": "phase", "phase": "cloning"}),
            json!({"n": 3, "at": 2_000_000, "type": "step", "step": 7, "name": "[1/1] RUN echo a"}),
            json!({"n": 4, "at": 2_500_000, "type": "output", "step": 7, "stream": "stdout", "text": "a\n"}),
            json!({"n": 5, "at": 3_000_000, "type": "done", "step": 7}),
            json!({"n": 6, "at": 3_000_000, "type": "from the future"}),
        ]);
        assert_eq!(
            text,
            "=== fetching the code\n#1 [1/1] RUN echo a\n#1 0.500 a\n#1 DONE 1.0s\n"
        );
    }

    #[test]
    fn output_is_shown_as_soon_as_its_line_is_whole() {
        let session = Session::for_test(&[]);
        let mut view = LogView::new(&session);
        view.show(&json!({"at": 0, "type": "step", "step": 1, "name": "RUN x"}));
        let output = |text: &str| json!({"at": 0, "type": "output", "step": 1, "stream": "stdout", "text": text});
        assert_eq!(view.show(&output("a")), "");
        assert_eq!(view.show(&output("b\nc")), "#1 0.000 ab\n");
    }

    #[test]
    fn a_second_attempt_counts_its_steps_from_the_start() {
        let step = json!({"at": 0, "type": "step", "step": 1, "name": "RUN x"});
        let text = show(&[
            step.clone(),
            json!({"at": 0, "type": "attempt", "attempt": 2}),
            step,
        ]);
        assert_eq!(text.matches("#1 RUN x").count(), 2);
        assert!(text.contains("attempt 2"), "{text}");
    }
}
