//! One request to one server and its answer: signed, repeated where that is safe, patient where it is asked to be.

use crate::client::Inner;
use crate::complaint::{Blame, explain_answer};
use crate::endpoint::{Endpoint, Scheme};
use crate::retry::read_retry_after;
use crate::scope::Scope;
use crate::sign::Signature;
use crate::source::{ReadFailure, stream_source};
use crate::{BlobSource, ClientError, Credential, Progress, Result};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use wharf_egress::{EgressError, Request, Response};

/// How long a registry may take to keep a blob once it has all of it. Those on object stores copy gigabytes at that
/// moment, which takes minutes; a longer time would leave a push hanging at a dead server.
const KEEPING: Duration = Duration::from_secs(600);

/// A request before it is signed.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) target: Target<'a>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: CallBody<'a>,
    /// What it is about, for messages.
    pub(crate) subject: &'a str,
    /// Whether to try again and to wait as told; not where another server can be asked instead.
    pub(crate) is_patient: bool,
}

pub(crate) enum Target<'a> {
    /// Below `/v2/`.
    Path(String),
    /// Where an earlier answer pointed to.
    Url(&'a Url),
}

pub(crate) enum CallBody<'a> {
    Empty,
    Bytes(Bytes),
    /// `length` bytes of a source from `start`.
    Part {
        source: &'a dyn BlobSource,
        start: u64,
        length: u64,
        progress: &'a Progress,
    },
}

impl<'a> Call<'a> {
    /// A patient request without body.
    pub(crate) fn new(
        method: Method,
        endpoint: &'a Endpoint,
        target: Target<'a>,
        scopes: Vec<Scope>,
        subject: &'a str,
    ) -> Call<'a> {
        Call {
            method,
            endpoint,
            target,
            scopes,
            headers: HeaderMap::new(),
            body: CallBody::Empty,
            subject,
            is_patient: true,
        }
    }

    /// A transfer that broke is started over by whoever knows from where.
    fn is_repeatable(&self) -> bool {
        self.is_patient && !matches!(self.body, CallBody::Part { .. })
    }
}

/// An answer, and who it was given to.
pub(crate) struct Reply {
    pub(crate) response: Response,
    credential: Option<Credential>,
}

impl Reply {
    /// The error for this answer.
    pub(crate) async fn explain(self, call: &Call<'_>) -> ClientError {
        let blame = Blame {
            registry: &call.endpoint.host,
            subject: call.subject,
            anonymous: self.credential.is_none(),
            secret: self.credential.as_ref().map(Credential::secret),
        };
        explain_answer(self.response, &blame).await
    }
}

impl Inner {
    /// Sends a request until an answer comes that is worth looking at, of whatever status but 401.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses the credentials, or the source cannot be read.
    pub(crate) async fn exchange(&self, call: &Call<'_>) -> Result<Reply> {
        let mut failures = 0;
        let mut refused: Option<Signature> = None;
        loop {
            let outcome = self.exchange_once(call, refused.as_ref()).await;
            match outcome {
                Ok((response, signature)) if response.status() == StatusCode::UNAUTHORIZED => {
                    self.health.note_answer(&call.endpoint.host);
                    let is_new = refused.is_none()
                        && signature.is_own
                        && self.note_challenge(call.endpoint, &response);
                    if !is_new {
                        let credential = signature.credential;
                        return Err(Reply {
                            response,
                            credential,
                        }
                        .explain(call)
                        .await);
                    }
                    refused = Some(signature);
                }
                Ok((response, signature)) => {
                    self.health.note_answer(&call.endpoint.host);
                    failures += 1;
                    match self.choose_wait(call, &response, failures) {
                        Some(wait) => tokio::time::sleep(wait).await,
                        None => {
                            let credential = signature.credential;
                            return Ok(Reply {
                                response,
                                credential,
                            });
                        }
                    }
                }
                Err(error) => {
                    failures += 1;
                    if !self.can_repeat(call, &error, failures) {
                        return Err(error);
                    }
                    tokio::time::sleep(self.retry.delay(failures)).await;
                }
            }
        }
    }

