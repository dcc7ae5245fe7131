//! Lines for logs: `#7 [builder 2/5] RUN make`, `#7 0.123 output`, `#7 DONE 1.2s`.
//!
//! Lines of one step stay together: while a step is being shown, output of the others waits until that step ends, until
//! they end themselves, or until they have waited long enough.

mod throttle;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use jiff::Timestamp;
use wharf_builder::progress::{Event, StepId};

use super::look::Size;
use super::renderer::View;
use super::steps::{Change, State, Step, Steps};
use super::transfers::Transfer;
use super::units::{measure_seconds, show_bytes, show_line_time};
use throttle::Throttle;

/// How long the output of a step waits while another is being shown. Shorter makes logs of parallel steps hard to read,
/// longer makes a step look dead.
const PATIENCE_SECONDS: f64 = 5.0;

/// What of a step was not written yet.
#[derive(Debug)]
struct Waiting {
    lines: Vec<String>,
    since: Timestamp,
}

#[derive(Debug, Default)]
pub(super) struct PlainView {
    /// The step whose lines are being written.
    current: Option<StepId>,
    has_written: bool,
    waiting: BTreeMap<StepId, Waiting>,
    /// Steps that ended and wait to be written, in the order in which they did.
    ended: VecDeque<StepId>,
    throttle: Throttle,
}

impl PlainView {
    pub(super) fn new() -> Self {
        PlainView::default()
    }

    fn wait(&mut self, id: StepId, at: Timestamp, lines: Vec<String>) {
        let waiting = self.waiting.entry(id).or_insert_with(|| Waiting {
            lines: Vec::new(),
            since: at,
        });
        waiting.lines.extend(lines);
    }

    /// Writes what may be written now.
    fn flush(&mut self, steps: &Steps, now: Timestamp) -> String {
        let mut text = String::new();
        if let Some(current) = self.current {
            self.write(&mut text, steps, current);
        }
        while let Some(id) = self.ended.pop_front() {
            self.write(&mut text, steps, id);
        }
        let next = match self.current {
            // The first of those that wait: lowest numbers appeared first.
            None => self.waiting.keys().next().copied(),
            Some(_) => self.find_impatient(now),
        };
        if let Some(id) = next {
            self.write(&mut text, steps, id);
        }
        text
    }

    fn find_impatient(&self, now: Timestamp) -> Option<StepId> {
        let impatient = self
            .waiting
            .iter()
            .filter(|(_, waiting)| measure_seconds(waiting.since, now) >= PATIENCE_SECONDS);
        impatient
            .min_by_key(|(_, waiting)| waiting.since)
            .map(|(id, _)| *id)
    }

    /// Writes all that a step has to say, with its head if another was being written.
    fn write(&mut self, text: &mut String, steps: &Steps, id: StepId) {
        let (Some(step), Some(waiting)) = (steps.find(id), self.waiting.remove(&id)) else {
            return;
        };
        let number = step.number;
        if self.current != Some(id) {
            self.leave_current(text, steps);
            if self.has_written {
                text.push('\n');
            }
            self.has_written = true;
            let _ = writeln!(text, "#{number} {}", step.name);
        }
        for line in waiting.lines {
            let _ = writeln!(text, "#{number} {line}");
        }
        self.current = step.is_running().then_some(id);
        if !step.is_running() {
            self.ended.retain(|ended| *ended != id);
        }
    }

    fn leave_current(&mut self, text: &mut String, steps: &Steps) {
        let left = self.current.take().and_then(|id| steps.find(id));
        if let Some(left) = left.filter(|step| step.is_running()) {
            let _ = writeln!(text, "#{} ...", left.number);
        }
    }
}

impl View for PlainView {
    fn show(&mut self, steps: &Steps, event: &Event, change: Option<&Change>) -> String {
        let Some(change) = change else {
            return String::new();
        };
        let (id, lines) = match change {
            Change::Started(id) => (*id, Vec::new()),
            Change::Wrote(_, lines) if lines.is_empty() => return String::new(),
            Change::Wrote(id, lines) => (*id, lines.iter().map(show_log).collect()),
            Change::Moved(id, index) => {
                let transfer = steps.find(*id).map(|step| step.transfers.get(*index));
                let shown = transfer.filter(|transfer| self.throttle.lets_pass(*id, transfer));
                match shown {
                    Some(transfer) => (*id, vec![show_transfer(transfer, transfer.is_complete())]),
                    None => return String::new(),
                }
            }
            Change::Ended(id, lines) => {
                let mut shown: Vec<String> = lines.iter().map(show_log).collect();
                if let Some(step) = steps.find(*id) {
                    let open = step.transfers.iter().filter(|moving| !moving.is_complete());
                    shown.extend(open.map(|moving| show_transfer(moving, true)));
                    shown.push(show_outcome(step));
                }
                self.ended.push_back(*id);
                (*id, shown)
            }
            Change::Warned => return String::new(),
        };
        let at = find_time(event);
        self.wait(id, at, lines);
        self.flush(steps, at)
    }

    fn tick(&mut self, steps: &Steps, now: Timestamp, _: Size) -> String {
        self.flush(steps, now)
    }

    fn finish(&mut self, steps: &Steps, now: Timestamp, _: Size) -> String {
        let mut text = self.flush(steps, now);
        while let Some(id) = self.waiting.keys().next().copied() {
            self.write(&mut text, steps, id);
        }
        text
    }

    fn say(&mut self, sentence: &str) -> String {
        format!("{sentence}\n")
    }
}

fn find_time(event: &Event) -> Timestamp {
    match event {
        Event::StepStarted { at, .. }
        | Event::StepLog { at, .. }
        | Event::StepProgress { at, .. }
        | Event::StepDone { at, .. } => *at,
        Event::StepCached { .. } | Event::Warning { .. } => Timestamp::MIN,
    }
}

fn show_log(line: &super::steps::LogLine) -> String {
    format!("{} {}", show_line_time(line.seconds), line.text)
}

fn show_transfer(transfer: &Transfer, is_done: bool) -> String {
    let mut line = transfer.show_item();
    match transfer.total {
        Some(total) => {
            let _ = write!(
                line,
                " {} / {}",
                show_bytes(transfer.current),
                show_bytes(total)
            );
        }
        None if transfer.current > 0 => {
            let _ = write!(line, " {}", show_bytes(transfer.current));
        }
        None => {}
    }
    let seconds = measure_seconds(transfer.started, transfer.updated);
    if seconds > 0.01 {
        let _ = write!(line, " {seconds:.1}s");
    }
    if is_done {
        line.push_str(" done");
    }
    line
}

fn show_outcome(step: &Step) -> String {
    let end = step.ended.unwrap_or(step.started);
    match &step.state {
        State::Cached => "CACHED".to_owned(),
        State::Canceled => "CANCELED".to_owned(),
        State::Failed(error) => format!("ERROR: {error}"),
        State::Running | State::Done => {
            format!("DONE {:.1}s", measure_seconds(step.started, end))
        }
    }
}

#[cfg(test)]
mod tests;
