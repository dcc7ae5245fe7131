//! A request before it goes out.

use crate::policy::PlainHttp;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::fmt;
use std::io;
use std::time::Duration;
use url::Url;

/// What a server that was redirected to must not see of what the first one was told.
const SECRET_HEADERS: [HeaderName; 3] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION];

/// A request; GET and HEAD follow redirects unless told otherwise, all others give back the first answer.
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) plain_http: PlainHttp,
    pub(crate) answer_timeout: Option<Duration>,
    pub(crate) follows: bool,
}

pub(crate) enum Body {
    Empty,
    Bytes(Bytes),
    Stream(u64, BoxStream<'static, io::Result<Bytes>>),
}

impl Request {
    pub fn new(method: Method, url: Url) -> Request {
        Request {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::Empty,
            plain_http: PlainHttp::default(),
            answer_timeout: None,
            follows: true,
        }
    }

    pub fn get(url: Url) -> Request {
        Request::new(Method::GET, url)
    }

    /// Adds a header; an earlier one of this name is replaced.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Request {
        self.headers.insert(name, value);
        self
    }

    /// Sends these bytes.
    pub fn with_bytes(mut self, bytes: impl Into<Bytes>) -> Request {
        self.body = Body::Bytes(bytes.into());
        self
    }

    /// Sends what the stream gives, announced as `length` bytes. An error of the stream, its early end, or a piece that
    /// goes past the length breaks the request, so a server never takes a part for the whole.
    pub fn with_stream<S>(mut self, length: u64, stream: S) -> Request
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        self.headers.insert(CONTENT_LENGTH, length.into());
        self.body = Body::Stream(length, check_length(length, stream.boxed()));
        self
    }

    /// Where http without TLS is spoken; anywhere unless this is called.
    pub fn with_plain_http(mut self, rule: PlainHttp) -> Request {
        self.plain_http = rule;
        self
    }

    /// Grants the server another time than the usual one between the end of the request and the head of the answer: a
    /// store that keeps a large body may have to copy it first.
    pub fn with_answer_timeout(mut self, limit: Duration) -> Request {
        self.answer_timeout = Some(limit);
        self
    }

    /// Gives back a redirect as it came, where the server that was named is the only one meant.
    pub fn without_redirects(mut self) -> Request {
        self.follows = false;
        self
    }

    /// Whether a redirect can be followed by sending the same again.
    pub(crate) fn can_follow(&self) -> bool {
        self.follows
            && matches!(self.method, Method::GET | Method::HEAD)
            && matches!(self.body, Body::Empty)
    }

    /// Turns to the next URL; what was meant for the first origin stays there.
    pub(crate) fn redirect_to(&mut self, mut next: Url) {
        // A server must not choose what name and password are sent along.
        let _ = next.set_username("");
        let _ = next.set_password(None);
        if next.origin() != self.url.origin() {
            for name in SECRET_HEADERS {
                self.headers.remove(name);
            }
        }
        self.url = next;
    }
}

/// The same stream, with an error where it turns out to have another length.
fn check_length(
    length: u64,
    stream: BoxStream<'static, io::Result<Bytes>>,
) -> BoxStream<'static, io::Result<Bytes>> {
    let wrong = move || io::Error::other(format!("the body does not have {length} bytes"));
    stream::unfold(Some((stream, length)), move |state| async move {
        let (mut stream, left) = state?;
        match stream.next().await {
            Some(Ok(piece)) => match left.checked_sub(piece.len() as u64) {
                Some(left) => Some((Ok(piece), Some((stream, left)))),
                None => Some((Err(wrong()), None)),
            },
            Some(Err(error)) => Some((Err(error), None)),
            None if left > 0 => Some((Err(wrong()), None)),
            None => None,
        }
    })
    .boxed()
}

/// Shows neither headers nor the path and query of the URL: all of them may carry secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}
