//! The web console as files: one page for every address that is nobody else's, and what that page loads.
//!
//! The page is rendered for each request, because its policy names a nonce that is good once. Everything beside it is
//! answered as it was built. Refuses to know who asks: what the console shows it asks the management API for, as any other
//! client. Called by `dispatch`.

mod accept;
mod asset;
mod files;
mod missing;
pub(crate) mod notice;
mod page;

pub(crate) use files::Files;

use crate::{Server, body::Body, dispatch::not_found, request_info::RequestInfo};
use asset::AssetPath;
use http::{HeaderMap, Method, Response, StatusCode, header};
use wharf_oci::RepositoryName;

/// First segments of addresses that are not the console's, whatever follows: who misspells one hears so.
const TAKEN: [&str; 9] = [
    "v2", "v1", "auth", "api", "hooks", "triggers", "healthz", "readyz", "metrics",
];

/// Answers an address that no other room has.
pub(crate) async fn handle(
    server: &Server,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    info: &RequestInfo,
) -> Response<Body> {
    let first = path.trim_start_matches('/').split('/').next();
    let taken = first.is_some_and(|first| TAKEN.contains(&first));
    if taken || !matches!(*method, Method::GET | Method::HEAD) {
        return not_found();
    }
    if let Some(target) = path.strip_prefix("/repositories/") {
        return redirect_build(target);
    }
    if let Some(asset) = AssetPath::parse(path) {
        match asset::answer(&server.console, &asset, headers).await {
            Some(response) => return response,
            // Nothing else is below this folder: a page that was open while the program was exchanged asks for the old one.
            None if asset.is_hashed() => return not_found(),
            None => {}
        }
    }
    match server.console.read(page::FILE).await {
        Some(bytes) => page::render(&bytes),
        None => {
            let base = server.settings.addresses.base_url(info);
            missing::render(path, &base, crate::api::language_of(headers))
        }
    }
}

/// Commit statuses on code hosts lead to `/repositories/NAME/builds/NUMBER`: the console's page of that build.
fn redirect_build(target: &str) -> Response<Body> {
    let Some((name, number)) = target
        .rsplit_once("/builds/")
        .and_then(|(name, number)| Some((name.parse().ok()?, read_number(number)?)))
    else {
        return not_found();
    };
    let name: RepositoryName = name;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    // A repository's name has no character that a header or an address could trip over.
    if let Ok(location) = format!("/images/{name}/-/builds/{number}").parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn read_number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_leads_to_the_build_whatever_the_repository_is_called() {
        let lead = |path| {
            let response = redirect_build(path);
            let location = response.headers().get(header::LOCATION);
            location.map(|value| value.to_str().unwrap().to_owned())
        };
        for (path, target) in [
            (
                "team/group/app/builds/12",
                "/images/team/group/app/-/builds/12",
            ),
            ("team/builds/1/builds/2", "/images/team/builds/1/-/builds/2"),
        ] {
            assert_eq!(lead(path).as_deref(), Some(target));
        }
        for path in [
            "team/app",
            "team/app/builds/",
            "team/app/builds/+1",
            "team/app/builds/99999999999999999999999",
            "Team/app/builds/1",
            "../builds/1",
            "/evil.example/builds/1",
            "builds/1",
        ] {
            assert_eq!(lead(path), None, "{path}");
        }
    }
}
