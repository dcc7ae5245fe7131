//! What happens in a build, as a stream of events: the command line draws it, the build service keeps it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A step within one build; numbered in the order in which steps become known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepId(pub u32);

/// Where output of a step was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A step began: `[builder 2/5] RUN make`, `[internal] load build context`, `exporting layers`.
    StepStarted {
        /// Which.
        step: StepId,
        /// As people know it from BuildKit.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// Its result was there already; nothing else follows but `StepDone`.
    StepCached {
        /// Which.
        step: StepId,
    },
    /// It wrote something.
    StepLog {
        /// Which.
        step: StepId,
        /// Where.
        stream: Stream,
        /// Whole or broken lines, secrets masked.
        #[serde(with = "text_bytes")]
        bytes: Vec<u8>,
        /// When.
        at: Timestamp,
    },
    /// Part of a step moves bytes or counts files.
    StepProgress {
        /// Which.
        step: StepId,
        /// What moves: `sha256:… `, `transferring context`.
        item: String,
        /// So far.
        current: u64,
        /// In all, if known.
        total: Option<u64>,
        /// When.
        at: Timestamp,
    },
    /// A step ended.
    StepDone {
        /// Which.
        step: StepId,
        /// When.
        at: Timestamp,
        /// Why it failed; `None` if it did not.
        error: Option<String>,
    },
    /// The Dockerfile or the machine deserves a word.
    Warning {
        /// The rule's name, if a lint rule says so.
        rule: Option<String>,
        /// One sentence.
        message: String,
        /// Lines of the Dockerfile, first and last.
        lines: Option<(u32, u32)>,
    },
}

/// Takes events; never blocks for long and never fails.
pub trait Progress: Send + Sync {
    /// Takes one.
    fn emit(&self, event: Event);
}

/// Output of steps is mostly text: as such it travels, what is not UTF-8 replaced.
mod text_bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&String::from_utf8_lossy(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        String::deserialize(from).map(String::into_bytes)
    }
}
