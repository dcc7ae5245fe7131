//! Digests of bytes that come in pieces.

use sha2::Digest as _;
use wharf_oci::{Algorithm, Digest};

/// A digest in the making.
#[derive(Clone)]
pub(crate) enum Hasher {
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Hasher {
        match algorithm {
            Algorithm::Sha256 => Hasher::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Hasher::Sha512(sha2::Sha512::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha256(state) => state.update(bytes),
            Hasher::Sha512(state) => state.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Digest {
        let (algorithm, raw) = match self {
            Hasher::Sha256(state) => (Algorithm::Sha256, state.finalize().to_vec()),
            Hasher::Sha512(state) => (Algorithm::Sha512, state.finalize().to_vec()),
        };
        Digest::from_raw(algorithm, &raw).expect("a hash has its algorithm's length")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_the_digest_of_the_whole() {
        for algorithm in Algorithm::ALL {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(b"ab");
            hasher.update(b"");
            hasher.update(b"c");
            assert_eq!(hasher.finish(), Digest::of(algorithm, b"abc"));
        }
    }
}
