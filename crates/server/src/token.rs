//! `/auth/token`: the token service of the Docker token specification, by GET and by OAuth2 POST.

use crate::{
    Server,
    authorization::{Authorization, insecure_login},
    body::{Body, read_limited},
    registry::render_error,
    request_info::RequestInfo,
};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE},
};
use hyper::body::Incoming;
use serde::Serialize;
use std::time::Duration;
use wharf_app::{Credential, Error, IssuedToken, RequestedScope, TokenRequest};
use wharf_model::Caller;
use wharf_oci::{ErrorCode, RegistryError};

/// Longest form; a token and dozens of scopes fit.
const MAX_FORM: usize = 64 * 1024;

/// How long a form may take in all: it fits into a few packets, and nobody has to sign in to send one. Where silence is
/// given up sooner, twice that time.
const FORM_TIME: Duration = Duration::from_secs(15);

#[derive(Serialize)]
struct Answer<'a> {
    token: &'a str,
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    issued_at: String,
    scope: &'a str,
}

/// Answers one request to the token service.
pub(crate) async fn handle(
    server: &Server,
    request: Request<Incoming>,
    info: &RequestInfo,
) -> Response<Body> {
    let issued = match *request.method() {
        Method::GET => issue_by_query(server, &request, info).await,
        Method::POST => issue_by_form(server, request, info).await,
        _ => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, POST"));
            return response;
        }
    };
    match issued.and_then(|issued| render(&issued)) {
        Ok(response) => response,
        Err(Error::Unauthenticated) => refuse(),
        Err(error) => render_error(server, info, None, &Caller::anonymous(), error),
    }
}

async fn issue_by_query(
    server: &Server,
    request: &Request<Incoming>,
    info: &RequestInfo,
) -> Result<IssuedToken, Error> {
    let authorization = Authorization::read(request.headers());
    check_line(server, info, authorization.brings_secret())?;
    let caller = match authorization {
        // A registry token cannot make another one: its time would never end.
        Authorization::RegistryToken(_) => return Err(Error::Unauthenticated),
        other => other.authenticate(&server.app, info.address).await?,
    };
    let query = request.uri().query().unwrap_or_default();
    let scopes = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == "scope")
        .flat_map(|(_, value)| read_scopes(&value))
        .collect();
    server
        .app
        .issue_token(&caller, &TokenRequest { scopes })
        .await
}

/// `POST` as OAuth2 has it: `grant_type=password`, or `refresh_token` with a personal access token.
async fn issue_by_form(
    server: &Server,
    request: Request<Incoming>,
    info: &RequestInfo,
) -> Result<IssuedToken, Error> {
    check_line(server, info, true)?;
    let form = read_form(server, request.into_body()).await?;
    let field = |name: &str| {
        url::form_urlencoded::parse(&form)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let needed = |name: &'static str| {
        field(name).ok_or_else(|| {
            RegistryError::new(
                ErrorCode::Unsupported,
                format!("the form has no field {name}"),
            )
            .with_status(400)
        })
    };
    let caller = match needed("grant_type")?.as_str() {
        "password" => {
            let (name, secret) = (needed("username")?, needed("password")?);
            let credential = Credential::Basic {
                name: &name,
                secret: &secret,
            };
            server.app.authenticate(credential, info.address).await?
        }
        "refresh_token" => {
            let secret = needed("refresh_token")?;
            server
                .app
                .authenticate(Credential::AccessToken(&secret), info.address)
                .await?
        }
        _ => {
            let message = "grant_type is password, or refresh_token with a personal access token";
            return Err(RegistryError::new(ErrorCode::Unsupported, message)
                .with_status(400)
                .into());
        }
    };
    let scopes = field("scope")
        .map(|text| read_scopes(&text))
        .unwrap_or_default();
    server
        .app
        .issue_token(&caller, &TokenRequest { scopes })
        .await
}

/// The whole form, within [`FORM_TIME`] however slowly its bytes arrive.
async fn read_form(server: &Server, body: Incoming) -> Result<Bytes, RegistryError> {
    let refuse =
        |status, text: String| RegistryError::new(ErrorCode::Unsupported, text).with_status(status);
    let idle = server.settings.body_idle;
    let form = read_limited(body, MAX_FORM, idle);
    match tokio::time::timeout(FORM_TIME.min(idle * 2), form).await {
        Ok(form) => form.map_err(|error| refuse(400, error.to_string())),
        Err(_) => Err(refuse(408, "the form took too long to arrive".to_owned())),
    }
}

fn read_scopes(text: &str) -> Vec<RequestedScope> {
    text.split(' ').filter_map(RequestedScope::parse).collect()
}

fn check_line(server: &Server, info: &RequestInfo, secret: bool) -> Result<(), Error> {
    if secret && !info.is_private() && !server.settings.insecure_login {
        return Err(RegistryError::new(ErrorCode::Denied, insecure_login()).into());
    }
    Ok(())
}

fn render(issued: &IssuedToken) -> Result<Response<Body>, Error> {
    let issued_at =
        jiff::Timestamp::from_second(issued.issued_at.as_seconds()).map_err(Error::internal)?;
    let answer = Answer {
        token: &issued.text,
        access_token: &issued.text,
        token_type: "Bearer",
        expires_in: issued.lifetime.as_secs(),
        issued_at: issued_at.to_string(),
        scope: &issued.scope,
    };
    let text = serde_json::to_string(&answer).map_err(Error::internal)?;
    Ok(json(StatusCode::OK, text))
}

fn refuse() -> Response<Body> {
    let error = RegistryError::new(ErrorCode::Unauthorized, "incorrect username or password");
    json(StatusCode::UNAUTHORIZED, error.to_json())
}

fn json(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
