//! Requests to a provider: bounded in time and size, JSON or nothing.

use super::OidcError;
use crate::text::fold_line;
use http::{HeaderValue, StatusCode, header::ACCEPT};
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;
use wharf_egress::{Egress, PlainHttp, Request};

/// How long one answer may take. Somebody waits in front of a white page.
const LONGEST_CALL: Duration = Duration::from_secs(15);

/// The largest answer that is taken: key lists have some kilobytes, groups of one person a hundred at most.
const LARGEST_ANSWER: usize = 256 * 1024;

/// Sends, and reads the JSON of a success. An answer that is none says why, as far as the provider does.
pub(super) async fn ask<T: DeserializeOwned>(
    egress: &Egress,
    request: Request,
    what: &'static str,
) -> Result<(StatusCode, Result<T, String>), OidcError> {
    let request = request
        .with_plain_http(PlainHttp::Listed)
        .with_answer_timeout(LONGEST_CALL)
        .with_header(ACCEPT, HeaderValue::from_static("application/json"))
        .without_redirects();
    let asked = async {
        let response = egress.send(request).await?;
        let status = response.status();
        Ok::<_, OidcError>((status, response.read_all(LARGEST_ANSWER).await?))
    };
    let late = |_| OidcError::Answer {
        what,
        reason: "it takes too long".into(),
    };
    let (status, body) = tokio::time::timeout(LONGEST_CALL, asked)
        .await
        .map_err(late)??;
    let read = match status.is_success() {
        true => serde_json::from_slice(&body).map_err(|error| error.to_string()),
        false => Err(fold_line(&String::from_utf8_lossy(&body), &[])),
    };
    Ok((status, read))
}

/// The same for what is only to be had whole.
pub(super) async fn fetch<T: DeserializeOwned>(
    egress: &Egress,
    url: Url,
    what: &'static str,
) -> Result<T, OidcError> {
    let (status, read) = ask(egress, Request::get(url), what).await?;
    read.map_err(|reason| OidcError::Answer {
        what,
        reason: format!("status {}: {reason}", status.as_u16()),
    })
}
