//! Build secrets of rules: written, never read.

use super::super::{
    ApiState, Done,
    caller::SignedIn,
    describe::{BadBody, Common, Missing},
    request::{JsonBody, Segments},
};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use wharf_model::SecretText;

/// The value of a build secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct SecretValue {
    /// Kept encrypted, and never shown.
    value: String,
}

/// Set a build secret of a rule
#[utoipa::path(put, path = "/repositories/{name}/rules/{rule}/secrets/{secret}", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path), ("secret" = String, Path)), request_body = SecretValue,
    responses((status = 204, description = "Set"), Common, Missing, BadBody))]
pub(in crate::api) async fn set_rule_secret(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, rule, secret)): Segments<(String, String, String)>,
    JsonBody(body): JsonBody<SecretValue>,
) -> Done {
    let value = SecretText::new(&body.value);
    let set = state
        .app
        .set_rule_secret(&context, &name, &rule, &secret, value);
    set.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete a build secret of a rule
#[utoipa::path(delete, path = "/repositories/{name}/rules/{rule}/secrets/{secret}", tag = "rules",
    params(("name" = String, Path), ("rule" = String, Path), ("secret" = String, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing))]
pub(in crate::api) async fn delete_rule_secret(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((name, rule, secret)): Segments<(String, String, String)>,
) -> Done {
    let deleted = state
        .app
        .delete_rule_secret(&context, &name, &rule, &secret);
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}
