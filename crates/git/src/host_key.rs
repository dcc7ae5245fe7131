//! Keys by which ssh servers prove who they are (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::GitError;
use crate::names::show;

/// A server's public key: `ssh-ed25519 AAAA…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostKey {
    kind: String,
    key: String,
}

/// Kinds that OpenSSH still takes from a server. DSA is broken, and certificates would bring an authority of their own.
const KINDS: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

impl HostKey {
    /// `ssh-ed25519` and so on.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// `SHA256:…`, as ssh and code hosts show it (RFC 4255 has no such form; it is OpenSSH's own).
    pub fn fingerprint(&self) -> String {
        let bytes = STANDARD.decode(&self.key).unwrap_or_default();
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(bytes)))
    }

    /// Reads keys, one a line: lines of known_hosts files, of `ssh-keyscan` and of `.pub` files. Empty lines and comments
    /// are passed over; names and options before the key are not looked at, because the caller knows whose keys they are.
    ///
    /// # Errors
    /// [`GitError::HostKey`] for a line without a key.
    pub fn parse_lines(text: &str) -> Result<Vec<Self>, GitError> {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::parse)
            .collect()
    }

    /// A line of a known_hosts file.
    pub(crate) fn line_for(&self, name: &str) -> String {
        format!("{name} {} {}\n", self.kind, self.key)
    }
}

impl FromStr for HostKey {
    type Err = GitError;

    /// # Errors
    /// [`GitError::HostKey`] for a text without a key, a revoked key or a certificate authority.
    fn from_str(text: &str) -> Result<Self, GitError> {
        let fail = || GitError::HostKey { text: show(text) };
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.first().is_some_and(|word| word.starts_with('@')) {
            return Err(fail());
        }
        let at = words
            .iter()
            .position(|word| KINDS.contains(word))
            .filter(|at| *at <= 1)
            .ok_or_else(fail)?;
        let (kind, key) = words.get(at).zip(words.get(at + 1)).ok_or_else(fail)?;
        let bytes = STANDARD.decode(key).map_err(|_| fail())?;
        // The key names its own kind first (RFC 4253, section 6.6): four bytes of length, then the name.
        let named = bytes.get(4..4 + kind.len());
        if named != Some(kind.as_bytes()) {
            return Err(fail());
        }
        Ok(Self {
            kind: (*kind).to_owned(),
            key: (*key).to_owned(),
        })
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind, self.key)
    }
}

impl TryFrom<String> for HostKey {
    type Error = GitError;

    fn try_from(text: String) -> Result<Self, GitError> {
        text.parse()
    }
}

impl From<HostKey> for String {
    fn from(key: HostKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GitHub's, from "GitHub's SSH key fingerprints" in its documentation.
    const GITHUB: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    #[test]
    fn a_key_is_read_from_every_usual_line() {
        let key: HostKey = GITHUB.parse().unwrap();
        assert_eq!(
            key.fingerprint(),
            "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
        );
        for line in [
            format!("github.com {GITHUB}"),
            format!("[github.com]:22,10.0.0.1 {GITHUB} a comment"),
            format!("|1|abc=|def= {GITHUB}"),
        ] {
            assert_eq!(line.parse::<HostKey>().expect(&line), key);
        }
        let text = format!("# a comment\n\n{GITHUB}\n");
        assert_eq!(HostKey::parse_lines(&text).unwrap(), [key]);
    }

    #[test]
    fn what_is_no_single_key_is_refused() {
        let revoked = format!("@revoked github.com {GITHUB}");
        let authority = format!("@cert-authority *.example {GITHUB}");
        let other_kind = GITHUB.replace("ssh-ed25519", "ssh-rsa");
        for text in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 not-base64!",
            "ssh-dss AAAAB3NzaC1kc3MAAAA=",
            &revoked,
            &authority,
            &other_kind,
        ] {
            assert!(text.parse::<HostKey>().is_err(), "{text}");
        }
    }
}
