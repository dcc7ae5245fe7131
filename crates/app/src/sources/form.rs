//! What a person may write about a source: addresses, tokens, certificates, host keys. Pure.

use crate::Error;
use wharf_model::{AddressError, SecretText, SourceAddress, SourceKind, SourceScheme};

/// Longest token or password. GitHub's longest have some 250 characters, signed ones of others a few thousand.
const MAX_TOKEN: usize = 8192;

/// Largest CA: a few authorities of a company; the whole of a system's would be 250 KiB.
const MAX_CA: usize = 64 * 1024;

/// Most text of host keys: a dozen of the longest.
const MAX_HOST_KEYS: usize = 16 * 1024;

/// The address that was given, or where everybody's host of this kind is.
pub(super) fn read_address(kind: SourceKind, given: Option<&str>) -> Result<SourceAddress, Error> {
    let usual = match kind {
        SourceKind::Github => Some("https://github.com"),
        SourceKind::Gitlab => Some("https://gitlab.com"),
        // Hosted by whoever uses them.
        SourceKind::Gitea | SourceKind::Git => None,
    };
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    let text = given
        .or(usual)
        .ok_or(Error::invalid("address", "required"))?;
    let address: SourceAddress = text.parse().map_err(|error| match error {
        AddressError::Scheme => Error::invalid("address", "needs_scheme"),
        AddressError::UserInfo => Error::invalid("address", "holds_user_info"),
        AddressError::Form => Error::invalid("address", "malformed"),
    })?;
    if kind.has_api() && address.scheme() == SourceScheme::Ssh {
        return Err(Error::invalid("address", "needs_http"));
    }
    Ok(address)
}

/// A token or password that a header can hold.
pub(super) fn check_token(token: &SecretText) -> Result<(), Error> {
    let text = token.expose();
    if text.is_empty() {
        return Err(Error::invalid("token", "empty"));
    }
    if text.len() > MAX_TOKEN {
        return Err(Error::invalid("token", "too_long"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid("token", "invalid_characters"));
    }
    Ok(())
}

/// Certificates in PEM form, or none.
pub(super) fn read_ca(given: Option<String>) -> Result<Option<String>, Error> {
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    if text.len() > MAX_CA {
        return Err(Error::invalid("ca", "too_long"));
    }
    let is_stray = |c: char| c.is_control() && !matches!(c, '\n' | '\r');
    if !text.contains("-----BEGIN CERTIFICATE-----") || text.chars().any(is_stray) {
        return Err(Error::invalid("ca", "not_pem"));
    }
    Ok(Some(text))
}

/// Lines of known_hosts or of `ssh-keyscan`, or none.
pub(super) fn read_host_keys(
    address: &SourceAddress,
    given: Option<String>,
) -> Result<Option<String>, Error> {
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    if address.scheme() != SourceScheme::Ssh {
        return Err(Error::invalid("host_keys", "needs_ssh"));
    }
    if text.len() > MAX_HOST_KEYS {
        return Err(Error::invalid("host_keys", "too_long"));
    }
    match wharf_git::HostKey::parse_lines(&text) {
        Ok(keys) if !keys.is_empty() => {
            let lines: Vec<String> = keys.iter().map(ToString::to_string).collect();
            Ok(Some(lines.join("\n")))
        }
        _ => Err(Error::invalid("host_keys", "not_a_host_key")),
    }
}

/// `SHA256:…` of each line of stored keys, in their order: what people compare with what their server says of itself.
pub fn fingerprint_host_keys(lines: &str) -> Vec<String> {
    let keys = wharf_git::HostKey::parse_lines(lines).unwrap_or_default();
    keys.iter().map(wharf_git::HostKey::fingerprint).collect()
}

/// The user name on a server of plain git.
pub(super) fn read_username(address: &SourceAddress, given: Option<&str>) -> Result<String, Error> {
    let given = given.map(str::trim).filter(|text| !text.is_empty());
    let Some(text) = given else {
        // As whom git servers of every make let people in.
        let usual = match address.scheme() {
            SourceScheme::Ssh => "git",
            _ => "",
        };
        return Ok(usual.to_owned());
    };
    // A user that begins with a dash would be an option of ssh; a colon would end it in a header.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+');
    if text.len() > 100 {
        return Err(Error::invalid("username", "too_long"));
    }
    if text.starts_with('-') || !text.chars().all(is_plain) {
        return Err(Error::invalid("username", "invalid_characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
        match result {
            Err(Error::Invalid { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_may_be_left_out_where_everybody_has_the_same() {
        let read = |kind, text| read_address(kind, text).map(|address| address.to_string());
        assert_eq!(
            read(SourceKind::Github, None).unwrap(),
            "https://github.com"
        );
        assert_eq!(
            read(SourceKind::Gitlab, Some(" ")).unwrap(),
            "https://gitlab.com"
        );
        assert_eq!(reason(read(SourceKind::Gitea, None)), "required");
        assert_eq!(
            reason(read(SourceKind::Gitea, Some("git.lan"))),
            "needs_scheme"
        );
        assert_eq!(
            reason(read(SourceKind::Github, Some("ssh://h"))),
            "needs_http"
        );
        assert_eq!(
            reason(read(SourceKind::Git, Some("https://a:b@h"))),
            "holds_user_info"
        );
        assert_eq!(
            reason(read(SourceKind::Git, Some("file:///etc"))),
            "needs_scheme"
        );
    }

    #[test]
    fn a_user_name_is_no_option_and_no_header() {
        let ssh: SourceAddress = "ssh://h".parse().unwrap();
        let https: SourceAddress = "https://h".parse().unwrap();
        assert_eq!(read_username(&ssh, None).unwrap(), "git");
        assert_eq!(read_username(&https, None).unwrap(), "");
        for bad in ["-oProxyCommand=x", "a:b", "a b", "a\nb"] {
            assert_eq!(reason(read_username(&ssh, Some(bad))), "invalid_characters");
        }
    }

    #[test]
    fn tokens_and_certificates_have_a_form() {
        assert!(check_token(&SecretText::new("glpat-x")).is_ok());
        assert_eq!(
            reason(check_token(&SecretText::new("a\r\nX: y"))),
            "invalid_characters"
        );
        assert_eq!(reason(check_token(&SecretText::new(""))), "empty");
        assert_eq!(reason(read_ca(Some("/etc/ssl/ca.pem".into()))), "not_pem");
        assert!(read_ca(Some(" ".into())).unwrap().is_none());
    }
}
