//! What passes from a worker to the server's log and record: bounded in number and length, counted, and the failed step's
//! name.
//!
//! Whoever keeps what comes out of here keeps no more than these bounds, whatever a worker says.

use std::collections::HashMap;

use wharf_builder::progress::{Event, StepId};

use crate::event::{CommitFacts, WorkerFailure};

/// Steps of one build. A Dockerfile has some dozens, for each platform; each is a row of the record.
const STEPS: usize = 4096;

/// Warnings of one build. Lint finds one a line at most.
const WARNINGS: usize = 1000;

/// Bytes of a step's name and of a line of a commit. Instructions are shortened long before.
const NAME: usize = 2048;

/// Bytes of a message, a hint, an excerpt. An error of a registry or of git may hold a page.
const TEXT: usize = 16 << 10;

/// Bytes that an event of output counts at least: about what a line of the log takes beside its text.
const LEAST: u64 = 16;

/// Steps that are the builder's own, not the Dockerfile's.
const OWN: [&str; 2] = ["[internal]", "[context]"];

/// Instructions are called `[2/5] RUN …` or `[stage 2/5] RUN …`.
fn is_of_file(name: &str) -> bool {
    name.starts_with('[') && !OWN.iter().any(|own| name.starts_with(own))
}

/// Looks at events as they pass.
pub(super) struct Output {
    limit: u64,
    bytes: u64,
    was_cut: bool,
    warnings: usize,
    known: HashMap<StepId, Known>,
    failed: Option<String>,
    pub(super) steps: u32,
    pub(super) cached_steps: u32,
}

/// A step that began.
struct Known {
    name: String,
    is_cached: bool,
    is_done: bool,
}

impl Output {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            bytes: 0,
            was_cut: false,
            warnings: 0,
            known: HashMap::new(),
            failed: None,
            steps: 0,
            cached_steps: 0,
        }
    }

    /// What of an event is passed on, if anything.
    pub(super) fn pass(&mut self, mut event: Event) -> Option<Event> {
        match &mut event {
            Event::StepStarted { step, name, .. } => {
                cut_text(name, NAME);
                if self.known.len() >= STEPS || self.known.contains_key(step) {
                    return None;
                }
                self.steps += u32::from(is_of_file(name));
                let known = Known {
                    name: name.clone(),
                    is_cached: false,
                    is_done: false,
                };
                self.known.insert(*step, known);
            }
            Event::StepCached { step } => {
                let known = self.known.get_mut(step).filter(|known| !known.is_done)?;
                if std::mem::replace(&mut known.is_cached, true) {
                    return None;
                }
                self.cached_steps += u32::from(is_of_file(&known.name));
            }
            Event::StepDone { step, error, .. } => {
                let known = self.known.get_mut(step)?;
                if std::mem::replace(&mut known.is_done, true) {
                    return None;
                }
                if let Some(error) = error {
                    cut_text(error, TEXT);
                    // The first one: others end because of it.
                    self.failed.get_or_insert_with(|| known.name.clone());
                }
            }
            Event::StepLog { step, bytes, .. } => {
                if bytes.is_empty() || !self.known.contains_key(step) {
                    return None;
                }
                let counted = (bytes.len() as u64).max(LEAST);
                self.bytes = self.bytes.saturating_add(counted);
                if self.bytes > self.limit {
                    return self.cut();
                }
            }
            Event::StepProgress { step, item, .. } => {
                self.known.get(step)?;
                cut_text(item, NAME);
            }
            Event::Warning { rule, message, .. } => {
                self.warnings += 1;
                cut_text(message, TEXT);
                if let Some(rule) = rule {
                    cut_text(rule, NAME);
                }
                match self.warnings {
                    ..=WARNINGS => {}
                    count if count == WARNINGS + 1 => {
                        return Some(warn(format!(
                            "there are more than {WARNINGS} warnings; the rest is left out"
                        )));
                    }
                    _ => return None,
                }
            }
        }
        Some(event)
    }

    /// The name of the step that failed first.
    pub(super) fn failed_step(&self) -> Option<String> {
        self.failed.clone()
    }

    /// Says once that something is missing.
    fn cut(&mut self) -> Option<Event> {
        if std::mem::replace(&mut self.was_cut, true) {
            return None;
        }
        Some(warn(format!(
            "the output is longer than {} bytes; the rest is left out (log limit)",
            self.limit
        )))
    }
}

fn warn(message: String) -> Event {
    Event::Warning {
        rule: None,
        message,
        lines: None,
    }
}

/// Shortens a text, visibly.
fn cut_text(text: &mut String, most: usize) {
    const MARK: &str = " …";
    if text.len() <= most {
        return;
    }
    let mut end = most - MARK.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.push_str(MARK);
    text.shrink_to_fit();
}

