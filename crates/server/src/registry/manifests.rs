//! Manifests: pull, push, delete.

use super::{
    Exchange,
    reply::{DOCKER_CONTENT_DIGEST, content_path, empty, entity_tag, has_already, set},
    uploads::receive_error,
};
use crate::body::{Body, ReceiveError, read_within_budget};
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{
        CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LOCATION,
        X_CONTENT_TYPE_OPTIONS,
    },
};
use hyper::body::Incoming;
use wharf_app::{Error, registry::Push};
use wharf_model::rights::{Delete, Pull};
use wharf_oci::{ErrorCode, MAX_MANIFEST_BYTES, Reference, RegistryError, RepositoryName, Tag};

const OCI_SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
const OCI_TAG: HeaderName = HeaderName::from_static("oci-tag");

/// end-3.
pub(super) async fn get_manifest(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    reference: &Reference,
    head: bool,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize::<Pull>(&exchange.caller, repository).await?;
    let manifest = app.get_manifest(&granted, reference).await?;
    let digest = &*manifest.digest_text;
    let known = has_already(&exchange.head.headers, digest);
    let mut response = match (known, head) {
        (true, _) => empty(StatusCode::NOT_MODIFIED),
        (false, true) => empty(StatusCode::OK),
        (false, false) => {
            app.count_pull(&granted, &manifest);
            Response::new(Body::from(manifest.bytes.clone()))
        }
    };
    let headers = response.headers_mut();
    if !known {
        set(headers, CONTENT_TYPE, &manifest.media_type);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(manifest.bytes.len()));
        // Bytes and type are whoever pushed them: a browser must not make more of them.
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let policy = HeaderValue::from_static("sandbox; default-src 'none'");
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    set(headers, DOCKER_CONTENT_DIGEST, digest);
    set(headers, ETAG, &entity_tag(digest));
    Ok(response)
}

/// end-7a, end-7b.
pub(super) async fn put_manifest(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    reference: &Reference,
    tags: &[Tag],
    body: Incoming,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize_push(&exchange.context(), repository).await?;
    let idle = exchange.server.settings.body_idle;
    let bytes = read_within_budget(
        body,
        MAX_MANIFEST_BYTES,
        idle,
        &exchange.server.manifest_memory,
    )
    .await
    .map_err(|error| match error {
        ReceiveError::TooLarge(limit) => RegistryError::new(
            ErrorCode::SizeInvalid,
            format!("a manifest has at most {limit} bytes"),
        )
        .with_status(413)
        .into(),
        other => receive_error(other),
    })?;
    let content_type = exchange.head.headers.get(CONTENT_TYPE);
    let push = Push {
        reference: reference.clone(),
        tags: tags.to_vec(),
        content_type: content_type
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        bytes,
    };
    let pushed = app.put_manifest(&exchange.caller, &granted, push).await?;
    let mut response = empty(StatusCode::CREATED);
    let headers = response.headers_mut();
    set(
        headers,
        LOCATION,
        &content_path(repository.as_str(), "manifests", &pushed.digest),
    );
    set(headers, DOCKER_CONTENT_DIGEST, &pushed.digest.to_string());
    if let Some(subject) = pushed.subject {
        set(headers, OCI_SUBJECT, &subject.to_string());
    }
    if !pushed.tags.is_empty() {
        // One list: a header for each of a hundred tags is more than some clients take.
        let names: Vec<_> = pushed.tags.iter().map(Tag::as_str).collect();
        set(headers, OCI_TAG, &names.join(", "));
    }
    Ok(response)
}

/// end-9.
pub(super) async fn delete_manifest(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    reference: &Reference,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app
        .authorize::<Delete>(&exchange.caller, repository)
        .await?;
    app.delete_manifest(&exchange.context(), &granted, reference)
        .await?;
    Ok(empty(StatusCode::ACCEPTED))
}
