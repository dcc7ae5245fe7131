//! Why a code host did not do what was asked, in the words that rows, the API and the catalogue share.

use crate::Error;
use std::{error::Error as StdError, time::Duration};
use wharf_egress::{AddressClass, EgressError};
use wharf_git::GitError;
use wharf_integrations::forge::ForgeError;
use wharf_model::SourceAddress;

/// What went wrong, as a word of the catalogue (`upstream.…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostProblem {
    /// The operator's policy does not let us go there.
    EgressRefused,
    /// No answer, or no connection.
    Unreachable,
    /// The token is wrong, was revoked, or has ended.
    Unauthorized,
    /// The token is good, but may not do this.
    MissingScopes,
    /// The account may not do this.
    HostDenied,
    /// It is not there, or the account may not see it.
    Missing,
    /// Too many requests.
    RateLimited,
    /// It answers, but not as a code host of this kind.
    BadAnswer,
    /// The ssh server shows another key than the one that is known.
    HostKeyChanged,
    /// The sign-in by code ended without a token.
    SignInFailed,
    /// Anything else that the host says.
    HostFailed,
}

impl HostProblem {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::EgressRefused,
        Self::Unreachable,
        Self::Unauthorized,
        Self::MissingScopes,
        Self::HostDenied,
        Self::Missing,
        Self::RateLimited,
        Self::BadAnswer,
        Self::HostKeyChanged,
        Self::SignInFailed,
        Self::HostFailed,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EgressRefused => "egress_refused",
            Self::Unreachable => "unreachable",
            Self::Unauthorized => "unauthorized",
            Self::MissingScopes => "missing_scopes",
            Self::HostDenied => "host_denied",
            Self::Missing => "missing",
            Self::RateLimited => "rate_limited",
            Self::BadAnswer => "bad_answer",
            Self::HostKeyChanged => "host_key_changed",
            Self::SignInFailed => "sign_in_failed",
            Self::HostFailed => "host_failed",
        }
    }

    /// Whether the account itself is at fault, so that its state says so; what is about one repository or one moment is
    /// not.
    pub(crate) fn is_about_account(self) -> bool {
        !matches!(
            self,
            Self::HostDenied | Self::Missing | Self::RateLimited | Self::HostFailed
        )
    }
}

/// A code host, or another registry, did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFailure {
    /// What went wrong.
    pub problem: HostProblem,
    /// `host` or `host:port`.
    pub host: String,
    /// The whole story in one line, causes included; free of secrets.
    pub detail: String,
    /// What `[egress] allow` would have to name.
    pub allow: Option<String>,
    /// How long the host says to wait.
    pub retry_after: Option<Duration>,
    /// Whether the same may succeed a moment later.
    pub is_transient: bool,
}

impl HostFailure {
    /// The state of a row after this.
    pub(crate) fn as_state(&self) -> (Option<&'static str>, &str) {
        (Some(self.problem.as_str()), &self.detail)
    }
}

impl From<ForgeError> for HostFailure {
    fn from(error: ForgeError) -> Self {
        let problem = match &error {
            ForgeError::Unreachable { source, .. } => return Self::of_egress(source, &error),
            ForgeError::TimedOut { .. } => HostProblem::Unreachable,
            ForgeError::Unauthorized { .. } => HostProblem::Unauthorized,
            ForgeError::MissingScopes { .. } => HostProblem::MissingScopes,
            ForgeError::Denied { .. } => HostProblem::HostDenied,
            ForgeError::NotFound { .. } => HostProblem::Missing,
            ForgeError::RateLimited { .. } => HostProblem::RateLimited,
            ForgeError::BadAnswer { .. } => HostProblem::BadAnswer,
            ForgeError::DeviceLogin { .. } => HostProblem::SignInFailed,
            _ => HostProblem::HostFailed,
        };
        Self {
            problem,
            host: host_of(&error),
            detail: tell_story(&error),
            allow: None,
            retry_after: error.retry_after(),
            is_transient: error.is_transient(),
        }
    }
}

