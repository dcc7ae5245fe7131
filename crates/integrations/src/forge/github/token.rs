//! What GitHub tells of a token, in the headers of each answer.
//!
//! Pure. Called when an account is looked at.

use crate::forge::TokenScopes;
use crate::forge::text::read_time;
use http::HeaderMap;
use wharf_model::Timestamp;

/// What the token may do. GitHub lists the scopes of classic and OAuth tokens with each answer; tokens of other kinds
/// have permissions, which are told only when one is missing.
pub(super) fn read_scopes(token: &str, headers: &HeaderMap) -> TokenScopes {
    let has_scopes = token.starts_with("ghp_") || token.starts_with("gho_");
    match headers
        .get("x-oauth-scopes")
        .and_then(|value| value.to_str().ok())
    {
        Some(text) if has_scopes || !text.trim().is_empty() => TokenScopes::Listed(
            text.split(',')
                .map(|scope| scope.trim().to_owned())
                .filter(|scope| !scope.is_empty())
                .collect(),
        ),
        _ => TokenScopes::Unlisted,
    }
}

/// What wharf does takes `repo` (private repositories, webhooks, statuses, deploy keys) and `read:org` (whose
/// repositories there are). Scopes that contain another are from docs.github.com, "Scopes for OAuth apps".
pub(super) fn find_missing(scopes: &TokenScopes) -> Vec<String> {
    let TokenScopes::Listed(held) = scopes else {
        return Vec::new();
    };
    let has_one = |names: &[&str]| names.iter().any(|name| held.iter().any(|own| own == name));
    let mut missing = Vec::new();
    if !has_one(&["repo"]) {
        missing.push("repo".to_owned());
    }
    if !has_one(&["read:org", "write:org", "admin:org"]) {
        missing.push("read:org".to_owned());
    }
    missing
}

/// `2026-12-01 00:00:00 UTC` or with an offset (`+0000`).
pub(super) fn read_expiration(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers
        .get("github-authentication-token-expiration")?
        .to_str()
        .ok()?;
    let (date, rest) = text.split_once(' ')?;
    let (time, zone) = rest.split_once(' ').unwrap_or((rest, "UTC"));
    let zone = if zone == "UTC" { "Z" } else { zone };
    read_time(&format!("{date}T{time}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_scope_is_named() {
        let listed =
            |names: &[&str]| TokenScopes::Listed(names.iter().map(|&n| n.into()).collect());
        assert_eq!(find_missing(&listed(&["gist"])), ["repo", "read:org"]);
        assert_eq!(find_missing(&listed(&["repo"])), ["read:org"]);
        assert!(find_missing(&listed(&["repo", "admin:org"])).is_empty());
        assert!(find_missing(&TokenScopes::Unlisted).is_empty());
    }

    #[test]
    fn the_end_of_a_token_is_read_in_both_forms() {
        for text in ["2026-12-01 00:00:00 UTC", "2026-12-01 02:00:00 +0200"] {
            let mut headers = HeaderMap::new();
            let value = text.parse().expect("a value");
            headers.insert("github-authentication-token-expiration", value);
            assert_eq!(
                read_expiration(&headers),
                Some(Timestamp::from_seconds(1_796_083_200)),
                "{text}"
            );
        }
    }
}
