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

/// The matrix's namespace, and a line of the audit log about it.
fn with_entry(world: &World, public: bool) -> Scene {
    let person = world.server.user(&unique_name("member")).username;
    let target = format!("/namespaces/{}/members/{person}", world.namespace);
    let api = world.admin_api();
    api.put(&target, json!({ "role": "reader" })).expect(200);
    let query = format!("/audit?namespace={}&target={person}", world.namespace);
    let found = api.get(&query).expect(200).json();
    let id = found["items"][0]["id"].as_str().expect("a line").to_owned();
    Scene {
        name: id,
        ..Scene::with_namespace(world, public)
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
        Row::new("PATCH /me", Right::ManageOwnAccount, 200, |at| {
            at.api.patch("/me", json!({ "language": "zh" }))
        }),
        Row::new("GET /session", Right::Nothing, 200, |at| {
            at.api.get("/session")
        }),
        Row::new("POST /session", Right::Nothing, 200, |at| {
            let password = at.world.server.admin_password();
            let body = json!({ "username": "admin", "password": password });
            let request = at.api.request(reqwest::Method::POST, "/session");
            request.header("x-wharf-console", "1").json(body).send()
        }),
        Row::new("DELETE /session", Right::Nothing, 204, |at| {
            let request = at.api.request(reqwest::Method::DELETE, "/session");
            request.header("x-wharf-console", "1").send()
        }),
        Row::new("GET /me/sessions", Right::ManageOwnAccount, 200, |at| {
            at.api.get("/me/sessions")
        }),
        Row::new(
            "DELETE /me/sessions/{}",
            Right::ManageOwnAccount,
            204,
            |at| {
                let person = if at.has_person() {
                    at.person()
                } else {
                    at.world.server.user(&unique_name("other"))
                };
                let server = at.world.server;
                let session = server.sign_in(&person.username, &person.password);
                let listed = server.api(&session).get("/me/sessions").expect(200).json();
                let items = listed["items"].as_array().expect("sessions");
                let own = items.iter().find(|item| item["current"] == true);
                let id = own.and_then(|own| own["id"].as_str()).expect("an id");
                at.api.delete(&format!("/me/sessions/{id}"))
            },
        ),
        Row::new("POST /me/password", Right::ManageOwnAccount, 204, |at| {
            let own = at.world.make_like(at.principal);
            let password = own
                .as_ref()
                .map_or("no password at all", |own| &own.password);
            let body = json!({ "current_password": password, "new_password": password });
            // It ends whatever its person is signed in with.
            match &own {
                Some(own) => at.world.server.api(&own.login()).post("/me/password", body),
                None => at.api.post("/me/password", body),
            }
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
        Row::new("GET /audit/{}", Right::Administer, 200, |at| {
            at.api.get(&format!("/audit/{}", at.scene.name))
        })
        .note("of everything")
        .on(with_entry),
        Row::new("GET /audit/{}", Right::ReadAudit, 200, |at| {
            let Scene {
                name, namespace, ..
            } = at.scene;
            at.api.get(&format!("/audit/{name}?namespace={namespace}"))
        })
        .note("of one namespace")
        .on(with_entry),
    ]
}
