//! Reads the error codes of chat products.

use crate::target::exchange::{Outcome, Reason, ReasonWord};
use crate::text::quote;
use serde_json::Value;
use std::time::Duration;

/// What a product's code means.
pub(super) enum Meaning {
    /// It slows us down; this is how long it does.
    Limited(Duration),
    /// It is busy.
    Busy,
    /// The message or the robot will never do.
    Never,
}

/// Reads a code and its sentence out of a JSON answer; zero is success.
pub(super) fn judge_code(
    body: &str,
    names: &[(&str, &str)],
    mean: impl FnOnce(i64, &str) -> Meaning,
) -> Outcome {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    let found = names.iter().find_map(|(code, sentence)| {
        let code = answer.get(code)?.as_i64()?;
        Some((code, answer[*sentence].as_str().unwrap_or_default()))
    });
    let Some((code, sentence)) = found else {
        return judge_unreadable(body);
    };
    if code == 0 {
        return Outcome::Delivered;
    }
    let said = format!("{code}{}", quote(sentence, &[]));
    match mean(code, sentence) {
        Meaning::Limited(wait) => Outcome::Retry {
            reason: Reason::new(ReasonWord::RateLimited, said),
            after: Some(wait),
        },
        Meaning::Busy => Outcome::retry(ReasonWord::VendorBusy, said),
        Meaning::Never => Outcome::refused(ReasonWord::VendorRefused, said),
    }
}

/// The address answers, but not as the product does: it is another place.
pub(super) fn judge_unreadable(body: &str) -> Outcome {
    let said = quote(body, &[]);
    Outcome::refused(ReasonWord::AnswerUnreadable, said.trim_start_matches(": "))
}
