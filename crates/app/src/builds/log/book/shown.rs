//! What a book says: sections of a log, and lines.

use wharf_model::Timestamp;

/// How a part of a log went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionState {
    /// It has not ended, as far as the log tells.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended, and with it the build.
    Failed,
    /// The build ended before it did.
    Stopped,
}

/// A step, or what was told between steps in a phase.
#[derive(Debug, Clone)]
pub struct LogSection {
    /// Counted from 1 in the log.
    pub number: u32,
    /// Of which attempt.
    pub attempt: u32,
    /// The step's number in the attempt; none for a phase.
    pub step: Option<u32>,
    /// `[2/5] RUN make`, or the phase's word.
    pub title: String,
    /// How it went.
    pub state: SectionState,
    /// Whether its result was there already.
    pub cached: bool,
    /// Why it failed.
    pub error: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How many lines are its own.
    pub lines: usize,
    /// The number of the first of them in the log.
    pub first_line: Option<u32>,
    /// The number of the last of them in the log.
    pub last_line: Option<u32>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Counted from 1 in the log.
    pub number: u32,
    /// Its section.
    pub section: u32,
    /// Counted from 1 in the section.
    pub position: u32,
    /// When it ended.
    pub at: Timestamp,
    /// What it says, with escape sequences as they came, without its line break.
    pub text: String,
}