impl HostFailure {
    /// A host (`host:port`) that may not be dialed or is not there: which of the two, and what it has for an address, is not
    /// told to whoever named it.
    pub(crate) fn not_allowed(host: String) -> Self {
        Self {
            problem: HostProblem::EgressRefused,
            detail: format!("{host} has no address that this server may connect to"),
            allow: Some(host.clone()),
            host,
            retry_after: None,
            is_transient: false,
        }
    }

    /// What the way out said; `whole` is the error that it is the cause of.
    pub(crate) fn of_egress(cause: &EgressError, whole: &(dyn StdError + 'static)) -> Self {
        let (problem, host, allow) = match cause {
            EgressError::Refused {
                host,
                port,
                address,
                class,
            } => {
                // As the policy has it: what is no ordinary private address opens only by the address itself.
                let by_name = matches!(
                    class,
                    AddressClass::Public
                        | AddressClass::Loopback
                        | AddressClass::Private
                        | AddressClass::Shared
                        | AddressClass::UniqueLocal
                );
                let entry = match by_name {
                    true => join(host, *port),
                    false => address.to_string(),
                };
                (HostProblem::EgressRefused, join(host, *port), Some(entry))
            }
            EgressError::PlainHttp { host, port } => {
                let entry = join(host, *port);
                (HostProblem::EgressRefused, entry.clone(), Some(entry))
            }
            EgressError::Unresolved { host, .. }
            | EgressError::Connect { host, .. }
            | EgressError::Broken { host, .. }
            | EgressError::Ended { host }
            | EgressError::Stalled { host, .. }
            | EgressError::TooLarge { host, .. }
            | EgressError::Prepare { host, .. }
            | EgressError::Redirects { host, .. }
            | EgressError::Location { host } => (HostProblem::Unreachable, host.clone(), None),
            EgressError::Downgrade { from, .. } => (HostProblem::BadAnswer, from.clone(), None),
            _ => (HostProblem::HostFailed, String::new(), None),
        };
        Self {
            problem,
            host,
            detail: tell_story(whole),
            allow,
            retry_after: None,
            is_transient: cause.is_transient(),
        }
    }
}

impl HostFailure {
    /// Something of ours keeps us from asking.
    pub(crate) fn of_own(address: &SourceAddress, error: &Error) -> Self {
        Self {
            problem: HostProblem::HostFailed,
            host: address.authority().to_owned(),
            detail: tell_story(error),
            allow: None,
            retry_after: None,
            is_transient: true,
        }
    }

    /// It took longer than anybody waits.
    pub(crate) fn too_slow(host: &str, limit: Duration) -> Self {
        Self {
            problem: HostProblem::Unreachable,
            host: host.to_owned(),
            detail: format!("{host} was not done within {} seconds", limit.as_secs()),
            allow: None,
            retry_after: None,
            is_transient: true,
        }
    }

