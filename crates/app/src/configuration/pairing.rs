//! A secret stays with the address that it was entered for. Where a key says where a secret is sent, another value of it
//! needs the secret anew: else whoever may change the one, and may not read the other, has it sent to a place of their own.

use super::{Configuration, Configured, Origin, SettingsChange};
use crate::Error;

/// A stored secret that a change of its address takes back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parted {
    pub(super) secret: &'static str,
    /// The key whose change does that.
    pub(super) address: String,
}

/// What has to go, since its address becomes another one and `change` brings no other secret for it.
///
/// Refused (`setting_secret`) where the file, the environment or the command line has the secret: it cannot be taken back
/// here.
pub(super) fn part_secrets(
    reader: &dyn Configuration,
    before: &Configured,
    after: &Configured,
    change: &SettingsChange,
) -> Result<Vec<Parted>, Error> {
    let mut parted: Vec<Parted> = Vec::new();
    for (key, value) in change {
        let kind = reader.describe_change(key);
        let Some(secret) = kind.and_then(|kind| kind.leads) else {
            continue;
        };
        let is_same = find_value(before, key) == find_value(after, key);
        if is_same || change.contains_key(secret) {
            continue;
        }
        let held = before.settings.iter().find(|one| one.key == secret);
        match held.map(|held| (held.origin, &held.place)) {
            // Taken back, it leads nowhere that anybody chose.
            Some((origin, place)) if origin.is_lock() && value.is_some() => {
                let detail = format!("{secret} ({place})");
                return Err(Error::refused(key, "setting_secret", detail));
            }
            Some((Origin::Console, _)) if parted.iter().all(|one| one.secret != secret) => {
                parted.push(Parted {
                    secret,
                    address: key.clone(),
                });
            }
            _ => {}
        }
    }
    Ok(parted)
}

fn find_value<'a>(configured: &'a Configured, key: &str) -> Option<&'a str> {
    let held = configured.settings.iter().find(|one| one.key == key);
    held.and_then(|one| one.value.as_deref())
}
