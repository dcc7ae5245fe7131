//! Secrets of tokens, robots and sessions: random, shown once, kept as a hash.

use aws_lc_rs::digest::{SHA256, digest};

/// What personal access tokens begin with, so that scanners of leaked secrets know them.
pub(crate) const TOKEN_PREFIX: &str = "wharf_pat_";

/// The same for robots.
pub(crate) const ROBOT_PREFIX: &str = "wharf_bot_";

/// The same for build trigger URLs.
pub(crate) const TRIGGER_PREFIX: &str = "wharf_trg_";

/// A new secret. 160 random bits need no slow hash.
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(prefix: &str) -> Self {
        let random: [u8; 20] = rand::random();
        Self(format!("{prefix}{}", hex::encode(random)))
    }

    /// For a session of a browser: 256 bits, since whoever finds one is in with no name to guess.
    pub(crate) fn of_session() -> Self {
        let random: [u8; 32] = rand::random();
        Self(hex::encode(random))
    }

    /// To be shown once.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// To be kept.
    pub(crate) fn hash(&self) -> Vec<u8> {
        hash_secret(&self.0)
    }
}

/// What is kept of a secret.
pub(crate) fn hash_secret(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}
