//! The digest algorithms this registry accepts: the two that the OCI image specification registers as
//! required and recommended. Others are refused at the door, so nothing below needs a fallback.

use std::fmt;

/// A hash function a [`Digest`](crate::Digest) may be made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Algorithm {
    #[default]
    Sha256,
    Sha512,
}

impl Algorithm {
    /// Every accepted algorithm, for messages and tests.
    pub const ALL: [Algorithm; 2] = [Algorithm::Sha256, Algorithm::Sha512];

    /// The registered identifier, as it stands before the colon of a digest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }
    }

    /// Length of the raw hash in bytes.
    pub const fn byte_len(self) -> usize {
        match self {
            Algorithm::Sha256 => 32,
            Algorithm::Sha512 => 64,
        }
    }

    /// Length of the hash in hexadecimal digits.
    pub const fn hex_len(self) -> usize {
        self.byte_len() * 2
    }

    /// The algorithm with exactly this identifier; identifiers are case sensitive.
    pub fn parse(name: &str) -> Option<Algorithm> {
        match name {
            "sha256" => Some(Algorithm::Sha256),
            "sha512" => Some(Algorithm::Sha512),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_round_trip_and_nothing_else_is_accepted() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.as_str()), Some(algorithm));
        }
        for other in [
            "", "SHA256", "sha384", "sha-256", "md5", "blake3", "sha256 ",
        ] {
            assert_eq!(Algorithm::parse(other), None, "{other:?}");
        }
    }
}
