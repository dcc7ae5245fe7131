//! Robots of namespaces.

use super::{
    Answer, ApiState, Created, Done,
    caller::SignedIn,
    created,
    describe::{BadBody, Clashing, Common, Missing},
    page::{ListParameters, Page},
    request::{JsonBody, OptionalBody, Parameters, Segments},
    value::{RobotAction, read_given_time, read_optional_time, read_time, show_time},
};
use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::accounts;

/// A robot.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Robot {
    id: Uuid,
    /// Its name within the namespace.
    name: String,
    /// What it signs in as.
    login: String,
    namespace: String,
    description: String,
    actions: Vec<RobotAction>,
    /// Whether it may not sign in.
    disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    created_by: String,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

impl From<accounts::Robot> for Robot {
    fn from(robot: accounts::Robot) -> Self {
        Self {
            id: robot.id.as_uuid(),
            name: robot.name.to_string(),
            login: format!("{}+{}", robot.namespace, robot.name),
            namespace: robot.namespace,
            description: robot.description,
            actions: RobotAction::list(robot.actions),
            disabled: robot.disabled,
            expires_at: robot.expires_at.map(show_time),
            created_by: robot.created_by,
            created_at: show_time(robot.created_at),
            last_used_at: robot.last_used_at.map(show_time),
        }
    }
}

/// A robot with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RobotWithSecret {
    #[serde(flatten)]
    robot: Robot,
    /// Shown this once.
    secret: String,
}

/// A robot to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRobot {
    name: String,
    /// No more than the credential that makes it carries.
    actions: Vec<RobotAction>,
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "read_optional_time")]
    expires_at: Option<Timestamp>,
}

/// Changes to a robot; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RobotChanges {
    description: Option<String>,
    disabled: Option<bool>,
    /// Null for never.
    #[serde(default, deserialize_with = "read_given_time")]
    #[schema(value_type = Option<Timestamp>)]
    expires_at: Option<Option<Timestamp>>,
    actions: Option<Vec<RobotAction>>,
}

/// Nothing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoFields {}

/// List robots
#[utoipa::path(get, path = "/namespaces/{namespace}/robots", tag = "robots",
    params(("namespace" = String, Path), ListParameters),
    responses((status = 200, description = "By name", body = Page<Robot>), Common, Missing))]
pub(super) async fn list_robots(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(namespace): Segments<String>,
    Parameters(list): Parameters<ListParameters>,
) -> Answer<Page<Robot>> {
    let listed = state
        .app
        .list_robots(&context, &namespace, list.page()?)
        .await?;
    Ok(Json(Page::show(listed, Robot::from)))
}

/// Make a robot
#[utoipa::path(post, path = "/namespaces/{namespace}/robots", tag = "robots",
    params(("namespace" = String, Path)), request_body = NewRobot,
    responses((status = 201, description = "Made", body = RobotWithSecret), Common, Missing, Clashing, BadBody))]
pub(super) async fn create_robot(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments(namespace): Segments<String>,
    JsonBody(body): JsonBody<NewRobot>,
) -> Created<RobotWithSecret> {
    let new = accounts::NewRobot {
        name: body.name,
        actions: RobotAction::collect(&body.actions),
        description: body.description,
        expires_at: body.expires_at.map(read_time),
    };
    let (robot, secret) = state.app.create_robot(&context, &namespace, new).await?;
    let robot = robot.into();
    Ok(created(RobotWithSecret { robot, secret }))
}

/// Show a robot
#[utoipa::path(get, path = "/namespaces/{namespace}/robots/{name}", tag = "robots",
    params(("namespace" = String, Path), ("name" = String, Path)),
    responses((status = 200, description = "The robot", body = Robot), Common, Missing))]
pub(super) async fn get_robot(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, name)): Segments<(String, String)>,
) -> Answer<Robot> {
    let robot = state.app.show_robot(&context, &namespace, &name).await?;
    Ok(Json(robot.into()))
}

/// Edit a robot
#[utoipa::path(patch, path = "/namespaces/{namespace}/robots/{name}", tag = "robots",
    params(("namespace" = String, Path), ("name" = String, Path)), request_body = RobotChanges,
    responses((status = 200, description = "Edited", body = Robot), Common, Missing, BadBody))]
pub(super) async fn edit_robot(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, name)): Segments<(String, String)>,
    JsonBody(body): JsonBody<RobotChanges>,
) -> Answer<Robot> {
    let edit = accounts::RobotEdit {
        description: body.description,
        actions: body.actions.as_deref().map(RobotAction::collect),
        disabled: body.disabled,
        expires_at: body.expires_at.map(|end| end.map(read_time)),
    };
    let robot = state
        .app
        .edit_robot(&context, &namespace, &name, edit)
        .await?;
    Ok(Json(robot.into()))
}

/// Delete a robot
#[utoipa::path(delete, path = "/namespaces/{namespace}/robots/{name}", tag = "robots",
    params(("namespace" = String, Path), ("name" = String, Path)),
    responses((status = 204, description = "Deleted"), Common, Missing))]
pub(super) async fn delete_robot(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, name)): Segments<(String, String)>,
) -> Done {
    state.app.delete_robot(&context, &namespace, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a robot another secret
#[utoipa::path(post, path = "/namespaces/{namespace}/robots/{name}/secret", tag = "robots",
    params(("namespace" = String, Path), ("name" = String, Path)), request_body = NoFields,
    responses((status = 200, description = "The old one ended", body = RobotWithSecret), Common, Missing, BadBody))]
pub(super) async fn rotate_robot_secret(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Segments((namespace, name)): Segments<(String, String)>,
    OptionalBody(NoFields {}): OptionalBody<NoFields>,
) -> Answer<RobotWithSecret> {
    let rotated = state.app.rotate_robot_secret(&context, &namespace, &name);
    let (robot, secret) = rotated.await?;
    let robot = robot.into();
    Ok(Json(RobotWithSecret { robot, secret }))
}
