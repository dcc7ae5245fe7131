//! What this server is and how its clients name it.

use super::{
    Answer, ApiState,
    caller::{Facts, SignedIn},
    describe::Common,
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// What this server is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Info {
    /// The program's version.
    version: &'static str,
    /// What stands before the slash in an image's name.
    address: String,
    /// The address that the operator set.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
}

/// What this server is
#[utoipa::path(get, path = "/info", tag = "server",
    responses((status = 200, description = "About this server", body = Info), Common))]
pub(super) async fn get_info(
    State(state): State<ApiState>,
    SignedIn(_): SignedIn,
    Facts(request): Facts,
) -> Answer<Info> {
    Ok(Json(Info {
        version: env!("CARGO_PKG_VERSION"),
        address: state.addresses.registry_host(&request),
        public_url: state.addresses.public_url.clone(),
    }))
}
