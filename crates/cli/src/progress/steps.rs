//! What is known of each step: the state that all shapes of progress draw from.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use wharf_builder::progress::{Event, StepId, Stream};

use super::harmless::{make_harmless, make_plain};
use super::line_joiner::{LineJoiner, RawLine};
use super::transfers::Transfers;
use super::units::measure_seconds;

/// Lines of a step that are kept for the report of its failure. Fewer cut off the compiler's first error, more push the
/// report's head off the screen.
const KEPT_LINES: usize = 200;

/// The error text of a step that was stopped because another failed or the person asked for it.
pub(super) const CANCELED: &str = "canceled";

/// How a step stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Running,
    Cached,
    Done,
    Canceled,
    Failed(String),
}

/// A line of output.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LogLine {
    /// Since the step's start.
    pub(super) seconds: f64,
    /// Harmless.
    pub(super) text: String,
}

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// From 1, in the order in which steps appeared.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) started: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) state: State,
    pub(super) transfers: Transfers,
    /// The last lines.
    pub(super) log: VecDeque<LogLine>,
    stdout: LineJoiner,
    stderr: LineJoiner,
}

impl Step {
    pub(super) fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// Seconds it took, or has taken until `now`.
    pub(super) fn measure_seconds(&self, now: Timestamp) -> f64 {
        measure_seconds(self.started, self.ended.unwrap_or(now))
    }

    /// A line that has no end yet, such as a question or a row of dots.
    pub(super) fn open_line(&self, keep_color: bool) -> Option<String> {
        let open = self.stderr.peek().or(self.stdout.peek())?;
        let text = make_harmless(&open.bytes, keep_color);
        (!text.trim().is_empty()).then_some(text)
    }

    fn keep_lines(&mut self, lines: Vec<RawLine>, keep_color: bool) -> Vec<LogLine> {
        let lines: Vec<LogLine> = lines
            .into_iter()
            .map(|line| LogLine {
                seconds: measure_seconds(self.started, line.at),
                text: make_harmless(&line.bytes, keep_color),
            })
            .collect();
        self.log.extend(lines.iter().cloned());
        while self.log.len() > KEPT_LINES {
            self.log.pop_front();
        }
        lines
    }
}

/// What an event changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Started(StepId),
    /// It wrote whole lines; none when a line is still open.
    Wrote(StepId, Vec<LogLine>),
    /// The transfer at this place of its list.
    Moved(StepId, usize),
    /// It ended; lines without an end that it left.
    Ended(StepId, Vec<LogLine>),
    Warned,
}

/// A word about the Dockerfile or the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    pub(crate) rule: Option<String>,
    pub(crate) message: String,
    pub(crate) lines: Option<(u32, u32)>,
}

/// All steps of a build.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    steps: BTreeMap<StepId, Step>,
    /// By number.
    order: Vec<StepId>,
    pub(super) began: Option<Timestamp>,
    pub(super) warnings: Vec<Warning>,
    keep_color: bool,
}

impl Steps {
    pub(super) fn new(keep_color: bool) -> Self {
        Steps {
            steps: BTreeMap::new(),
            order: Vec::new(),
            began: None,
            warnings: Vec::new(),
            keep_color,
        }
    }

