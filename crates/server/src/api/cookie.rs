//! The cookies that hold secrets of browsers: where they are honored, and how they are set and taken back.
//!
//! Over TLS, and without leaving this machine, a session's is `__Host-wharf`: bound to this host, sent over secure lines only, and
//! not to be planted from a neighboring one. Browsers drop such a cookie silently on plain http from other machines;
//! there, and only where the operator allows passwords on such lines, it is `wharf`. That one is worth nothing over TLS, so
//! that nobody who can write to a plain line plants a session on the other.

use crate::request_info::RequestInfo;
use http::{HeaderMap, HeaderValue, header::COOKIE};
use std::time::Duration;
use wharf_app::Error;

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Who is signed in.
    Session,
    /// Who is away at the identity provider.
    Away,
}

impl Cookie {
    /// Its name where the browser binds it to its host (RFC 6265bis section 4.1.3.2), and the same without what plain http
    /// cannot have.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Session => ("__Host-wharf", "wharf"),
            Self::Away => ("__Host-wharf-oidc", "wharf-oidc"),
        }
    }

    /// Longest value looked at; a session's has 64 characters, the other an address to go on to.
    fn longest(self) -> usize {
        match self {
            Self::Session => 128,
            Self::Away => 2048,
        }
    }

    /// Its name on lines like this one, and whether it is the bound one; none where no secret may travel.
    fn name_for(self, info: &RequestInfo, insecure_login: bool) -> Option<(&'static str, bool)> {
        let (bound, plain) = self.names();
        if info.secure {
            Some((bound, true))
        } else if insecure_login {
            Some((plain, false))
        } else {
            info.is_private().then_some((bound, true))
        }
    }

    /// What a request brings. Two cookies of one name bring nothing: one of them is somebody else's.
    pub(crate) fn read(
        self,
        headers: &HeaderMap,
        info: &RequestInfo,
        insecure_login: bool,
    ) -> Option<String> {
        let (wanted, _) = self.name_for(info, insecure_login)?;
        let pairs = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter_map(|(name, value)| (name == wanted).then_some(value));
        let value = values.next().filter(|_| values.next().is_none())?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let good = (1..=self.longest()).contains(&value.len()) && value.bytes().all(plain);
        good.then(|| value.to_owned())
    }

    /// What makes the browser keep `value`. No script reads it, and no other site's form or frame sends it along.
    pub(crate) fn set(
        self,
        value: &str,
        lasts: Duration,
        info: &RequestInfo,
        insecure_login: bool,
    ) -> Result<HeaderValue, Error> {
        let bound = (self.names().0, true);
        let (name, secure) = self.name_for(info, insecure_login).unwrap_or(bound);
        let (seconds, secure) = (lasts.as_secs(), if secure { "; Secure" } else { "" });
        let text =
            format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly{secure}; SameSite=Lax");
        HeaderValue::from_str(&text).map_err(Error::internal)
    }

    /// What makes the browser forget it.
    pub(crate) fn clear(
        self,
        info: &RequestInfo,
        insecure_login: bool,
    ) -> Result<HeaderValue, Error> {
        self.set("", Duration::ZERO, info, insecure_login)
    }
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
        Cookie::Session.read(&headers, info, insecure)
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
        let week = Duration::from_secs(604_800);
        let show = |info: &RequestInfo, insecure| {
            let value = Cookie::Session.set("s", week, info, insecure).unwrap();
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
