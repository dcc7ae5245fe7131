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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        let digest = Digest::of(Algorithm::Sha256, b"");
        assert_eq!(digest.to_string(), format!("sha256:{EMPTY}"));
        assert_eq!(digest.hex(), EMPTY);
        // FIPS 180-4's example for SHA-512.
        assert!(
            Digest::of(Algorithm::Sha512, b"abc")
                .hex()
                .starts_with("ddaf35a193617abacc417349ae204131")
        );
    }

    #[test]
    fn only_lower_case_hex_of_the_exact_length_is_a_digest() {
        let length = |found| DigestError::Length {
            algorithm: Algorithm::Sha256,
            expected: 64,
            found,
        };
        for (text, expected) in [
            (String::new(), DigestError::Form),
            (EMPTY.to_owned(), DigestError::Form),
            (format!("md5:{EMPTY}"), DigestError::Algorithm),
            (format!("SHA256:{EMPTY}"), DigestError::Algorithm),
            (format!(":{EMPTY}"), DigestError::Algorithm),
            (format!(" sha256:{EMPTY}"), DigestError::Algorithm),
            (format!("sha256:{}", &EMPTY[1..]), length(63)),
            (format!("sha256:{EMPTY}0"), length(65)),
            (format!("sha256:{EMPTY} "), length(65)),
            ("sha256:".to_owned(), length(0)),
            ("sha256:../../x".to_owned(), length(7)),
            (format!("sha256:{}", EMPTY.to_uppercase()), DigestError::Hex),
            (format!("sha256:g{}", &EMPTY[1..]), DigestError::Hex),
            (format!("sha256::{}", &EMPTY[1..]), DigestError::Hex),
            (format!("sha256:é{}", &EMPTY[2..]), DigestError::Hex),
            (format!("sha256:\0{}", &EMPTY[1..]), DigestError::Hex),
            (
                format!("sha512:{EMPTY}"),
                DigestError::Length {
                    algorithm: Algorithm::Sha512,
                    expected: 128,
                    found: 64,
                },
            ),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn a_raw_value_of_another_length_is_refused() {
        for (algorithm, len) in [(Algorithm::Sha256, 64), (Algorithm::Sha512, 32)] {
            assert!(Digest::from_raw(algorithm, &vec![0; len]).is_err());
        }
    }

    #[test]
    fn it_is_a_text_in_json() {
        let digest = Digest::of(Algorithm::Sha512, b"x");
        let json = serde_json::to_string(&digest).expect("a text");
        assert_eq!(json, format!("\"{digest}\""));
        assert_eq!(
            serde_json::from_str::<Digest>(&json).expect("a digest"),
            digest
        );
        assert!(serde_json::from_str::<Digest>("\"sha256:x\"").is_err());
    }

    proptest! {
        #[test]
        fn text_and_raw_form_round_trip_and_sort_alike(a in any::<[u8; 64]>(), b in any::<[u8; 64]>()) {
            let make = |bytes: &[u8; 64]| {
                let algorithm = Algorithm::ALL[usize::from(bytes[63] & 1)];
                Digest::from_raw(algorithm, &bytes[..algorithm.byte_len()]).expect("that length")
            };
            let (a, b) = (make(&a), make(&b));
            prop_assert_eq!(a.to_string().parse::<Digest>(), Ok(a));
            prop_assert_eq!(Digest::from_raw(a.algorithm(), a.as_bytes()), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn what_is_taken_is_written_back_unchanged(text in "(sha256|sha512|md5):[0-9a-fA-F]{63,65}|\\PC{0,80}") {
            if let Ok(digest) = text.parse::<Digest>() {
                prop_assert_eq!(digest.to_string(), text);
            }
        }
    }
}
