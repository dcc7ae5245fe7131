//! Keys made for this installation, in files of its own data folder and never in the database.

use crate::BoxError;
use std::{
    fs::OpenOptions,
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// The keys of this installation.
pub(crate) struct Keys {
    /// Signs registry tokens.
    pub(crate) registry_token: [u8; 32],
    /// Hashes remembered credentials; made anew by every process.
    pub(crate) memory: [u8; 32],
}

impl Keys {
    /// Reads the keys in `folder`, or makes them there (mode 0600).
    pub(crate) fn load_or_make(folder: &Path) -> Result<Self, BoxError> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        Ok(Self {
            registry_token: load_or_make_key(&folder.join("registry-token.key"))?,
            memory: make(),
        })
    }
}

fn make() -> [u8; 32] {
    rand::random()
}

/// Reads a key of 32 bytes.
pub(crate) fn read_key(path: &Path) -> Result<[u8; 32], BoxError> {
    let fail = |error| format!("read {}: {error}", path.display());
    let mut key = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(33).read_to_end(&mut key))
        .map_err(fail)?;
    key.try_into().map_err(|_| {
        format!(
            "{} does not hold a key of 32 bytes; put it back from a backup, or remove it to have a new one made (what \
             the old one protected is then worth nothing: registry tokens for registry-token.key, stored secrets for \
             vault.key)",
            path.display()
        )
        .into()
    })
}

/// Reads a key of 32 bytes, or makes it (mode 0600).
pub(crate) fn load_or_make_key(path: &Path) -> Result<[u8; 32], BoxError> {
    if path.try_exists()? {
        return read_key(path);
    }
    let key = make();
    // Renamed into place, so that a crash leaves no short key.
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(&key)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn keys_are_made_once_and_differ_between_installations() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = Keys::load_or_make(here.path()).unwrap();
        let again = Keys::load_or_make(here.path()).unwrap();
        let other = Keys::load_or_make(there.path()).unwrap();
        assert_eq!(first.registry_token, again.registry_token);
        assert_ne!(first.registry_token, other.registry_token);
        let mode = std::fs::metadata(here.path().join("registry-token.key")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }
}
