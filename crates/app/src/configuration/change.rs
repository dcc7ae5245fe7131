//! Administrators change settings: each key by name, all or none, judged by the reader of the file itself.

use super::{
    Changeable, Configuration, ConfigurationProblem, Configured, SettingsPage, StoredSetting,
    pairing::{Parted, part_secrets},
    stored::secret_place,
};
use crate::{App, Context, Error, accounts::find_limit, audit::record_audit};
use serde_json::json;
use std::collections::BTreeMap;
use wharf_db::{Durability, Tx, settings};
use wharf_model::{AuditAction, Caller, Granted, SecretText, decide_system, rights::Administer};

/// Most keys of one change: more than there are.
const MOST_KEYS: usize = 200;

/// Longest value in bytes: hundreds of addresses in a list.
const MAX_VALUE: usize = 16 * 1024;

/// What shall hold: a value as it would stand in the environment, or none to take it back.
pub type SettingsChange = BTreeMap<String, Option<String>>;

/// Says a sentence of the catalogue in the language of whoever asks.
pub(super) type Say<'a> = &'a (dyn Fn(&str, &[(&str, &str)]) -> String + Sync);

impl App {
    /// Changes settings, all or none, and lets them take effect at once where that is possible.
    ///
    /// Refused by name: a key that cannot be changed here, one that the file, the environment or the command line sets
    /// (`setting_locked`), and a value that the reader of the file would refuse (`setting_invalid`). A secret does not follow
    /// its address to another one: it is taken back, or the change is refused where that cannot be done here
    /// (`setting_secret`) and where nothing goes without it (`secret_again`). Who signs in through which provider is refused to
    /// a credential that carries less than all, or that ends.
    pub async fn change_settings(
        &self,
        context: &Context,
        change: SettingsChange,
        say: Say<'_>,
    ) -> Result<SettingsPage, Error> {
        let right = decide_system(&context.caller)?;
        let reader = self.find_configuration()?;
        check_size(&change)?;
        if change.is_empty() {
            return Err(Error::invalid("changes", "required"));
        }
        check_sign_in(&context.caller, &change)?;
        let _alone = self.configuration.changing.lock().await;
        let stored = self.read_stored_settings().await?;
        let now = self.clock.now();
        let wanted = Wanted {
            reader: &*reader,
            stored: &stored,
            who: &context.caller.name,
            now,
        };
        let Judged {
            change,
            kinds,
            stored: after_stored,
            configured: after,
        } = wanted.judge(change, say)?;

        let (context, vault) = (context.clone(), self.vault.clone());
        let kept = self.db.write(Durability::Durable, move |tx| {
            for (key, value) in &change {
                let is_secret = kinds.get(key).is_some_and(|kind| kind.is_secret);
                let place = secret_place(key);
                // Also when it comes back as something else: no sealed rest stays.
                vault.forget(tx, &place)?;
                if let Some(value) = value.as_ref().filter(|_| is_secret) {
                    vault.seal(tx, &place, &SecretText::new(value.as_str()), now)?;
                }
                write_row(tx, &right, &context, key, value.as_deref(), is_secret, now)?;
            }
            Ok::<_, Error>(())
        });
        kept.await?;
        self.configuration.live.store(after.live.clone().into());
        self.egress.set_policy(after.policy.clone());
        Ok(self.describe_settings(&*reader, after, &after_stored))
    }
}

/// A change before it is written: who wants it, and over what.
pub(super) struct Wanted<'a> {
    pub(super) reader: &'a dyn Configuration,
    pub(super) stored: &'a [StoredSetting],
    pub(super) who: &'a str,
    pub(super) now: wharf_model::Timestamp,
}

/// What a change that is good comes to.
pub(super) struct Judged {
    /// With the secrets that it takes back.
    change: SettingsChange,
    kinds: BTreeMap<String, Changeable>,
    stored: Vec<StoredSetting>,
    pub(super) configured: Configured,
}

