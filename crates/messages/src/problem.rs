//! The three sentences of a problem answer: what kind it is, what happened, and what to do next.
//!
//! Knows how the parameters of a code become words: a `reason`, a `what`, a `limit` and a `problem` are stable codes in the
//! `params` of an answer and sentences of their own in its text. Called by the server's problem+json mapper.

use std::borrow::Cow;

use crate::{Language, has_message, render};

/// Every `code` a management answer may carry (the contract of `/api/v1`).
pub const PROBLEM_CODES: [&str; 19] = [
    "unauthenticated",
    "denied",
    "not_found",
    "invalid_field",
    "unknown_field",
    "conflict",
    "weak_password",
    "wrong_password",
    "too_many_attempts",
    "too_many_requests",
    "limit_reached",
    "too_large",
    "busy",
    "unavailable",
    "internal",
    "unsupported_media_type",
    "method_not_allowed",
    "egress_refused",
    "upstream",
];

/// The text of one problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemText {
    /// The kind of problem; the same for every answer with this code (RFC 9457 section 3.1.3).
    pub title: Cow<'static, str>,
    /// What happened to this request.
    pub detail: Cow<'static, str>,
    /// What is wrong with the field that the problem is about, without its name: for a place beside it.
    pub reason: Option<Cow<'static, str>>,
    /// What the reader can do about it, where there is something.
    pub hint: Option<Cow<'static, str>>,
}

/// The text for `code` in `language`.
///
/// `reason`, `what`, `limit` and `problem` among the parameters are looked up under `reason.…`, `conflict.…`, `limit.…` and
/// `upstream.…` first, with the other parameters filled in; a value without a sentence of its own is shown as it is. A hint is
/// there when the catalogue has `hint.<code>`.
pub fn render_problem(language: Language, code: &str, parameters: &[(&str, &str)]) -> ProblemText {
    let spoken: Vec<(&str, Cow<'_, str>)> = parameters
        .iter()
        .map(|&(name, value)| (name, speak(language, name, value, parameters)))
        .collect();
    let filled: Vec<(&str, &str)> = spoken
        .iter()
        .map(|(name, value)| (*name, value.as_ref()))
        .collect();
    let hint_key = format!("hint.{code}");
    ProblemText {
        title: render(language, &format!("title.{code}"), &[]),
        detail: render(language, &format!("error.{code}"), &filled),
        reason: filled
            .iter()
            .find(|(name, _)| *name == "reason")
            .map(|(_, reason)| Cow::Owned((*reason).to_owned())),
        hint: has_message(&hint_key).then(|| render(language, &hint_key, &filled)),
    }
}

fn speak<'a>(
    language: Language,
    name: &str,
    value: &'a str,
    parameters: &[(&str, &str)],
) -> Cow<'a, str> {
    let prefix = match name {
        "reason" => "reason",
        "what" => "conflict",
        "limit" => "limit",
        "problem" => "upstream",
        _ => return Cow::Borrowed(value),
    };
    let key = format!("{prefix}.{value}");
    if has_message(&key) {
        render(language, &key, parameters)
    } else {
        Cow::Borrowed(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_title_and_a_detail() {
        for code in PROBLEM_CODES {
            for kind in ["title", "error"] {
                let key = format!("{kind}.{code}");
                assert!(has_message(&key), "{key}");
            }
        }
    }

    #[test]
    fn the_catalogue_has_no_code_that_the_contract_lacks() {
        for key in crate::list_keys() {
            if let Some(("title" | "error", code)) = key.split_once('.') {
                assert!(PROBLEM_CODES.contains(&code), "{key}");
            }
        }
    }

    #[test]
    fn a_reason_becomes_a_sentence_in_the_readers_language() {
        let parameters = [
            ("field", "username"),
            ("reason", "too_long"),
            ("maximum", "64"),
        ];
        let english = render_problem(Language::En, "invalid_field", &parameters);
        assert!(english.detail.contains("username"), "{}", english.detail);
        assert!(!english.detail.contains("too_long"), "{}", english.detail);
        let chinese = render_problem(Language::Zh, "invalid_field", &parameters);
        assert!(chinese.detail.contains('长'), "{}", chinese.detail);
        let alone = chinese.reason.expect("a reason");
        assert!(
            alone.contains('长') && !alone.contains("username"),
            "{alone}"
        );
    }

    #[test]
    fn a_reason_without_a_sentence_is_shown_as_it_is() {
        let parameters = [("field", "name"), ("reason", "segments may not be empty")];
        let text = render_problem(Language::En, "invalid_field", &parameters);
        assert!(text.detail.contains("segments may not be empty"));
    }

    #[test]
    fn a_hint_is_there_only_where_there_is_something_to_do() {
        let hint_of = |code| render_problem(Language::En, code, &[]).hint;
        assert!(hint_of("unauthenticated").is_some());
        assert!(hint_of("not_found").is_none());
    }
}
