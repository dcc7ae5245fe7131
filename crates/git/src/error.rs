//! Why a repository could not be asked or fetched, in words for people.

use std::sync::Arc;
use std::time::Duration;

use crate::dial::DialError;
use crate::names::{ObjectId, RefName};

/// The outcome of everything in this crate.
pub type Result<T, E = GitError> = std::result::Result<T, E>;

/// A failure of git. Texts hold no secrets, and words of the other side are cut short and free of control characters.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GitError {
    /// The address is none that wharf gives to git.
    #[error("{text:?} is no address of a repository: {reason}")]
    Remote {
        text: String,
        reason: String,
        hint: String,
    },
    /// Not the name of a ref or of a commit.
    #[error("{text:?} cannot be used: {reason}")]
    Name { text: String, reason: &'static str },
    #[error("{text:?} is no public key of an ssh server")]
    HostKey { text: String },
    /// The authorities that were given are no certificates.
    #[error("the certificates given for {host} are not in PEM form")]
    Certificate { host: String },
    /// The way out refused, or nobody answered.
    #[error("cannot reach {remote}: {error}")]
    Unreachable { remote: String, error: DialError },
    /// It is not there, or whoever asks may not know that it is.
    #[error("{remote} is not there, or may not be read{}", said_by(.said))]
    NotFound {
        remote: String,
        /// A credential was sent.
        signed_in: bool,
        is_ssh: bool,
        said: String,
    },
    /// The credential was looked at and refused.
    #[error("{remote} does not accept the credential{}", said_by(.said))]
    Denied {
        remote: String,
        signed_in: bool,
        is_ssh: bool,
        said: String,
    },
    /// The server is another one than before, or somebody stands between.
    #[error("the ssh host key of {host} is not the one that is known for it{}", .found.as_ref().map(|key| format!(": it is {key} now")).unwrap_or_default())]
    HostKeyChanged { host: String, found: Option<String> },
    #[error("{remote} has no {}", describe_ref(.name))]
    RefMissing { remote: String, name: RefName },
    /// No branch or tag leads to it.
    #[error("no branch or tag of {remote} reaches the commit {commit}")]
    CommitMissing { remote: String, commit: ObjectId },
    #[error("the certificate of {host} is not accepted{}", said_by(.said))]
    Tls { host: String, said: String },
    /// The server sends its clients on to another place.
    #[error("{remote} redirects to {to}")]
    Redirected { remote: String, to: String },
    #[error("fetching from {remote} took longer than {} seconds", .limit.as_secs())]
    TimedOut { remote: String, limit: Duration },
    #[error("{remote} is larger than the {} MiB that a fetch may take", .limit >> 20)]
    TooLarge { remote: String, limit: u64 },
    /// More refs than are read.
    #[error("{remote} has more branches and tags than the {limit} that are read")]
    TooManyRefs { remote: String, limit: usize },
    /// An object that git does not take: it would mean something else to another program, or to git itself.
    #[error("{remote} holds something malformed{}", said_by(.said))]
    Malformed { remote: String, said: String },
    #[error("the submodule {path} cannot be fetched: {reason}")]
    Submodule { path: String, reason: String },
    /// Git said no in words that are not known here.
    #[error("git cannot fetch from {remote}{}", said_by(.said))]
    Failed { remote: String, said: String },
    /// Something of this machine failed.
    #[error("cannot {attempt}")]
    Machine {
        /// What was attempted, as words that follow "cannot".
        attempt: String,
        hint: Option<String>,
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
}

fn said_by(said: &str) -> String {
    match said.is_empty() {
        true => String::new(),
        false => format!(" ({said})"),
    }
}

fn describe_ref(name: &RefName) -> String {
    match (name.branch_name(), name.tag_name(), name.as_str()) {
        (Some(branch), _, _) => format!("branch {branch}"),
        (_, Some(tag), _) => format!("tag {tag}"),
        (_, _, "HEAD") => "default branch".to_owned(),
        (_, _, other) => format!("branch or tag {other}"),
    }
}

impl GitError {
    /// What to do about it, in one line; `None` when the text says all there is.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Remote { hint, .. } => hint,
            Self::Unreachable { error, .. } => return error.hint.clone(),
            Self::Machine { hint, .. } => return hint.clone(),
            Self::HostKey { .. } => {
                "give the output of `ssh-keyscan HOST`, after comparing it with what the host's operator publishes"
            }
            Self::Certificate { .. } => {
                "give the authority's certificate, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"
            }
            Self::NotFound { is_ssh: true, .. } | Self::Denied { is_ssh: true, .. } => {
                "check the path, and that the deploy key is added to this repository"
            }
            Self::NotFound {
                signed_in: false, ..
            }
            | Self::Denied {
                signed_in: false, ..
            } => "check the address; a private repository needs a token",
            Self::NotFound { .. } => {
                "check the address, and that the token may read this repository"
            }
            Self::Denied { .. } => {
                "the token may have expired or been revoked: make a new one and give it to wharf"
            }
            Self::HostKeyChanged { .. } => {
                "if the server was set up anew, compare its key with what its operator publishes and give wharf the new one; else somebody may be listening"
            }
            Self::RefMissing { .. } => "it may have been deleted or renamed since",
            Self::CommitMissing { .. } => {
                "push it to a branch or tag; the host does not give out other commits"
            }
            Self::Tls { .. } => {
                "if the host has a certificate of an authority of its own, give that authority's certificate (CA)"
            }
            Self::Redirected { .. } => {
                "give the new address; a credential is never sent on to another host"
            }
            Self::TimedOut { .. } => {
                "try again; if it is always slow, raise the build's time limit"
            }
            Self::TooLarge { .. } => {
                "large files may be in the last commit; raise the limit, or keep them elsewhere"
            }
            Self::Malformed { .. } => {
                "`git fsck` in a clone tells which object it is; it has to be taken out of the history"
            }
            Self::Submodule { .. } => {
                "submodules come from the host of their repository, by https, http or ssh as it does; or switch them off"
            }
            Self::Name { .. } | Self::TooManyRefs { .. } | Self::Failed { .. } => return None,
        };
        Some(text.to_owned())
    }

    /// Whether the same may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { error, .. } => error.is_transient,
            Self::TimedOut { .. } | Self::Failed { .. } => true,
            _ => false,
        }
    }

    pub(crate) fn machine(
        attempt: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Machine {
            attempt: attempt.into(),
            hint: None,
            source: Some(Arc::new(source)),
        }
    }

    /// The sandbox refused or broke; its own hint goes along.
    pub(crate) fn sandbox(error: wharf_sandbox::Error) -> Self {
        let is_missing = matches!(&error, wharf_sandbox::Error::ProgramMissing { .. });
        Self::Machine {
            attempt: "run git in its sandbox".to_owned(),
            hint: match is_missing {
                true => Some(INSTALL_GIT.to_owned()),
                false => error.hint(),
            },
            source: Some(Arc::new(error)),
        }
    }
}

pub(crate) const INSTALL_GIT: &str =
    "install git (and the ssh client, for ssh) on the machine where wharf runs";

/// Names what was tried when something of the machine fails.
pub(crate) trait Attempt<T> {
    fn attempt(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: std::error::Error + Send + Sync + 'static> Attempt<T> for std::result::Result<T, E> {
    fn attempt(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| GitError::machine(what(), error))
    }
}
