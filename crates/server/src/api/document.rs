//! The OpenAPI document: made of the handlers, shown to whoever signed in.

use super::{
    Answer, caller::SignedIn, describe::Common, problem::Problem, problem_code::ProblemCode,
};
use axum::{Extension, Json};
use std::sync::Arc;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as ApiDocument,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "wharf",
        description = "The management API of a wharf server. Fields and parameters that are not described here are refused.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(Problem, ProblemCode)),
    modifiers(&Schemes),
    // Anonymous calls are possible where an operation says so itself.
    security(("basic" = []), ("access_token" = [])),
)]
struct Api;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut ApiDocument) {
        let components = document.components.get_or_insert_with(Default::default);
        let mut basic = Http::new(HttpAuthScheme::Basic);
        basic.description = Some(
            "A user's name with the password or a personal access token, or a robot's login with its secret.".into(),
        );
        components.add_security_scheme("basic", SecurityScheme::Http(basic));
        let mut token = Http::new(HttpAuthScheme::Bearer);
        token.description = Some("A personal access token.".into());
        components.add_security_scheme("access_token", SecurityScheme::Http(token));
    }
}

/// The document without its paths.
pub(super) fn describe_api() -> ApiDocument {
    let mut document = Api::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").into();
    document
}

/// The finished document.
#[derive(Clone)]
pub(super) struct Document(pub(super) Arc<ApiDocument>);

/// This document
#[utoipa::path(get, path = "/openapi.json", tag = "server",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Object), Common))]
pub(super) async fn get_openapi(
    SignedIn(_): SignedIn,
    Extension(document): Extension<Document>,
) -> Answer<serde_json::Value> {
    let value = serde_json::to_value(&*document.0).map_err(wharf_app::Error::internal)?;
    Ok(Json(value))
}
