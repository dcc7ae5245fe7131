//! The one page, and the policy under which a browser runs it.

use crate::body::Body;
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
        X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

/// Its name among the files.
pub(super) const FILE: &str = "index.html";

/// What stands in the built page where each answer has its own nonce.
const PLACE: &str = "__CSP_NONCE__";

/// Windows that others open of us, and we of others, do not reach each other (HTML, section 7.1.3).
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What a page may ask the machine for (Permissions Policy, section 6): nothing but to put text in the clipboard.
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// What is true of everything the console is made of.
pub(super) fn set_common(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// The page with a nonce of its own.
pub(super) fn render(page: &[u8]) -> Response<Body> {
    let nonce = make_nonce();
    let text = String::from_utf8_lossy(page).replace(PLACE, &nonce);
    answer(StatusCode::OK, text, &nonce)
}

/// A page of ours whose styles have this nonce. It is kept by nobody: its nonce is good once.
pub(super) fn answer(status: StatusCode, text: String, nonce: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    set_common(headers);
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (VARY, "accept-language"),
        // For browsers that do not know `frame-ancestors`.
        (X_FRAME_OPTIONS, "DENY"),
        (OPENER_POLICY, "same-origin"),
        (
            PERMISSIONS,
            "camera=(), clipboard-write=(self), display-capture=(), geolocation=(), hid=(), \
             microphone=(), midi=(), payment=(), serial=(), usb=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = write_policy(nonce).parse() {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Scripts, styles, pictures and questions are this server's. Component libraries make style elements as they run: those
/// carry the nonce. Nothing is framed, no form goes elsewhere, no address is changed beneath the page.
fn write_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// 128 bits that nobody foresees.
pub(super) fn make_nonce() -> String {
    let mut random = [0; 16];
    // The system's source of randomness, without which there would be no TLS either.
    if rand::fill(&mut random).is_err() {
        tracing::error!(
            "no randomness for a nonce: styles that are made in the browser are refused"
        );
        return "none".into();
    }
    STANDARD.encode(random)
}

/// Text as HTML has it.
pub(super) fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            plain => escaped.push(plain),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_names_stays_text() {
        let text = escape("<a href=\"x\">&");
        assert_eq!(text, "&lt;a href=&quot;x&quot;&gt;&amp;");
    }

    #[test]
    fn each_page_names_its_own_nonce_and_its_policy_the_same() {
        let policy = || {
            let response = render(b"<meta nonce=\"__CSP_NONCE__\">");
            let policy = &response.headers()[CONTENT_SECURITY_POLICY];
            policy.to_str().unwrap().to_owned()
        };
        let (first, second) = (policy(), policy());
        assert!(first.contains("style-src 'self' 'nonce-"), "{first}");
        assert!(first.contains("script-src 'self';"), "{first}");
        assert!(!first.contains("unsafe"), "{first}");
        assert_ne!(first, second);
    }
}
