//! The `Authorization` header (RFC 7235): which kind of credential it brings.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header::AUTHORIZATION};
use std::{borrow::Cow, net::IpAddr};
use wharf_app::{App, Credential, Error};
use wharf_model::Caller;

/// Longest header looked at. A registry token for dozens of repositories fits.
const MAX_LENGTH: usize = 20 * 1024;

/// Personal access tokens begin with this, so that they are told from registry tokens.
const ACCESS_TOKEN: &str = "wharf_pat_";

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Authorization<'a> {
    /// No header.
    Nothing,
    /// Name and secret.
    Basic(String),
    /// A registry token.
    RegistryToken(&'a str),
    /// A personal access token.
    AccessToken(&'a str),
    /// A header that brings none of these.
    Malformed,
}

impl<'a> Authorization<'a> {
    /// Reads the header.
    pub(crate) fn read(headers: &'a HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Self::Nothing;
        };
        let text = match (value.to_str(), values.next()) {
            (Ok(text), None) if text.len() <= MAX_LENGTH => text,
            _ => return Self::Malformed,
        };
        let Some((scheme, rest)) = text.split_once(' ') else {
            return Self::Malformed;
        };
        let rest = rest.trim_start();
        if scheme.eq_ignore_ascii_case("bearer") {
            if rest.starts_with(ACCESS_TOKEN) {
                return Self::AccessToken(rest);
            }
            return Self::RegistryToken(rest);
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = STANDARD
                .decode(rest)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            return match decoded {
                Some(pair) if pair.contains(':') => Self::Basic(pair),
                _ => Self::Malformed,
            };
        }
        Self::Malformed
    }

    fn credential(&self) -> Option<Credential<'_>> {
        match self {
            Self::Nothing | Self::Malformed => None,
            Self::Basic(pair) => {
                let (name, secret) = pair.split_once(':')?;
                Some(Credential::Basic { name, secret })
            }
            Self::RegistryToken(text) => Some(Credential::RegistryToken(text)),
            Self::AccessToken(text) => Some(Credential::AccessToken(text)),
        }
    }

    /// Who sent it. Nothing sent is nobody; anything that proves nothing is [`Error::Unauthenticated`].
    pub(crate) async fn authenticate(&self, app: &App, address: IpAddr) -> Result<Caller, Error> {
        match (self, self.credential()) {
            (Self::Nothing, _) => Ok(Caller::anonymous()),
            (_, Some(credential)) => app.authenticate(credential, address).await,
            (_, None) => Err(Error::Unauthenticated),
        }
    }

    /// Whether a password or another long-lived secret travels in it.
    pub(crate) fn brings_secret(&self) -> bool {
        matches!(self, Self::Basic(_) | Self::AccessToken(_))
    }
}

/// The sentence for a secret that came over a line others can read.
pub(crate) fn insecure_login() -> Cow<'static, str> {
    "passwords are not accepted over plain http from other machines: use https, or let the administrator set `[server] insecure_login = true`".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Authorization<'static> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        Authorization::read(Box::leak(Box::new(headers)))
    }

    #[test]
    fn schemes_are_told_apart_in_any_case() {
        assert_eq!(read("bAsIc YTpi"), Authorization::Basic("a:b".into()));
        assert_eq!(read("Bearer x.y.z"), Authorization::RegistryToken("x.y.z"));
        assert_eq!(
            read("bearer wharf_pat_1"),
            Authorization::AccessToken("wharf_pat_1")
        );
        for odd in ["Basic", "Basic !!!", "Basic YWI=", "Digest x", ""] {
            assert_eq!(read(odd), Authorization::Malformed, "{odd}");
        }
        assert_eq!(
            Authorization::read(&HeaderMap::new()),
            Authorization::Nothing
        );
    }
}