/// What is told of a commit.
pub(super) fn cut_commit(mut facts: CommitFacts) -> CommitFacts {
    for text in [&mut facts.commit, &mut facts.author, &mut facts.subject] {
        cut_text(text, NAME);
    }
    facts
}

/// What is told of a failure.
pub(super) fn cut_failure(mut failure: WorkerFailure) -> WorkerFailure {
    cut_text(&mut failure.message, TEXT);
    for text in [&mut failure.hint, &mut failure.excerpt]
        .into_iter()
        .flatten()
    {
        cut_text(text, TEXT);
    }
    if let Some(step) = &mut failure.step {
        cut_text(step, NAME);
    }
    failure
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wharf_builder::progress::Stream;

    use super::*;

    fn log(step: u32, length: usize) -> Event {
        Event::StepLog {
            step: StepId(step),
            stream: Stream::Stdout,
            bytes: vec![b'x'; length],
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn start(step: u32, name: &str) -> Event {
        Event::StepStarted {
            step: StepId(step),
            name: name.to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn done(step: u32, error: &str) -> Event {
        Event::StepDone {
            step: StepId(step),
            at: Timestamp::UNIX_EPOCH,
            error: Some(error.to_owned()),
        }
    }

    #[test]
    fn output_beyond_the_limit_is_left_out_and_that_is_said_once() {
        let mut output = Output::new(100);
        output.pass(start(1, "[1/2] RUN a"));
        assert!(matches!(
            output.pass(log(1, 100)),
            Some(Event::StepLog { .. })
        ));
        assert!(matches!(
            output.pass(log(1, 1)),
            Some(Event::Warning { .. })
        ));
        assert_eq!(output.pass(log(1, 1)), None);
        assert!(output.pass(start(2, "[2/2] RUN b")).is_some());
    }

    #[test]
    fn the_step_that_failed_first_is_named_and_the_builders_own_are_not_counted() {
        let mut output = Output::new(10);
        for (step, name) in [
            (1, "[internal] load"),
            (4, "unpacking base"),
            (2, "[1/2] RUN a"),
            (3, "[2/2] RUN b"),
        ] {
            output.pass(start(step, name));
        }
        output.pass(Event::StepCached { step: StepId(1) });
        output.pass(Event::StepCached { step: StepId(2) });
        for step in [3, 2] {
            output.pass(done(step, "exit code: 1"));
        }
        assert_eq!(output.failed_step().as_deref(), Some("[2/2] RUN b"));
        assert_eq!((output.steps, output.cached_steps), (2, 1));
    }

    /// Bytes of texts in what passes.
    fn count(passed: &[Event]) -> usize {
        let json = passed
            .iter()
            .map(|event| serde_json::to_vec(event).unwrap());
        json.map(|text| text.len()).sum()
    }

    #[test]
    fn a_worker_that_was_taken_over_fills_neither_log_nor_record() {
        let long = "ü".repeat(TEXT);
        let mut output = Output::new(1000);
        let mut passed = Vec::new();
        for number in 0..STEPS as u32 + 100 {
            for event in [
                warn(long.clone()),
                start(number, &long),
                start(number, &long),
                log(number, 0),
                log(number + 1, 1),
                Event::StepCached {
                    step: StepId(number + 1),
                },
                done(number, &long),
                done(number, &long),
            ] {
                passed.extend(output.pass(event));
            }
        }
        let of = |wanted: fn(&Event) -> bool| passed.iter().filter(|event| wanted(event)).count();
        assert_eq!(
            of(|event| matches!(event, Event::Warning { .. })),
            WARNINGS + 1
        );
        assert_eq!(
            of(|event| matches!(event, Event::StepStarted { .. })),
            STEPS
        );
        assert_eq!(of(|event| matches!(event, Event::StepDone { .. })), STEPS);
        assert_eq!(of(|event| matches!(event, Event::StepLog { .. })), 0);
        assert!(count(&passed) < (WARNINGS + STEPS) * TEXT + STEPS * 2 * NAME);
    }

    #[test]
    fn output_in_single_bytes_counts_as_what_its_lines_take() {
        let mut output = Output::new(160);
        output.pass(start(1, "[1/1] RUN a"));
        let passed =
            (0..1000).filter(|_| matches!(output.pass(log(1, 1)), Some(Event::StepLog { .. })));
        assert_eq!(passed.count(), 10);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let mut text = "ü".repeat(2000);
        cut_text(&mut text, NAME);
        assert!(text.len() <= NAME && text.ends_with("ü …"));
    }
}
