//! What administrators set, as rows and seals have it.

use crate::{Error, vault::Vault};
use wharf_db::{Tx, secrets::SecretPlace, settings};
use wharf_model::{SecretText, Timestamp};

/// A value that somebody set at run time.
#[derive(Clone)]
pub struct StoredSetting {
    /// `section.key`.
    pub key: String,
    /// As it would stand in the environment.
    pub value: SecretText,
    /// Who set it.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// Where the secret value of a key is sealed.
pub(super) fn secret_place(key: &str) -> SecretPlace {
    SecretPlace::new("settings", key, "value")
}

/// Everything that is stored. A secret whose key file is not here counts as not set; the log says so already.
pub(crate) fn read_stored(tx: &mut Tx<'_>, vault: &Vault) -> Result<Vec<StoredSetting>, Error> {
    let mut stored = Vec::new();
    for row in settings::list_settings(tx)? {
        let value = match row.value {
            Some(value) => Some(SecretText::new(value.as_str())),
            None => match vault.open(tx, &secret_place(&row.key)) {
                Err(Error::Conflict { .. }) => None,
                opened => opened?,
            },
        };
        stored.extend(value.map(|value| StoredSetting {
            key: row.key,
            value,
            changed_by: row.changed_by,
            changed_at: row.changed_at,
        }));
    }
    Ok(stored)
}
