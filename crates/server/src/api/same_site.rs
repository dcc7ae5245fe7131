//! Whether a request with the console's cookie comes from the console: a browser sends the cookie along with whatever any
//! page makes it ask, so that it alone says nothing about who wants something.
//!
//! Asked of every request that a cookie gives rights to, and of signing in itself, else another site signs its visitors in
//! as somebody who then reads what they enter. Credentials in the `Authorization` header are beyond this: no other site
//! can make a browser send those.

use super::{ApiState, caller::Facts, refusal::Refusal};
use crate::{addresses::Addresses, request_info::RequestInfo};
use axum::extract::{FromRequestParts, State};
use http::{HeaderMap, HeaderName, Method, header::ORIGIN, request::Parts};

/// What the console sends along: other sites' forms cannot, and their scripts only after a question that nobody answers.
const CONSOLE: HeaderName = HeaderName::from_static("x-wharf-console");

/// Where the page that asks stands to us, by the browser's own account (Fetch Metadata Request Headers, section 2.4).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what does not come from a page of this server: everything that another site's page asks for, and changes
/// without the console's header.
pub(super) fn check_site(
    method: &Method,
    headers: &HeaderMap,
    info: &RequestInfo,
    addresses: &Addresses,
) -> Result<(), Refusal> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if !reads && headers.get(CONSOLE).is_none_or(|value| value != "1") {
        return Err(Refusal::CrossSite);
    }
    let site = headers.get(FETCH_SITE).map(http::HeaderValue::as_bytes);
    let own = match (site, headers.get(ORIGIN)) {
        (Some(b"same-origin"), _) => true,
        // Typed or bookmarked: no page asks. Nobody types a change.
        (Some(b"none"), _) => reads,
        (Some(_), _) => false,
        // Browsers tell the site on lines they trust only; on others a change brings its origin.
        (None, Some(origin)) => origin
            .to_str()
            .is_ok_and(|origin| is_own_origin(origin, info, addresses)),
        (None, None) => true,
    };
    own.then_some(()).ok_or(Refusal::CrossSite)
}

/// Whether a browser says that a page of somebody else leads here.
pub(crate) fn is_led_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).map(http::HeaderValue::as_bytes);
    !matches!(site, None | Some(b"same-origin" | b"none"))
}

/// Schemes are left out: a proxy that ends TLS need not be one that we believe.
fn is_own_origin(origin: &str, info: &RequestInfo, addresses: &Addresses) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let default = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let strip = |text: &str| {
        text.strip_suffix(default)
            .unwrap_or(text)
            .to_ascii_lowercase()
    };
    let asked = info.host.as_deref().map(strip);
    let public = addresses.public_url.as_deref();
    asked == Some(strip(authority)) || public.is_some_and(|url| url.eq_ignore_ascii_case(origin))
}

/// Nobody gets further who is not the console.
pub(super) struct FromConsole;

impl FromRequestParts<ApiState> for FromConsole {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Refusal> {
        let Facts(info) = Facts::from_request_parts(parts, state).await?;
        let State(state) = State::<ApiState>::from_request_parts(parts, state)
            .await
            .unwrap_or_else(|never| match never {});
        check_site(&parts.method, &parts.headers, &info, &state.addresses)?;
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_model::RequestId;

    fn is_let_in(method: Method, list: &[(&'static str, &str)]) -> bool {
        let info = RequestInfo {
            id: RequestId::new(),
            address: [192, 0, 2, 7].into(),
            host: Some("hub.example:5000".into()),
            secure: false,
        };
        let addresses = Addresses {
            public_url: Some("https://images.example".into()),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.insert(*name, value.parse().unwrap());
        }
        check_site(&method, &headers, &info, &addresses).is_ok()
    }

    #[test]
    fn a_change_needs_the_consoles_header_and_its_origin() {
        let console = ("x-wharf-console", "1");
        for (list, good) in [
            (&[console][..], true),
            (&[], false),
            (&[("x-wharf-console", "0")], false),
            (&[console, ("origin", "http://hub.example:5000")], true),
            (&[console, ("origin", "https://images.example")], true),
            (&[console, ("origin", "http://hub.example")], false),
            (
                &[console, ("origin", "http://hub.example:5000.evil")],
                false,
            ),
            (&[console, ("origin", "https://evil.example")], false),
            (&[console, ("origin", "null")], false),
            (&[console, ("sec-fetch-site", "same-origin")], true),
            (&[console, ("sec-fetch-site", "same-site")], false),
            (&[console, ("sec-fetch-site", "cross-site")], false),
            (&[console, ("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-origin")], false),
        ] {
            assert_eq!(is_let_in(Method::POST, list), good, "{list:?}");
            assert_eq!(is_let_in(Method::DELETE, list), good, "{list:?}");
        }
    }

    #[test]
    fn what_is_read_needs_no_header_but_no_other_site_reads() {
        assert!(is_let_in(Method::GET, &[]));
        assert!(is_let_in(Method::GET, &[("sec-fetch-site", "none")]));
        assert!(is_let_in(Method::GET, &[("sec-fetch-site", "same-origin")]));
        for site in ["same-site", "cross-site", "whatever"] {
            assert!(
                !is_let_in(Method::GET, &[("sec-fetch-site", site)]),
                "{site}"
            );
        }
        assert!(!is_let_in(
            Method::GET,
            &[("origin", "https://evil.example")]
        ));
    }

    #[test]
    fn a_default_port_may_be_left_out() {
        let info = RequestInfo {
            id: RequestId::new(),
            address: [192, 0, 2, 7].into(),
            host: Some("hub.example".into()),
            secure: true,
        };
        let addresses = Addresses::default();
        assert!(is_own_origin("https://hub.example:443", &info, &addresses));
        assert!(is_own_origin("https://HUB.example", &info, &addresses));
        assert!(!is_own_origin("https://hub.example:80", &info, &addresses));
        assert!(!is_own_origin("file://hub.example", &info, &addresses));
    }
}
