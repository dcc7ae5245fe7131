//! Uploads: start, mount, write, finish, look, cancel.

use super::{
    Exchange,
    reply::{DOCKER_CONTENT_DIGEST, DOCKER_UPLOAD_UUID, content_path, empty, refused, set},
};
use crate::body::{Body, ReceiveError, UploadStream};
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_RANGE, LOCATION, RANGE},
};
use http_body::Body as _;
use hyper::body::Incoming;
use wharf_app::{
    Error,
    registry::{UploadProgress, UploadSession},
};
use wharf_model::{Granted, rights::Push};
use wharf_oci::{Algorithm, ContentRange, Digest, ErrorCode, RegistryError, RepositoryName};

const OCI_CHUNK_MIN_LENGTH: HeaderName = HeaderName::from_static("oci-chunk-min-length");

/// Each chunk costs a request and a commit; clients that send smaller ones are served, but told.
const CHUNK_MIN_LENGTH: &str = "65536";

/// end-4a, end-4c.
pub(super) async fn start_upload(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    algorithm: Algorithm,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize_push(&exchange.context(), repository).await?;
    begin(exchange, &granted, repository, algorithm).await
}

async fn begin(
    exchange: &Exchange<'_>,
    granted: &Granted<Push>,
    repository: &RepositoryName,
    algorithm: Algorithm,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let progress = app
        .start_upload(&exchange.caller, granted, algorithm)
        .await?;
    let mut response = progressed(StatusCode::ACCEPTED, repository, progress);
    set(
        response.headers_mut(),
        OCI_CHUNK_MIN_LENGTH,
        CHUNK_MIN_LENGTH,
    );
    Ok(response)
}

/// end-11. What cannot be mounted is to be uploaded: 202.
pub(super) async fn mount_blob(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    digest: &Digest,
    from: Option<&RepositoryName>,
    algorithm: Algorithm,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize_push(&exchange.context(), repository).await?;
    match app
        .mount_blob(&exchange.caller, &granted, digest, from)
        .await?
    {
        Some(_) => Ok(created(repository, digest)),
        None => begin(exchange, &granted, repository, algorithm).await,
    }
}

/// end-4b: the whole blob in one POST.
pub(super) async fn upload_whole(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    digest: &Digest,
    body: Incoming,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize_push(&exchange.context(), repository).await?;
    let mut session = app.begin_single_upload(&granted, digest.algorithm())?;
    if let Err(error) = receive(exchange, &mut session, body).await {
        session.save().await?;
        return Err(error);
    }
    session.finish(digest).await?;
    Ok(created(repository, digest))
}

/// end-13.
pub(super) async fn get_upload(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    session: &str,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize::<Push>(&exchange.caller, repository).await?;
    let progress = app.stat_upload(&exchange.caller, &granted, session).await?;
    Ok(progressed(StatusCode::NO_CONTENT, repository, progress))
}

/// end-5.
pub(super) async fn write_upload(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    session: &str,
    body: Incoming,
) -> Result<Response<Body>, Error> {
    match open_and_receive(exchange, repository, session, body).await? {
        Received::Gap(response) => Ok(response),
        Received::All(session) => {
            let progress = session.save().await?;
            Ok(progressed(StatusCode::ACCEPTED, repository, progress))
        }
    }
}

/// end-6, with or without a last piece.
pub(super) async fn finish_upload(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    session: &str,
    digest: &Digest,
    body: Incoming,
) -> Result<Response<Body>, Error> {
    match open_and_receive(exchange, repository, session, body).await? {
        Received::Gap(response) => Ok(response),
        Received::All(session) => {
            session.finish(digest).await?;
            Ok(created(repository, digest))
        }
    }
}

