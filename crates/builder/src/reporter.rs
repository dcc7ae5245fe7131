//! Tells what happens: numbers steps, stamps times, masks secrets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use wharf_image::Transfer;

use crate::masking::{Mask, Masker};
use crate::progress::{Event, Progress, StepId, Stream};

/// How long work is not worth a line: a shorter time shows one for every small build, a longer one leaves people
/// wondering.
const UNSEEN: Duration = Duration::from_millis(300);

/// Where the steps of one build are told.
#[derive(Clone)]
pub(crate) struct Reporter {
    progress: Arc<dyn Progress>,
    next: Arc<AtomicU32>,
    mask: Arc<Mask>,
}

impl Reporter {
    pub(crate) fn new(progress: Arc<dyn Progress>, mask: Mask) -> Self {
        Self {
            progress,
            next: Arc::new(AtomicU32::new(1)),
            mask: Arc::new(mask),
        }
    }

    /// Begins a step. It ends with [`StepReport::done`], or as canceled when it is dropped.
    pub(crate) fn start(&self, name: impl Into<String>) -> StepReport {
        let step = StepId(self.next.fetch_add(1, Ordering::Relaxed));
        self.progress.emit(Event::StepStarted {
            step,
            name: self.mask.cover(&name.into()),
            at: Timestamp::now(),
        });
        StepReport {
            reporter: self.clone(),
            step,
            ended: false,
        }
    }

    /// Does work that is worth a step only where people would wait for it without a word.
    pub(crate) async fn show_if_slow<T, E: std::fmt::Display>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        tokio::pin!(work);
        if let Ok(done) = tokio::time::timeout(UNSEEN, &mut work).await {
            return done;
        }
        let report = self.start(name);
        let done = work.await;
        report.done(&done);
        done
    }

    pub(crate) fn warn(&self, rule: Option<&str>, message: String, lines: Option<(u32, u32)>) {
        self.progress.emit(Event::Warning {
            rule: rule.map(str::to_owned),
            message,
            lines,
        });
    }

    /// Covers secrets in a stream of bytes, also where they are split.
    pub(crate) fn masker(&self) -> Masker {
        Masker::new(Arc::clone(&self.mask))
    }
}

/// One step while it runs.
pub(crate) struct StepReport {
    reporter: Reporter,
    step: StepId,
    ended: bool,
}

impl StepReport {
    pub(crate) fn cached(&self) {
        self.reporter
            .progress
            .emit(Event::StepCached { step: self.step });
    }

    /// Passes on output, which is masked already.
    pub(crate) fn log(&self, stream: Stream, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.reporter.progress.emit(Event::StepLog {
                step: self.step,
                stream,
                bytes,
                at: Timestamp::now(),
            });
        }
    }

    /// A line of our own.
    pub(crate) fn note(&self, text: &str) {
        self.log(Stream::Stderr, format!("{text}\n").into_bytes());
    }

    pub(crate) fn done<T, E: std::fmt::Display>(mut self, result: &Result<T, E>) {
        self.end(result.as_ref().err().map(ToString::to_string));
    }

    fn end(&mut self, error: Option<String>) {
        if !self.ended {
            self.ended = true;
            self.reporter.progress.emit(Event::StepDone {
                step: self.step,
                at: Timestamp::now(),
                error: error.map(|text| self.reporter.mask.cover(&text)),
            });
        }
    }
}

impl Transfer for StepReport {
    fn moved(&self, item: &str, current: u64, total: Option<u64>) {
        self.reporter.progress.emit(Event::StepProgress {
            step: self.step,
            item: item.to_owned(),
            current,
            total,
            at: Timestamp::now(),
        });
    }
}

impl Drop for StepReport {
    fn drop(&mut self) {
        self.end(Some("canceled".to_owned()));
    }
}
