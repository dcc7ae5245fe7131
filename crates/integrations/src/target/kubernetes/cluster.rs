//! A cluster that can be asked: one request to its API and the answer.
//!
//! Everything goes by the egress to the cluster's own address, follows no redirect, and is bounded in time and size.
//! Plain JSON over it is all that is needed: a second HTTP stack beside the egress would be a second way out. Called by
//! the other rooms here.

use super::access::{ClusterAccess, ClusterCredential};
use super::answer::read_refusal;
use super::error::{ClusterError, Result};
use super::record::{CallRecord, Showing, mask_of};
use crate::Secret;
use crate::target::exchange::{LONGEST_SHOWN, ShownRequest};
use crate::target::mask::MASKED;
use crate::text::clip;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;
use wharf_egress::{Egress, EgressError, PlainHttp, Request};

/// How long one answer may take from the first byte sent to the last byte read. API servers give up on most requests
/// after 60 seconds and on admission hooks after 10; a person who waits in front of a list gives up at about half a
/// minute.
const LONGEST_CALL: Duration = Duration::from_secs(30);

/// The largest answer that is taken. Objects have at most some MiB (etcd takes 1.5 MiB of each), a page of a list some
/// more; without a bound a server could fill our memory.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// Who is said to have changed what, in `metadata.managedFields` of objects.
pub(super) const FIELD_MANAGER: &str = "wharf";

/// A cluster and the right to ask it. Cloning it copies a pointer; clones share connections.
#[derive(Clone)]
pub struct Cluster {
    inner: Arc<Inner>,
    record: Option<CallRecord>,
}

struct Inner {
    egress: Egress,
    base: Url,
    host: String,
    authorization: Option<HeaderValue>,
    secret: Secret,
}

/// One request before it goes out.
pub(super) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<(&'static str, Value)>,
    accept: &'static str,
    subject: String,
    showing: Showing,
}

impl Call {
    /// `path` begins with `/api` and is made of checked names; `subject` says in words what it is about.
    pub(super) fn get(path: String, subject: impl Into<String>) -> Call {
        Call {
            method: Method::GET,
            path,
            query: Vec::new(),
            body: None,
            accept: "application/json",
            subject: subject.into(),
            showing: Showing::Object,
        }
    }

    pub(super) fn post(path: String, subject: impl Into<String>, body: Value) -> Call {
        Call {
            method: Method::POST,
            body: Some(("application/json", body)),
            ..Call::get(path, subject)
        }
    }

    /// Changes what is said and leaves the rest; lists of containers are merged by name (kubernetes.io, "Update API
    /// Objects in Place Using kubectl patch").
    pub(super) fn merge(path: String, subject: impl Into<String>, body: Value) -> Call {
        Call {
            method: Method::PATCH,
            body: Some(("application/strategic-merge-patch+json", body)),
            ..Call::get(path, subject)
        }
        .with_query("fieldManager", FIELD_MANAGER)
    }

    /// Makes it what is said, whether it was there or not (kubernetes.io, "Server-Side Apply").
    pub(super) fn apply(path: String, subject: impl Into<String>, body: Value) -> Call {
        Call {
            method: Method::PATCH,
            body: Some(("application/apply-patch+yaml", body)),
            ..Call::get(path, subject)
        }
        .with_query("fieldManager", FIELD_MANAGER)
        .with_query("force", "true")
    }

    pub(super) fn with_query(mut self, name: &'static str, value: impl ToString) -> Call {
        self.query.push((name, value.to_string()));
        self
    }

    /// What is sent and found is not for the log.
    pub(super) fn hidden(mut self) -> Call {
        self.showing = Showing::Hidden;
        self
    }

    pub(super) fn with_accept(mut self, accept: &'static str) -> Call {
        self.accept = accept;
        self
    }
}

impl Cluster {
    /// Prepares connections to a cluster; none is opened yet. Where an authority is named, only a server whose
    /// certificate it signed gets the credentials.
    ///
    /// # Errors
    /// [`ClusterError::Credentials`] when authority, certificate or key cannot be used.
    pub fn open(access: &ClusterAccess, egress: &Egress) -> Result<Cluster> {
        let host = access.server.host();
        let refuse = |reason| ClusterError::Credentials { reason };
        // Whoever is believed or shown something here gets connections that serve this cluster alone.
        let mut egress = egress.clone();
        if let Some(ca) = &access.ca {
            egress = egress
                .with_sole_authority(&host, ca.pem().as_bytes())
                .map_err(|_| refuse("the authority is no certificate in PEM form"))?;
        }
        let mut authorization = None;
        match &access.credential {
            ClusterCredential::Token(token) => {
                let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                    .map_err(|_| refuse("the token has characters that no token has"))?;
                value.set_sensitive(true);
                authorization = Some(value);
            }
            ClusterCredential::Certificate { certificate, key } => {
                let pem = format!("{certificate}\n{}", key.expose());
                egress = egress
                    .with_identity(&host, pem.as_bytes())
                    .map_err(|_| refuse("the client's certificate and key do not go together"))?;
            }
        }
        let inner = Inner {
            egress,
            base: access.server.url().clone(),
            host,
            authorization,
            secret: access.credential.secret().clone(),
        };
        Ok(Cluster {
            inner: Arc::new(inner),
            record: None,
        })
    }

