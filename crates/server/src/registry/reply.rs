//! Pieces of answers that several handlers share.

use crate::body::Body;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, IF_NONE_MATCH},
};
use wharf_oci::{Digest, RegistryError};

pub(super) const DOCKER_CONTENT_DIGEST: HeaderName =
    HeaderName::from_static("docker-content-digest");
pub(super) const DOCKER_UPLOAD_UUID: HeaderName = HeaderName::from_static("docker-upload-uuid");
pub(super) const API_VERSION: HeaderName =
    HeaderName::from_static("docker-distribution-api-version");

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// An answer with a JSON body.
pub(super) fn json(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    set(response.headers_mut(), CONTENT_TYPE, "application/json");
    response
}

/// An error that is answered together with headers of its own.
pub(super) fn refused(error: &RegistryError) -> Response<Body> {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    json(status, error.to_json())
}

/// Sets a header whose value is made of our own ASCII; anything else is left out.
pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The entity tag of content that is named by its digest (RFC 9110 section 8.8.3).
pub(super) fn entity_tag(digest: &str) -> String {
    format!("\"{digest}\"")
}

/// Whether the client has this content already (RFC 9110 section 13.1.2).
pub(super) fn has_already(headers: &HeaderMap, digest: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|tag| tag == "*" || tag == digest)
}

/// Where content of a repository can be pulled.
pub(super) fn content_path(repository: &str, kind: &str, digest: &Digest) -> String {
    format!("/v2/{repository}/{kind}/{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_tags_match_in_every_spelling() {
        let mut headers = HeaderMap::new();
        assert!(!has_already(&headers, "sha256:aa"));
        for value in [
            "\"sha256:aa\"",
            "W/\"sha256:aa\"",
            "\"x\", \"sha256:aa\"",
            "*",
            "sha256:aa",
        ] {
            headers.insert(IF_NONE_MATCH, value.parse().unwrap());
            assert!(has_already(&headers, "sha256:aa"), "{value}");
        }
        headers.insert(IF_NONE_MATCH, "\"sha256:bb\"".parse().unwrap());
        assert!(!has_already(&headers, "sha256:aa"));
    }
}
