//! What came back.

use std::fmt::Write as _;

use bytes::Bytes;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;

/// Codes that the protocol knows (distribution-spec, "Error Codes" and, for the last two, "Legacy Docker support error
/// codes"); an error body with another one is not a registry's.
const REGISTRY_CODES: [&str; 18] = [
    "BLOB_UNKNOWN",
    "BLOB_UPLOAD_INVALID",
    "BLOB_UPLOAD_UNKNOWN",
    "DIGEST_INVALID",
    "MANIFEST_BLOB_UNKNOWN",
    "MANIFEST_INVALID",
    "MANIFEST_UNKNOWN",
    "NAME_INVALID",
    "NAME_UNKNOWN",
    "SIZE_INVALID",
    "UNAUTHORIZED",
    "DENIED",
    "UNSUPPORTED",
    "TOOMANYREQUESTS",
    "TAG_INVALID",
    "MANIFEST_UNVERIFIED",
    // Of the Docker Registry HTTP API V2, which the other specification has no code for.
    "PAGINATION_NUMBER_INVALID",
    "RANGE_INVALID",
];

/// How much of a body a failing assertion shows: enough for any error, not a layer.
const SHOWN_BODY: usize = 4096;

/// The answer to one request, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The request's method.
    pub method: Method,
    /// The request's URL.
    pub url: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// Passes the answer on when it has this status; panics with the whole exchange otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        self.expect_one_of(&[status])
    }

    /// The same for an answer that may have several statuses.
    #[track_caller]
    pub fn expect_one_of(self, statuses: &[u16]) -> Self {
        assert!(
            statuses.contains(&self.status.as_u16()),
            "expected status {statuses:?}, got this:\n{}",
            self.describe()
        );
        self
    }

    /// Checks status and code of a registry error, and that the body is the specification's JSON.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        let codes = answer.error_codes();
        assert!(
            codes.iter().any(|found| found == code),
            "expected error code {code}, got this:\n{}",
            answer.describe()
        );
        answer
    }

    /// The codes of a registry error; panics unless the body is `{"errors":[{"code","message"?,"detail"?}…]}`.
    #[track_caller]
    pub fn error_codes(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"]
            .as_array()
            .filter(|errors| !errors.is_empty())
            .unwrap_or_else(|| panic!("no `errors` in this body:\n{}", self.describe()));
        let codes = errors.iter().map(|error| {
            let code = error["code"].as_str().unwrap_or_default();
            assert!(
                REGISTRY_CODES.contains(&code),
                "`{code}` is no code of the specification:\n{}",
                self.describe()
            );
            assert!(
                error["message"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "an error without a message:\n{}",
                self.describe()
            );
            code.to_owned()
        });
        codes.collect()
    }

    /// Checks status and code of a management error (RFC 9457); its whole shape is checked against the OpenAPI document.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "not a problem document:\n{}",
            answer.describe()
        );
        assert_eq!(
            answer.json()["code"],
            code,
            "another code than expected:\n{}",
            answer.describe()
        );
        answer
    }

    /// The same where any client error's status will do: the code is what is promised.
    #[track_caller]
    pub fn expect_refusal(self, code: &str) -> Self {
        assert!(
            self.status.is_client_error(),
            "expected a client error, got this:\n{}",
            self.describe()
        );
        let status = self.status.as_u16();
        self.expect_problem(status, code)
    }

    /// A header that must be there, once and readable.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.find_header(name)
            .unwrap_or_else(|| panic!("no `{name}` header here:\n{}", self.describe()))
    }

    /// A header that may be missing; the first one when there are several.
    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Every member of a list header, over all its lines (RFC 9110, 5.3).
    pub fn list_header(&self, name: &str) -> Vec<String> {
        self.headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(','))
            .map(|member| member.trim().to_owned())
            .filter(|member| !member.is_empty())
            .collect()
    }

    /// The target of `Link: <…>; rel="next"` (RFC 8288), resolved against the request's URL.
    #[track_caller]
    pub fn next_link(&self) -> Option<String> {
        let link = self.find_header("link")?;
        let (target, parameters) = link
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('>'))
            .unwrap_or_else(|| panic!("`{link}` is no link"));
        assert!(
            parameters.contains(r#"rel="next""#),
            "`{link}` has another relation than next"
        );
        Some(self.resolve(target))
    }

    /// The `Location` header, resolved against the request's URL.
    #[track_caller]
    pub fn location(&self) -> String {
        self.resolve(self.header("location"))
    }

    fn resolve(&self, target: &str) -> String {
        let base = url::Url::parse(&self.url).expect("a request has a URL");
        base.join(target)
            .unwrap_or_else(|error| panic!("`{target}` is no URL: {error}"))
            .into()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}):\n{}", self.describe()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The exchange as a person reads it.
    pub fn describe(&self) -> String {
        let mut text = format!("{} {}\n→ {}\n", self.method, self.url, self.status);
        for (name, value) in &self.headers {
            let _ = writeln!(
                text,
                "  {name}: {}",
                String::from_utf8_lossy(value.as_bytes())
            );
        }
        let shown = &self.body[..self.body.len().min(SHOWN_BODY)];
        let _ = write!(text, "\n{}", String::from_utf8_lossy(shown));
        if shown.len() < self.body.len() {
            let _ = write!(text, "… ({} bytes)", self.body.len());
        }
        text
    }
}