impl Wanted<'_> {
    pub(super) fn judge(&self, mut change: SettingsChange, say: Say<'_>) -> Result<Judged, Error> {
        let (reader, before) = (self.reader, self.reader.read(self.stored));
        let mut kinds = BTreeMap::new();
        for key in change.keys() {
            kinds.insert(key.clone(), check_changeable(reader, &before, key)?);
        }
        let given = reader.read(&self.apply(&change));
        let parted = part_secrets(reader, &before, &given, &change)?;
        for Parted { secret, .. } in &parted {
            let kind = check_changeable(reader, &before, secret)?;
            kinds.insert((*secret).to_owned(), kind);
            change.insert((*secret).to_owned(), None);
        }
        let stored = self.apply(&change);
        let configured = reader.read(&stored);
        if let Some(Parted { secret, address }) = parted.first()
            && find_new_problem(&before, &configured).is_some()
        {
            // What is wrong with the values themselves is said first; else they cannot be without the secret.
            refuse_new_problems(&before, &given, &change, say)?;
            return Err(Error::refused(*secret, "secret_again", address));
        }
        refuse_new_problems(&before, &configured, &change, say)?;
        Ok(Judged {
            change,
            kinds,
            stored,
            configured,
        })
    }

    fn apply(&self, change: &SettingsChange) -> Vec<StoredSetting> {
        let kept = self
            .stored
            .iter()
            .filter(|one| !change.contains_key(&one.key));
        let mut after: Vec<_> = kept.cloned().collect();
        for (key, value) in change {
            after.extend(value.as_ref().map(|value| StoredSetting {
                key: key.clone(),
                value: SecretText::new(value.as_str()),
                changed_by: self.who.to_owned(),
                changed_at: self.now,
            }));
        }
        after.sort_by(|one, other| one.key.cmp(&other.key));
        after
    }
}

/// Whoever names the provider says who anybody is: that gives logins for good.
fn check_sign_in(caller: &Caller, change: &SettingsChange) -> Result<(), Error> {
    let named = change.keys().find(|key| key.starts_with("oidc."));
    match named.zip(find_limit(caller)) {
        Some((key, reason)) => Err(Error::refused(key, reason, "")),
        None => Ok(()),
    }
}

pub(super) fn check_size(change: &SettingsChange) -> Result<(), Error> {
    if change.len() > MOST_KEYS {
        return Err(Error::refused("changes", "too_many", MOST_KEYS));
    }
    for (key, value) in change {
        let value = value.as_deref().unwrap_or_default();
        if value.len() > MAX_VALUE {
            return Err(Error::refused(key, "too_long", MAX_VALUE));
        }
        if value.chars().any(char::is_control) {
            return Err(Error::refused(key, "invalid_characters", ""));
        }
    }
    Ok(())
}

fn check_changeable(
    reader: &dyn Configuration,
    before: &Configured,
    key: &str,
) -> Result<Changeable, Error> {
    let fixed = || Error::refused(key, "setting_fixed", "wharf.toml");
    let kind = reader.describe_change(key).ok_or_else(fixed)?;
    let known = before.settings.iter().find(|one| one.key == key);
    match known.filter(|one| one.origin.is_lock()) {
        Some(locked) => Err(Error::refused(key, "setting_locked", &locked.place)),
        None => Ok(kind),
    }
}

/// What was wrong before, in the file, is no reason to refuse something else.
fn refuse_new_problems(
    before: &Configured,
    after: &Configured,
    change: &SettingsChange,
    say: Say<'_>,
) -> Result<(), Error> {
    let Some(problem) = find_new_problem(before, after) else {
        return Ok(());
    };
    let changed = problem.setting.clone();
    let setting = changed.or_else(|| change.keys().next().cloned());
    let sentence = render(problem, say);
    Err(Error::refused(
        setting.unwrap_or_default(),
        "setting_invalid",
        sentence,
    ))
}

fn find_new_problem<'a>(
    before: &Configured,
    after: &'a Configured,
) -> Option<&'a ConfigurationProblem> {
    let mut new = after.problems.iter();
    new.find(|problem| !before.problems.contains(problem))
}

fn render(problem: &ConfigurationProblem, say: Say<'_>) -> String {
    let parameters: Vec<(&str, &str)> = problem
        .parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    say(problem.key, &parameters)
}

fn write_row(
    tx: &mut Tx<'_>,
    right: &Granted<Administer>,
    context: &Context,
    key: &str,
    value: Option<&str>,
    is_secret: bool,
    now: wharf_model::Timestamp,
) -> Result<(), Error> {
    match value {
        Some(value) => settings::put_setting(
            tx,
            right,
            &settings::StoredRow {
                key: key.to_owned(),
                value: (!is_secret).then(|| value.to_owned()),
                changed_by: context.caller.name.to_string(),
                changed_at: now,
            },
        )?,
        None => {
            settings::delete_setting(tx, right, key)?;
        }
    }
    let details = match (value, is_secret) {
        (None, _) => json!({ "value": null }),
        (Some(_), true) => json!({ "value": "********" }),
        (Some(value), false) => json!({ "value": value }),
    };
    Ok(record_audit(
        tx,
        context,
        now,
        AuditAction::SettingsEdit,
        key,
        None,
        &details,
    )?)
}
