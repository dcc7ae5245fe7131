//! What wharf still has to remove at code hosts.

use super::{Kind, read_id};
use crate::api::{
    Answer, ApiState, Done,
    caller::SignedIn,
    describe::{Common, Missing},
    page::{ListParameters, Page},
    request::{Parameters, Segments},
    value::show_time,
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::webhooks::HostRemoval;

/// Something to be removed at a code host.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Removal {
    id: Uuid,
    /// `webhook`.
    what: String,
    kind: Kind,
    address: String,
    /// The repository there.
    remote: String,
    /// What the host calls it.
    host_id: String,
    /// Whose source it was.
    username: String,
    attempts: u64,
    /// Nobody tries any longer: it has to be removed there by hand.
    given_up: bool,
    /// Why it did not succeed so far.
    detail: String,
    next_at: Timestamp,
    created_at: Timestamp,
}

impl From<HostRemoval> for Removal {
    fn from(removal: HostRemoval) -> Self {
        Self {
            id: removal.id.as_uuid(),
            what: removal.what,
            kind: removal.kind.into(),
            address: removal.address.to_string(),
            remote: removal.remote.to_string(),
            host_id: removal.host_id,
            username: removal.owner_name,
            attempts: removal.attempts,
            given_up: removal.given_up,
            detail: removal.problem_detail,
            next_at: show_time(removal.next_at),
            created_at: show_time(removal.created_at),
        }
    }
}

/// List what is still to be removed at code hosts; administrators see everybody's
#[utoipa::path(get, path = "/removals", tag = "sources", params(ListParameters),
    responses((status = 200, description = "Oldest first", body = Page<Removal>), Common))]
pub(in crate::api) async fn list_removals(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Removal>> {
    let listed = state.app.list_removals(&context, list.page()?).await?;
    Ok(Json(Page::show(listed, Removal::from)))
}

/// Stop trying to remove something at a code host, and forget it
#[utoipa::path(delete, path = "/removals/{removal}", tag = "sources", params(("removal" = Uuid, Path)),
    responses((status = 204, description = "Forgotten"), Common, Missing))]
pub(in crate::api) async fn dismiss_removal(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(id): Segments<String>,
) -> Done {
    state.app.dismiss_removal(&context, read_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
