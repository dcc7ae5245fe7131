//! A request sets what it is meant to set and nothing else.

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{Login, unique_name};

use crate::world::World;

/// Fields of rows, of answers, and of other products' APIs.
const FOREIGN_FIELDS: [&str; 12] = [
    "is_admin",
    "id",
    "user_id",
    "namespace_id",
    "owner_id",
    "created_at",
    "created_by",
    "version",
    "password_hash",
    "secret_hash",
    "__proto__",
    "Admin",
];

#[test]
fn c28_a_field_that_a_route_does_not_know_is_refused_and_named() {
    let world = World::get();
    let api = world.admin_api();
    let mut tried = 0;
    for operation in api.contract().operations() {
        let method = operation.method.to_lowercase();
        let path = format!("/api/v1{}", operation.path);
        let described = &api.contract().document()["paths"][&path][&method];
        // An archive has no fields.
        let schema = &described["requestBody"]["content"]["application/json"]["schema"];
        let Some(schema) = schema["$ref"].as_str() else {
            continue;
        };
        let schema = api
            .contract()
            .document()
            .pointer(schema.trim_start_matches('#'));
        let own = &schema.expect("a schema")["properties"];
        let target = operation
            .path
            .replace("{namespace}", "victim")
            .replace("{username}", "attacker")
            .replace("{number}", "1")
            .replace("{name}", "nothing-of-the-kind");
        let method = Method::from_bytes(operation.method.as_bytes()).expect("a method");
        for field in FOREIGN_FIELDS {
            // A build's `version` is what its image will be called.
            if own.get(field).is_some() {
                continue;
            }
            let mut body = serde_json::Map::new();
            body.insert(field.to_owned(), json!(true));
            // Signing in at a browser is for the console alone.
            let request = api
                .request(method.clone(), &target)
                .header("x-wharf-console", "1")
                .json(Value::Object(body));
            let answer = request.send().expect_problem(400, "unknown_field");
            assert_eq!(answer.json()["params"]["field"], field, "{method} {target}");
            tried += 1;
        }
    }
    assert!(tried >= 12 * FOREIGN_FIELDS.len(), "{tried}");
}

#[test]
fn c28_nobody_raises_themselves() {
    let world = World::get();
    let server = world.server;
    let attacker = &world.attacker;
    let api = world.attacker_api();
    let own = format!("/users/{}", attacker.username);
    for body in [json!({ "admin": true }), json!({ "namespace_limit": 1000 })] {
        api.patch(&own, body.clone()).expect_problem(403, "denied");
        // The same from an administrator about somebody else is no crime.
        world.admin_api().patch("/users/victim", body).expect(200);
    }
    let back = json!({ "admin": false, "namespace_limit": 10 });
    world.admin_api().patch("/users/victim", back).expect(200);
    let body = json!({ "username": unique_name("raised"), "admin": true });
    api.post("/users", body).expect_problem(403, "denied");
    let raised = api.patch("/me", json!({ "admin": true }));
    raised.expect_problem(400, "unknown_field");
    for method in [Method::PUT, Method::POST] {
        let request = api.request(method, "/me").json(json!({ "admin": true }));
        request
            .send_undescribed()
            .expect_problem(405, "method_not_allowed");
    }
    let me = api.get("/me").expect(200).json();
    assert_eq!(
        (&me["admin"], &me["namespace_limit"]),
        (&json!(false), &json!(10))
    );

    // Whoever is less than an owner gives no role, to themselves or others.
    let namespace = server.namespace(&unique_name("ladder"));
    let member = format!("/namespaces/{namespace}/members/{}", attacker.username);
    for role in ["reader", "developer", "maintainer"] {
        server.member(&namespace, attacker, role);
        for wanted in ["reader", "owner"] {
            api.put(&member, json!({ "role": wanted }))
                .expect_problem(403, "denied");
        }
        let other = format!("/namespaces/{namespace}/members/victim");
        api.put(&other, json!({ "role": "reader" }))
            .expect_problem(403, "denied");
    }
    server.member(&namespace, attacker, "owner");
    api.put(&member, json!({ "role": "owner" })).expect(200);
    for role in ["admin", "Owner", "root", "", "owner "] {
        api.put(&member, json!({ "role": role }))
            .expect_problem(400, "invalid_field");
    }
}

#[test]
fn c28_a_credential_hands_on_no_more_than_it_carries() {
    let world = World::get();
    let limited = world
        .server
        .token(&world.attacker, &unique_name("limited"), &["pull", "admin"]);
    let api = world.server.api(&limited.login());
    for (actions, status) in [
        (json!(["pull"]), 201),
        (json!(["pull", "push"]), 400),
        (json!(["delete"]), 400),
    ] {
        let body = json!({ "name": unique_name("child"), "actions": actions });
        api.post("/tokens", body).expect(status);
        let robots = format!("/namespaces/{}/robots", world.attacker.username);
        let body = json!({ "name": unique_name("child"), "actions": actions });
        api.post(&robots, body).expect(status);
    }
    for actions in [
        json!(["admin"]),
        json!([]),
        json!(["everything"]),
        json!("pull"),
        json!(null),
    ] {
        let robots = format!("/namespaces/{}/robots", world.attacker.username);
        let body = json!({ "name": unique_name("child"), "actions": actions });
        api.post(&robots, body).expect_problem(400, "invalid_field");
    }
    // Without `admin` there is nothing to manage.
    let pull = world.server.token(
        &world.attacker,
        &unique_name("pull"),
        &["pull", "push", "delete"],
    );
    let api = world.server.api(&pull.login());
    for (method, target, body) in [
        (
            Method::POST,
            "/tokens",
            json!({ "name": "x", "actions": ["pull"] }),
        ),
        (
            Method::POST,
            "/namespaces",
            json!({ "name": unique_name("x") }),
        ),
        (
            Method::POST,
            "/me/password",
            json!({ "current_password": world.attacker.password, "new_password": "another password" }),
        ),
    ] {
        let answer = api.request(method, target).json(body).send();
        answer.expect_problem(403, "denied");
    }
}

#[test]
fn a_body_that_is_no_json_by_its_own_account_is_not_read() {
    let world = World::get();
    let body = json!({ "name": unique_name("form"), "actions": ["pull"] }).to_string();
    let api = world.attacker_api();
    // What a form of another site can send without the browser asking.
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let request = api
            .request(Method::POST, "/tokens")
            .body(kind, body.clone());
        request.send().expect_problem(415, "unsupported_media_type");
    }
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"name\":\"a\",\"name\":\"b\",\"actions\":[]}",
        "{} {}",
    ] {
        let request = api
            .request(Method::POST, "/tokens")
            .body("application/json", body);
        request.send().expect_problem(400, "invalid_field");
    }
    // The same where a body may be left out: a form without a field has none.
    for target in [
        "/namespaces/attacker/robots/nobody/secret",
        "/users/nobody-at-all/password",
    ] {
        for kind in ["text/plain", "application/x-www-form-urlencoded"] {
            let request = world.admin_api();
            let request = request.request(Method::POST, target).body(kind, "");
            request.send().expect_problem(415, "unsupported_media_type");
        }
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        deep.clone(),
        format!("{{\"name\":{deep}}}"),
        format!("{{\"x\":{deep}}}"),
    ] {
        let request = api
            .request(Method::POST, "/tokens")
            .body("application/json", body);
        request.send().expect(400);
    }
    let anonymous = world.server.api(&Login::Anonymous);
    let request = anonymous
        .request(Method::POST, "/tokens")
        .body("text/plain", "x");
    request.send().expect_problem(401, "unauthenticated");
}
