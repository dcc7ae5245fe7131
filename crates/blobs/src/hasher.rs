//! The two digest algorithms behind one type whose state can be put away and taken up again.
//!
//! Does no I/O and never blocks; `upload` and the verifying readers call it.

use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest as _, Sha256, Sha512};
use wharf_oci::{Algorithm, Digest};

#[derive(Clone)]
pub(crate) enum Hasher {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Sha256(_) => Algorithm::Sha256,
            Self::Sha512(_) => Algorithm::Sha512,
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(state) => state.update(bytes),
            Self::Sha512(state) => state.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Digest {
        match self {
            Self::Sha256(state) => Digest::from_raw(Algorithm::Sha256, &state.finalize()),
            Self::Sha512(state) => Digest::from_raw(Algorithm::Sha512, &state.finalize()),
        }
        .expect("a hash is as long as its algorithm says")
    }

    /// The state after the bytes so far. Equal states mean equal bytes, as far as the algorithm is collision free.
    pub(crate) fn save(&self) -> Vec<u8> {
        match self {
            Self::Sha256(state) => state.serialize().to_vec(),
            Self::Sha512(state) => state.serialize().to_vec(),
        }
    }

    /// The hasher that [`Hasher::save`] described; `None` if the bytes are not such a description.
    pub(crate) fn restore(algorithm: Algorithm, saved: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::Sha256 => restore_state(saved).map(Self::Sha256),
            Algorithm::Sha512 => restore_state(saved).map(Self::Sha512),
        }
    }
}

fn restore_state<H: SerializableState>(saved: &[u8]) -> Option<H> {
    let state = SerializedState::<H>::try_from(saved).ok()?;
    H::deserialize(&state).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_state_continues_where_it_was_saved() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            for cut in [0, 1, 63, 64, 65, 127, 128, 500] {
                let bytes: Vec<u8> = (0..500_u32).map(|n| (n * 7) as u8).collect();
                let mut whole = Hasher::new(algorithm);
                whole.update(&bytes);
                let mut first = Hasher::new(algorithm);
                first.update(&bytes[..cut]);
                let mut second = Hasher::restore(algorithm, &first.save()).expect("restorable");
                second.update(&bytes[cut..]);
                assert_eq!(second.finish(), whole.finish(), "{algorithm} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_state_of_the_wrong_length_is_refused() {
        let saved = Hasher::new(Algorithm::Sha256).save();
        assert!(Hasher::restore(Algorithm::Sha512, &saved).is_none());
        assert!(Hasher::restore(Algorithm::Sha256, &saved[1..]).is_none());
        assert!(Hasher::restore(Algorithm::Sha256, b"").is_none());
    }
}