    async fn exchange_once(
        &self,
        call: &Call<'_>,
        refused: Option<&Signature>,
    ) -> Result<(Response, Signature)> {
        let base = self.find_base(call.endpoint).await?;
        let url = match &call.target {
            Target::Path(path) => base.join(path).map_err(|_| ClientError::BadAnswer {
                registry: call.endpoint.host.clone(),
                subject: call.subject.to_owned(),
                reason: "the path makes no URL".to_owned(),
            })?,
            Target::Url(url) => (*url).clone(),
        };
        // What points to another server, such as an object store, carries its own right in its query.
        let mut signature = match url.origin() == base.origin() {
            true => {
                self.sign(call.endpoint, &call.scopes, refused, call.subject)
                    .await?
            }
            false => Signature::default(),
        };
        let mut request = Request::new(call.method.clone(), url);
        for (name, value) in &call.headers {
            request = request.with_header(name.clone(), value.clone());
        }
        if let Some(header) = &signature.header {
            request = request.with_header(AUTHORIZATION, header.clone());
        }
        let failure = ReadFailure::default();
        let unreadable = |error| ClientError::Source {
            subject: call.subject.to_owned(),
            source: Arc::new(error),
        };
        request = match &call.body {
            CallBody::Empty => request,
            CallBody::Bytes(bytes) => request.with_bytes(bytes.clone()),
            CallBody::Part {
                source,
                start,
                length,
                progress,
            } => {
                let progress = (*progress).clone();
                let stream =
                    stream_source(*source, *start, *length, progress, failure.clone()).await;
                request
                    .with_stream(*length, stream.map_err(unreadable)?)
                    .with_answer_timeout(KEEPING)
            }
        };
        let outcome = self.egress.send(request).await;
        if let Some(error) = failure.lock().take() {
            return Err(unreadable(error));
        }
        let response = outcome.map_err(|error| describe_failure(call, error))?;
        signature.is_own = response.url().origin() == base.origin();
        Ok((response, signature))
    }

    /// The URL below which the protocol is spoken. Where both schemes are possible, the first question finds out: https
    /// comes first, but for servers on this machine.
    async fn find_base(&self, endpoint: &Endpoint) -> Result<Url> {
        let make = |scheme: &str| {
            Url::parse(&format!("{scheme}://{}/v2/", endpoint.host.server())).map_err(|_| {
                ClientError::Host {
                    text: endpoint.host.to_string(),
                }
            })
        };
        match endpoint.scheme {
            Scheme::Https => return make("https"),
            Scheme::Http => return make("http"),
            Scheme::Either => {}
        }
        if let Some(base) = self.bases.get(&endpoint.host) {
            return Ok(base);
        }
        let fail = |source| ClientError::Unreachable {
            registry: endpoint.host.clone(),
            tried: String::new(),
            source,
        };
        let plain = make("http")?;
        if endpoint.host.is_this_machine() && self.speaks_plainly(&plain).await {
            self.bases.set(&endpoint.host, plain.clone());
            return Ok(plain);
        }
        let mut base = make("https")?;
        if let Err(first) = self.egress.send(Request::get(base.clone())).await {
            if !first.is_transient() {
                return Err(fail(first));
            }
            base = plain;
            self.egress
                .send(Request::get(base.clone()))
                .await
                .map_err(fail)?;
        }
        self.bases.set(&endpoint.host, base.clone());
        Ok(base)
    }

    /// Whether a server on this machine takes plain http, where nobody can listen in between. Asked first there, because
    /// most do, and the first handshake of a process costs more than the rest of a small push. Those that want TLS answer
    /// 400 (Go, nginx, Apache), redirect to it, or hang up.
    async fn speaks_plainly(&self, plain: &Url) -> bool {
        let answer = self.egress.send(Request::get(plain.clone())).await;
        answer.is_ok_and(|response| {
            response.status() != StatusCode::BAD_REQUEST && response.url().scheme() == "http"
        })
    }

    /// How long to wait before the same request, when an answer asks for that; `None` to take the answer as it is.
    fn choose_wait(&self, call: &Call<'_>, response: &Response, failures: u32) -> Option<Duration> {
        let status = response.status();
        let is_limit = status == StatusCode::TOO_MANY_REQUESTS;
        let is_outage = matches!(status.as_u16(), 500 | 502..=504);
        let may_repeat = (is_limit && call.is_patient) || (is_outage && call.is_repeatable());
        if !may_repeat || failures >= self.retry.attempts {
            return None;
        }
        match read_retry_after(response.headers()) {
            Some(told) if told > self.retry.longest_wait => None,
            Some(told) => Some(told),
            None => Some(self.retry.delay(failures)),
        }
    }

    /// A server that never answered is taken for dead at once; one that did gets another chance.
    fn can_repeat(&self, call: &Call<'_>, error: &ClientError, failures: u32) -> bool {
        let is_transient = match error {
            ClientError::Broken { source, .. } => source.is_transient(),
            ClientError::Unreachable { source, .. } => {
                source.is_transient() && self.health.has_answered(&call.endpoint.host)
            }
            // Of the token server: answers of the registry itself are no errors yet.
            ClientError::Status { status, .. } => matches!(status, 500 | 502..=504),
            _ => false,
        };
        is_transient && call.is_repeatable() && failures < self.retry.attempts
    }
}

fn describe_failure(call: &Call<'_>, error: EgressError) -> ClientError {
    let registry = call.endpoint.host.clone();
    match error {
        EgressError::Broken { .. } | EgressError::Stalled { .. } => ClientError::Broken {
            registry,
            subject: call.subject.to_owned(),
            failures: 1,
            source: error,
        },
        source => ClientError::Unreachable {
            registry,
            tried: String::new(),
            source,
        },
    }
}
