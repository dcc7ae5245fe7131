//! Members of namespaces.

use super::{
    Answer, ApiState, Done,
    caller::SignedIn,
    describe::{BadBody, Clashing, Common, Missing},
    page::{Page, read_page},
    request::{JsonBody, Parameters, Segments},
    value::{MemberRole, show_time},
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wharf_app::accounts;

/// A member of a namespace.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Member {
    username: String,
    role: MemberRole,
    /// When they got their first role here.
    added_at: Timestamp,
}

impl From<accounts::Member> for Member {
    fn from(member: accounts::Member) -> Self {
        Self {
            username: member.username.to_string(),
            role: member.role.into(),
            added_at: show_time(member.added_at),
        }
    }
}

/// Which members are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MemberParameters {
    /// Only those whose login name contains this.
    q: Option<String>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// A role to be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberChange {
    role: MemberRole,
}

/// List members
#[utoipa::path(get, path = "/namespaces/{namespace}/members", tag = "members",
    params(("namespace" = String, Path), MemberParameters),
    responses((status = 200, description = "By name", body = Page<Member>), Common, Missing))]
pub(super) async fn list_members(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(namespace): Segments<String>,
    Parameters(wanted): Parameters<MemberParameters>,
) -> Answer<Page<Member>> {
    let page = read_page(wanted.limit, wanted.after)?;
    let term = wanted.q.unwrap_or_default();
    let listed = state
        .app
        .list_members(&context, &namespace, term, page)
        .await?;
    Ok(Json(Page::show(listed, Member::from)))
}

/// Show a member
#[utoipa::path(get, path = "/namespaces/{namespace}/members/{username}", tag = "members",
    params(("namespace" = String, Path), ("username" = String, Path)),
    responses((status = 200, description = "The member", body = Member), Common, Missing))]
pub(super) async fn get_member(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, username)): Segments<(String, String)>,
) -> Answer<Member> {
    let member = state
        .app
        .show_member(&context, &namespace, &username)
        .await?;
    Ok(Json(member.into()))
}

/// Give a user a role, or another one
#[utoipa::path(put, path = "/namespaces/{namespace}/members/{username}", tag = "members",
    params(("namespace" = String, Path), ("username" = String, Path)), request_body = MemberChange,
    responses((status = 200, description = "Given", body = Member), Common, Missing, Clashing, BadBody))]
pub(super) async fn set_member(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, username)): Segments<(String, String)>,
    JsonBody(body): JsonBody<MemberChange>,
) -> Answer<Member> {
    let member = state
        .app
        .set_member(&context, &namespace, &username, body.role.into())
        .await?;
    Ok(Json(member.into()))
}

/// Take a user's role away
#[utoipa::path(delete, path = "/namespaces/{namespace}/members/{username}", tag = "members",
    params(("namespace" = String, Path), ("username" = String, Path)),
    responses((status = 204, description = "Taken"), Common, Missing, Clashing))]
pub(super) async fn remove_member(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, username)): Segments<(String, String)>,
) -> Done {
    state
        .app
        .remove_member(&context, &namespace, &username)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
