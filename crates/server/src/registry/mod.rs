//! `/v2`: the registry protocol over HTTP. Parses a request into one typed operation, authenticates, asks `wharf-app`,
//! and renders. Decides nothing itself; bytes and rows are reached with the proofs that `wharf-app` hands out.

mod blobs;
mod error;
mod lists;
mod manifests;
mod reply;
mod uploads;

pub(crate) use error::render_error;

use crate::{
    Server,
    authorization::{Authorization, insecure_login},
    body::Body,
    net::ConnectionInfo,
    request_info::RequestInfo,
};
use http::{Request, Response, request::Parts};
use hyper::body::Incoming;
use wharf_app::{Context, Error};
use wharf_model::Caller;
use wharf_oci::{ErrorCode, Operation, RegistryError};

/// One request on its way through the protocol's handlers.
pub(crate) struct Exchange<'a> {
    pub(crate) server: &'a Server,
    pub(crate) head: &'a Parts,
    pub(crate) info: &'a RequestInfo,
    pub(crate) connection: &'a ConnectionInfo,
    pub(crate) caller: Caller,
}

impl Exchange<'_> {
    /// The request as the audit log sees it.
    fn context(&self) -> Context {
        Context {
            caller: self.caller.clone(),
            address: self.info.address,
            request: self.info.id,
        }
    }
}

/// What a request turned out to be, for the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    pub(crate) operation: &'static str,
    pub(crate) repository: Option<wharf_oci::RepositoryName>,
    pub(crate) principal: Option<std::sync::Arc<str>>,
}

/// Answers one request to `/v2`.
pub(crate) async fn handle(
    server: &Server,
    request: Request<Incoming>,
    info: &RequestInfo,
    connection: &ConnectionInfo,
    trace: &mut Trace,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    trace.operation = "unknown";
    let parsed = Operation::parse(head.method.as_str(), head.uri.path(), head.uri.query());
    let (operation, caller) = match (parsed, authenticate(server, &head, info).await) {
        // Whoever cannot prove an identity learns nothing else.
        (_, Err(error)) => return render_error(server, info, None, &Caller::anonymous(), error),
        (Err(error), Ok(caller)) => return render_error(server, info, None, &caller, error.into()),
        (Ok(operation), Ok(caller)) => (operation, caller),
    };
    trace.operation = operation.name();
    trace.repository = operation.repository().cloned();
    trace.principal = (!caller.is_anonymous()).then(|| caller.name.clone());
    let exchange = Exchange {
        server,
        head: &head,
        info,
        connection,
        caller,
    };
    match run(&exchange, &operation, body).await {
        Ok(response) => response,
        Err(error) => render_error(server, info, Some(&operation), &exchange.caller, error),
    }
}

async fn authenticate(server: &Server, head: &Parts, info: &RequestInfo) -> Result<Caller, Error> {
    let authorization = Authorization::read(&head.headers);
    if authorization.brings_secret() && !info.is_private() && !server.settings.insecure_login {
        return Err(RegistryError::new(ErrorCode::Denied, insecure_login()).into());
    }
    if matches!(authorization, Authorization::AccessToken(_)) {
        // Access tokens are sent as a password here; as bearer tokens they belong to the management API.
        return Err(Error::Unauthenticated);
    }
    authorization.authenticate(&server.app, info.address).await
}

async fn run(
    exchange: &Exchange<'_>,
    operation: &Operation,
    body: Incoming,
) -> Result<Response<Body>, Error> {
    match operation {
        Operation::Ping => lists::ping(exchange),
        Operation::Catalog { page } => lists::list_catalog(exchange, page).await,
        Operation::ListTags { repository, page } => {
            lists::list_tags(exchange, repository, page).await
        }
        Operation::ListReferrers {
            repository,
            digest,
            artifact_type,
            page,
        } => {
            lists::list_referrers(exchange, repository, digest, artifact_type.as_deref(), page)
                .await
        }
        Operation::GetManifest {
            repository,
            reference,
            head,
        } => manifests::get_manifest(exchange, repository, reference, *head).await,
        Operation::PutManifest {
            repository,
            reference,
            tags,
        } => manifests::put_manifest(exchange, repository, reference, tags, body).await,
        Operation::DeleteManifest {
            repository,
            reference,
        } => manifests::delete_manifest(exchange, repository, reference).await,
        Operation::GetBlob {
            repository,
            digest,
            head,
        } => blobs::get_blob(exchange, repository, digest, *head).await,
        Operation::DeleteBlob { repository, digest } => {
            blobs::delete_blob(exchange, repository, digest).await
        }
        Operation::StartUpload {
            repository,
            mount,
            from,
            digest,
            algorithm,
        } => match (mount, digest) {
            (Some(mount), _) => {
                uploads::mount_blob(exchange, repository, mount, from.as_ref(), *algorithm).await
            }
            (None, Some(digest)) => uploads::upload_whole(exchange, repository, digest, body).await,
            (None, None) => uploads::start_upload(exchange, repository, *algorithm).await,
        },
        Operation::UploadStatus {
            repository,
            session,
        } => uploads::get_upload(exchange, repository, session).await,
        Operation::WriteUpload {
            repository,
            session,
        } => uploads::write_upload(exchange, repository, session, body).await,
        Operation::FinishUpload {
            repository,
            session,
            digest,
        } => uploads::finish_upload(exchange, repository, session, digest, body).await,
        Operation::CancelUpload {
            repository,
            session,
        } => uploads::cancel_upload(exchange, repository, session).await,
    }
}
