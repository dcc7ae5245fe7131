//! `/api/v1`: the management API. One file for each resource; the rest is what they share.
//!
//! Handlers read a request strictly, call one use case of `wharf-app`, and show what it answers: no rule is in here.
//! Each handler's name is its operation's id, and the OpenAPI document is made of the handlers themselves.

mod activity;
mod administration;
mod audit;
mod audit_export;
mod build_starts;
mod builds;
mod caller;
mod clusters;
mod cookie;
mod credentials;
mod dependents;
mod describe;
mod dockerfile_checks;
mod document;
mod favorites;
mod info;
mod links;
mod manifests;
mod me;
mod members;
mod namespaces;
mod page;
mod problem;
mod problem_code;
mod readme;
mod reason;
mod recognition;
mod refusal;
mod repositories;
mod request;
mod robots;
mod rules;
mod same_site;
mod search;
mod sessions;
mod setting_trials;
mod settings;
mod sources;
mod stats;
mod stream;
mod tags;
mod tokens;
mod trace;
mod trigger_deliveries;
mod trigger_urls;
mod triggers;
mod users;
mod value;

pub(crate) use caller::Principal;
pub(crate) use cookie::Cookie;
pub(crate) use problem::language_of;
pub(crate) use refusal::Refusal;
pub(crate) use same_site::is_led_from_elsewhere;
pub(crate) use sessions::describe_browser;
pub(crate) use value::show_time;

use crate::addresses::Addresses;
use axum::{Json, Router, middleware};
use http::StatusCode;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};
use wharf_app::App;

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ApiState {
    /// The product.
    pub(crate) app: App,
    /// How clients name this registry.
    pub(crate) addresses: Addresses,
    /// Whether passwords are accepted over plain http from other machines.
    pub(crate) insecure_login: bool,
    /// Whether the console's page of public images is open to whoever is not signed in.
    pub(crate) public_images: bool,
}

/// What a handler answers with 200.
type Answer<T> = Result<Json<T>, Refusal>;

/// What a handler answers with 201.
type Created<T> = Result<(StatusCode, Json<T>), Refusal>;

/// What a handler answers with 204.
type Done = Result<StatusCode, Refusal>;

fn created<T>(value: T) -> (StatusCode, Json<T>) {
    (StatusCode::CREATED, Json(value))
}

/// Everything below `/api/v1`. A request must bring its [`crate::RequestInfo`] as an extension.
///
/// Every answer other than success is `application/problem+json`, also for paths and methods that do not exist.
pub(crate) fn router(state: ApiState) -> Router {
    let (router, document) = OpenApiRouter::with_openapi(document::describe_api())
        .nest("/api/v1", resources())
        .split_for_parts();
    let document = document::Document(Arc::new(document));
    router
        .fallback(async || Refusal::from(wharf_app::Error::NotFound))
        .method_not_allowed_fallback(async || Refusal::Method)
        .layer(axum::Extension(document))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            caller::identify,
        ))
        .layer(middleware::from_fn(problem::render_problems))
        .with_state(state)
}

/// Everything below `/triggers`, which says what is wrong in the same words. A request must bring its
/// [`crate::RequestInfo`] as an extension.
pub(crate) fn trigger_router(state: ApiState) -> Router {
    crate::triggers::routes()
        .fallback(async || Refusal::from(wharf_app::Error::NotFound))
        .method_not_allowed_fallback(async || Refusal::Method)
        .layer(middleware::from_fn(problem::render_problems))
        .with_state(state)
}

