//! Whose token it is on GitLab, and what it lacks.
//!
//! Called when an account is looked at.

use super::{GitLab, wire};
use crate::forge::call::Call;
use crate::forge::text::read_time;
use crate::forge::{Account, ForgeError, ForgeKind, Result, TokenScopes};

/// The scopes are looked at first: a token without `read_user` could not even say whose it is, and the answer should
/// be what is missing.
pub(super) async fn find_account(gitlab: &GitLab) -> Result<Account> {
    let token = find_token(gitlab).await?;
    let listed = token.as_ref().map(|token| token.scopes.clone());
    let missing_scopes = listed.as_deref().map(find_missing).unwrap_or_default();
    let user = match gitlab.find_user().await {
        Err(ForgeError::MissingScopes { kind, host, scopes }) => {
            let scopes = match missing_scopes.is_empty() {
                true => scopes,
                false => missing_scopes,
            };
            return Err(ForgeError::MissingScopes { kind, host, scopes });
        }
        outcome => outcome?,
    };
    Ok(Account {
        kind: ForgeKind::GitLab,
        host: gitlab.caller.host(),
        scopes: listed.map_or(TokenScopes::Unlisted, TokenScopes::Listed),
        missing_scopes,
        // A date; the token ends at its beginning, in UTC.
        expires_at: token
            .and_then(|token| token.expires_at)
            .and_then(|date| read_time(&format!("{date}T00:00:00Z"))),
        ..user.into_account()
    })
}

/// The token's own record. Servers before 15.5, and tokens that are no personal ones, have none.
async fn find_token(gitlab: &GitLab) -> Result<Option<wire::Token>> {
    let call = Call::get("/personal_access_tokens/self".to_owned(), "the token");
    match gitlab.caller.read(call).await {
        Ok(token) => Ok(Some(token)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(ForgeError::Denied { .. } | ForgeError::Refused { .. }) => Ok(None),
        Err(ForgeError::MissingScopes { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// wharf needs `api` (webhooks, statuses, deploy keys take writing) and `read_user` (who is this). The first contains the
/// second (docs.gitlab.com, "Personal access token scopes"), so a token with `api` alone lacks nothing.
fn find_missing(held: &[String]) -> Vec<String> {
    let has = |name: &str| held.iter().any(|own| own == name);
    match (has("api"), has("read_user")) {
        (true, _) => Vec::new(),
        (false, true) => vec!["api".to_owned()],
        (false, false) => vec!["api".to_owned(), "read_user".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_missing_scope_is_named() {
        let find = |names: &[&str]| {
            let held: Vec<String> = names.iter().map(|&name| name.into()).collect();
            find_missing(&held)
        };
        assert!(find(&["api"]).is_empty());
        assert!(find(&["api", "read_user"]).is_empty());
        assert_eq!(find(&["read_user", "read_api"]), ["api"]);
        assert_eq!(find(&["read_repository"]), ["api", "read_user"]);
    }
}
