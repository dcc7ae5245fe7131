//! Settings: what `wharf.toml` may hold, with the values that hold, and the few that administrators change here.

use super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{BadBody, Common},
    problem::Reader,
    request::JsonBody,
    value::show_time,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wharf_app::configuration::{self, SettingPage, SettingsPage};
use wharf_messages::render;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SettingOrigin {
    /// Nobody set it.
    Default,
    /// `wharf.toml`.
    File,
    Environment,
    /// The command line.
    Flag,
    /// An administrator, here.
    Console,
}

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Setting {
    /// `section.key`.
    key: String,
    /// As it would be written in the environment, secrets masked; null when it is not set and has no default.
    #[schema(required)]
    value: Option<String>,
    origin: SettingOrigin,
    /// The line of the file, or the variable.
    #[schema(required)]
    place: Option<String>,
    /// What it is, in English, as in the documented `wharf.toml`.
    description: String,
    /// Whether it can be changed here at all.
    editable: bool,
    /// Whether it could be and is not, because the file, the environment or the command line sets it.
    locked: bool,
    /// Whether its value is never shown.
    secret: bool,
    /// The key of the secret that is sent to where this one leads; with another value of this one it is entered anew.
    #[schema(required)]
    leads_secret: Option<&'static str>,
    /// Whether a change holds only from the next start on.
    needs_restart: bool,
    /// Whether a change waits for the next start.
    waits_for_restart: bool,
    /// Who set it here last, and when.
    #[schema(required)]
    changed_by: Option<String>,
    #[schema(required)]
    changed_at: Option<Timestamp>,
}

impl From<SettingPage> for Setting {
    fn from(page: SettingPage) -> Self {
        let setting = page.setting;
        let how = page.changeable;
        Self {
            editable: how.is_some(),
            locked: how.is_some() && setting.origin.is_lock(),
            secret: how.is_some_and(|how| how.is_secret),
            leads_secret: how.and_then(|how| how.leads),
            needs_restart: how.is_some_and(|how| !how.is_live),
            waits_for_restart: page.waits_for_start,
            changed_by: page.changed.as_ref().map(|(who, _)| who.clone()),
            changed_at: page.changed.map(|(_, at)| show_time(at)),
            origin: match setting.origin {
                configuration::Origin::Default => SettingOrigin::Default,
                configuration::Origin::File => SettingOrigin::File,
                configuration::Origin::Environment => SettingOrigin::Environment,
                configuration::Origin::Flag => SettingOrigin::Flag,
                configuration::Origin::Console => SettingOrigin::Console,
            },
            place: Some(setting.place).filter(|place| !place.is_empty()),
            key: setting.key,
            value: setting.value,
            description: setting.description,
        }
    }
}

/// All settings.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Settings {
    /// In the order of the documented `wharf.toml`.
    settings: Vec<Setting>,
    /// Whether a change waits for the next start.
    restart_required: bool,
}

impl From<SettingsPage> for Settings {
    fn from(page: SettingsPage) -> Self {
        Self {
            restart_required: page.settings.iter().any(|one| one.waits_for_start),
            settings: page.settings.into_iter().map(Setting::from).collect(),
        }
    }
}

/// Changes to settings, all or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsChanges {
    /// By `section.key`: the value as the environment would have it (lists with commas), or null to take back what was set
    /// here. A host stands in quotes: `code_hosts."github.com".client_id`.
    changes: BTreeMap<String, Option<String>>,
}

/// Show all settings
///
/// With the values that hold and where each comes from; secrets are masked.
#[utoipa::path(get, path = "/settings", tag = "administration",
    responses((status = 200, description = "In the order of the documented file", body = Settings), Common))]
pub(super) async fn get_settings(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
) -> Answer<Settings> {
    Ok(Json(state.app.show_settings(&context).await?.into()))
}

/// Change settings
///
/// File, environment and command line win: what they set is refused by name (`setting_locked`), as is what cannot be changed
/// here (`setting_fixed`) and what `wharf.toml` could not hold (`setting_invalid`). Most changes hold at once.
#[utoipa::path(patch, path = "/settings", tag = "administration", request_body = SettingsChanges,
    responses((status = 200, description = "Changed", body = Settings), Common, BadBody))]
pub(super) async fn edit_settings(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    JsonBody(body): JsonBody<SettingsChanges>,
) -> Answer<Settings> {
    let say = move |key: &str, parameters: &[(&str, &str)]| {
        render(language, key, parameters).into_owned()
    };
    let changed = state.app.change_settings(&context, body.changes, &say);
    Ok(Json(changed.await?.into()))
}