/// end-14.
pub(super) async fn cancel_upload(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    session: &str,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize::<Push>(&exchange.caller, repository).await?;
    app.cancel_upload(&exchange.caller, &granted, session)
        .await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn different_lengths() -> RegistryError {
    RegistryError::new(
        ErrorCode::SizeInvalid,
        "Content-Range and body have different lengths; nothing of this chunk was kept",
    )
}

enum Received {
    All(UploadSession),
    /// The chunk does not continue what is there: 416.
    Gap(Response<Body>),
}

async fn open_and_receive(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    session: &str,
    body: Incoming,
) -> Result<Received, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize::<Push>(&exchange.caller, repository).await?;
    let range = match exchange.head.headers.get(CONTENT_RANGE) {
        Some(value) => Some(ContentRange::parse(value.to_str().unwrap_or_default())?),
        None => None,
    };
    let mut session = app.open_upload(&exchange.caller, &granted, session).await?;
    let start = session.received();
    if range.as_ref().is_some_and(|range| range.start != start) {
        let progress = session.save().await?;
        let mut response = refused(&RegistryError::new(
            ErrorCode::RangeInvalid,
            format!("the next byte of this upload is {start}"),
        ));
        describe(response.headers_mut(), repository, progress);
        return Ok(Received::Gap(response));
    }
    let announced = body.size_hint().exact();
    if let (Some(range), Some(announced)) = (&range, announced)
        && announced > 0
        && announced != range.length()
    {
        return Err(different_lengths().into());
    }
    // What arrived is kept, also when the rest does not come: the client may go on from there.
    if let Err(error) = receive(exchange, &mut session, body).await {
        session.save().await?;
        return Err(error);
    }
    if range.is_some_and(|range| session.received() - start != range.length()) {
        // Not saved: the upload stands where it stood before this request.
        return Err(different_lengths().into());
    }
    Ok(Received::All(session))
}

async fn receive(
    exchange: &Exchange<'_>,
    session: &mut UploadSession,
    body: Incoming,
) -> Result<(), Error> {
    let mut pieces = UploadStream::new(body, exchange.server.settings.body_idle);
    if let Some(size) = pieces.announced_size() {
        session.expect(size);
    }
    while let Some(piece) = pieces.next_piece().await.map_err(receive_error)? {
        session.write(piece).await?;
    }
    Ok(())
}

pub(super) fn receive_error(error: ReceiveError) -> Error {
    let status = match error {
        ReceiveError::Idle(_) => 408,
        ReceiveError::TooLarge(_) => 413,
        ReceiveError::Broken(_) => 400,
        ReceiveError::Crowded => return Error::Busy(error.to_string().into()),
    };
    RegistryError::new(ErrorCode::BlobUploadInvalid, error.to_string())
        .with_status(status)
        .into()
}

fn progressed(
    status: StatusCode,
    repository: &RepositoryName,
    progress: UploadProgress,
) -> Response<Body> {
    let mut response = empty(status);
    describe(response.headers_mut(), repository, progress);
    response
}

/// Where the upload goes on, and from which byte.
fn describe(headers: &mut HeaderMap, repository: &RepositoryName, progress: UploadProgress) {
    let key = progress.key.to_string();
    set(
        headers,
        LOCATION,
        &format!("/v2/{repository}/blobs/uploads/{key}"),
    );
    // Inclusive at both ends, so that nothing received looks like one byte: Docker's registry says 0-0 as well.
    set(
        headers,
        RANGE,
        &format!("0-{}", progress.received.saturating_sub(1)),
    );
    set(headers, DOCKER_UPLOAD_UUID, &key);
}

fn created(repository: &RepositoryName, digest: &Digest) -> Response<Body> {
    let mut response = empty(StatusCode::CREATED);
    let headers = response.headers_mut();
    set(
        headers,
        LOCATION,
        &content_path(repository.as_str(), "blobs", digest),
    );
    set(headers, DOCKER_CONTENT_DIGEST, &digest.to_string());
    headers
        .entry(http::header::CONTENT_LENGTH)
        .or_insert(HeaderValue::from_static("0"));
    response
}