    /// In the order of their numbers.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (StepId, &Step)> {
        self.order.iter().map(|id| (*id, &self.steps[id]))
    }

    pub(super) fn find(&self, id: StepId) -> Option<&Step> {
        self.steps.get(&id)
    }

    /// Takes an event in. Events of steps that never started are passed over.
    pub(super) fn apply(&mut self, event: &Event) -> Option<Change> {
        let keep_color = self.keep_color;
        match event {
            Event::StepStarted { step, name, at } => {
                self.start(*step, name, *at);
                Some(Change::Started(*step))
            }
            Event::StepCached { step } => {
                self.steps.get_mut(step)?.state = State::Cached;
                None
            }
            Event::StepLog {
                step,
                stream,
                bytes,
                at,
            } => {
                let own = self.steps.get_mut(step)?;
                let joiner = match stream {
                    Stream::Stdout => &mut own.stdout,
                    Stream::Stderr => &mut own.stderr,
                };
                let lines = joiner.push(bytes, *at);
                Some(Change::Wrote(*step, own.keep_lines(lines, keep_color)))
            }
            Event::StepProgress {
                step,
                item,
                current,
                total,
                at,
            } => {
                let own = self.steps.get_mut(step)?;
                let index = own.transfers.note(&make_plain(item), *current, *total, *at);
                Some(Change::Moved(*step, index))
            }
            Event::StepDone { step, at, error } => {
                let own = self.steps.get_mut(step)?;
                own.ended = Some(*at);
                own.state = match (error.as_deref(), &own.state) {
                    (Some(CANCELED), _) => State::Canceled,
                    (Some(error), _) => State::Failed(make_plain(error)),
                    (None, State::Cached) => State::Cached,
                    (None, _) => State::Done,
                };
                let mut left: Vec<RawLine> = own.stdout.finish().into_iter().collect();
                left.extend(own.stderr.finish());
                left.sort_by_key(|line| line.at);
                Some(Change::Ended(*step, own.keep_lines(left, keep_color)))
            }
            Event::Warning {
                rule,
                message,
                lines,
            } => {
                self.warnings.push(Warning {
                    rule: rule.clone(),
                    message: make_plain(message),
                    lines: *lines,
                });
                Some(Change::Warned)
            }
        }
    }

    fn start(&mut self, id: StepId, name: &str, at: Timestamp) {
        self.began.get_or_insert(at);
        let known = self.steps.get(&id).map(|step| step.number);
        let number = known.unwrap_or(self.order.len() + 1);
        if known.is_none() {
            self.order.push(id);
        }
        let step = Step {
            number,
            name: make_plain(name),
            started: at,
            ended: None,
            state: State::Running,
            transfers: Transfers::default(),
            log: VecDeque::new(),
            stdout: LineJoiner::default(),
            stderr: LineJoiner::default(),
        };
        self.steps.insert(id, step);
    }
}

#[cfg(test)]
mod tests {
    use super::super::renderer::samples::{at, done, log, started};
    use super::*;

    #[test]
    fn steps_are_numbered_as_they_appear_and_keep_their_last_lines() {
        let mut steps = Steps::new(false);
        for id in [9, 4] {
            steps.apply(&started(id, &format!("step {id}"), 0));
        }
        let numbers: Vec<_> = steps.iter().map(|(id, step)| (id.0, step.number)).collect();
        assert_eq!(numbers, [(9, 1), (4, 2)]);
        for line in 0..KEPT_LINES + 5 {
            steps.apply(&log(9, &format!("{line}\n"), 1));
        }
        let step = steps.find(StepId(9)).expect("it started");
        assert_eq!(step.log.len(), KEPT_LINES);
        assert_eq!(step.log[0].text, "5");
    }

    #[test]
    fn a_line_that_was_open_at_the_end_is_not_lost() {
        let mut steps = Steps::new(false);
        steps.apply(&started(1, "a", 0));
        assert_eq!(
            steps.apply(&log(1, "no newline", 1)),
            Some(Change::Wrote(StepId(1), Vec::new()))
        );
        let change = steps.apply(&done(1, 2, None));
        let Some(Change::Ended(_, lines)) = change else {
            panic!("{change:?}");
        };
        assert_eq!(lines[0].text, "no newline");
        assert_eq!(lines[0].seconds, 1.0);
    }

    #[test]
    fn an_event_of_an_unknown_step_changes_nothing() {
        let mut steps = Steps::new(false);
        assert_eq!(steps.apply(&log(1, "a\n", 1)), None);
        assert_eq!(
            steps.apply(&Event::StepDone {
                step: StepId(1),
                at: at(1),
                error: None
            }),
            None
        );
    }
}
