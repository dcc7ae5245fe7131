//! The Kubernetes API as JSON over HTTP.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::http::{Answer, Body, Outgoing, build_client, build_identified_client, send, try_send};

/// One who asks an API server: the administrator, or the bearer of a token.
#[derive(Debug, Clone)]
pub struct KubeClient {
    client: Client,
    url: String,
    authorization: Option<String>,
}

impl KubeClient {
    /// A client that is known by a certificate.
    pub(crate) fn new_identified(url: String, authority: &str, identity: &str) -> Self {
        Self {
            client: build_identified_client(authority, identity),
            url,
            authorization: None,
        }
    }

    /// A client of the API server at `url` that is known by a token; `authority` is what it believes, in PEM.
    pub fn with_token(url: &str, authority: Option<&str>, token: &str) -> Self {
        Self::new(url.to_owned(), authority, Some(token))
    }

    /// A client that is known by a token, or by whoever forwards its requests.
    pub(crate) fn new(url: String, authority: Option<&str>, token: Option<&str>) -> Self {
        Self {
            client: build_client(authority),
            url,
            authorization: token.map(|token| format!("Bearer {token}")),
        }
    }

    /// Whether the API server answers and has done what it does first (Kubernetes reference, "API health endpoints").
    pub(crate) fn is_ready(&self) -> bool {
        let request = Outgoing::new(Method::GET, format!("{}/readyz", self.url));
        let answer = try_send(&self.client, &request, self.authorization.as_deref());
        answer.is_ok_and(|answer| answer.status.is_success())
    }

    /// Reads `/api/v1/…` or `/apis/GROUP/…`, whatever the status.
    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None)
    }

    /// Sends a body in JSON, whatever the status.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(("application/json", body)))
    }

    /// The same for an answer that may not come.
    pub fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let request = self.write(Method::POST, path, Some(("application/json", body)));
        try_send(&self.client, &request, self.authorization.as_deref())
    }

    /// Merges into an object (RFC 7386), whatever the status.
    pub fn merge(&self, path: &str, patch: &Value) -> Answer {
        let kind = "application/merge-patch+json";
        self.send(Method::PATCH, path, Some((kind, patch)))
    }

    /// Deletes an object and, in the background, what it owns; whatever the status.
    pub fn delete(&self, path: &str) -> Answer {
        let options = json!({ "propagationPolicy": "Background" });
        self.send(Method::DELETE, path, Some(("application/json", &options)))
    }

    fn send(&self, method: Method, path: &str, body: Option<(&str, &Value)>) -> Answer {
        let request = self.write(method, path, body);
        send(&self.client, &request, self.authorization.as_deref())
    }

    fn write(&self, method: Method, path: &str, body: Option<(&str, &Value)>) -> Outgoing {
        let mut request = Outgoing::new(method, format!("{}{path}", self.url));
        if let Some((kind, body)) = body {
            request.add_header("content-type", kind);
            request.body = Body::Whole(body.to_string().into());
        }
        request
    }

    /// Sends somebody else's request with no credentials but those in its headers.
    pub(super) fn pass_on<'a>(
        &self,
        method: Method,
        target: &str,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
        body: &[u8],
    ) -> reqwest::Result<Answer> {
        let mut request = Outgoing::new(method, format!("{}{target}", self.url));
        headers.for_each(|(name, value)| request.add_header(name, value));
        request.body = Body::Whole(body.to_vec().into());
        try_send(&self.client, &request, None)
    }

    /// A request to be sent by the kubelet, which does not block.
    pub(super) fn begin(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        match &self.authorization {
            Some(value) => request.header("authorization", value),
            None => request,
        }
    }
}
