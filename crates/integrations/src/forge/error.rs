//! Why a code host did not do what was asked.

use super::kind::ForgeKind;
use std::time::Duration;
use wharf_egress::EgressError;

/// The outcome of everything that talks to a code host.
pub type Result<T, E = ForgeError> = std::result::Result<T, E>;

/// A failure while talking to a code host. `subject` is what it was about, in words; `said` is the host's own sentence,
/// cut short and free of control characters and tokens, or empty.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ForgeError {
    #[error("{host:?} is no address of a code host: {reason}")]
    Address { host: String, reason: &'static str },
    #[error("this is no path of a repository: write owner/name")]
    RepositoryPath,
    #[error("this is no id, name or revision of anything there")]
    Word,
    #[error("this is no cursor that a list gave out")]
    Cursor,
    /// The token cannot be sent in a header, or the secret of a webhook is too short.
    #[error("the credentials for {host} cannot be used: {reason}")]
    Credentials { host: String, reason: &'static str },
    /// Nothing came back, or the egress policy refused to go there: see the source and the hint.
    #[error("cannot reach {host}")]
    Unreachable { host: String, source: EgressError },
    /// It took longer than a person waits.
    #[error("{host} did not answer {subject} within {} seconds", .limit.as_secs())]
    TimedOut {
        host: String,
        subject: String,
        limit: Duration,
    },
    /// 401: the token is wrong, was revoked, or has ended.
    #[error("{host} does not accept the token{said}")]
    Unauthorized {
        kind: ForgeKind,
        host: String,
        said: String,
    },
    /// The token is good, but may not do this; each scope or permission is named as the host names it.
    #[error("the token for {host} lacks {}", .scopes.join(", "))]
    MissingScopes {
        kind: ForgeKind,
        host: String,
        scopes: Vec<String>,
    },
    /// 403 for another reason.
    #[error("{host} denies {subject}{said}")]
    Denied {
        host: String,
        subject: String,
        said: String,
    },
    /// 404: it is not there, or this account may not see it; hosts do not tell which.
    #[error("{host} has no {subject}, or this account may not see it")]
    NotFound { host: String, subject: String },
    /// Too many requests. Whether to wait is the caller's decision.
    #[error("{host} takes no more requests for now{said}")]
    RateLimited {
        host: String,
        /// How long it says to wait.
        retry_after: Option<Duration>,
        said: String,
    },
    /// 400, 409, 422: the host does not like what was sent.
    #[error("{host} refuses {subject}{said}")]
    Refused {
        host: String,
        subject: String,
        status: u16,
        said: String,
    },
    /// Any other status; from 500 on it may pass.
    #[error("{host} answers {subject} with status {status}{said}")]
    Status {
        host: String,
        subject: String,
        status: u16,
        said: String,
    },
    /// It does not speak as its makers document.
    #[error("{host} answers {subject} in a way that cannot be understood: {reason}")]
    BadAnswer {
        host: String,
        subject: String,
        reason: String,
    },
    /// The device flow ended without a token.
    #[error("signing in at {host} did not succeed: {reason}")]
    DeviceLogin { host: String, reason: String },
}

impl ForgeError {
    /// What to do about it, in one line; `None` when the text says all there is.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            ForgeError::Unreachable { source, .. } => return source.hint(),
            ForgeError::Unauthorized { kind, .. } => match kind {
                ForgeKind::GitHub => {
                    "connect again, or make a new token: Settings, Developer settings, Personal access tokens".to_owned()
                }
                ForgeKind::GitLab => {
                    "make a new token with the scopes api and read_user: Preferences, Access tokens".to_owned()
                }
                ForgeKind::Gitea => {
                    "make a new token with write:repository, read:user and read:organization: Settings, Applications".to_owned()
                }
            },
            ForgeError::MissingScopes { scopes, .. } => {
                format!("make a token that has {} too, and connect again", scopes.join(", "))
            }
            ForgeError::Denied { .. } => {
                "registering webhooks and deploy keys takes an administrator (GitHub, Gitea) or maintainer (GitLab) of the repository".to_owned()
            }
            ForgeError::NotFound { .. } => {
                "check the path, and whether the token was given access to it".to_owned()
            }
            ForgeError::RateLimited { retry_after, .. } => match retry_after {
                Some(time) => format!("try again in {} seconds", time.as_secs()),
                None => "try again later".to_owned(),
            },
            ForgeError::BadAnswer { .. } => {
                "check that the address is the code host's own, and of this kind".to_owned()
            }
            _ => return None,
        })
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            ForgeError::Unreachable { source, .. } => source.is_transient(),
            ForgeError::TimedOut { .. } | ForgeError::RateLimited { .. } => true,
            ForgeError::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Whether the host says that it is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, ForgeError::NotFound { .. })
    }

    /// Whether a new token, or another one, is what it takes.
    pub fn wants_new_token(&self) -> bool {
        matches!(
            self,
            ForgeError::Unauthorized { .. } | ForgeError::MissingScopes { .. }
        )
    }

    /// How long to wait before asking again, when the host says it.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            ForgeError::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
