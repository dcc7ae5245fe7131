//! How everything stands that the server stands on.

use super::{
    super::{Answer, ApiState, caller::SignedIn, describe::Common, problem::Reader},
    say,
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use wharf_app::administration::{HealthCheck, HealthState};
use wharf_messages::{Language, has_message};

/// How something stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum HealthWord {
    /// As it should be.
    Ok,
    /// It works, or is not needed everywhere, and somebody should look.
    Warning,
    /// Something does not work.
    Failed,
    /// It cannot be told.
    Unknown,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
// The document has one schema for a name: sources have a health too.
#[schema(as = HealthOfPart)]
pub(in crate::api) struct Health {
    /// `database`, `clock`, `deliveries`, `store`, `disk`, `builds`, `dns`, `connection`.
    name: String,
    state: HealthWord,
    /// In the language that `Accept-Language` likes best.
    message: String,
    /// What to do, where something is to be done.
    #[schema(required)]
    hint: Option<String>,
}

/// How everything stands that the server stands on.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct HealthReport {
    /// The program's version.
    version: &'static str,
    /// The worst of all.
    state: HealthWord,
    checks: Vec<Health>,
}

impl Health {
    fn show(check: &HealthCheck, language: Language) -> Self {
        let (state, word) = match check.state {
            HealthState::Ok => (HealthWord::Ok, "ok"),
            HealthState::Warning => (HealthWord::Warning, "warning"),
            HealthState::Failed => (HealthWord::Failed, "failed"),
            HealthState::Unknown => (HealthWord::Unknown, "unknown"),
        };
        let name = check.name;
        let own_hint = check.parameters.iter().find(|(name, _)| *name == "hint");
        let general = format!("health.{name}.hint");
        let hint = match own_hint {
            Some((_, hint)) => Some(hint.clone()),
            None => has_message(&general).then(|| say(language, &general, &check.parameters)),
        };
        Self {
            message: say(
                language,
                &format!("health.{name}.{word}"),
                &check.parameters,
            ),
            hint: hint.filter(|_| check.state != HealthState::Ok),
            name: name.to_owned(),
            state,
        }
    }
}

/// Show how everything stands that the server stands on
#[utoipa::path(get, path = "/health", tag = "administration",
    responses((status = 200, description = "One check after the other", body = HealthReport), Common))]
pub(in crate::api) async fn get_health(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
) -> Answer<HealthReport> {
    let is_https = state
        .addresses
        .public_url
        .as_deref()
        .is_some_and(|url| url.starts_with("https://"));
    // Without the operator's leave nobody signs in over an open line.
    let is_encrypted = is_https || !state.insecure_login;
    let checks = state.app.check_health(&context, is_encrypted).await?;
    let is_any = |state: HealthState| checks.iter().any(|check| check.state == state);
    let worst = if is_any(HealthState::Failed) {
        HealthWord::Failed
    } else if is_any(HealthState::Warning) {
        HealthWord::Warning
    } else {
        HealthWord::Ok
    };
    let shown = checks.iter().map(|check| Health::show(check, language));
    Ok(Json(HealthReport {
        version: env!("CARGO_PKG_VERSION"),
        state: worst,
        checks: shown.collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_a_check_has_a_sentence_in_both_languages() {
        let states: [(&str, &[&str]); 8] = [
            ("database", &["ok", "failed"]),
            ("clock", &["ok", "warning"]),
            ("deliveries", &["ok", "warning"]),
            ("store", &["ok", "failed"]),
            ("disk", &["ok", "warning", "failed", "unknown"]),
            ("builds", &["ok", "warning"]),
            ("dns", &["ok", "warning"]),
            ("connection", &["ok", "warning"]),
        ];
        for (name, words) in states {
            for word in words.iter().chain(&["hint"]) {
                let key = format!("health.{name}.{word}");
                assert!(has_message(&key), "{key}");
                assert_ne!(
                    say(Language::Zh, &key, &[]),
                    say(Language::En, &key, &[]),
                    "{key}"
                );
            }
        }
    }
}