    /// There is nothing to sign in with.
    pub(crate) fn without_token(address: &SourceAddress) -> Self {
        Self {
            problem: HostProblem::Unauthorized,
            host: address.authority().to_owned(),
            detail: "there is no token".to_owned(),
            allow: None,
            retry_after: None,
            is_transient: false,
        }
    }
}

impl From<EgressError> for HostFailure {
    fn from(error: EgressError) -> Self {
        Self::of_egress(&error, &error)
    }
}

impl From<GitError> for HostFailure {
    fn from(error: GitError) -> Self {
        let is_transient = match &error {
            GitError::Unreachable { error, .. } => error.is_transient,
            GitError::TimedOut { .. } | GitError::Failed { .. } => true,
            _ => false,
        };
        let (problem, host) = match &error {
            GitError::Unreachable { remote, error } => match error.is_refusal {
                true => (HostProblem::EgressRefused, remote),
                false => (HostProblem::Unreachable, remote),
            },
            GitError::TimedOut { remote, .. } => (HostProblem::Unreachable, remote),
            GitError::NotFound { remote, .. } => (HostProblem::Missing, remote),
            GitError::Denied { remote, .. } => (HostProblem::Unauthorized, remote),
            GitError::HostKeyChanged { host, .. } => (HostProblem::HostKeyChanged, host),
            GitError::Tls { host, .. } => (HostProblem::Unreachable, host),
            GitError::Redirected { remote, .. } => (HostProblem::BadAnswer, remote),
            GitError::RefMissing { remote, .. } | GitError::CommitMissing { remote, .. } => {
                (HostProblem::Missing, remote)
            }
            _ => (HostProblem::HostFailed, &String::new()),
        };
        let mut detail = tell_story(&error);
        // The line for `[egress] allow` is in git's own hint, which the way out made.
        if problem == HostProblem::EgressRefused
            && let Some(hint) = error.hint()
        {
            detail = format!("{detail}; {hint}");
        }
        Self {
            problem,
            host: host.clone(),
            detail,
            allow: None,
            retry_after: None,
            is_transient,
        }
    }
}

impl From<HostFailure> for Error {
    fn from(failure: HostFailure) -> Self {
        Self::Upstream(Box::new(failure))
    }
}

fn join(host: &str, port: u16) -> String {
    match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

fn host_of(error: &ForgeError) -> String {
    match error {
        ForgeError::Address { host, .. }
        | ForgeError::Credentials { host, .. }
        | ForgeError::Unreachable { host, .. }
        | ForgeError::TimedOut { host, .. }
        | ForgeError::Unauthorized { host, .. }
        | ForgeError::MissingScopes { host, .. }
        | ForgeError::Denied { host, .. }
        | ForgeError::NotFound { host, .. }
        | ForgeError::RateLimited { host, .. }
        | ForgeError::Refused { host, .. }
        | ForgeError::Status { host, .. }
        | ForgeError::BadAnswer { host, .. }
        | ForgeError::DeviceLogin { host, .. } => host.clone(),
        _ => String::new(),
    }
}

/// Longest story that is kept and shown: a sentence for each of a few causes.
const MAX_STORY: usize = 600;

/// An error and its causes in one line.
pub(crate) fn tell_story(error: &(dyn StdError + 'static)) -> String {
    let mut story = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !story.ends_with(&text) {
            story.push_str(": ");
            story.push_str(&text);
        }
        cause = inner.source();
    }
    story
        .chars()
        .filter(|character| !character.is_control())
        .take(MAX_STORY)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_would_allow_it() {
        for (class, entry) in [
            (AddressClass::Private, "git.lan:3000"),
            (AddressClass::Loopback, "git.lan:3000"),
            (AddressClass::Metadata, "169.254.169.254"),
        ] {
            let source = EgressError::Refused {
                host: "git.lan".into(),
                port: 3000,
                address: "169.254.169.254".parse().unwrap(),
                class,
            };
            let failure = HostFailure::from(ForgeError::Unreachable {
                host: "git.lan:3000".into(),
                source,
            });
            assert_eq!(failure.problem, HostProblem::EgressRefused);
            assert_eq!(failure.allow.as_deref(), Some(entry));
            assert!(
                failure.detail.contains("refused to connect"),
                "{}",
                failure.detail
            );
        }
        let plain = EgressError::PlainHttp {
            host: "git.example".into(),
            port: 80,
        };
        let failure = HostFailure::from(plain);
        assert_eq!(failure.allow.as_deref(), Some("git.example:80"));
    }

    #[test]
    fn a_token_that_is_refused_is_about_the_account_and_a_missing_repository_is_not() {
        let missing = HostFailure::from(ForgeError::NotFound {
            host: "h".into(),
            subject: "repository a/b".into(),
        });
        assert!(!missing.problem.is_about_account());
        assert!(HostProblem::Unauthorized.is_about_account());
    }
}
