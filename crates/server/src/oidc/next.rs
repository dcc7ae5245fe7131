//! Where somebody goes on to who signed in: an address of this server, whatever was asked for.

use url::Url;

/// Where people go on to who were nowhere before.
pub(super) const HOME: &str = "/";

/// Longest address that is gone on to; it waits in a cookie.
const MAX_LENGTH: usize = 1024;

/// The address that is asked for if it is one of this server, else [`HOME`].
///
/// Browsers and proxies disagree about slashes the wrong way round, encoded ones and control characters, so that none is
/// let through where it could begin another host.
pub(super) fn read_next(wanted: &str) -> String {
    let odd = |character: char| character.is_control() || character == '\\';
    if wanted.len() > MAX_LENGTH || !wanted.starts_with('/') || wanted.contains(odd) {
        return HOME.to_owned();
    }
    let lower = wanted.to_ascii_lowercase();
    if ["//", "/%2f", "/%5c", "/%09", "/%0a", "/%0d"]
        .iter()
        .any(|start| lower.starts_with(start))
    {
        return HOME.to_owned();
    }
    // As browsers read it: dots are resolved, and what is left must still be ours.
    let Ok(base) = Url::parse("http://own.invalid") else {
        return HOME.to_owned();
    };
    let Some(url) = base
        .join(wanted)
        .ok()
        .filter(|url| url.origin() == base.origin())
    else {
        return HOME.to_owned();
    };
    let own = &url[url::Position::BeforePath..];
    match own.starts_with("//") || own.starts_with("/auth/") || own.starts_with("/api/") {
        true => HOME.to_owned(),
        false => own.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_server_are_gone_on_to() {
        for own in [
            "/",
            "/images",
            "/images/team/web/-/builds/12?step=2#L18",
            "/sign-in?next=%2F%2Fevil.example",
        ] {
            assert_eq!(read_next(own), own);
        }
        for other in [
            "",
            "images",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\evil.example",
            "/%2f/evil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/..//evil.example",
            "/./\u{9}/evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/auth/oidc/start?next=/",
            "/x/../api/v1/session",
            &format!("/{}", "x".repeat(2000)),
        ] {
            assert_eq!(read_next(other), HOME, "{other}");
        }
    }
}