    /// The same cluster, which notes the last thing that was asked of it and what it answered.
    pub fn record(&self) -> (Cluster, CallRecord) {
        let record = CallRecord::default();
        let recorded = Cluster {
            inner: self.inner.clone(),
            record: Some(record.clone()),
        };
        (recorded, record)
    }

    /// `host:port`, for messages.
    pub fn host(&self) -> &str {
        &self.inner.host
    }

    /// Asks for one thing, or changes it and takes what it is then.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T> {
        let subject = call.subject.clone();
        let body = self.send(call).await?;
        serde_json::from_slice(&body).map_err(|error| ClusterError::BadAnswer {
            host: self.inner.host.clone(),
            subject,
            reason: clip(format!("it is not the expected JSON ({error})"), 300),
        })
    }

    async fn send(&self, call: Call) -> Result<Bytes> {
        let (host, subject) = (self.inner.host.clone(), call.subject.clone());
        let started = Instant::now();
        match tokio::time::timeout(LONGEST_CALL, self.exchange(call, started)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.note(|record| record.stop(started.elapsed()));
                Err(ClusterError::TimedOut {
                    host,
                    subject,
                    limit: LONGEST_CALL,
                })
            }
        }
    }

    async fn exchange(&self, call: Call, started: Instant) -> Result<Bytes> {
        self.note(|record| record.begin(self.show(&call)));
        let secret = &self.inner.secret;
        let fail = |source| {
            let error = self.explain(source);
            // The time would tell whether the guard asked a name server first.
            if !matches!(error, ClusterError::NotAllowed { .. }) {
                self.note(|record| record.stop(started.elapsed()));
            }
            error
        };
        let mut request = Request::new(call.method, self.make_url(&call.path, &call.query))
            .with_plain_http(PlainHttp::Never)
            .without_redirects()
            .with_header(ACCEPT, HeaderValue::from_static(call.accept));
        if let Some(authorization) = &self.inner.authorization {
            request = request.with_header(AUTHORIZATION, authorization.clone());
        }
        if let Some((kind, body)) = &call.body {
            request = request
                .with_header(CONTENT_TYPE, HeaderValue::from_static(kind))
                .with_bytes(body.to_string());
        }
        let response = self.inner.egress.send(request).await.map_err(fail)?;
        let (status, headers) = (response.status(), response.headers().clone());
        self.note(|record| record.hear(secret, status, &headers, started.elapsed()));
        let body = match response.read_all(LARGEST_ANSWER).await {
            Err(EgressError::TooLarge { limit, .. }) => {
                return Err(ClusterError::BadAnswer {
                    host: self.inner.host.clone(),
                    subject: call.subject,
                    reason: format!("it has more than {limit} bytes"),
                });
            }
            outcome => outcome.map_err(fail)?,
        };
        self.note(|record| record.read(secret, call.showing, &body, started.elapsed()));
        match status.is_success() {
            true => Ok(body),
            false => Err(read_refusal(
                &self.inner.host,
                &call.subject,
                secret,
                status,
                &headers,
                &body,
            )),
        }
    }

    /// Every refusal of the guard looks the same, whatever it found there.
    fn explain(&self, source: EgressError) -> ClusterError {
        let host = self.inner.host.clone();
        match source {
            EgressError::Refused { .. } | EgressError::PlainHttp { .. } => {
                ClusterError::NotAllowed { host }
            }
            source => ClusterError::Unreachable { host, source },
        }
    }

    fn note(&self, note: impl FnOnce(&CallRecord)) {
        if let Some(record) = &self.record {
            note(record);
        }
    }

    /// A call as the log may show it.
    fn show(&self, call: &Call) -> ShownRequest {
        let mask = mask_of(&self.inner.secret);
        let mut headers = vec![(ACCEPT.to_string(), call.accept.to_owned())];
        if self.inner.authorization.is_some() {
            headers.push((AUTHORIZATION.to_string(), MASKED.to_owned()));
        }
        let mut shown = String::new();
        if let Some((kind, body)) = &call.body {
            headers.push((CONTENT_TYPE.to_string(), (*kind).to_owned()));
            shown = match call.showing {
                Showing::Hidden => MASKED.to_owned(),
                Showing::Object => mask.apply(&body.to_string()),
            };
        }
        ShownRequest {
            method: call.method.to_string(),
            url: mask.apply(self.make_url(&call.path, &call.query).as_str()),
            headers,
            body: clip(shown, LONGEST_SHOWN),
        }
    }

    fn make_url(&self, path: &str, query: &[(&'static str, String)]) -> Url {
        let mut url = self.inner.base.clone();
        let base = self.inner.base.path().trim_end_matches('/');
        url.set_path(&format!("{base}{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cluster").field(&self.inner.host).finish()
    }
}
