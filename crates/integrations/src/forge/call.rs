//! One request to a code host's API and its answer.
//!
//! Bounds time and size, keeps to the account's origin, and puts the token into the `Authorization` header and nowhere
//! else: that is the header which the egress takes away when a redirect leads to another origin. Called by the three
//! hosts' rooms and by the device flow.

use super::address::ForgeAddress;
use super::answer::Refusal;
use super::error::{ForgeError, Result};
use super::kind::ForgeKind;
use super::next_page::find_next_page;
use super::page::{Cursor, Page};
use crate::Secret;
use crate::text::clip;
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use url::Url;
use wharf_egress::{Egress, EgressError, PlainHttp, Request, Response};

/// How long one answer may take from the first byte sent to the last byte read. GitHub itself gives up after 10 seconds
/// and GitLab after 60; a person who waits in front of a list gives up at about half a minute.
pub(super) const LONGEST_CALL: Duration = Duration::from_secs(30);

/// The largest answer that is taken. A hundred repositories of GitHub have 700 KB, twenty webhook events of GitLab some
/// megabytes; without a bound a host could fill our memory.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// What sends an account's requests.
pub(super) struct Caller {
    pub(super) kind: ForgeKind,
    pub(super) address: ForgeAddress,
    base: Url,
    egress: Egress,
    pub(super) token: Secret,
    authorization: HeaderValue,
    headers: HeaderMap,
}

/// One request before it goes out.
pub(super) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    accept: Option<&'static str>,
    subject: String,
}

/// A success.
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    subject: String,
    /// There is more than was asked for.
    pub(super) is_truncated: bool,
}

impl Call {
    /// `path` is below the API's base and encoded already; `subject` says in words what it is about.
    pub(super) fn new(method: Method, path: String, subject: impl Into<String>) -> Call {
        Call {
            method,
            path,
            query: Vec::new(),
            body: None,
            accept: None,
            subject: subject.into(),
        }
    }

    pub(super) fn get(path: String, subject: impl Into<String>) -> Call {
        Call::new(Method::GET, path, subject)
    }

    pub(super) fn with_query(mut self, name: &'static str, value: impl ToString) -> Call {
        self.query.push((name, value.to_string()));
        self
    }

    pub(super) fn with_body(mut self, body: Value) -> Call {
        self.body = Some(body);
        self
    }

    pub(super) fn with_accept(mut self, accept: &'static str) -> Call {
        self.accept = Some(accept);
        self
    }
}

impl Caller {
    /// `scheme` is the word before the token in the `Authorization` header.
    ///
    /// # Errors
    /// [`ForgeError::Credentials`] for a token that does not fit in a header.
    pub(super) fn new(
        kind: ForgeKind,
        address: ForgeAddress,
        egress: Egress,
        token: Secret,
        scheme: &str,
    ) -> Result<Caller> {
        let refuse = |reason| ForgeError::Credentials {
            host: address.host(),
            reason,
        };
        if token.expose().trim().is_empty() {
            return Err(refuse("the token is empty"));
        }
        let text = format!("{scheme} {}", token.expose().trim());
        let mut authorization = HeaderValue::from_str(&text)
            .map_err(|_| refuse("the token has characters that no token has"))?;
        authorization.set_sensitive(true);
        Ok(Caller {
            base: address.api_base(kind),
            kind,
            address,
            egress,
            token,
            authorization,
            headers: HeaderMap::new(),
        })
    }

    /// Adds a header to each request.
    pub(super) fn with_header(mut self, name: &'static str, value: &'static str) -> Caller {
        self.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        self
    }

    /// `host` or `host:port`.
    pub(super) fn host(&self) -> String {
        self.address.host()
    }

    /// Sends a change whose answer says nothing of interest.
    pub(super) async fn change(&self, call: Call) -> Result<()> {
        self.send(call, LARGEST_ANSWER).await.map(drop)
    }

    /// Removes something; when it is gone already, that is what was wanted.
    pub(super) async fn remove(&self, call: Call) -> Result<()> {
        match self.change(call).await {
            Err(error) if error.is_not_found() => Ok(()),
            outcome => outcome,
        }
    }

