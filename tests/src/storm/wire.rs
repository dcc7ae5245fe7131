//! Requests to a server that may vanish at any moment.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Client, Method,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap},
    redirect::Policy,
};
use wharf_testkit::Server;

/// Longer than any answer a healthy server gives on a busy machine, the wait for a locked database included.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// No answer: the connection was refused, broke, or the body ended early.
#[derive(Debug)]
pub struct Broken(pub String);

/// A client of one address, as the admin. Cloning shares connections.
#[derive(Clone)]
pub struct Wire {
    http: Client,
    base: String,
    authorization: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as long as it was announced.
    pub body: Bytes,
}

impl Reply {
    /// A header as text.
    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Status and the start of the body, for a message.
    pub fn describe(&self) -> String {
        let shown = &self.body[..self.body.len().min(300)];
        format!("{} {}", self.status, String::from_utf8_lossy(shown))
    }
}

impl Wire {
    /// The admin's client of this server, with connections of its own.
    pub fn new(server: &Server) -> Self {
        Self {
            http: Client::builder()
                .redirect(Policy::none())
                .no_proxy()
                // Everything here is plain HTTP, and reading all that the machine trusts takes its time.
                .tls_certs_only([])
                .timeout(ANSWER_TIMEOUT)
                .build()
                .expect("an HTTP client"),
            base: server.url().to_owned(),
            authorization: server.admin().authorization().expect("a login"),
        }
    }

    /// Sends a request without a body. `target` is a path, or a whole URL as a `Location` may be.
    pub async fn send(&self, method: Method, target: &str) -> Result<Reply, Broken> {
        self.send_body(method, target, None).await
    }

    /// Sends a body of this type.
    pub async fn send_body(
        &self,
        method: Method,
        target: &str,
        body: Option<(&str, Bytes)>,
    ) -> Result<Reply, Broken> {
        let url = match target.starts_with('/') {
            true => format!("{}{target}", self.base),
            false => target.to_owned(),
        };
        let mut request = self
            .http
            .request(method.clone(), url)
            .header(AUTHORIZATION, &self.authorization);
        if let Some((media_type, bytes)) = body {
            request = request.header(CONTENT_TYPE, media_type).body(bytes);
        }
        let read = async {
            let response = request.send().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = response.bytes().await?;
            Ok(Reply {
                status,
                headers,
                body,
            })
        };
        read.await
            .map_err(|error: reqwest::Error| Broken(format!("{method} {target}: {error:?}")))
    }
}
