//! Answers that are no single JSON document: whether something is there, a log, a stream of events.

use reqwest::{Response, StatusCode, header};

use super::api::ApiClient;
use crate::failure::Failure;

/// A stream that was not opened.
pub(super) struct StreamRefused {
    pub(super) failure: Failure,
    /// Asking again would be answered the same.
    pub(super) is_final: bool,
}

impl StreamRefused {
    fn finally(failure: Failure) -> Self {
        StreamRefused {
            failure,
            is_final: true,
        }
    }

    fn for_now(failure: Failure) -> Self {
        StreamRefused {
            failure,
            is_final: false,
        }
    }
}

impl ApiClient<'_> {
    /// Whether something is there that the person may see.
    pub(crate) async fn has(&self, path: &[&str]) -> Result<bool, Failure> {
        let answer = self.start_get(path, &[])?.send().await;
        let response = answer.map_err(|error| self.describe_transport(error))?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        self.read_response(response).await.map(|_| true)
    }

    /// Text that is no JSON: a log.
    pub(crate) async fn get_text(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<String, Failure> {
        let answer = self.start_get(path, query)?.send().await;
        let response = answer.map_err(|error| self.describe_transport(error))?;
        if !response.status().is_success() {
            return self.read_response(response).await.map(|_| String::new());
        }
        let bytes = self.read_body(response).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Opens a stream of events, after the one numbered `last`.
    pub(super) async fn open_stream(
        &self,
        path: &[&str],
        last: Option<&str>,
    ) -> Result<Response, StreamRefused> {
        let mut request = self
            .start_get(path, &[])
            .map_err(StreamRefused::finally)?
            .header(header::ACCEPT, "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request.send().await;
        let response =
            answer.map_err(|error| StreamRefused::for_now(self.describe_transport(error)))?;
        let status = response.status();
        let kind = response.headers().get(header::CONTENT_TYPE);
        let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        if status.is_success() && is_stream {
            return Ok(response);
        }
        Err(match self.read_response(response).await {
            Ok(_) => StreamRefused::finally(self.describe_bad_stream()),
            // A server that starts again, or a proxy before it, says so with a 5xx.
            Err(failure) if status.is_server_error() => StreamRefused::for_now(failure),
            Err(failure) => StreamRefused::finally(failure),
        })
    }

    /// The failure for a stream that is none, or that stays away.
    pub(super) fn describe_bad_stream(&self) -> Failure {
        let server = self.address().as_written();
        let session = self.session();
        Failure::new(session.text("cli.client.stream_lost", &[("server", &server)]))
            .with_hint(session.text("cli.client.stream_lost_hint", &[]))
    }
}
