//! Rows: sources, webhooks, credentials for other registries, and what deleting something would end.
//!
//! Sources are as private as tokens: whoever asks with another's id hears that there is none, which `attacks` tries.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{
    Mutex,
    atomic::{AtomicU16, Ordering},
};
use wharf_testkit::{ApiClient, unique_name};

use crate::{
    rights::Right,
    row::{Attempt, Row, Scene},
    world::World,
};

/// An id of nothing.
const NOTHING: &str = "01920000-0000-7000-8000-000000000000";

/// A server of plain git that nobody dials: connecting it over ssh asks the policy alone. One person has one source for an
/// address, so each has another port.
fn new_source() -> Value {
    static PORT: AtomicU16 = AtomicU16::new(10_000);
    let port = PORT.fetch_add(1, Ordering::Relaxed);
    json!({ "kind": "git", "address": format!("ssh://1.1.1.1:{port}") })
}

fn connect(api: &ApiClient) -> String {
    let made = api.post("/sources", new_source()).expect(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

/// A source of whoever asks, made with their password; of somebody else for who cannot have one.
fn fresh_source(at: &Attempt<'_>) -> String {
    let person = if at.has_person() {
        at.person()
    } else {
        at.world.server.user(&unique_name("other"))
    };
    connect(&at.world.server.api(&person.login()))
}

/// The same for rows that leave it as it is: one for each person.
fn own_source(at: &Attempt<'_>) -> String {
    static KEPT: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let mut kept = KEPT.lock().expect("no thread panics here");
    let name = at.person().username;
    kept.entry(name).or_insert_with(|| fresh_source(at)).clone()
}

/// The matrix's namespace with one more credential.
fn with_credential(world: &World, public: bool) -> Scene {
    let path = format!("/namespaces/{}/credentials", world.namespace);
    let made = world.admin_api().post(&path, new_credential()).expect(201);
    Scene {
        name: made.json()["id"].as_str().expect("an id").to_owned(),
        ..Scene::with_namespace(world, public)
    }
}

fn new_credential() -> Value {
    json!({
        "host": format!("{}.example", unique_name("registry")),
        "username": "ci",
        "password": "a password for elsewhere",
    })
}

fn with_user(world: &World, _: bool) -> Scene {
    Scene {
        name: world.server.user(&unique_name("leaving")).username,
        ..Scene::default()
    }
}

/// A row about a source of one's own.
fn of_source(
    operation: &'static str,
    success: u16,
    act: fn(&Attempt<'_>) -> wharf_testkit::Answer,
) -> Row {
    Row::new(operation, Right::ManageOwnAccount, success, act)
}

pub(crate) fn rows() -> Vec<Row> {
    [
        source_rows(),
        host_rows(),
        webhook_rows(),
        credential_rows(),
        deletion_rows(),
    ]
    .concat()
}

fn source_rows() -> Vec<Row> {
    vec![
        of_source("GET /sources", 200, |at| at.api.get("/sources")),
        of_source("POST /sources", 201, |at| {
            at.api.post("/sources", new_source())
        }),
        of_source("GET /sources/{}", 200, |at| {
            at.api.get(&format!("/sources/{}", own_source(at)))
        }),
        of_source("PATCH /sources/{}", 200, |at| {
            at.api.patch(
                &format!("/sources/{}", own_source(at)),
                json!({ "username": "me" }),
            )
        }),
        of_source("DELETE /sources/{}", 204, |at| {
            at.api.delete(&format!("/sources/{}", fresh_source(at)))
        }),
        of_source("GET /sources/{}/rules", 200, |at| {
            at.api.get(&format!("/sources/{}/rules", own_source(at)))
        }),
        of_source("POST /sources/{}/check", 200, |at| {
            at.api
                .post(&format!("/sources/{}/check", own_source(at)), json!({}))
        }),
    ]
}

/// Who gets as far as asking a host hears that plain git has no list, that a path is none, or that no app was set.
fn host_rows() -> Vec<Row> {
    vec![
        of_source("GET /sources/{}/owners", 409, |at| {
            at.api.get(&format!("/sources/{}/owners", own_source(at)))
        }),
        of_source("GET /sources/{}/repositories", 409, |at| {
            at.api
                .get(&format!("/sources/{}/repositories", own_source(at)))
        }),
        of_source("GET /sources/{}/repositories/{}/branches", 400, |at| {
            at.api.get(&format!(
                "/sources/{}/repositories/a%2F..%2Fb/branches",
                own_source(at)
            ))
        }),
        of_source("GET /sources/{}/repositories/{}/tags", 400, |at| {
            at.api.get(&format!(
                "/sources/{}/repositories/a%2F..%2Fb/tags",
                own_source(at)
            ))
        }),
        of_source("POST /device-logins", 409, |at| {
            at.api.post("/device-logins", json!({ "kind": "github" }))
        }),
        of_source("POST /device-logins/{}/poll", 404, |at| {
            at.api
                .post(&format!("/device-logins/{NOTHING}/poll"), json!({}))
        }),
        of_source("DELETE /device-logins/{}", 404, |at| {
            at.api.delete(&format!("/device-logins/{NOTHING}"))
        }),
        // Only sessions may, and here nobody has one.
        of_source("POST /web-logins", 409, |at| {
            at.api.post("/web-logins", json!({ "kind": "github" }))
        }),
        of_source("POST /web-logins/finish", 409, |at| {
            let told = json!({ "state": "a.1.b.c", "code": "1" });
            at.api.post("/web-logins/finish", told)
        }),
        of_source("GET /removals", 200, |at| at.api.get("/removals")),
        of_source("DELETE /removals/{}", 404, |at| {
            at.api.delete(&format!("/removals/{NOTHING}"))
        }),
    ]
}

/// A webhook comes with a rule; who may look hears that this source has none.
fn webhook_rows() -> Vec<Row> {
    vec![
        of_source("GET /sources/{}/webhooks", 200, |at| {
            at.api.get(&format!("/sources/{}/webhooks", own_source(at)))
        }),
        of_source("GET /sources/{}/webhooks/{}", 404, |at| {
            at.api
                .get(&format!("/sources/{}/webhooks/{NOTHING}", own_source(at)))
        }),
        of_source("GET /sources/{}/webhooks/{}/deliveries", 404, |at| {
            at.api.get(&format!(
                "/sources/{}/webhooks/{NOTHING}/deliveries",
                own_source(at)
            ))
        }),
        of_source("GET /sources/{}/webhooks/{}/attempts", 404, |at| {
            at.api.get(&format!(
                "/sources/{}/webhooks/{NOTHING}/attempts",
                own_source(at)
            ))
        }),
        of_source("POST /sources/{}/webhooks/{}/repair", 404, |at| {
            let target = format!("/sources/{}/webhooks/{NOTHING}/repair", own_source(at));
            at.api.post(&target, json!({}))
        }),
        of_source("POST /sources/{}/webhooks/{}/secret", 404, |at| {
            let target = format!("/sources/{}/webhooks/{NOTHING}/secret", own_source(at));
            at.api.post(&target, json!({}))
        }),
    ]
}

fn credential_rows() -> Vec<Row> {
    let right = Right::ManageCredentials;
    vec![
        Row::new("GET /namespaces/{}/credentials", right, 200, |at| {
            at.api.get(&at.namespace_path("/credentials"))
        })
        .on(Scene::with_namespace),
        Row::new("POST /namespaces/{}/credentials", right, 201, |at| {
            at.api
                .post(&at.namespace_path("/credentials"), new_credential())
        })
        .on(Scene::with_namespace),
        Row::new("GET /namespaces/{}/credentials/{}", right, 200, |at| {
            at.api.get(&credential_path(at, ""))
        })
        .on(with_credential),
        Row::new("PATCH /namespaces/{}/credentials/{}", right, 200, |at| {
            at.api
                .patch(&credential_path(at, ""), json!({ "username": "other" }))
        })
        .on(with_credential),
        Row::new(
            "POST /namespaces/{}/credentials/{}/test",
            right,
            200,
            |at| {
                // Without a password nothing is asked, and nobody dialed.
                at.world.admin_api().patch(
                    &credential_path(at, ""),
                    json!({ "host": format!("{}.example", unique_name("moved")) }),
                );
                at.api.post(&credential_path(at, "/test"), json!({}))
            },
        )
        .on(with_credential),
        Row::new("DELETE /namespaces/{}/credentials/{}", right, 204, |at| {
            at.api.delete(&credential_path(at, ""))
        })
        .on(with_credential)
        .consuming(),
    ]
}

fn credential_path(at: &Attempt<'_>, rest: &str) -> String {
    at.namespace_path(&format!("/credentials/{}{rest}", at.scene.name))
}

fn deletion_rows() -> Vec<Row> {
    vec![
        Row::new("GET /users/{}/deletion", Right::Administer, 200, |at| {
            at.api.get(&format!("/users/{}/deletion", at.scene.name))
        })
        .on(with_user),
        Row::new(
            "GET /namespaces/{}/deletion",
            Right::EditNamespace,
            200,
            |at| at.api.get(&at.namespace_path("/deletion")),
        )
        .on(Scene::with_namespace),
        Row::new("GET /repositories/{}/deletion", Right::Delete, 200, |at| {
            at.api.get(&at.repository_path("/deletion"))
        })
        .on(Scene::with_image),
    ]
}
