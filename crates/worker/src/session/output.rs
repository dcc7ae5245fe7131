//! What passes from a worker to the server's log: bounded, counted, and the failed step's name.

use std::collections::HashMap;

use wharf_builder::progress::{Event, StepId};

/// Names of steps that are remembered. A Dockerfile has some dozens; one that has more may fail without a name.
const NAMES: usize = 10_000;

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
    names: HashMap<StepId, String>,
    failed: Option<String>,
    pub(super) steps: u32,
    pub(super) cached_steps: u32,
}

impl Output {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            bytes: 0,
            was_cut: false,
            names: HashMap::new(),
            failed: None,
            steps: 0,
            cached_steps: 0,
        }
    }

    /// What of an event is passed on, if anything.
    pub(super) fn pass(&mut self, event: Event) -> Option<Event> {
        match &event {
            Event::StepStarted { step, name, .. } => {
                self.steps += u32::from(is_of_file(name));
                if self.names.len() < NAMES {
                    self.names.insert(*step, name.clone());
                }
            }
            Event::StepCached { step } => {
                let is_counted = self.names.get(step).is_some_and(|name| is_of_file(name));
                self.cached_steps += u32::from(is_counted);
            }
            // The first one: others end because of it.
            Event::StepDone {
                step,
                error: Some(_),
                ..
            } if self.failed.is_none() => self.failed = self.names.get(step).cloned(),
            Event::StepLog { bytes, .. } => {
                self.bytes = self.bytes.saturating_add(bytes.len() as u64);
                if self.bytes > self.limit {
                    return self.cut();
                }
            }
            _ => {}
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
        Some(Event::Warning {
            rule: None,
            message: format!(
                "the output is longer than {} bytes; the rest is left out (log limit)",
                self.limit
            ),
            lines: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use wharf_builder::progress::Stream;

    use super::*;

    fn log(length: usize) -> Event {
        Event::StepLog {
            step: StepId(1),
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

    #[test]
    fn output_beyond_the_limit_is_left_out_and_that_is_said_once() {
        let mut output = Output::new(10);
        assert!(matches!(output.pass(log(10)), Some(Event::StepLog { .. })));
        assert!(matches!(output.pass(log(1)), Some(Event::Warning { .. })));
        assert_eq!(output.pass(log(1)), None);
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
            output.pass(Event::StepDone {
                step: StepId(step),
                at: Timestamp::UNIX_EPOCH,
                error: Some("exit code: 1".to_owned()),
            });
        }
        assert_eq!(output.failed_step().as_deref(), Some("[2/2] RUN b"));
        assert_eq!((output.steps, output.cached_steps), (2, 1));
    }
}
