//! Who asks, and whether they may: tokens, their scopes, limits.

use serde_json::json as object;

use super::api::{json, refuse};
use super::state::{ForgeProduct, Shared, State, Token};
use crate::git::{GitRequest, Reply};

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Who am I.
    Account,
    /// Organizations or groups.
    Groups,
    /// Anything of a repository, for reading.
    Read,
    /// Webhooks, keys, statuses.
    Write,
    /// A token of any kind.
    Nothing,
}

/// The date of every answer: a fixed one, against which waits are counted.
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const DATE_SECONDS: u64 = 784_111_777;

/// The limit's answer, while it holds.
pub(super) fn limit(shared: &Shared, state: &State) -> Option<Reply> {
    let wait = state.rate_limit?.as_secs();
    let reset = (DATE_SECONDS + wait).to_string();
    Some(match shared.product {
        ForgeProduct::GitHub => refuse(403, "API rate limit exceeded for user ID 1.")
            .with("X-RateLimit-Limit", "5000")
            .with("X-RateLimit-Remaining", "0")
            .with("X-RateLimit-Reset", &reset)
            .with("Date", DATE),
        ForgeProduct::GitLab => refuse(429, "Too Many Requests")
            .with("RateLimit-Remaining", "0")
            .with("RateLimit-Reset", &reset)
            .with("Retry-After", &wait.to_string()),
        ForgeProduct::Gitea => {
            refuse(429, "too many requests").with("Retry-After", &wait.to_string())
        }
    })
}

/// The token of a request to the API, in each header that the product takes.
pub(super) fn find_token(shared: &Shared, request: &GitRequest) -> Option<String> {
    if let (ForgeProduct::GitLab, Some(token)) = (shared.product, request.header("private-token")) {
        return Some(token.to_owned());
    }
    let value = request.header("authorization")?;
    let (scheme, token) = value.split_once(' ')?;
    let is_taken = match shared.product {
        ForgeProduct::GitLab => scheme.eq_ignore_ascii_case("bearer"),
        _ => scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token"),
    };
    is_taken.then(|| token.to_owned())
}

/// Passes a request whose token may do what is needed.
pub(super) fn check(shared: &Shared, token: Option<&Token>, need: Need) -> Result<(), Reply> {
    let Some(token) = token.filter(|token| !token.is_expired) else {
        let was_good = token.is_some();
        return Err(match (shared.product, was_good) {
            (ForgeProduct::GitHub, _) => refuse(401, "Bad credentials"),
            (ForgeProduct::GitLab, true) => json(
                401,
                &object!({
                    "error": "invalid_token",
                    "error_description": "Token is expired. You can either do re-authorization or token refresh.",
                }),
            ),
            (ForgeProduct::GitLab, false) => refuse(401, "401 Unauthorized"),
            (ForgeProduct::Gitea, _) => refuse(401, "user does not exist [uid: 0, name: ]"),
        });
    };
    match shared.product {
        ForgeProduct::GitHub => check_github(token, need),
        ForgeProduct::GitLab => check_gitlab(token, need),
        ForgeProduct::Gitea => check_gitea(token, need),
    }
}

/// GitHub hides from a classic token what its scopes do not open, and refuses a fine-grained one by name.
fn check_github(token: &Token, need: Need) -> Result<(), Reply> {
    if token.is_fine_grained {
        let (permission, told) = match need {
            Need::Read => ("contents", "contents=read"),
            Need::Write => ("webhooks", "repository_hooks=write"),
            Need::Account | Need::Groups | Need::Nothing => return Ok(()),
        };
        return match token.scopes.contains(permission) {
            true => Ok(()),
            false => Err(
                refuse(403, "Resource not accessible by personal access token")
                    .with("X-Accepted-GitHub-Permissions", told),
            ),
        };
    }
    match need {
        Need::Read | Need::Write if !token.scopes.contains("repo") => {
            Err(refuse(404, "Not Found").with("X-Accepted-OAuth-Scopes", "repo"))
        }
        _ => Ok(()),
    }
}

fn check_gitlab(token: &Token, need: Need) -> Result<(), Reply> {
    let accepted: &[&str] = match need {
        Need::Account => &["api", "read_api", "read_user"],
        Need::Groups | Need::Read => &["api", "read_api"],
        Need::Write => &["api"],
        Need::Nothing => return Ok(()),
    };
    match accepted.iter().any(|scope| token.scopes.contains(*scope)) {
        true => Ok(()),
        false => Err(json(
            403,
            &object!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": accepted.join(" "),
            }),
        )),
    }
}

fn check_gitea(token: &Token, need: Need) -> Result<(), Reply> {
    let (wanted, better) = match need {
        Need::Account => ("read:user", "write:user"),
        Need::Groups => ("read:organization", "write:organization"),
        Need::Read => ("read:repository", "write:repository"),
        Need::Write => ("write:repository", "all"),
        Need::Nothing => return Ok(()),
    };
    match token.scopes.contains(wanted) || token.scopes.contains(better) {
        true => Ok(()),
        false => Err(refuse(
            403,
            &format!("token does not have at least one of required scope(s): [{wanted}]"),
        )),
    }
}

/// What GitHub adds to each answer about a classic token.
pub(super) fn add_scopes(reply: Reply, token: &Token) -> Reply {
    if token.is_fine_grained {
        return reply;
    }
    let scopes: Vec<_> = token.scopes.iter().map(String::as_str).collect();
    reply.with("X-OAuth-Scopes", &scopes.join(", "))
}
