//! What a handler takes out of a request: a strict JSON body, strict parameters, segments of the path.
//!
//! Strict means that what is not known is refused and named: a client that misspells a field hears so, and nobody sets
//! what they were not meant to set. Everything here answers a [`Refusal`].

use super::refusal::Refusal;
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, FromRequestParts, Path, Request},
};
use http::{
    HeaderMap,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
    request::Parts,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use std::borrow::Cow;

/// Largest body: a full description and all around it fit several times.
const MAX_BODY: usize = 1024 * 1024;

/// Segments of the path, decoded.
pub(super) struct Segments<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(segments)) => Ok(Self(segments)),
            Err(_) => Err(Refusal::field("path", "malformed")),
        }
    }
}

/// The query, strictly.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        read_parameters(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn read_parameters<T: DeserializeOwned>(query: &str) -> Result<T, Refusal> {
    let pairs = || url::form_urlencoded::parse(query.as_bytes());
    // They can be in no name, and one database refuses the text itself.
    if let Some((name, _)) = pairs().find(|(_, value)| value.contains(char::is_control)) {
        return Err(Refusal::field(name, "invalid_characters"));
    }
    let deserializer = serde_urlencoded::Deserializer::new(pairs());
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        match classify(&error.path().to_string(), &error.inner().to_string()) {
            Refusal::UnknownField(name) => Refusal::field(name, "unknown_parameter"),
            refusal => refusal,
        }
    })
}

/// The body, strictly: JSON by its own account, of known fields.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        check_media_type(request.headers())?;
        read_body(&collect(request).await?).map(Self)
    }
}

/// A body whose fields may all be left out, and the body with them.
pub(super) struct OptionalBody<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        // A form without a field is empty too, but it is not nothing.
        let silent = !request.headers().contains_key(CONTENT_TYPE);
        let typed = check_media_type(request.headers());
        let bytes = collect(request).await?;
        if !silent || !bytes.is_empty() {
            typed?;
        }
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        read_body(&bytes).map(Self)
    }
}

/// Any other type could come from another site's form without the browser asking us first.
fn check_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if essence.trim().eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Refusal::MediaType)
    }
}

async fn collect(request: Request<Body>) -> Result<bytes::Bytes, Refusal> {
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(Refusal::TooLarge);
    }
    to_bytes(request.into_body(), MAX_BODY)
        .await
        .map_err(|error| {
            let cause = std::error::Error::source(&error);
            if cause.is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>()) {
                Refusal::TooLarge
            } else {
                Refusal::field("body", "malformed")
            }
        })
}

fn read_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // A list would be taken for the values of the fields in their order.
    let is_list = bytes.trim_ascii_start().starts_with(b"[");
    if is_list && serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        return Err(Refusal::field("body", "wrong_type"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let inner = error.inner();
        if inner.is_data() {
            classify(&error.path().to_string(), &inner.to_string())
        } else {
            Refusal::field("body", "not_json")
        }
    })?;
    deserializer
        .end()
        .map_err(|_| Refusal::field("body", "not_json"))?;
    Ok(value)
}

/// What a message of serde is about. Only its fixed beginning is looked at: the rest may repeat what a client sent.
fn classify(path: &str, message: &str) -> Refusal {
    let quoted = || message.split('`').nth(1).unwrap_or_default().to_owned();
    if message.starts_with("unknown field `") {
        return Refusal::UnknownField(quoted());
    }
    if message.starts_with("missing field `") {
        return Refusal::field(quoted(), "required");
    }
    if message.starts_with("duplicate field `") {
        return Refusal::field(quoted(), "duplicate");
    }
    let reason: Cow<'static, str> = match message.strip_prefix(super::value::REASON) {
        Some(rest) => rest.split(' ').next().unwrap_or_default().to_owned().into(),
        None if message.starts_with("unknown variant") => "unknown_value".into(),
        None if message.starts_with("invalid type") => "wrong_type".into(),
        None if message.starts_with("invalid value") => "out_of_range".into(),
        None => "malformed".into(),
    };
    // `actions[0]` is about `actions`; `.` is the whole body.
    let field = match path.split(['.', '[']).next() {
        Some(field) if !field.is_empty() && field != "?" => field,
        _ => "body",
    };
    Refusal::Field {
        field: field.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Form {
        name: String,
        #[serde(default)]
        count: Option<u8>,
        #[serde(default)]
        roles: Vec<super::super::value::MemberRole>,
    }

    fn refuse(refusal: Result<Form, Refusal>) -> (String, String) {
        match refusal {
            Err(Refusal::Field { field, reason }) => (field, reason.into_owned()),
            Err(Refusal::UnknownField(field)) => (field, "unknown".into()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refused_body_names_the_field_and_the_reason() {
        for (text, field, reason) in [
            (r#"{"name":"a","is_admin":true}"#, "is_admin", "unknown"),
            (r#"{"count":1}"#, "name", "required"),
            (r#"{"name":"a","name":"b"}"#, "name", "duplicate"),
            (r#"{"name":5}"#, "name", "wrong_type"),
            (r#"{"name":null}"#, "name", "wrong_type"),
            (r#"{"name":"a","count":300}"#, "count", "out_of_range"),
            (r#"{"name":"a","roles":["root"]}"#, "roles", "unknown_value"),
            (r#"{"name":"a"} x"#, "body", "not_json"),
            (r#"{"name":"#, "body", "not_json"),
            ("", "body", "not_json"),
            ("[]", "body", "wrong_type"),
            (r#" ["a", 1, []]"#, "body", "wrong_type"),
            ("null", "body", "wrong_type"),
            (r#"{"name":["unknown field `x`"]}"#, "name", "wrong_type"),
        ] {
            let found = refuse(read_body(text.as_bytes()));
            assert_eq!(found, (field.to_owned(), reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn deep_bodies_are_refused_before_they_cost_a_stack() {
        let text = format!(r#"{{"name":{}"#, "[".repeat(100_000));
        assert!(read_body::<Form>(text.as_bytes()).is_err());
    }

    #[test]
    fn a_refused_query_names_the_parameter_and_the_reason() {
        for (query, field, reason) in [
            (
                "name=a&password_hash=x",
                "password_hash",
                "unknown_parameter",
            ),
            ("name=a&name=b", "name", "duplicate"),
            ("name=a%00", "name", "invalid_characters"),
            ("name=a&count=x", "count", "malformed"),
            ("name=a&count=-1", "count", "malformed"),
        ] {
            let found = refuse(read_parameters(query));
            assert_eq!(found, (field.to_owned(), reason.to_owned()), "{query}");
        }
        assert!(read_parameters::<Form>("name=%27%3B--%20%25").is_ok());
    }

    #[test]
    fn only_json_is_taken_for_json() {
        let check = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, value.parse().unwrap());
            check_media_type(&headers).is_ok()
        };
        assert!(check("application/json") && check("Application/JSON; charset=utf-8"));
        assert!(!check("text/plain") && !check("application/jsonp") && !check(""));
        assert!(check_media_type(&HeaderMap::new()).is_err());
    }
}
