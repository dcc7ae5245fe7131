//! `/namespaces/{ns}/credentials`: what a namespace is called at other registries.

use serde_json::{Value, json};
use wharf_testkit::{ApiClient, Server, SharedServer, unique_name};

use crate::{admin, fresh_person};

/// One that may ask registries on this machine.
static SERVER: SharedServer =
    SharedServer::new(|| Server::builder().config("[egress]\nallow = [\"127.0.0.1\"]"));

/// Credentials of a fresh person's namespace.
fn fresh_path() -> (ApiClient, String) {
    let (person, api) = fresh_person();
    let path = format!("/namespaces/{}/credentials", person.username);
    (api, path)
}

fn make(api: &ApiClient, path: &str, host: &str) -> Value {
    let body = json!({ "host": host, "username": "ci", "password": "for another registry" });
    api.post(path, body).expect(201).json()
}

fn path_of(path: &str, credential: &Value) -> String {
    format!("{path}/{}", credential["id"].as_str().expect("an id"))
}

#[test]
fn a_password_goes_in_and_is_never_shown() {
    let (api, path) = fresh_path();
    let made = make(&api, &path, "Registry-1.docker.io");
    assert_eq!(made["host"], "docker.io");
    assert_eq!(made["has_password"], true);
    assert_eq!(made["last_test"], Value::Null);
    for target in [path.clone(), path_of(&path, &made)] {
        let text = api.get(&target).expect(200).text();
        assert!(!text.contains("for another registry"), "{text}");
    }
    let again = json!({ "host": "docker.io", "username": "x", "password": "y" });
    let conflict = api.post(&path, again).expect_problem(409, "conflict");
    assert_eq!(conflict.json()["params"]["what"], "credential");
}

#[test]
fn another_host_clears_the_password() {
    let (api, path) = fresh_path();
    let own = path_of(&path, &make(&api, &path, "one.example"));
    let same = api
        .patch(&own, json!({ "username": "other" }))
        .expect(200)
        .json();
    assert_eq!(same["has_password"], true);
    let moved = api
        .patch(&own, json!({ "host": "two.example" }))
        .expect(200)
        .json();
    assert_eq!(
        (&moved["host"], &moved["has_password"]),
        (&json!("two.example"), &json!(false))
    );
    let tested = api
        .post(&format!("{own}/test"), json!({}))
        .expect(200)
        .json();
    assert_eq!(tested["last_test"]["problem"], "credential_without_secret");
    let both = json!({ "host": "three.example", "password": "a new one" });
    assert_eq!(
        api.patch(&own, both).expect(200).json()["has_password"],
        true
    );
    make(&api, &path, "two.example");
    let taken = json!({ "host": "two.example" });
    api.patch(&own, taken).expect_problem(409, "conflict");
}

#[test]
fn a_test_asks_the_registry_and_says_what_it_answered() {
    let (server, registry) = (SERVER.get(), Server::builder().start());
    let api = server.api(&server.admin());
    let namespace = server.namespace(&unique_name("pushing"));
    let path = format!("/namespaces/{namespace}/credentials");
    let right = json!({
        "host": registry.authority(),
        "username": "admin",
        "password": registry.admin_password(),
    });
    let made = api.post(&path, right).expect(201).json();
    let own = path_of(&path, &made);
    let tested = api
        .post(&format!("{own}/test"), json!({}))
        .expect(200)
        .json();
    assert_eq!(tested["last_test"]["ok"], true, "{tested}");
    let wrong = json!({ "password": "a wrong password" });
    let edited = api.patch(&own, wrong).expect(200).json();
    assert_eq!(edited["last_test"], Value::Null);
    let tested = api
        .post(&format!("{own}/test"), json!({}))
        .expect(200)
        .json();
    assert_eq!(tested["last_test"]["ok"], false, "{tested}");
    assert_eq!(tested["last_test"]["problem"], "unauthorized", "{tested}");
}

#[test]
fn a_registry_that_may_not_be_dialed_is_told_with_the_line_that_would_allow_it() {
    let (api, path) = fresh_path();
    let own = path_of(&path, &make(&api, &path, "127.0.0.1:5999"));
    let tested = api
        .post(&format!("{own}/test"), json!({}))
        .expect(200)
        .json();
    assert_eq!(tested["last_test"]["problem"], "egress_refused", "{tested}");
    let detail = tested["last_test"]["detail"].as_str().expect("a cause");
    assert!(
        detail.contains("[egress] allow = [\"127.0.0.1:5999\"]"),
        "{detail}"
    );
}

#[test]
fn a_credential_of_another_namespace_is_not_found() {
    let (api, path) = fresh_path();
    let made = make(&api, &path, "one.example");
    let (other, other_path) = fresh_path();
    let crossed = path_of(&other_path, &made);
    other.get(&crossed).expect_problem(404, "not_found");
    other.delete(&crossed).expect_problem(404, "not_found");
    let edit = json!({ "username": "taken" });
    other.patch(&crossed, edit).expect_problem(404, "not_found");
    let kept = api.get(&path_of(&path, &made)).expect(200).json();
    assert_eq!(
        (&kept["username"], &kept["has_password"]),
        (&json!("ci"), &json!(true))
    );
}

#[test]
fn what_goes_with_a_namespace_is_listed_before() {
    let (api, path) = fresh_path();
    make(&api, &path, "one.example");
    let namespace = path.trim_end_matches("/credentials");
    let listed = api.get(&format!("{namespace}/deletion")).expect(200).json();
    let items = listed["items"].as_array().expect("items");
    let found = items
        .iter()
        .find(|item| item["kind"] == "credential")
        .expect("credentials");
    assert_eq!(found["names"], json!(["one.example"]));
    let own = path_of(&path, &api.get(&path).expect(200).json()["items"][0]);
    api.delete(&own).expect(204);
    assert_eq!(admin().get(&path).expect(200).json()["items"], json!([]));
}

#[test]
fn names_and_passwords_have_a_form() {
    let (api, path) = fresh_path();
    for (body, field) in [
        (
            json!({ "host": "https://a.example", "username": "u", "password": "p" }),
            "host",
        ),
        (
            json!({ "host": "a.example", "username": "a:b", "password": "p" }),
            "username",
        ),
        (
            json!({ "host": "a.example", "username": "", "password": "p" }),
            "username",
        ),
        (
            json!({ "host": "a.example", "username": "u", "password": "" }),
            "password",
        ),
        (
            json!({ "host": "a.example", "username": "u", "password": "a\u{0}b" }),
            "password",
        ),
    ] {
        let refused = api.post(&path, body).expect_problem(400, "invalid_field");
        assert_eq!(refused.json()["params"]["field"], field);
    }
}
