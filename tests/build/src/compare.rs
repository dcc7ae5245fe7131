//! How a result differs from an expectation, in words: the path of each difference, what was expected, what was found.

use serde_json::Value;

use crate::case;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, such as `step 1 files /etc/hosts mode`.
    pub at: String,
    /// What the reference has there.
    pub expected: String,
    /// What was found there.
    pub found: String,
}

/// A whole image as the expected value would hide what was found; an error's output is all there is to see.
const SHOWN: (usize, usize) = (400, 4000);

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (expected, found) = (cut(&self.expected, SHOWN.0), cut(&self.found, SHOWN.1));
        write!(formatter, "{}: expected {expected}, found {found}", self.at)
    }
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// Every difference between two results; none when they agree.
///
/// An expected failure agrees with one that holds all of its words and its line; the rest of the text is free.
#[must_use]
pub fn list_differences(expected: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare_values(&mut differences, "", expected, found);
    differences
}

/// The differences that no reason in the case explains, and the reasons that explain none.
#[must_use]
pub fn sort_out(
    differences: Vec<Difference>,
    reasons: &[case::Difference],
) -> (Vec<Difference>, Vec<String>) {
    let explains =
        |reason: &case::Difference, difference: &Difference| match reason.at.strip_suffix('*') {
            Some(prefix) => difference.at.starts_with(prefix),
            None => difference.at == reason.at,
        };
    let unused = reasons
        .iter()
        .filter(|reason| {
            !differences
                .iter()
                .any(|difference| explains(reason, difference))
        })
        .map(|reason| reason.at.clone())
        .collect();
    let left = differences
        .into_iter()
        .filter(|difference| !reasons.iter().any(|reason| explains(reason, difference)))
        .collect();
    (left, unused)
}

fn compare_values(differences: &mut Vec<Difference>, at: &str, expected: &Value, found: &Value) {
    let here = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at} {name}")
        }
    };
    match (expected, found) {
        (Value::Object(mine), Value::Object(theirs)) if mine.contains_key("failure") => {
            match theirs.get("failure") {
                Some(failure) => {
                    compare_failures(differences, &here("failure"), &mine["failure"], failure)
                }
                None => push(
                    differences,
                    at,
                    &expected["failure"]["message"],
                    &"a successful build".into(),
                ),
            }
        }
        (Value::Object(mine), Value::Object(theirs)) => {
            for (key, value) in mine {
                match theirs.get(key) {
                    Some(other) => compare_values(differences, &here(key), value, other),
                    None => push(differences, &here(key), value, &"nothing".into()),
                }
            }
            for (key, value) in theirs.iter().filter(|(key, _)| !mine.contains_key(*key)) {
                push(differences, &here(key), &"nothing".into(), value);
            }
        }
        (Value::Array(mine), Value::Array(theirs)) => {
            for (index, value) in mine.iter().enumerate() {
                match theirs.get(index) {
                    Some(other) => {
                        compare_values(differences, &here(&(index + 1).to_string()), value, other);
                    }
                    None => push(
                        differences,
                        &here(&(index + 1).to_string()),
                        value,
                        &"nothing".into(),
                    ),
                }
            }
            for (index, value) in theirs.iter().enumerate().skip(mine.len()) {
                push(
                    differences,
                    &here(&(index + 1).to_string()),
                    &"nothing".into(),
                    value,
                );
            }
        }
        (mine, theirs) if mine == theirs => {}
        (mine, theirs) => push(differences, at, mine, theirs),
    }
}

fn compare_failures(differences: &mut Vec<Difference>, at: &str, expected: &Value, found: &Value) {
    // A recorded failure against another one: the message is all that is left of the text.
    let text = found["text"]
        .as_str()
        .or_else(|| found["message"].as_str())
        .unwrap_or_default();
    for word in expected["words"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if !text.to_lowercase().contains(&word.to_lowercase()) {
            push(
                differences,
                &format!("{at} words"),
                &format!("an error with the words {word:?}").into(),
                &found["text"],
            );
        }
    }
    if let (Some(line), true) = (expected["line"].as_u64(), found["line"] != expected["line"]) {
        let named = [
            format!(":{line}\n"),
            format!(":{line}:"),
            format!(":{line} "),
            format!("line {line}"),
        ];
        if !named.iter().any(|name| format!("{text}\n").contains(name)) {
            push(
                differences,
                &format!("{at} line"),
                &format!("an error at line {line}").into(),
                &found["text"],
            );
        }
    }
}

fn push(differences: &mut Vec<Difference>, at: &str, expected: &Value, found: &Value) {
    let show = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    differences.push(Difference {
        at: at.to_owned(),
        expected: show(expected),
        found: show(found),
    });
}
