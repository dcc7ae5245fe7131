//! The machine: events in, text out, whatever the shape.

use jiff::Timestamp;
use wharf_builder::progress::{Event, StepId};

use super::look::{Look, Size};
use super::mode::Mode;
use super::plain::PlainView;
use super::quiet::QuietView;
use super::rawjson::RawJsonView;
use super::steps::{Change, State, Step, Steps, Warning};
use super::tty::TtyView;

/// One shape of progress. What it answers is written as it is.
pub(super) trait View: Send {
    /// After an event was taken in.
    fn show(&mut self, steps: &Steps, event: &Event, change: Option<&Change>) -> String;

    /// A moment later, whether or not something happened.
    fn tick(&mut self, steps: &Steps, now: Timestamp, size: Size) -> String;

    /// After the last event.
    fn finish(&mut self, steps: &Steps, now: Timestamp, size: Size) -> String;

    /// A sentence of ours, at once.
    fn say(&mut self, sentence: &str) -> String;
}

/// Steps, and the shape in which they are shown.
pub(crate) struct Renderer {
    mode: Mode,
    steps: Steps,
    view: Box<dyn View>,
}

/// A step that failed, for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedStep {
    pub(crate) name: String,
    /// Its last lines, each with its time.
    pub(crate) output: Vec<String>,
}

impl Renderer {
    pub(crate) fn new(mode: Mode, look: Look) -> Self {
        let view: Box<dyn View> = match mode {
            Mode::Tty => Box::new(TtyView::new(look)),
            Mode::Plain => Box::new(PlainView::new()),
            Mode::RawJson => Box::new(RawJsonView::new()),
            Mode::Quiet | Mode::Silent => Box::new(QuietView),
        };
        Renderer {
            mode,
            steps: Steps::new(look.step_color),
            view,
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) -> String {
        let change = self.steps.apply(event);
        self.view.show(&self.steps, event, change.as_ref())
    }

    pub(crate) fn tick(&mut self, now: Timestamp, size: Size) -> String {
        self.view.tick(&self.steps, now, size)
    }

    pub(crate) fn finish(&mut self, now: Timestamp, size: Size) -> String {
        self.view.finish(&self.steps, now, size)
    }

    pub(crate) fn say(&mut self, sentence: &str) -> String {
        self.view.say(sentence)
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.steps.warnings
    }

    /// The step that failed: the one asked for, else the first that did.
    pub(crate) fn find_failed(&self, wanted: Option<StepId>) -> Option<FailedStep> {
        let is_failed = |step: &Step| matches!(step.state, State::Failed(_));
        let step = match wanted {
            Some(id) => self.steps.find(id)?,
            None => self.steps.iter().find(|(_, step)| is_failed(step))?.1,
        };
        let lines = step.log.iter();
        Some(FailedStep {
            name: step.name.clone(),
            output: lines
                .map(|line| {
                    format!(
                        "{} {}",
                        super::units::show_line_time(line.seconds),
                        line.text
                    )
                })
                .collect(),
        })
    }
}

#[cfg(test)]
pub(super) mod samples {
    //! Events for the tests of all shapes.

    use jiff::Timestamp;
    use wharf_builder::progress::{Event, StepId, Stream};

    /// A time in seconds after the build began.
    pub(in crate::progress) fn at(seconds: i64) -> Timestamp {
        at_millis(seconds * 1000)
    }

    pub(in crate::progress) fn at_millis(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).expect("a time")
    }

    pub(in crate::progress) fn started(step: u32, name: &str, seconds: i64) -> Event {
        Event::StepStarted {
            step: StepId(step),
            name: name.to_owned(),
            at: at(seconds),
        }
    }

    pub(in crate::progress) fn cached(step: u32) -> Event {
        Event::StepCached { step: StepId(step) }
    }

    pub(in crate::progress) fn log(step: u32, text: &str, seconds: i64) -> Event {
        Event::StepLog {
            step: StepId(step),
            stream: Stream::Stdout,
            bytes: text.as_bytes().to_vec(),
            at: at(seconds),
        }
    }

    pub(in crate::progress) fn moved(
        step: u32,
        item: &str,
        current: u64,
        total: Option<u64>,
        seconds: i64,
    ) -> Event {
        Event::StepProgress {
            step: StepId(step),
            item: item.to_owned(),
            current,
            total,
            at: at(seconds),
        }
    }

    pub(in crate::progress) fn done(step: u32, seconds: i64, error: Option<&str>) -> Event {
        Event::StepDone {
            step: StepId(step),
            at: at(seconds),
            error: error.map(str::to_owned),
        }
    }
}
