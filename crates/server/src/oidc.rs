//! `/auth/oidc/…`: a browser goes to the identity provider, and comes back.
//!
//! `GET /auth/oidc/start?next=/images` sends it there with a secret in a short-lived cookie, unless another site led here:
//! then people are asked first, on the page to sign in; `GET /auth/oidc/callback` takes
//! it back, and gives it a session. Whatever is wrong with a return is one page with 400 and no session. Refuses to lead
//! anywhere but to addresses of this server.

mod next;

use crate::{
    Server,
    api::{Cookie, describe_browser, is_led_from_elsewhere, language_of},
    body::Body,
    console::notice,
    dispatch::not_found,
    request_info::RequestInfo,
};
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{
    HeaderMap, HeaderValue, Method, Response, StatusCode,
    header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE},
};
use next::read_next;
use std::time::Duration;
use url::form_urlencoded;
use wharf_app::{Error, accounts::OidcReturn};

/// Where the provider sends browsers back to; registered there.
const CALLBACK: &str = "/auth/oidc/callback";

/// For how long a browser may be away; after that its cookie is gone.
const AWAY: Duration = Duration::from_secs(600);

/// Longest query looked at: codes of some providers have two kilobytes.
const MAX_QUERY: usize = 8 * 1024;

/// Answers a request below `/auth/oidc/`.
pub(crate) async fn handle(
    server: &Server,
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    info: &RequestInfo,
) -> Response<Body> {
    let known = matches!(path, "/auth/oidc/start" | CALLBACK);
    if *method != Method::GET || !known || server.app.oidc_name().is_none() {
        return not_found();
    }
    let insecure_login = server.settings.insecure_login;
    let readable = !info.is_private() && !insecure_login;
    let done = if readable || query.len() > MAX_QUERY {
        Err(Error::Unauthenticated)
    } else if path == CALLBACK {
        // A session that began is told to its browser: nothing is cut off in between.
        let (server, info) = (server.clone(), info.clone());
        let (query, headers) = (query.to_owned(), headers.clone());
        let changes = server.changes.clone();
        let work = async move { finish(&server, &query, &headers, &info).await };
        let finished = changes.spawn(work).await.map_err(Error::internal);
        finished.and_then(|finished| finished)
    } else {
        start(server, query, headers, info).await
    };
    done.unwrap_or_else(|error| refuse(&error, headers, info, insecure_login))
}

async fn start(
    server: &Server,
    query: &str,
    headers: &HeaderMap,
    info: &RequestInfo,
) -> Result<Response<Body>, Error> {
    let next = read_next(&read_parameter(query, "next").unwrap_or_default());
    if is_led_from_elsewhere(headers) {
        let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        return redirect(&format!("/sign-in?next={encoded}"), []);
    }
    let mut random = [0; 32];
    rand::fill(&mut random).map_err(|_| Error::internal("no randomness"))?;
    let secret = URL_SAFE_NO_PAD.encode(random);
    let back = redirect_uri(server, info);
    let url = server.app.begin_oidc(&secret, &back).await?;
    let value = format!("{secret}.{}", URL_SAFE_NO_PAD.encode(next));
    let insecure = server.settings.insecure_login;
    let cookie = Cookie::Away.set(&value, AWAY, info, insecure)?;
    redirect(&url, [cookie])
}

async fn finish(
    server: &Server,
    query: &str,
    headers: &HeaderMap,
    info: &RequestInfo,
) -> Result<Response<Body>, Error> {
    let insecure = server.settings.insecure_login;
    let value = Cookie::Away.read(headers, info, insecure);
    let value = value.ok_or(Error::Unauthenticated)?;
    let (secret, next) = value.split_once('.').ok_or(Error::Unauthenticated)?;
    let next = URL_SAFE_NO_PAD.decode(next).ok();
    let next = next.and_then(|bytes| String::from_utf8(bytes).ok());
    let take = |name| read_parameter(query, name).ok_or(Error::Unauthenticated);
    let back = OidcReturn {
        secret: secret.to_owned(),
        code: take("code")?,
        state: take("state")?,
        issuer: read_parameter(query, "iss"),
        redirect_uri: redirect_uri(server, info),
    };
    let replaces = Cookie::Session.read(headers, info, insecure);
    let browser = describe_browser(headers, info, replaces);
    let begun = server.app.finish_oidc(back, browser, info.id).await?;
    let cookies = [
        Cookie::Session.set(&begun.secret, begun.lasts, info, insecure)?,
        Cookie::Away.clear(info, insecure)?,
    ];
    // Looked at again: what came back in a cookie was in a browser meanwhile.
    redirect(&read_next(&next.unwrap_or_default()), cookies)
}

fn redirect_uri(server: &Server, info: &RequestInfo) -> String {
    format!("{}{CALLBACK}", server.settings.addresses.base_url(info))
}

/// The parameter of this name; one that is there twice is none.
fn read_parameter(query: &str, name: &str) -> Option<String> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut values = pairs.filter_map(|(key, value)| (key == name).then(|| value.into_owned()));
    values.next().filter(|_| values.next().is_none())
}

fn redirect<const N: usize>(
    target: &str,
    cookies: [HeaderValue; N],
) -> Result<Response<Body>, Error> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.insert(LOCATION, target.parse().map_err(Error::internal)?);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The code must not be told to whom the page leads on to.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The page for a return that came to nothing; it says no more than that, since whoever made it up reads it too.
fn refuse(
    error: &Error,
    headers: &HeaderMap,
    info: &RequestInfo,
    insecure_login: bool,
) -> Response<Body> {
    let (status, key) = match error {
        Error::Busy(_) | Error::Unavailable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "page.oidc_unavailable")
        }
        Error::Internal(cause) => {
            let error = &**cause as &dyn std::error::Error;
            tracing::error!(request.id = %info.id, error, "the request failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "page.oidc_unavailable")
        }
        _ => (StatusCode::BAD_REQUEST, "page.oidc_refused"),
    };
    let text = notice::Notice {
        title: "page.oidc_title",
        text: key,
        link: ("/sign-in", "page.oidc_again"),
    };
    let mut response = text.render(status, language_of(headers));
    if let Ok(cookie) = Cookie::Away.clear(info, insecure_login) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
