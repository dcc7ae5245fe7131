//! An answer that is coming in.

use crate::error::EgressError;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::time::Duration;
use url::Url;

/// Status and headers, and the body as far as it is asked for. Dropping it gives up the rest.
pub struct Response {
    pub(crate) inner: reqwest::Response,
    pub(crate) host: String,
    pub(crate) idle: Duration,
}

impl Response {
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// Where the answer comes from, after redirects.
    pub fn url(&self) -> &Url {
        self.inner.url()
    }

    /// `host:port` of the server that answered, for messages.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The next piece of the body, `None` at its end. Calling it again after it was cancelled loses nothing.
    ///
    /// # Errors
    /// When the connection breaks before the end that the server announced, or stands still for too long.
    pub async fn next_chunk(&mut self) -> Result<Option<Bytes>, EgressError> {
        match tokio::time::timeout(self.idle, self.inner.chunk()).await {
            Ok(outcome) => outcome.map_err(|error| EgressError::from_transport(&self.host, error)),
            Err(_) => Err(EgressError::Stalled {
                host: self.host.clone(),
                limit: self.idle,
            }),
        }
    }

    /// The whole body.
    ///
    /// # Errors
    /// [`EgressError::TooLarge`] as soon as more than `limit` bytes came, whatever length was announced.
    pub async fn read_all(mut self, limit: usize) -> Result<Bytes, EgressError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.next_chunk().await? {
            if chunk.len() > limit - whole.len() {
                return Err(EgressError::TooLarge {
                    host: self.host,
                    limit,
                });
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("host", &self.host)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
