//! How a change is reported: a sentence on stderr; a secret that exists only now bare on stdout, for scripts to keep.

use serde_json::Value;

use crate::failure::Failure;
use crate::output::{print_json, print_text};
use crate::session::{Format, Session};

/// Prints the secret in `answer[field]` after the sentence under `key`; in JSON, the whole answer.
///
/// Prints the sentence alone when the answer holds no secret (the caller chose the password).
pub(crate) fn print_secret(
    session: &Session,
    answer: &Value,
    field: &str,
    key: &str,
    parameters: &[(&str, &str)],
) -> Result<(), Failure> {
    session.say(key, parameters);
    let secret = answer[field].as_str();
    if secret.is_some() {
        session.say("cli.secret.shown_once", &[]);
    }
    match (session.format, secret) {
        (Format::Json, _) => print_json(session, answer),
        (Format::Table, Some(secret)) => print_text(session, &format!("{secret}\n")),
        (Format::Table, None) => Ok(()),
    }
}

/// Says what was done; in JSON, prints the answer.
pub(crate) fn print_outcome(
    session: &Session,
    answer: &Value,
    key: &str,
    parameters: &[(&str, &str)],
) -> Result<(), Failure> {
    session.say(key, parameters);
    match session.format {
        Format::Json if !answer.is_null() => print_json(session, answer),
        _ => Ok(()),
    }
}
