//! One attempt, as it is kept and shown: what was asked, what was answered, and what follows.
//!
//! Everything in here is free of secrets: who makes a value masks first. Called by `wharf-app`, which keeps it.

use std::fmt;
use std::time::Duration;

/// How much of a body is kept, in bytes. Receivers say why they refuse within a few hundred; with more, one log line
/// could hold megabytes, with less the explanation behind a stack trace would be lost.
pub const LONGEST_SHOWN: usize = 64 * 1024;

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was sent.
    pub request: ShownRequest,
    /// What came back; none when nothing did.
    pub response: Option<ShownResponse>,
    /// How long it took.
    pub timings: Timings,
    /// What follows from it.
    pub outcome: Outcome,
}

/// A request without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRequest {
    /// `POST`; for mail `MAIL`; of clusters `PATCH`, or `GET` where it ended with looking.
    pub method: String,
    /// Scheme and host; path and query are `…`, because they may be the key to the door. Of clusters the whole address.
    pub url: String,
    /// Names and values; values that people gave are masked.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`LONGEST_SHOWN`] bytes.
    pub body: String,
}

/// An answer without the secrets that we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownResponse {
    /// The status of HTTP, or the code of an SMTP reply.
    pub status: u16,
    /// Names and values; what sets cookies is masked.
    pub headers: Vec<(String, String)>,
    /// The body, at most [`LONGEST_SHOWN`] bytes, with replacement characters for what is no text.
    pub body: String,
    /// There was more, which was not read.
    pub is_cut: bool,
}

/// Where the time went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// Until the head of the answer: connecting, sending and waiting.
    pub waited: Duration,
    /// From there to the end of its body.
    pub read: Duration,
}

/// What follows from an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// The same may succeed later.
    Retry {
        /// Why not now.
        reason: Reason,
        /// How long the receiver asks to wait, at most an hour.
        after: Option<Duration>,
    },
    /// The same will never succeed.
    Refused {
        /// Why.
        reason: Reason,
    },
    /// The receiver wants nothing more from us, ever (410).
    Gone,
}

impl Outcome {
    pub(crate) fn retry(word: ReasonWord, said: impl Into<String>) -> Outcome {
        Outcome::Retry {
            reason: Reason::new(word, said),
            after: None,
        }
    }

    pub(crate) fn refused(word: ReasonWord, said: impl Into<String>) -> Outcome {
        Outcome::Refused {
            reason: Reason::new(word, said),
        }
    }
}

/// Why an attempt did not deliver: a word of ours and, where there is one, the other side's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The word; the catalogue has its sentence.
    pub word: ReasonWord,
    /// A status, a code, or the other side's sentence in one short line without secrets; may be empty.
    pub said: String,
}

impl Reason {
    pub(crate) fn new(word: ReasonWord, said: impl Into<String>) -> Reason {
        Reason {
            word,
            said: said.into(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.said.is_empty() {
            true => f.write_str(self.word.as_str()),
            false => write!(f, "{}: {}", self.word.as_str(), self.said),
        }
    }
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReasonWord {
    /// The receiver answered with a status that is no success; `said` begins with it.
    AnswerStatus,
    /// The receiver asks us to slow down.
    RateLimited,
    /// No whole answer within the time.
    TimedOut,
    /// No name, no connection, no TLS, or it broke.
    Unreachable,
    /// The operator's policy does not let us go there. One word for every such place, without its address or whether
    /// anybody is there, so that nobody can look around with it.
    NotAllowed,
    /// A redirect, which is not followed.
    Redirected,
    /// The chat product refuses the message by a code of its own.
    VendorRefused,
    /// The chat product cannot take the message now, by a code of its own.
    VendorBusy,
    /// The answer is not what the product answers.
    AnswerUnreadable,
    /// The mail server refuses for good (5yz).
    MailRefused,
    /// The mail server refuses for now (4yz).
    MailDeferred,
    /// What is configured cannot be made into a request; `said` says what.
    NotSendable,
}

impl ReasonWord {
    /// All of them.
    pub const ALL: [ReasonWord; 12] = [
        ReasonWord::AnswerStatus,
        ReasonWord::RateLimited,
        ReasonWord::TimedOut,
        ReasonWord::Unreachable,
        ReasonWord::NotAllowed,
        ReasonWord::Redirected,
        ReasonWord::VendorRefused,
        ReasonWord::VendorBusy,
        ReasonWord::AnswerUnreadable,
        ReasonWord::MailRefused,
        ReasonWord::MailDeferred,
        ReasonWord::NotSendable,
    ];

    /// The word in rows and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            ReasonWord::AnswerStatus => "answer_status",
            ReasonWord::RateLimited => "rate_limited",
            ReasonWord::TimedOut => "timed_out",
            ReasonWord::Unreachable => "unreachable",
            ReasonWord::NotAllowed => "not_allowed",
            ReasonWord::Redirected => "redirected",
            ReasonWord::VendorRefused => "vendor_refused",
            ReasonWord::VendorBusy => "vendor_busy",
            ReasonWord::AnswerUnreadable => "answer_unreadable",
            ReasonWord::MailRefused => "mail_refused",
            ReasonWord::MailDeferred => "mail_deferred",
            ReasonWord::NotSendable => "not_sendable",
        }
    }
}
