//! One event of a build's log: what the file holds a line of, and how people read it.

use serde::{Deserialize, Serialize};
use wharf_model::Timestamp;

/// One numbered event. Numbers begin with 1 and have no gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// Its number.
    #[serde(rename = "n")]
    pub number: u64,
    /// Microseconds since 1970.
    pub at: i64,
    /// What happened.
    #[serde(flatten)]
    pub entry: LogEntry,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LogEntry {
    /// A worker begins the build, for the first time or once more.
    Attempt {
        /// Which.
        attempt: u32,
    },
    /// A phase began.
    Phase {
        /// Its word.
        phase: String,
    },
    /// A step began.
    Step {
        /// Its number in the attempt.
        step: u32,
        /// As people know it: `[2/5] RUN make`.
        name: String,
    },
    /// A step's result was there already.
    Cached {
        /// Which.
        step: u32,
    },
    /// A step wrote something: whole or broken lines, escape sequences as they came.
    Output {
        /// Which.
        step: u32,
        /// `stdout` or `stderr`.
        stream: String,
        /// What it wrote.
        text: String,
    },
    /// A step ended.
    Done {
        /// Which.
        step: u32,
        /// Why it failed.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        error: Option<String>,
    },
    /// The Dockerfile or the machine deserves a word.
    Warning {
        /// One sentence.
        text: String,
    },
    /// What the server has to say about the build.
    Notice {
        /// One sentence.
        text: String,
    },
    /// Output was left out from here on, because the log is at its limit.
    Truncated {
        /// The limit, in bytes.
        limit: u64,
    },
}

impl LogRecord {
    /// When it happened.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_micros(self.at)
    }

    /// As a person reads it, with its line break; empty for what only programs need.
    pub fn render(&self) -> String {
        match &self.entry {
            LogEntry::Attempt { attempt: 1 } => String::new(),
            LogEntry::Attempt { attempt } => format!("=== attempt {attempt}\n"),
            LogEntry::Phase { phase } => format!("=== {phase}\n"),
            LogEntry::Step { step, name } => format!("#{step} {name}\n"),
            LogEntry::Cached { step } => format!("#{step} CACHED\n"),
            LogEntry::Output { text, .. } => text.clone(),
            LogEntry::Done { step, error: None } => format!("#{step} DONE\n"),
            LogEntry::Done {
                step,
                error: Some(error),
            } => format!("#{step} ERROR: {error}\n"),
            LogEntry::Warning { text } => format!("WARN: {text}\n"),
            LogEntry::Notice { text } => format!("{text}\n"),
            LogEntry::Truncated { limit } => {
                format!("=== output left out: the log is limited to {limit} bytes\n")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_its_line() {
        let record = LogRecord {
            number: 7,
            at: 1_900_000_000_000_001,
            entry: LogEntry::Output {
                step: 3,
                stream: "stdout".into(),
                text: "\u{1b}[31mred\u{1b}[0m\nnext".into(),
            },
        };
        let line = serde_json::to_string(&record).unwrap();
        assert!(!line.contains('\n') && !line.contains('\u{1b}'));
        assert_eq!(serde_json::from_str::<LogRecord>(&line).unwrap(), record);
        assert_eq!(record.render(), "\u{1b}[31mred\u{1b}[0m\nnext");
    }
}
