//! Secrets at rest: sealed with AES-256-GCM under keys that are files beside the database and never in it.
//!
//! A sealed value is bound to its place (table, row, column): copied to another one it does not open. Values come out as
//! [`SecretText`], in transactions of the rooms that own the rows: sources, credentials, webhooks, and secrets of rules.
//! It decides nothing about who may have one, and no API answers what it opens.

mod ring;

pub use wharf_db::secrets::SecretPlace;

use crate::{App, BoxError, Error};
use ring::KeyRing;
use std::{path::Path, sync::Arc};
use wharf_db::{
    Durability, Tx,
    secrets::{self, Sealed},
};
use wharf_model::{SecretText, Timestamp};

/// Seals and opens. Cheap to clone, so that closures of transactions can own one.
#[derive(Clone)]
pub struct Vault(Arc<KeyRing>);

impl Vault {
    /// Reads the keys `vault.key` and `vault-*.key` in `folder`; makes the first when there is none (mode 0600).
    pub(crate) fn load_or_make(folder: &Path) -> Result<Self, BoxError> {
        KeyRing::load_or_make(folder).map(|keys| Self(Arc::new(keys)))
    }

    /// Keeps a secret at its place, in the caller's transaction; what was there before is gone.
    pub fn seal(
        &self,
        tx: &mut Tx<'_>,
        place: &SecretPlace,
        secret: &SecretText,
        now: Timestamp,
    ) -> Result<(), Error> {
        let bytes = self.0.seal(secret.expose().as_bytes(), &bind(place));
        let sealed = Sealed {
            key: self.0.current_id().to_owned(),
            bytes: bytes.map_err(Error::internal)?,
        };
        Ok(secrets::put_secret(tx, place, &sealed, now)?)
    }

    /// The secret at a place, if there is one.
    ///
    /// A secret whose key file is not here is [`Error::Conflict`] `secret_locked`: the database was copied without the
    /// keys.
    pub fn open(&self, tx: &mut Tx<'_>, place: &SecretPlace) -> Result<Option<SecretText>, Error> {
        let Some(sealed) = secrets::find_secret(tx, place)? else {
            return Ok(None);
        };
        let locked = Error::Conflict {
            what: "secret_locked",
        };
        let opened = self.0.open(&sealed.key, sealed.bytes, &bind(place));
        let bytes = opened.map_err(Error::internal)?.ok_or(locked)?;
        let text = std::str::from_utf8(&bytes).map_err(Error::internal)?;
        Ok(Some(SecretText::new(text)))
    }

    /// Removes the secret at a place; answers whether there was one.
    pub fn forget(&self, tx: &mut Tx<'_>, place: &SecretPlace) -> Result<bool, Error> {
        Ok(secrets::forget_secret(tx, place)?)
    }
}

/// What a sealed value is bound to. Lengths stand before the parts, so that no two places have one text.
fn bind(place: &SecretPlace) -> Vec<u8> {
    let mut bound = b"wharf secret 1".to_vec();
    for part in [&*place.table, &place.row, &place.column] {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound
}

impl App {
    /// Says in the log what is sealed with a key that is not here; everything else works.
    pub(crate) async fn check_vault(&self) -> Result<(), Error> {
        let used = self.db.read(secrets::list_keys).await;
        for key in used.map_err(Error::from)? {
            if !self.vault.0.knows(&key) {
                tracing::error!(
                    key.id = key,
                    "secrets in the database are sealed with a key that is not in the folder keys/: put its file back \
                     from the backup (as vault.key, or as vault-old.key beside a newer one), or enter the tokens anew"
                );
            }
        }
        Ok(())
    }

    /// Seals everything anew that an older key sealed, so that its file can go; answers how many secrets that were.
    pub(crate) async fn renew_seals(&self) -> Result<u64, Error> {
        let (vault, now) = (self.vault.clone(), self.clock.now());
        let current = vault.0.current_id().to_owned();
        self.db
            .write(Durability::Durable, move |tx| {
                let mut renewed = 0;
                for (place, sealed) in secrets::list_sealed_otherwise(tx, &current)? {
                    let opened = vault.0.open(&sealed.key, sealed.bytes, &bind(&place));
                    // One of a key that is not here stays for the day when it is back.
                    let Some(bytes) = opened.map_err(Error::internal)? else {
                        continue;
                    };
                    let again = vault.0.seal(&bytes, &bind(&place));
                    let sealed = Sealed {
                        key: current.clone(),
                        bytes: again.map_err(Error::internal)?,
                    };
                    secrets::put_secret(tx, &place, &sealed, now)?;
                    renewed += 1;
                }
                Ok(renewed)
            })
            .await
    }
}
