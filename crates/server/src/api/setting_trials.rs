//! Trying settings: what is stored, with what somebody is about to change.

use super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{BadBody, Common},
    problem::Reader,
    reason::{About, say_reason},
    request::JsonBody,
    sources::state::say_problem,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use wharf_app::configuration::Trial;
use wharf_messages::{Language, render};

/// A mail to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MailTrial {
    /// What is about to be changed, as `PATCH /settings` takes it. A secret that is stored does not go to a changed address:
    /// then it is to be among these.
    #[serde(default)]
    changes: BTreeMap<String, Option<String>>,
    /// To whom; the caller's own address when it is left out.
    recipient: Option<String>,
}

/// A provider to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderTrial {
    /// What is about to be changed, as `PATCH /settings` takes it.
    #[serde(default)]
    changes: BTreeMap<String, Option<String>>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettingsTrial {
    ok: bool,
    /// The address that the mail was sent to, or the issuer.
    about: String,
    /// What is wrong, a word for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// What is wrong, in the language that `Accept-Language` likes best.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The cause as it was heard.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// What `[egress] allow` would have to name.
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<String>,
}

impl SettingsTrial {
    fn show(trial: Trial, message: impl Fn(&str, &str) -> String) -> Self {
        Self {
            ok: trial.problem.is_none(),
            message: trial.problem.map(|word| message(word, &trial.host)),
            problem: trial.problem.map(str::to_owned),
            about: trial.about,
            detail: trial.detail,
            allow: trial.allow,
        }
    }
}

/// Send a mail by the mail server of the settings
///
/// One that is not taken is an answer with `ok: false`. The draft is refused as the change would be.
#[utoipa::path(post, path = "/settings/mail-trials", tag = "administration", request_body = MailTrial,
    responses((status = 200, description = "Tried", body = SettingsTrial), Common, BadBody))]
pub(super) async fn try_mail(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    JsonBody(body): JsonBody<MailTrial>,
) -> Answer<SettingsTrial> {
    let say = say_in(language);
    let recipient = body.recipient.filter(|typed| !typed.is_empty());
    let tried = state
        .app
        .try_mail(&context, body.changes, recipient, language, &say);
    let message = |word: &str, _: &str| say_reason(About::Delivery, word, language);
    Ok(Json(SettingsTrial::show(tried.await?, message)))
}

/// Ask the identity provider of the settings for its configuration and its keys
///
/// What is wrong with them is an answer with `ok: false`. Nothing of ours is sent there: whether client ID and secret are right
/// shows at the first sign-in. The draft is refused as the change would be.
#[utoipa::path(post, path = "/settings/provider-trials", tag = "administration", request_body = ProviderTrial,
    responses((status = 200, description = "Tried", body = SettingsTrial), Common, BadBody))]
pub(super) async fn try_provider(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    JsonBody(body): JsonBody<ProviderTrial>,
) -> Answer<SettingsTrial> {
    let say = say_in(language);
    let tried = state.app.try_provider(&context, body.changes, &say);
    let message = |word: &str, host: &str| say_problem(word, host, language);
    Ok(Json(SettingsTrial::show(tried.await?, message)))
}

fn say_in(language: Language) -> impl Fn(&str, &[(&str, &str)]) -> String + Sync {
    move |key, parameters| render(language, key, parameters).into_owned()
}
