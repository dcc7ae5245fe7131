//! What went wrong between client and server, as a failure that a person can act on.

use std::error::Error;

use reqwest::StatusCode;
use serde::Deserialize;

use super::address::ServerAddress;
use crate::failure::Failure;
use crate::output::clean_text;
use crate::session::Session;

/// The parts of a problem+json answer that people read.
#[derive(Debug, Deserialize)]
struct Problem {
    detail: String,
    hint: Option<String>,
    request_id: Option<String>,
}

/// The failure for an answer that is not a success.
pub(super) fn describe_answer(
    session: &Session,
    address: &ServerAddress,
    status: StatusCode,
    location: Option<&str>,
    body: &[u8],
) -> Failure {
    if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
        let mut message = clean_text(&problem.detail);
        if let (true, Some(id)) = (status.is_server_error(), &problem.request_id) {
            message = format!(
                "{message} {}",
                session.text("cli.client.request_id", &[("id", &clean_text(id))])
            );
        }
        let failure = Failure::new(message);
        return match problem.hint {
            Some(hint) => failure.with_hint(clean_text(&hint)),
            None => failure,
        };
    }
    if let (true, Some(location)) = (status.is_redirection(), location) {
        let message = session.text("cli.client.redirected", &[("host", address.host())]);
        let location = clean_text(location);
        let hint = session.text("cli.client.redirected_hint", &[("location", &location)]);
        return Failure::new(message).with_hint(hint);
    }
    let parameters = [("host", address.host()), ("status", status.as_str())];
    Failure::new(session.text("cli.client.not_wharf", &parameters))
        .with_hint(session.text("cli.client.not_wharf_hint", &[]))
}

/// The failure for a request that got no answer.
pub(super) fn describe_transport(
    session: &Session,
    address: &ServerAddress,
    error: reqwest::Error,
) -> Failure {
    let error = error.without_url();
    // The outermost sentence only says that sending failed.
    let cause: &dyn Error = error.source().unwrap_or(&error);
    let written = address.as_written();
    let failure = Failure::new(session.text("cli.client.unreachable", &[("server", &written)]))
        .caused_by(cause);
    let chain = failure.render();
    if chain.contains("certificate") {
        failure.with_hint(session.text("cli.client.certificate_hint", &[("host", address.host())]))
    } else if chain.contains("InvalidContentType") {
        failure.with_hint(session.text("cli.client.plain_http_hint", &[("host", address.host())]))
    } else if address.url().scheme() == "http" && chain.contains("HTTP version") {
        failure.with_hint(session.text("cli.client.https_hint", &[("host", address.host())]))
    } else {
        failure.with_hint(session.text("cli.client.unreachable_hint", &[]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(status: u16, location: Option<&str>, body: &str) -> String {
        describe_answer(
            &Session::for_test(&[]),
            &ServerAddress::parse("localhost:5000").unwrap(),
            StatusCode::from_u16(status).unwrap(),
            location,
            body.as_bytes(),
        )
        .render()
    }

    #[test]
    fn a_problem_is_shown_in_the_servers_words() {
        let body = r#"{"code":"denied","detail":"Not yours.","hint":"ask","request_id":"r1"}"#;
        assert_eq!(describe(403, None, body), "error: Not yours.\nhint: ask\n");
    }

    #[test]
    fn a_server_error_carries_its_request_id() {
        let body = r#"{"code":"internal","detail":"Broken.","request_id":"r1"}"#;
        assert!(describe(500, None, body).contains("r1"));
    }

    #[test]
    fn an_answer_that_is_not_from_wharf_says_so() {
        assert!(describe(404, None, "<html>").contains("localhost:5000"));
        let moved = describe(301, Some("https://localhost:5000/"), "");
        assert!(
            moved.contains("hint:") && moved.contains("https://localhost:5000/"),
            "{moved}"
        );
    }
}