fn resources() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(document::get_openapi))
        .routes(routes!(info::get_info))
        .routes(routes!(me::get_me, me::edit_me))
        .routes(routes!(me::change_password))
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(
            users::get_user,
            users::edit_user,
            users::delete_user
        ))
        .routes(routes!(users::reset_password))
        .routes(routes!(
            namespaces::list_namespaces,
            namespaces::create_namespace
        ))
        .routes(routes!(
            namespaces::get_namespace,
            namespaces::edit_namespace,
            namespaces::delete_namespace
        ))
        .routes(routes!(members::list_members))
        .routes(routes!(
            members::get_member,
            members::set_member,
            members::remove_member
        ))
        .routes(routes!(robots::list_robots, robots::create_robot))
        .routes(routes!(
            robots::get_robot,
            robots::edit_robot,
            robots::delete_robot
        ))
        .routes(routes!(robots::rotate_robot_secret))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::delete_token))
        .routes(routes!(
            repositories::list_repositories,
            repositories::create_repository
        ))
        .routes(routes!(
            repositories::get_repository,
            repositories::edit_repository,
            repositories::delete_repository
        ))
        .routes(routes!(readme::get_readme))
        .routes(routes!(readme::preview_markdown))
        .routes(routes!(favorites::add_favorite, favorites::remove_favorite))
        .routes(routes!(tags::list_tags))
        .routes(routes!(tags::get_tag, tags::delete_tag))
        .routes(routes!(tags::delete_tags))
        .routes(routes!(manifests::get_version))
        .routes(routes!(manifests::list_version_referrers))
        .routes(routes!(manifests::compare_versions))
        .routes(routes!(builds::list_builds))
        .routes(routes!(builds::get_build_queue))
        .routes(routes!(builds::list_repository_builds))
        .routes(routes!(builds::get_build))
        .routes(routes!(builds::cancel_build))
        .routes(routes!(builds::retry_build))
        .routes(routes!(builds::retry_build_push))
        .routes(routes!(builds::get_build_log))
        .routes(routes!(builds::index_build_log))
        .routes(routes!(builds::read_build_log_lines))
        .routes(routes!(builds::search_build_log))
        .routes(routes!(builds::follow_build_log))
        .routes(routes!(search::search))
        .routes(routes!(stream::follow_topics))
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::get_audit_entry))
        .merge(session_resources())
        .merge(administration_resources())
        .merge(source_resources())
        .merge(rule_resources())
        .merge(trigger_resources())
        .merge(cluster_resources())
}

/// What belongs to people at a browser.
fn session_resources() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(
            sessions::start_session,
            sessions::get_session,
            sessions::end_session
        ))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::end_other_session))
}

/// What administrators look after, and what happened and how much of it.
fn administration_resources() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(activity::list_activity))
        .routes(routes!(audit_export::export_audit))
        .routes(routes!(stats::get_stats))
        .routes(routes!(stats::get_namespace_stats))
        .routes(routes!(stats::get_repository_stats))
        .routes(routes!(settings::get_settings, settings::edit_settings))
        .routes(routes!(setting_trials::try_mail))
        .routes(routes!(setting_trials::try_provider))
        .routes(routes!(administration::storage::get_storage))
        .routes(routes!(administration::storage::list_namespace_usage))
        .routes(routes!(
            administration::storage::get_storage_check,
            administration::storage::start_storage_check
        ))
        .routes(routes!(administration::workers::get_workers))
        .routes(routes!(administration::health::get_health))
}

/// What belongs to rules: what shall be built, and what starts builds.
fn rule_resources() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(rules::list_rules, rules::create_rule))
        .routes(routes!(
            rules::get_rule,
            rules::edit_rule,
            rules::delete_rule
        ))
        .routes(routes!(rules::set_rule_secret, rules::delete_rule_secret))
        .routes(routes!(rules::list_decisions))
        .routes(routes!(rules::list_repository_decisions))
        .routes(routes!(rules::build_heads))
        .routes(routes!(rules::try_rule))
        .routes(routes!(rules::preview_naming))
        .routes(routes!(rules::create_repository_from_git))
        .routes(routes!(
            trigger_urls::list_trigger_urls,
            trigger_urls::create_trigger_url
        ))
        .routes(routes!(trigger_urls::delete_trigger_url))
        .routes(routes!(links::list_links, links::create_link))
        .routes(routes!(links::edit_link, links::delete_link))
        .routes(routes!(dockerfile_checks::check_dockerfile))
        .routes(routes!(build_starts::start_build))
        .routes(routes!(build_starts::upload_context))
}

