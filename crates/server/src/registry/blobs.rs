//! Blobs: pull and delete.

use super::{
    Exchange,
    reply::{DOCKER_CONTENT_DIGEST, empty, entity_tag, has_already, refused, set},
};
use crate::body::Body;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{
        ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
        CONTENT_TYPE, ETAG, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
    },
};
use wharf_app::Error;
use wharf_model::rights::{Delete, Pull};
use wharf_oci::{ByteRange, Digest, ErrorCode, RegistryError, RepositoryName};

/// end-2, with ranges (RFC 9110 section 14).
pub(super) async fn get_blob(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    digest: &Digest,
    head: bool,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize::<Pull>(&exchange.caller, repository).await?;
    let text = digest.to_string();
    let request = &exchange.head.headers;
    if head {
        let size = app.stat_blob(&granted, digest).await?;
        let mut response = empty(StatusCode::OK);
        describe(response.headers_mut(), &text);
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(size));
        return Ok(response);
    }
    if has_already(request, &text) {
        app.stat_blob(&granted, digest).await?;
        let mut response = empty(StatusCode::NOT_MODIFIED);
        set(response.headers_mut(), ETAG, &entity_tag(&text));
        return Ok(response);
    }
    let blob = app.open_blob(&granted, digest).await?;
    let (status, range) = match wanted_range(request, blob.size, &text) {
        ByteRange::Ignore => (StatusCode::OK, 0..blob.size),
        ByteRange::Satisfiable { start, end } => (StatusCode::PARTIAL_CONTENT, start..end + 1),
        ByteRange::Unsatisfiable => {
            let mut response = refused(&RegistryError::new(
                ErrorCode::RangeInvalid,
                format!("the blob has {} bytes", blob.size),
            ));
            set(
                response.headers_mut(),
                CONTENT_RANGE,
                &format!("bytes */{}", blob.size),
            );
            return Ok(response);
        }
    };
    app.count_sent(&granted, range.end - range.start);
    let body = Body::file(
        blob.file,
        range.clone(),
        exchange.connection,
        exchange.head.version,
    );
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    describe(headers, &text);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end - 1;
        set(
            headers,
            CONTENT_RANGE,
            &format!("bytes {}-{last}/{}", range.start, blob.size),
        );
    }
    Ok(response)
}

fn wanted_range(request: &HeaderMap, size: u64, digest: &str) -> ByteRange {
    // RFC 9110 section 13.1.5: a range of other content is no use to the client.
    if let Some(condition) = request.get(IF_RANGE)
        && condition
            .to_str()
            .map_or(true, |tag| tag.trim_matches('"') != digest)
    {
        return ByteRange::Ignore;
    }
    let mut values = request.get_all(RANGE).iter();
    match (
        values.next().and_then(|value| value.to_str().ok()),
        values.next(),
    ) {
        (Some(value), None) => ByteRange::parse(value, size),
        _ => ByteRange::Ignore,
    }
}

/// What is true of every blob. Its bytes are anybody's: a browser must neither guess their type nor run them.
fn describe(headers: &mut HeaderMap, digest: &str) {
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=31536000, immutable"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    set(headers, DOCKER_CONTENT_DIGEST, digest);
    set(headers, ETAG, &entity_tag(digest));
}

/// end-10.
pub(super) async fn delete_blob(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    digest: &Digest,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app
        .authorize::<Delete>(&exchange.caller, repository)
        .await?;
    app.delete_blob(&exchange.context(), &granted, digest)
        .await?;
    Ok(empty(StatusCode::ACCEPTED))
}
