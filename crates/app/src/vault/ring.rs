//! The keys, and AES-256-GCM with them (NIST SP 800-38D). Knows nothing of rows.

use crate::{
    BoxError,
    access::{load_or_make_key, read_key},
};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    digest::{SHA256, digest},
};
use std::path::Path;
use zeroize::Zeroizing;

/// The file of the key that seals.
const CURRENT: &str = "vault.key";

/// What files of keys that only open begin with.
const OLDER: &str = "vault-";

/// A value cannot be sealed or opened: it was damaged, or moved to another place.
#[derive(Debug, thiserror::Error)]
pub(super) enum RingError {
    /// The library refused; it says no more, lest it helps to guess.
    #[error("seal a secret")]
    Seal,
    /// The tag does not fit.
    #[error("a sealed secret does not open: it was damaged or moved")]
    Open,
}

/// Keys by their ids.
pub(super) struct KeyRing {
    /// The first one seals.
    keys: Vec<(String, RandomizedNonceKey)>,
}

impl KeyRing {
    pub(super) fn load_or_make(folder: &Path) -> Result<Self, BoxError> {
        let mut keys = vec![make_key(&load_or_make_key(&folder.join(CURRENT))?)?];
        let mut older = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if name.is_some_and(|name| name.starts_with(OLDER) && name.ends_with(".key")) {
                older.push(path);
            }
        }
        older.sort();
        for path in older {
            keys.push(make_key(&read_key(&path)?)?);
        }
        Ok(Self { keys })
    }

    /// The id of the key that seals.
    pub(super) fn current_id(&self) -> &str {
        &self.keys[0].0
    }

    /// Whether the key is here.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    fn find(&self, id: &str) -> Option<&RandomizedNonceKey> {
        let found = self.keys.iter().find(|(own, _)| own == id);
        found.map(|(_, key)| key)
    }

    /// Nonce, ciphertext and tag. The nonce is random; below 2^32 secrets of one key none repeats in practice
    /// (SP 800-38D, 8.3).
    pub(super) fn seal(&self, plain: &[u8], bound: &[u8]) -> Result<Vec<u8>, RingError> {
        // With room for the tag: growing would leave a copy of the plain text in freed memory.
        let mut bytes = Vec::with_capacity(plain.len() + AES_256_GCM.tag_len());
        bytes.extend_from_slice(plain);
        let sealed = self.keys[0]
            .1
            .seal_in_place_append_tag(Aad::from(bound), &mut bytes);
        let nonce = sealed.map_err(|_| RingError::Seal)?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut bytes);
        Ok(whole)
    }

    /// The plain bytes; `None` when the key is not here.
    pub(super) fn open(
        &self,
        id: &str,
        sealed: Vec<u8>,
        bound: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, RingError> {
        let Some(key) = self.find(id) else {
            return Ok(None);
        };
        let Some((nonce, rest)) = sealed.split_first_chunk::<NONCE_LEN>() else {
            return Err(RingError::Open);
        };
        let mut rest = Zeroizing::new(rest.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = key.open_in_place(nonce, Aad::from(bound), &mut rest);
        let length = plain.map_err(|_| RingError::Open)?.len();
        rest.truncate(length);
        Ok(Some(rest))
    }
}

/// A key under an id that is made of it, so that a file under another's name is not taken for the other.
fn make_key(bytes: &[u8; 32]) -> Result<(String, RandomizedNonceKey), BoxError> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, bytes)
        .map_err(|_| "a key of the vault cannot be used")?;
    let mut named = b"wharf vault key id".to_vec();
    named.extend_from_slice(bytes);
    let id = digest(&SHA256, &Zeroizing::new(named));
    Ok((hex::encode(&id.as_ref()[..8]), key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_sealed_opens_at_its_place_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::load_or_make(folder.path()).unwrap();
        let id = ring.current_id().to_owned();
        let sealed = ring.seal(b"token", b"here").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"token"));
        assert_ne!(sealed, ring.seal(b"token", b"here").unwrap());
        let open = |sealed: &[u8], bound: &[u8]| ring.open(&id, sealed.to_vec(), bound);
        assert_eq!(
            open(&sealed, b"here").unwrap().unwrap().as_slice(),
            b"token"
        );
        assert!(open(&sealed, b"there").is_err());
        assert!(open(&sealed[..8], b"here").is_err());
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(open(&damaged, b"here").is_err(), "byte {place}");
        }
    }

    #[test]
    fn an_older_key_still_opens_and_an_absent_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let first = KeyRing::load_or_make(folder.path()).unwrap();
        let id = first.current_id().to_owned();
        let sealed = first.seal(b"token", b"here").unwrap();
        let file = folder.path().join(CURRENT);
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::fs::rename(&file, folder.path().join("vault-2026.key")).unwrap();
        let second = KeyRing::load_or_make(folder.path()).unwrap();
        assert_ne!(second.current_id(), id);
        let opened = second.open(&id, sealed.clone(), b"here").unwrap();
        assert_eq!(opened.unwrap().as_slice(), b"token");
        std::fs::remove_file(folder.path().join("vault-2026.key")).unwrap();
        let alone = KeyRing::load_or_make(folder.path()).unwrap();
        assert!(!alone.knows(&id) && alone.open(&id, sealed, b"here").unwrap().is_none());
    }
}