/// What belongs to clusters that triggers change workloads in.
fn cluster_resources() -> OpenApiRouter<ApiState> {
    use clusters::{grants, picking};
    OpenApiRouter::new()
        .routes(routes!(clusters::list_clusters, clusters::add_cluster))
        .routes(routes!(
            clusters::get_cluster,
            clusters::edit_cluster,
            clusters::delete_cluster
        ))
        .routes(routes!(grants::check_cluster))
        .routes(routes!(
            grants::set_cluster_grants,
            grants::delete_cluster_grants
        ))
        .routes(routes!(grants::get_cluster_manifest))
        .routes(routes!(picking::list_granted_clusters))
        .routes(routes!(picking::list_workloads))
        .routes(routes!(picking::write_pull_secret))
}

/// What belongs to triggers: what happens elsewhere, and what became of it.
fn trigger_resources() -> OpenApiRouter<ApiState> {
    use triggers::{actions, dry_runs, namespaces, runs, trials};
    OpenApiRouter::new()
        .routes(routes!(triggers::list_triggers, triggers::create_trigger))
        .routes(routes!(
            triggers::get_trigger,
            triggers::edit_trigger,
            triggers::delete_trigger
        ))
        .routes(routes!(
            namespaces::list_namespace_triggers,
            namespaces::create_namespace_trigger
        ))
        .routes(routes!(
            namespaces::get_namespace_trigger,
            namespaces::edit_namespace_trigger,
            namespaces::delete_namespace_trigger
        ))
        .routes(routes!(actions::enable_action))
        .routes(routes!(actions::enable_namespace_action))
        .routes(routes!(actions::disable_action))
        .routes(routes!(actions::disable_namespace_action))
        .routes(routes!(trace::trace_image))
        .routes(routes!(dry_runs::dry_run_action))
        .routes(routes!(dry_runs::dry_run_namespace_action))
        .routes(routes!(runs::run_trigger))
        .routes(routes!(runs::run_namespace_trigger))
        .routes(routes!(trials::try_trigger))
        .routes(routes!(trigger_deliveries::list_trigger_deliveries))
        .routes(routes!(
            trigger_deliveries::list_namespace_trigger_deliveries
        ))
        .routes(routes!(trigger_deliveries::get_trigger_delivery))
        .routes(routes!(trigger_deliveries::redeliver_trigger_delivery))
        .routes(routes!(trigger_deliveries::cancel_trigger_delivery))
}

/// What belongs to sources, credentials for other registries, and deleting what hangs together.
fn source_resources() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(sources::list_sources, sources::connect_source))
        .routes(routes!(
            sources::get_source,
            sources::edit_source,
            sources::disconnect_source
        ))
        .routes(routes!(sources::list_source_rules))
        .routes(routes!(sources::check_source))
        .routes(routes!(sources::browse::list_remote_owners))
        .routes(routes!(sources::browse::list_remote_repositories))
        .routes(routes!(sources::browse::list_remote_branches))
        .routes(routes!(sources::browse::list_remote_tags))
        .routes(routes!(sources::device::start_device_login))
        .routes(routes!(sources::device::poll_device_login))
        .routes(routes!(sources::device::cancel_device_login))
        .routes(routes!(sources::web_login::start_web_login))
        .routes(routes!(sources::web_login::finish_web_login))
        .routes(routes!(sources::webhooks::list_webhooks))
        .routes(routes!(sources::webhooks::get_webhook))
        .routes(routes!(sources::webhooks::list_deliveries))
        .routes(routes!(sources::webhooks::list_delivery_attempts))
        .routes(routes!(sources::webhooks::repair_webhook))
        .routes(routes!(sources::webhooks::rotate_webhook_secret))
        .routes(routes!(sources::removals::list_removals))
        .routes(routes!(sources::removals::dismiss_removal))
        .routes(routes!(
            credentials::list_credentials,
            credentials::create_credential
        ))
        .routes(routes!(
            credentials::get_credential,
            credentials::edit_credential,
            credentials::delete_credential
        ))
        .routes(routes!(credentials::test_credential))
        .routes(routes!(dependents::list_dependents_of_user))
        .routes(routes!(dependents::list_dependents_of_namespace))
        .routes(routes!(dependents::list_dependents_of_repository))
}

#[cfg(test)]
mod tests;
