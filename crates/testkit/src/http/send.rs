//! Sending: the one place that touches the HTTP library.

use std::{io, sync::OnceLock, time::Duration};

use bytes::Bytes;
use reqwest::{
    Certificate, Client, Identity, Method,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};

use super::{Answer, Login};
use crate::runtime::wait;

/// Longer than any answer a healthy server gives on a busy machine; shorter than a person waits for a hung test.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A request's body, kept so that a request may be sent again after a challenge.
#[derive(Debug, Clone, Default)]
pub(crate) enum Body {
    /// No body, and no `Content-Length`.
    #[default]
    None,
    /// Bytes with their `Content-Length`.
    Whole(Bytes),
    /// Pieces sent with `Transfer-Encoding: chunked`, the way docker streams a layer.
    Chunked(Vec<Bytes>),
}

/// Everything that goes over the wire, but for the credentials.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

impl Outgoing {
    pub(crate) fn new(method: Method, url: String) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::None,
        }
    }

    /// The same with what `login` sends beside its `Authorization`.
    pub(crate) fn along_with(&self, login: &Login) -> Self {
        let mut outgoing = self.clone();
        for (name, value) in login.further_headers() {
            outgoing.add_header(name, &value);
        }
        outgoing
    }

    /// Adds a header; a second one of the same name is sent as a second line.
    pub(crate) fn add_header(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        let value = HeaderValue::from_str(value).expect("a header's value");
        self.headers.append(name, value);
    }
}

/// A client that follows no redirect, uses no proxy and trusts `authority` only (a PEM certificate) when one is given.
///
/// Without one it is the same client for all: making one reads every certificate that the machine trusts.
pub(crate) fn build_client(authority: Option<&str>) -> Client {
    static PLAIN: OnceLock<Client> = OnceLock::new();
    match authority {
        Some(_) => make_client(authority, None),
        None => PLAIN.get_or_init(|| make_client(None, None)).clone(),
    }
}

/// The same for a server that asks who its client is: `identity` is a certificate and its key, in PEM.
pub(crate) fn build_identified_client(authority: &str, identity: &str) -> Client {
    let identity = Identity::from_pem(identity.as_bytes()).expect("a certificate and its key");
    make_client(Some(authority), Some(identity))
}

fn make_client(authority: Option<&str>, identity: Option<Identity>) -> Client {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(ANSWER_TIMEOUT);
    if let Some(pem) = authority {
        let certificate = Certificate::from_pem(pem.as_bytes()).expect("a PEM certificate");
        builder = builder.tls_certs_only([certificate]);
    }
    if let Some(identity) = identity {
        builder = builder.identity(identity);
    }
    builder.build().expect("an HTTP client")
}

/// Sends and reads the whole answer; panics when the connection breaks.
pub(crate) fn send(client: &Client, outgoing: &Outgoing, authorization: Option<&str>) -> Answer {
    try_send(client, outgoing, authorization).unwrap_or_else(|error| {
        panic!("{} {}: no answer: {error:?}", outgoing.method, outgoing.url)
    })
}

/// The same for a server that may not be there.
pub(crate) fn try_send(
    client: &Client,
    outgoing: &Outgoing,
    authorization: Option<&str>,
) -> reqwest::Result<Answer> {
    let mut request = client
        .request(outgoing.method.clone(), &outgoing.url)
        .headers(outgoing.headers.clone());
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    request = match &outgoing.body {
        Body::None => request,
        Body::Whole(bytes) => request.body(bytes.clone()),
        Body::Chunked(pieces) => {
            let pieces = pieces.clone().into_iter().map(Ok::<_, io::Error>);
            request.body(reqwest::Body::wrap_stream(futures_util::stream::iter(
                pieces,
            )))
        }
    };
    wait(async move {
        let response = request.send().await?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = response.bytes().await?;
        Ok(Answer {
            method: outgoing.method.clone(),
            url: outgoing.url.clone(),
            status,
            headers,
            body,
        })
    })
}
