//! Rows: the caller's own account, users, search and audit.

use serde_json::json;
use wharf_testkit::unique_name;

use crate::{
    rights::Right,
    row::{Row, Scene},
    world::World,
};

/// Somebody about whom an admin may do anything.
fn with_user(world: &World, _: bool) -> Scene {
    Scene {
        name: world.server.user(&unique_name("spare")).username,
        ..Scene::default()
    }
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        Row::new("GET /info", Right::SignIn, 200, |at| at.api.get("/info")),
        Row::new("GET /openapi.json", Right::SignIn, 200, |at| {
            at.api
                .request(reqwest::Method::GET, "/openapi.json")
                .send_undescribed()
        }),
        Row::new("GET /me", Right::OwnAccount, 200, |at| at.api.get("/me")),
        Row::new("POST /me/password", Right::ManageOwnAccount, 204, |at| {
            let password = at.person().password;
            at.api.post(
                "/me/password",
                json!({ "current_password": password, "new_password": password }),
            )
        }),
        Row::new("GET /tokens", Right::ManageOwnAccount, 200, |at| {
            at.api.get("/tokens")
        }),
        Row::new("POST /tokens", Right::ManageOwnAccount, 201, |at| {
            at.api.post(
                "/tokens",
                json!({ "name": unique_name("made"), "actions": ["pull"] }),
            )
        }),
        Row::new("DELETE /tokens/{}", Right::ManageOwnAccount, 204, |at| {
            let person = if at.has_person() {
                at.person()
            } else {
                at.world.server.user(&unique_name("other"))
            };
            let token = at
                .world
                .server
                .token(&person, &unique_name("spare"), &["pull"]);
            at.api.delete(&format!("/tokens/{}", token.id()))
        }),
        Row::new("GET /users", Right::Administer, 200, |at| {
            at.api.get("/users")
        }),
        Row::new("POST /users", Right::Administer, 201, |at| {
            at.api.post(
                "/users",
                json!({ "username": unique_name("made"), "password": "a fine long phrase" }),
            )
        }),
        Row::new("GET /users/{}", Right::Administer, 200, |at| {
            at.api.get(&format!("/users/{}", at.scene.name))
        })
        .on(with_user),
        Row::new("PATCH /users/{}", Right::Administer, 200, |at| {
            at.api.patch(
                &format!("/users/{}", at.scene.name),
                json!({ "display_name": "Changed" }),
            )
        })
        .on(with_user),
        Row::new("PATCH /users/{}", Right::Administer, 200, |at| {
            let own = at.person().username;
            at.api
                .patch(&format!("/users/{own}"), json!({ "admin": true }))
        })
        .note("promoting oneself"),
        Row::new("DELETE /users/{}", Right::Administer, 204, |at| {
            at.api.delete(&format!("/users/{}", at.scene.name))
        })
        .on(with_user)
        .consuming(),
        Row::new("POST /users/{}/password", Right::Administer, 200, |at| {
            at.api
                .post(&format!("/users/{}/password", at.scene.name), json!({}))
        })
        .on(with_user),
        Row::new("GET /search", Right::Nothing, 200, |at| {
            at.api.get("/search?q=matrix")
        }),
        Row::new("GET /audit", Right::Administer, 200, |at| {
            at.api.get("/audit")
        })
        .note("of everything"),
        Row::new("GET /audit", Right::ReadAudit, 200, |at| {
            at.api
                .get(&format!("/audit?namespace={}", at.scene.namespace))
        })
        .note("of one namespace")
        .on(Scene::with_namespace),
    ]
}
