//! Every setting with its value and where that comes from, for administrators.

use super::{Configured, ConfiguredSetting, StoredSetting, read_stored};
use crate::{App, Context, Error};
use std::sync::Arc;
use wharf_model::{Timestamp, decide_system};

use super::Configuration;

/// A setting as its page shows it.
#[derive(Debug, Clone)]
pub struct SettingPage {
    /// What holds.
    pub setting: ConfiguredSetting,
    /// How it can be changed here; none when only the file or the environment can.
    pub changeable: Option<super::Changeable>,
    /// Who set it here, where somebody did, and when; also where the file wins over that.
    pub changed: Option<(String, Timestamp)>,
    /// Whether a value that was set here is not what the server started with.
    pub waits_for_start: bool,
}

/// All settings.
#[derive(Debug, Clone)]
pub struct SettingsPage {
    /// In the order of the documented file.
    pub settings: Vec<SettingPage>,
}

impl App {
    /// Every key with its value and where that comes from.
    pub async fn show_settings(&self, context: &Context) -> Result<SettingsPage, Error> {
        decide_system(&context.caller)?;
        let reader = self.find_configuration()?;
        let stored = self.read_stored_settings().await?;
        let configured = reader.read(&stored);
        Ok(self.describe_settings(&*reader, configured, &stored))
    }

    pub(super) fn find_configuration(&self) -> Result<Arc<dyn Configuration>, Error> {
        let reader = self.configuration.reader.clone();
        reader.ok_or_else(|| Error::internal("this server was started without its settings"))
    }

    pub(super) async fn read_stored_settings(&self) -> Result<Vec<StoredSetting>, Error> {
        let vault = self.vault.clone();
        self.db.read(move |tx| read_stored(tx, &vault)).await
    }

    pub(super) fn describe_settings(
        &self,
        reader: &dyn Configuration,
        configured: Configured,
        stored: &[StoredSetting],
    ) -> SettingsPage {
        let before = &self.configuration.started_with;
        let find = |all: &[StoredSetting], key: &str| {
            let found = all.iter().find(|one| one.key == key);
            found.map(|one| one.value.expose().to_owned())
        };
        let settings = configured.settings.into_iter().map(|setting| {
            let changeable = reader.describe_change(&setting.key);
            let changed = stored.iter().find(|one| one.key == setting.key);
            let is_changed = find(before, &setting.key) != find(stored, &setting.key);
            SettingPage {
                changed: changed.map(|one| (one.changed_by.clone(), one.changed_at)),
                waits_for_start: is_changed
                    && !setting.origin.is_lock()
                    && changeable.is_some_and(|how| !how.is_live),
                changeable,
                setting,
            }
        });
        SettingsPage {
            settings: settings.collect(),
        }
    }
}
