//! Who wharf is at a repository. Values are never shown, and reach git only by its environment or by files in memory.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::remote::{GitRemote, Scheme};

/// A text that is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text from being shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever passes it on to where it is meant to go.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// Who wharf is at a repository.
#[derive(Debug, Clone, Default)]
pub enum Credential {
    /// Nobody.
    #[default]
    None,
    /// A user name and a password or token, for http and https.
    Password {
        /// Whatever the host wants: `x-access-token` at GitHub, `oauth2` at GitLab; empty takes the address's, else `git`.
        user: String,
        /// Password or token.
        password: Secret,
    },
    /// The whole value of an `Authorization` header, for hosts that want another scheme than Basic.
    Header(Secret),
    /// A private key for ssh, in OpenSSH's or PEM form, without a passphrase.
    SshKey(Secret),
    /// An agent's socket on this machine that signs for ssh.
    SshAgent(std::path::PathBuf),
}

/// The user name when neither credential nor address has one. Hosts that know tokens look at the token alone.
const ANYBODY: &str = "git";

impl Credential {
    /// The value of the `Authorization` header (RFC 7617 for a password).
    pub(crate) fn header(&self, remote: &GitRemote) -> Option<String> {
        if remote.scheme() == Scheme::Ssh {
            return None;
        }
        match self {
            Self::Password { user, password } => {
                let user = match user.as_str() {
                    "" => remote.user().unwrap_or(ANYBODY),
                    user => user,
                };
                let pair = STANDARD.encode(format!("{user}:{}", password.reveal()));
                Some(format!("Basic {pair}"))
            }
            Self::Header(value) => Some(value.reveal().trim().to_owned()),
            Self::None | Self::SshKey(_) | Self::SshAgent(_) => None,
        }
    }

    /// Whether anything of it would be sent to this remote.
    pub(crate) fn is_for(&self, scheme: Scheme) -> bool {
        match self {
            Self::None => false,
            Self::Password { .. } | Self::Header(_) => scheme != Scheme::Ssh,
            Self::SshKey(_) | Self::SshAgent(_) => scheme == Scheme::Ssh,
        }
    }

    /// Texts that must not be in any message.
    pub(crate) fn secrets(&self, remote: &GitRemote) -> Vec<String> {
        let mut all: Vec<String> = self.header(remote).into_iter().collect();
        match self {
            Self::Password { password, .. } => all.push(password.reveal().to_owned()),
            Self::Header(value) => all.push(value.reveal().to_owned()),
            // A key is a file in the sandbox's memory, and ssh never says what is in it.
            Self::None | Self::SshKey(_) | Self::SshAgent(_) => {}
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(user: &str) -> Credential {
        Credential::Password {
            user: user.to_owned(),
            password: Secret::new("hush"),
        }
    }

    #[test]
    fn a_password_becomes_a_basic_header_with_the_nearest_user_name() {
        let plain = GitRemote::parse("https://h.example/a").unwrap();
        let named = GitRemote::parse("https://me@h.example/a").unwrap();
        let header = |credential: Credential, remote| credential.header(remote).unwrap();
        let expect = |user: &str| format!("Basic {}", STANDARD.encode(format!("{user}:hush")));
        assert_eq!(header(password("oauth2"), &named), expect("oauth2"));
        assert_eq!(header(password(""), &named), expect("me"));
        assert_eq!(header(password(""), &plain), expect("git"));
    }

    #[test]
    fn nothing_for_http_is_sent_over_ssh_or_shown() {
        let remote = GitRemote::parse("git@h.example:a").unwrap();
        assert_eq!(password("x").header(&remote), None);
        assert!(!password("x").is_for(Scheme::Ssh));
        assert!(!format!("{:?}", password("x")).contains("hush"));
    }
}