    /// Asks for one thing.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T> {
        let answer = self.send(call, LARGEST_ANSWER).await?;
        self.parse(&answer)
    }

    /// Asks for one thing and gives its headers too.
    pub(super) async fn read_with_headers<T: DeserializeOwned>(
        &self,
        call: Call,
    ) -> Result<(T, HeaderMap)> {
        let answer = self.send(call, LARGEST_ANSWER).await?;
        Ok((self.parse(&answer)?, answer.headers))
    }

    /// Asks for part of a list.
    pub(super) async fn read_page<T: DeserializeOwned>(
        &self,
        mut call: Call,
        after: Option<&Cursor>,
    ) -> Result<Page<T>> {
        let places: Vec<_> = after.into_iter().flat_map(Cursor::pairs).collect();
        call.query
            .retain(|(name, _)| !places.iter().any(|(own, _)| own == name));
        let answer = self.send_to(call, &places, LARGEST_ANSWER).await?;
        let items: Vec<T> = self.parse(&answer)?;
        let next = find_next_page(&answer.headers, &self.base, &places, items.len());
        // A host that sends us in circles would never let us end.
        let next = next.filter(|next| Some(next) != after);
        Ok(Page { items, next })
    }

    /// Asks for a text, of which at most `limit` bytes are taken.
    pub(super) async fn fetch_text(&self, call: Call, limit: usize) -> Result<Answer> {
        self.send(call, limit).await
    }

    async fn send(&self, call: Call, limit: usize) -> Result<Answer> {
        self.send_to(call, &[], limit).await
    }

    async fn send_to(
        &self,
        call: Call,
        places: &[(String, String)],
        limit: usize,
    ) -> Result<Answer> {
        let url = self.make_url(&call, places);
        let mut request = Request::new(call.method, url)
            .with_plain_http(PlainHttp::Listed)
            .with_header(AUTHORIZATION, self.authorization.clone())
            .with_header(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in &self.headers {
            request = request.with_header(name.clone(), value.clone());
        }
        if let Some(accept) = call.accept {
            request = request.with_header(ACCEPT, HeaderValue::from_static(accept));
        }
        if let Some(body) = &call.body {
            request = request
                .with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .with_bytes(body.to_string());
        }
        let exchange = Exchange {
            egress: &self.egress,
            address: &self.address,
            origin: &self.base,
            subject: &call.subject,
        };
        let (response, body, is_truncated) = exchange.run(request, limit).await?;
        if response.status.is_success() {
            return Ok(Answer {
                headers: response.headers,
                body,
                subject: call.subject,
                is_truncated,
            });
        }
        Err(Refusal {
            kind: self.kind,
            host: &self.address.host(),
            subject: &call.subject,
            token: &self.token,
            status: response.status,
            headers: &response.headers,
            body: &body,
        }
        .into_error())
    }

    fn make_url(&self, call: &Call, places: &[(String, String)]) -> Url {
        let mut url = self.base.clone();
        let base = self.base.path().trim_end_matches('/');
        url.set_path(&format!("{base}{}", call.path));
        if !(call.query.is_empty() && places.is_empty()) {
            url.query_pairs_mut()
                .extend_pairs(&call.query)
                .extend_pairs(places);
        }
        url
    }

    fn parse<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T> {
        let fail = |reason| ForgeError::BadAnswer {
            host: self.host(),
            subject: answer.subject.clone(),
            reason,
        };
        if answer.is_truncated {
            return Err(fail(format!("it has more than {LARGEST_ANSWER} bytes")));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|error| fail(clip(format!("it is not the expected JSON ({error})"), 300)))
    }
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller")
            .field("kind", &self.kind)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// A request and its bounds.
pub(super) struct Exchange<'a> {
    pub(super) egress: &'a Egress,
    pub(super) address: &'a ForgeAddress,
    /// Only answers from here are believed.
    pub(super) origin: &'a Url,
    pub(super) subject: &'a str,
}

/// Status and headers of an answer.
pub(super) struct Head {
    pub(super) status: http::StatusCode,
    pub(super) headers: HeaderMap,
}

impl Exchange<'_> {
    /// Sends and reads at most `limit` bytes of the answer; the flag says that there was more. A refusal is read no
    /// further than it takes to understand it.
    pub(super) async fn run(&self, request: Request, limit: usize) -> Result<(Head, Bytes, bool)> {
        match tokio::time::timeout(LONGEST_CALL, self.exchange(request, limit)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ForgeError::TimedOut {
                host: self.address.host(),
                subject: self.subject.to_owned(),
                limit: LONGEST_CALL,
            }),
        }
    }

    async fn exchange(&self, request: Request, limit: usize) -> Result<(Head, Bytes, bool)> {
        let fail = |source: EgressError| ForgeError::Unreachable {
            host: self.address.host(),
            source,
        };
        let mut response = self.egress.send(request).await.map_err(fail)?;
        if response.url().origin() != self.origin.origin() {
            return Err(ForgeError::BadAnswer {
                host: self.address.host(),
                subject: self.subject.to_owned(),
                reason: format!(
                    "it sends us on to {}, where the token is not sent",
                    describe_origin(response.url())
                ),
            });
        }
        let head = Head {
            status: response.status(),
            headers: response.headers().clone(),
        };
        let limit = match head.status.is_success() {
            true => limit,
            false => limit.max(64 * 1024),
        };
        let (body, is_truncated) = read_some(&mut response, limit).await.map_err(fail)?;
        Ok((head, body, is_truncated))
    }
}

/// Scheme, host and port: what may be shown of a URL.
fn describe_origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

async fn read_some(response: &mut Response, limit: usize) -> Result<(Bytes, bool), EgressError> {
    let mut whole = BytesMut::new();
    while let Some(chunk) = response.next_chunk().await? {
        let left = limit - whole.len();
        whole.extend_from_slice(&chunk[..chunk.len().min(left)]);
        if chunk.len() > left {
            return Ok((whole.freeze(), true));
        }
    }
    Ok((whole.freeze(), false))
}
