//! Answers other than success, turned into errors with what the registry said.

use crate::error::quote;
use crate::{ClientError, RegistryHost, Secret};
use http::StatusCode;
use serde_json::Value;
use wharf_egress::Response;

use crate::retry::read_retry_after;

/// The largest error body that is read; real ones have a few hundred bytes.
const LARGEST_COMPLAINT: usize = 64 * 1024;

/// Whom and what a failure is about.
pub(crate) struct Blame<'a> {
    pub(crate) registry: &'a RegistryHost,
    pub(crate) subject: &'a str,
    /// Nobody is logged in there.
    pub(crate) anonymous: bool,
    /// What was sent and must not come back in a message.
    pub(crate) secret: Option<&'a Secret>,
}

/// The error for an answer that is no success. Reads what the body says, as far as it is short.
pub(crate) async fn explain_answer(response: Response, blame: &Blame<'_>) -> ClientError {
    let status = response.status();
    let retry_after = read_retry_after(response.headers());
    let said = read_complaint(response, blame.secret).await;
    let (registry, subject) = (blame.registry.clone(), blame.subject.to_owned());
    let anonymous = blame.anonymous;
    match status {
        StatusCode::UNAUTHORIZED => ClientError::Unauthorized {
            registry,
            subject,
            anonymous,
            said,
        },
        StatusCode::FORBIDDEN => ClientError::Denied {
            registry,
            subject,
            said,
        },
        StatusCode::NOT_FOUND => ClientError::NotFound {
            registry,
            subject,
            said,
        },
        StatusCode::TOO_MANY_REQUESTS => ClientError::RateLimited {
            registry,
            retry_after,
            anonymous,
            said,
        },
        status => ClientError::Status {
            registry,
            subject,
            status: status.as_u16(),
            said,
        },
    }
}

/// `": what it said"`, or nothing.
async fn read_complaint(response: Response, secret: Option<&Secret>) -> String {
    let body = response
        .read_all(LARGEST_COMPLAINT)
        .await
        .unwrap_or_default();
    let text = serde_json::from_slice(&body)
        .ok()
        .and_then(|body| find_message(&body));
    let secrets: Vec<&Secret> = secret.into_iter().collect();
    let quoted = quote(&text.unwrap_or_default(), &secrets);
    match quoted.is_empty() {
        true => quoted,
        false => format!(": {quoted}"),
    }
}

/// The message of a registry's, a token server's or an OAuth2 error document.
fn find_message(body: &Value) -> Option<String> {
    let text = |value: &Value| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let first = &body["errors"][0];
    text(&first["message"])
        .or_else(|| text(&first["code"]))
        .or_else(|| text(&body["error_description"]))
        .or_else(|| text(&body["details"]))
        .or_else(|| text(&body["message"]))
        .or_else(|| text(&body["error"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_message_is_found_in_every_form_of_error_document() {
        for (body, expected) in [
            (
                json!({"errors": [{"code": "DENIED", "message": "no"}]}),
                Some("no"),
            ),
            (
                json!({"errors": [{"code": "DENIED", "message": ""}]}),
                Some("DENIED"),
            ),
            (
                json!({"details": "incorrect username or password"}),
                Some("incorrect username or password"),
            ),
            (
                json!({"error": "invalid_grant", "error_description": "expired"}),
                Some("expired"),
            ),
            (json!({"message": "m"}), Some("m")),
            (json!({"errors": "no list"}), None),
            (json!([]), None),
            (json!("text"), None),
        ] {
            assert_eq!(find_message(&body).as_deref(), expected, "{body}");
        }
    }
}
