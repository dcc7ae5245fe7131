//! Steps of progress that are the command line's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use wharf_builder::progress::{Event, Progress, StepId, Stream};
use wharf_image::{ImageError, Transfer};

use super::Places;

/// Where the time comes from.
pub(in crate::commands::build) type Clock = fn() -> Timestamp;

/// Numbers of the command line's own steps. The builder counts from below; these count from far above.
#[derive(Debug)]
pub(in crate::commands::build) struct StepNumbers(AtomicU32);

impl Default for StepNumbers {
    fn default() -> Self {
        StepNumbers(AtomicU32::new(u32::MAX / 2))
    }
}

/// One step, from its start to its end.
pub(super) struct Reporter {
    step: StepId,
    progress: Arc<dyn Progress>,
    clock: Clock,
}

impl Reporter {
    pub(super) fn start<E>(places: &Places<'_, E>, name: &str) -> Self {
        let reporter = Reporter {
            step: StepId(places.numbers.0.fetch_add(1, Ordering::Relaxed)),
            progress: Arc::clone(&places.progress),
            clock: places.clock,
        };
        reporter.progress.emit(Event::StepStarted {
            step: reporter.step,
            name: name.to_owned(),
            at: (reporter.clock)(),
        });
        reporter
    }

    /// A line of output.
    pub(super) fn say(&self, line: &str) {
        self.progress.emit(Event::StepLog {
            step: self.step,
            stream: Stream::Stdout,
            bytes: format!("{line}\n").into_bytes(),
            at: (self.clock)(),
        });
    }

    /// What hears how bytes move in this step.
    pub(super) fn transfer(&self) -> Arc<dyn Transfer> {
        Arc::new(StepTransfer {
            step: self.step,
            progress: Arc::clone(&self.progress),
            clock: self.clock,
        })
    }

    /// Ends the step with an outcome and hands that on.
    pub(super) fn end<T>(self, outcome: Result<T, ImageError>) -> Result<T, ImageError> {
        self.progress.emit(Event::StepDone {
            step: self.step,
            at: (self.clock)(),
            error: outcome.as_ref().err().map(ToString::to_string),
        });
        outcome
    }
}

struct StepTransfer {
    step: StepId,
    progress: Arc<dyn Progress>,
    clock: Clock,
}

impl Transfer for StepTransfer {
    fn moved(&self, item: &str, current: u64, total: Option<u64>) {
        self.progress.emit(Event::StepProgress {
            step: self.step,
            item: item.to_owned(),
            current,
            total,
            at: (self.clock)(),
        });
    }
}
