//! The content address `algorithm:hex`, held as raw bytes so that it is `Copy` and compares without allocation.
//!
//! Only lower-case hexadecimal of the exact length is a digest: a second spelling of one address would be a second
//! key for the same bytes, and text that is not hexadecimal must never reach a file path.

use crate::Algorithm;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Room for the longest accepted hash.
const MAX_BYTES: usize = Algorithm::Sha512.byte_len();

/// The verified form of a content address (OCI image-spec, descriptor.md "Digests").
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    /// Bytes past the algorithm's length stay zero, which is what lets the derived comparisons be right.
    bytes: [u8; MAX_BYTES],
}

/// Why a text or a byte string is not a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    #[error("a digest has the form algorithm:hex")]
    Form,
    #[error("the digest algorithm is not supported, use sha256 or sha512")]
    Algorithm,
    #[error("a {algorithm} digest has {expected} hexadecimal digits, this one has {found}")]
    Length {
        algorithm: Algorithm,
        expected: usize,
        found: usize,
    },
    #[error("a digest is written in lower-case hexadecimal")]
    Hex,
}

impl Digest {
    /// The digest of these bytes.
    pub fn of(algorithm: Algorithm, bytes: &[u8]) -> Digest {
        use sha2::Digest as _;
        let mut digest = Digest {
            algorithm,
            bytes: [0; MAX_BYTES],
        };
        match algorithm {
            Algorithm::Sha256 => digest.bytes[..32].copy_from_slice(&sha2::Sha256::digest(bytes)),
            Algorithm::Sha512 => digest.bytes.copy_from_slice(&sha2::Sha512::digest(bytes)),
        }
        digest
    }

    /// The digest with this raw hash value.
    ///
    /// # Errors
    /// [`DigestError::Length`] when the value is not as long as the algorithm's hash.
    pub fn from_raw(algorithm: Algorithm, raw: &[u8]) -> Result<Digest, DigestError> {
        if raw.len() != algorithm.byte_len() {
            return Err(DigestError::Length {
                algorithm,
                expected: algorithm.hex_len(),
                found: raw.len() * 2,
            });
        }
        let mut bytes = [0; MAX_BYTES];
        bytes[..raw.len()].copy_from_slice(raw);
        Ok(Digest { algorithm, bytes })
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The raw hash value, as long as the algorithm says.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.byte_len()]
    }

    /// The part after the colon: lower-case hexadecimal, safe as a file name.
    pub fn hex(&self) -> String {
        hex::encode(self.as_bytes())
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Digest, DigestError> {
        let (name, hex) = text.split_once(':').ok_or(DigestError::Form)?;
        let algorithm = Algorithm::parse(name).ok_or(DigestError::Algorithm)?;
        if hex.len() != algorithm.hex_len() {
            return Err(DigestError::Length {
                algorithm,
                expected: algorithm.hex_len(),
                found: hex.chars().count(),
            });
        }
        // The decoder below takes upper case too, which would give one address two spellings.
        if hex.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(DigestError::Hex);
        }
        let mut bytes = [0; MAX_BYTES];
        hex::decode_to_slice(hex, &mut bytes[..algorithm.byte_len()])
            .map_err(|_| DigestError::Hex)?;
        Ok(Digest { algorithm, bytes })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0u8; 7 + MAX_BYTES * 2];
        let name = self.algorithm.as_str();
        text[..name.len()].copy_from_slice(name.as_bytes());
        text[name.len()] = b':';
        let mut end = name.len() + 1;
        for byte in self.as_bytes() {
            text[end] = DIGITS[usize::from(byte >> 4)];
            text[end + 1] = DIGITS[usize::from(byte & 15)];
            end += 2;
        }
        f.pad(std::str::from_utf8(&text[..end]).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        struct TextVisitor;
        impl de::Visitor<'_> for TextVisitor {
            type Value = Digest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a digest such as sha256:…")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}
