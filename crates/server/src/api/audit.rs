//! The audit log.

use super::{
    Answer, ApiState,
    caller::SignedIn,
    describe::{Common, Missing},
    page::{Page, read_page},
    request::{Parameters, Segments},
    value::{ShownAuditAction, read_time, read_time_parameter, show_time},
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wharf_app::AuditQuery;

/// How the actor proved itself.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActorKind {
    User,
    Robot,
    /// A user, by a personal access token.
    Token,
    Anonymous,
    /// A build on this server.
    Build,
    /// The server, or somebody on its host.
    System,
}

/// A line of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditEntry {
    id: Uuid,
    at: Timestamp,
    /// The login name.
    actor: String,
    actor_kind: ActorKind,
    /// What was done.
    #[schema(value_type = ShownAuditAction)]
    action: String,
    /// To what.
    target: String,
    /// In which namespace, while that exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    /// The client's address.
    address: String,
    /// The request, as the server's log names it.
    request_id: String,
    #[schema(value_type = Object)]
    details: Map<String, Value>,
}

impl From<wharf_app::AuditEntry> for AuditEntry {
    fn from(entry: wharf_app::AuditEntry) -> Self {
        Self {
            id: entry.id.as_uuid(),
            at: show_time(entry.at),
            actor: entry.actor,
            actor_kind: match entry.actor_kind.as_str() {
                "user" => ActorKind::User,
                "robot" => ActorKind::Robot,
                "token" => ActorKind::Token,
                "anonymous" => ActorKind::Anonymous,
                "build" => ActorKind::Build,
                _ => ActorKind::System,
            },
            action: entry.action,
            target: entry.target,
            namespace: entry.namespace,
            address: entry.address,
            request_id: entry.request,
            // Written by us as an object.
            details: serde_json::from_str(&entry.details).unwrap_or_default(),
        }
    }
}

impl AuditEntry {
    /// The values in the order of the columns of the export.
    pub(super) fn cells(&self) -> [String; 9] {
        let kind = serde_json::to_value(self.actor_kind).unwrap_or_default();
        [
            self.at.to_string(),
            self.actor.clone(),
            kind.as_str().unwrap_or_default().to_owned(),
            self.action.clone(),
            self.target.clone(),
            self.namespace.clone().unwrap_or_default(),
            self.address.clone(),
            self.request_id.clone(),
            Value::from(self.details.clone()).to_string(),
        ]
    }
}

/// Which lines are wanted; each condition is met exactly.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditFilters {
    /// In this namespace; its owners must say so, administrators may.
    namespace: Option<String>,
    /// By this account.
    actor: Option<String>,
    /// What was done.
    #[param(value_type = Option<ShownAuditAction>)]
    action: Option<ShownAuditAction>,
    /// To this.
    target: Option<String>,
    /// Not before.
    #[serde(default, deserialize_with = "read_time_parameter")]
    since: Option<Timestamp>,
    /// Not after.
    #[serde(default, deserialize_with = "read_time_parameter")]
    until: Option<Timestamp>,
}

impl AuditFilters {
    pub(super) fn query(self) -> AuditQuery {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        AuditQuery {
            namespace: given(self.namespace),
            actor: given(self.actor),
            action: self.action.map(ShownAuditAction::get),
            target: given(self.target),
            since: self.since.map(read_time),
            until: self.until.map(read_time),
        }
    }
}

/// The same, page by page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditParameters {
    /// In this namespace; its owners must say so, administrators may.
    namespace: Option<String>,
    /// By this account.
    actor: Option<String>,
    /// What was done.
    #[param(value_type = Option<ShownAuditAction>)]
    action: Option<ShownAuditAction>,
    /// To this.
    target: Option<String>,
    /// Not before.
    #[serde(default, deserialize_with = "read_time_parameter")]
    since: Option<Timestamp>,
    /// Not after.
    #[serde(default, deserialize_with = "read_time_parameter")]
    until: Option<Timestamp>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List the audit log
///
/// Administrators read all of it; a namespace's owners read its part.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditParameters),
    responses((status = 200, description = "Newest first", body = Page<AuditEntry>), Common, Missing))]
pub(super) async fn list_audit(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Parameters(wanted): Parameters<AuditParameters>,
) -> Answer<Page<AuditEntry>> {
    let page = read_page(wanted.limit, wanted.after)?;
    let filters = AuditFilters {
        namespace: wanted.namespace,
        actor: wanted.actor,
        action: wanted.action,
        target: wanted.target,
        since: wanted.since,
        until: wanted.until,
    };
    let query = filters.query();
    let listed = state.app.list_audit(&context, query, page).await?;
    Ok(Json(Page::show(listed, AuditEntry::from)))
}

/// In which part of the log a line is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditPart {
    /// In this namespace's; its owners must say so, administrators may.
    namespace: Option<String>,
}

/// Show a line of the audit log
///
/// For whom the list of the same part is.
#[utoipa::path(get, path = "/audit/{entry}", tag = "audit",
    params(("entry" = String, Path, description = "Its id"), AuditPart),
    responses((status = 200, description = "The line", body = AuditEntry), Common, Missing))]
pub(super) async fn get_audit_entry(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(entry): Segments<String>,
    Parameters(part): Parameters<AuditPart>,
) -> Answer<AuditEntry> {
    let namespace = part.namespace.filter(|name| !name.is_empty());
    let found = state
        .app
        .show_audit_entry(&context, namespace.as_deref(), &entry)
        .await?;
    Ok(Json(found.into()))
}
