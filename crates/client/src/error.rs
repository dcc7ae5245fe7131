//! Why a registry did not give or take what was asked.

use crate::{RegistryHost, Secret};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use wharf_egress::EgressError;
use wharf_oci::Digest;

/// The outcome of everything in this crate.
pub type Result<T, E = ClientError> = std::result::Result<T, E>;

/// A failure while talking to a registry. `subject` is what it was about (an image, a blob, an upload) in words.
/// Texts of the other side are cut short and free of control characters.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    #[error("{text:?} is no image name: {reason}")]
    ImageName { text: String, reason: String },
    #[error("{text:?} is no host of a registry")]
    Host { text: String },
    #[error("{text:?} is no mirror: write https://host[:port][/path] or host[:port]")]
    Mirror { text: String },
    /// Neither the registry nor a mirror of it could be asked. `tried` says how the mirrors failed, or is empty.
    #[error("cannot reach the registry {registry}{tried}")]
    Unreachable {
        registry: RegistryHost,
        tried: String,
        source: EgressError,
    },
    /// 401, although the credentials that are known were sent.
    #[error("{registry} asks for other credentials for {subject}{said}")]
    Unauthorized {
        registry: RegistryHost,
        subject: String,
        /// Nobody is logged in there, as far as is known.
        anonymous: bool,
        said: String,
    },
    /// 403.
    #[error("{registry} denies {subject}{said}")]
    Denied {
        registry: RegistryHost,
        subject: String,
        said: String,
    },
    /// 404.
    #[error("{registry} does not have {subject}{said}")]
    NotFound {
        registry: RegistryHost,
        subject: String,
        said: String,
    },
    /// 429, and waiting as long as it says is too long or did not help.
    #[error("{registry} takes no more requests for now{said}")]
    RateLimited {
        registry: RegistryHost,
        retry_after: Option<Duration>,
        anonymous: bool,
        said: String,
    },
    /// Any other status.
    #[error("{registry} answers {subject} with status {status}{said}")]
    Status {
        registry: RegistryHost,
        subject: String,
        status: u16,
        said: String,
    },
    /// It does not follow the protocol.
    #[error("{registry} answers {subject} in a way that cannot be understood: {reason}")]
    BadAnswer {
        registry: RegistryHost,
        subject: String,
        reason: String,
    },
    /// Other bytes than asked for.
    #[error("{registry} has other content for {subject}: {mismatch}")]
    WrongDigest {
        registry: RegistryHost,
        subject: String,
        mismatch: Box<Mismatch>,
    },
    /// More or fewer bytes than asked for.
    #[error("{registry} sent another size for {subject}: expected {expected} bytes, found {found}")]
    WrongSize {
        registry: RegistryHost,
        subject: String,
        expected: u64,
        found: u64,
    },
    /// The transfer broke more often than it was resumed.
    #[error("the transfer of {subject} with {registry} broke {failures} times")]
    Broken {
        registry: RegistryHost,
        subject: String,
        failures: u32,
        source: EgressError,
    },
    #[error("{image} has no image for {wanted}, only for {available}")]
    NoPlatform {
        image: String,
        wanted: String,
        available: String,
    },
    /// What should be pushed cannot be read.
    #[error("cannot read {subject} to push it")]
    Source {
        subject: String,
        source: Arc<io::Error>,
    },
    #[error("cannot read the logins in {path}")]
    DockerConfig {
        path: PathBuf,
        source: Arc<io::Error>,
    },
    #[error("the credential helper docker-credential-{helper} failed")]
    CredentialHelper {
        helper: String,
        source: Arc<io::Error>,
    },
    /// The credentials cannot be sent in a header, or would be sent without TLS.
    #[error("the credentials for {registry} cannot be used: {reason}")]
    Credentials {
        registry: RegistryHost,
        reason: &'static str,
    },
}

/// Two digests that should have been one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    pub expected: Digest,
    pub found: Digest,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl ClientError {
    /// What to do about it, in one line; `None` when the text says all there is.
    pub fn hint(&self) -> Option<String> {
        match self {
            ClientError::Unreachable {
                registry, source, ..
            } => Some(match source {
                EgressError::Refused { .. } | EgressError::PlainHttp { .. } => source.hint()?,
                _ if registry.is_this_machine() => {
                    "is the registry running on this machine?".to_owned()
                }
                _ => format!(
                    "behind a closed network, name a mirror in wharf.toml: [registries.\"{registry}\"] mirrors = [\"https://mirror.example\"]; for a private authority or plain http: ca_file or insecure there"
                ),
            }),
            ClientError::Unauthorized {
                registry,
                anonymous: true,
                ..
            } => Some(format!(
                "it is private or does not exist; log in with: docker login {registry} (wharf reads the same file)"
            )),
            ClientError::Unauthorized { registry, .. } => Some(format!(
                "the login kept for {registry} is wrong, has ended, or may not do this; log in again with: docker login {registry}"
            )),
            ClientError::Denied { registry, .. } => Some(format!(
                "the account that is logged in to {registry} lacks the right; check the repository's name and who you are"
            )),
            ClientError::NotFound { .. } => Some("check the name and the tag".to_owned()),
            ClientError::RateLimited {
                registry,
                retry_after,
                anonymous,
                ..
            } => {
                let wait = match retry_after {
                    Some(time) => format!("try again in {} seconds", time.as_secs()),
                    None => "try again later".to_owned(),
                };
                let login = match anonymous {
                    true => format!(", log in for a higher limit (docker login {registry})"),
                    false => String::new(),
                };
                Some(format!(
                    "{wait}{login}, or use a mirror: [registries.\"{registry}\"] mirrors = [\"https://mirror.example\"] in wharf.toml"
                ))
            }
            ClientError::CredentialHelper { helper, .. } => Some(format!(
                "install docker-credential-{helper}, or take it out of docker's config.json"
            )),
            ClientError::Broken { source, .. } => source.hint(),
            _ => None,
        }
    }

    /// Whether the registry says that it does not have it.
    pub fn is_not_found(&self) -> bool {
        matches!(self, ClientError::NotFound { .. })
    }
}

/// Text of the other side made fit for a message: one line, cut short, without the secrets that were sent.
pub(crate) fn quote(text: &str, secrets: &[&Secret]) -> String {
    /// Enough for a sentence or two; more would let a server fill a log.
    const MOST_CHARACTERS: usize = 300;
    let mut line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MOST_CHARACTERS)
        .collect();
    for secret in secrets.iter().filter(|secret| !secret.expose().is_empty()) {
        line = line.replace(secret.expose(), "********");
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_is_one_short_line_without_secrets() {
        let secret = Secret::new("hush");
        assert_eq!(quote("a\x1b[2J\n b hush", &[&secret]), "a [2J b ********");
        assert_eq!(quote(&"x".repeat(1000), &[]).len(), 300);
    }

    #[test]
    fn a_registry_out_of_reach_names_the_setting_that_helps() {
        let source = EgressError::Unresolved {
            host: "registry-1.docker.io".to_owned(),
            source: Arc::new(io::Error::other("no such name")),
        };
        let error = ClientError::Unreachable {
            registry: RegistryHost::docker_hub(),
            tried: String::new(),
            source,
        };
        assert_eq!(error.to_string(), "cannot reach the registry docker.io");
        let hint = error.hint().expect("a hint");
        assert!(
            hint.contains("[registries.\"docker.io\"] mirrors = ["),
            "{hint}"
        );
    }
}
