//! The cookie that holds a session's secret: where it is honored, and how it is set and taken back.
//!
//! Over TLS, and without leaving this machine, it is `__Host-wharf`: bound to this host, sent over secure lines only, and
//! not to be planted from a neighboring one. Browsers drop such a cookie silently on plain http from other machines;
//! there, and only where the operator allows passwords on such lines, it is `wharf`. That one is worth nothing over TLS, so
//! that nobody who can write to a plain line plants a session on the other.

use crate::request_info::RequestInfo;
use http::{HeaderMap, HeaderValue, header::COOKIE};
use wharf_app::{Error, accounts::SESSION_LIFETIME};

/// Bound to its host by the browser (RFC 6265bis section 4.1.3.2).
const BOUND: &str = "__Host-wharf";

/// The same without what plain http cannot have.
const PLAIN: &str = "wharf";

/// Longest value looked at; ours are 64 characters.
const MAX_VALUE: usize = 128;

/// The name of the cookie on lines like this one; none where no secret may travel.
fn name_for(info: &RequestInfo, insecure_login: bool) -> Option<&'static str> {
    if info.secure {
        Some(BOUND)
    } else if insecure_login {
        Some(PLAIN)
    } else {
        info.is_private().then_some(BOUND)
    }
}

/// The secret that a request brings. Two cookies of one name bring none: one of them is somebody else's.
pub(super) fn read_secret(
    headers: &HeaderMap,
    info: &RequestInfo,
    insecure_login: bool,
) -> Option<String> {
    let wanted = name_for(info, insecure_login)?;
    let pairs = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter_map(|(name, value)| (name == wanted).then_some(value));
    let value = values.next().filter(|_| values.next().is_none())?;
    let good = (1..=MAX_VALUE).contains(&value.len());
    (good && value.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| value.to_owned())
}

/// What makes the browser keep `secret`. No script reads it, and no other site's form or frame sends it along.
pub(super) fn set_secret(
    secret: &str,
    info: &RequestInfo,
    insecure_login: bool,
) -> Result<HeaderValue, Error> {
    write(secret, SESSION_LIFETIME.as_secs(), info, insecure_login)
}

/// What makes the browser forget it.
pub(super) fn clear_secret(info: &RequestInfo, insecure_login: bool) -> Result<HeaderValue, Error> {
    write("", 0, info, insecure_login)
}

fn write(
    value: &str,
    seconds: u64,
    info: &RequestInfo,
    insecure_login: bool,
) -> Result<HeaderValue, Error> {
    let name = name_for(info, insecure_login).unwrap_or(BOUND);
    let secure = if name == BOUND { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly{secure}; SameSite=Lax");
    HeaderValue::from_str(&text).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_model::RequestId;

    fn line(address: &str, secure: bool) -> RequestInfo {
        RequestInfo {
            id: RequestId::new(),
            address: address.parse().unwrap(),
            host: Some("hub.example".into()),
            secure,
        }
    }

    fn read(cookies: &[&str], info: &RequestInfo, insecure: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        read_secret(&headers, info, insecure)
    }

    #[test]
    fn a_cookie_counts_only_on_the_lines_it_is_made_for() {
        let (tls, plain, here) = (
            line("192.0.2.7", true),
            line("192.0.2.7", false),
            line("127.0.0.1", false),
        );
        let both = ["__Host-wharf=bound; wharf=plain"];
        for (info, insecure, found) in [
            (&tls, false, Some("bound")),
            (&tls, true, Some("bound")),
            (&here, false, Some("bound")),
            (&here, true, Some("plain")),
            (&plain, false, None),
            (&plain, true, Some("plain")),
        ] {
            assert_eq!(
                read(&both, info, insecure).as_deref(),
                found,
                "{info:?} {insecure}"
            );
        }
    }

    #[test]
    fn two_cookies_of_one_name_and_odd_ones_are_none() {
        let tls = line("192.0.2.7", true);
        assert_eq!(
            read(&["a=1; __Host-wharf=x"], &tls, false).as_deref(),
            Some("x")
        );
        for cookies in [
            &["__Host-wharf=x; __Host-wharf=y"][..],
            &["__Host-wharf=x", "__Host-wharf=y"],
            &["__Host-wharf="],
            &["__Host-wharf=a\"b"],
            &["__host-wharf=x"],
            &["__Host-wharf"],
        ] {
            assert_eq!(read(cookies, &tls, false), None, "{cookies:?}");
        }
    }

    #[test]
    fn what_is_set_is_bound_to_the_host_wherever_that_works() {
        let show = |info: &RequestInfo, insecure| {
            let value = set_secret("s", info, insecure).unwrap();
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            show(&line("192.0.2.7", true), true),
            "__Host-wharf=s; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax"
        );
        assert_eq!(
            show(&line("192.0.2.7", false), true),
            "wharf=s; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"
        );
    }
}
