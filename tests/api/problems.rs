//! How requests fail that are wrong in themselves.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{Answer, unique_name};

use crate::{admin, fresh_person};

/// Checks what every problem has, for answers that no operation of the document describes.
fn expect_problem(answer: Answer, status: u16, code: &str) -> Answer {
    let answer = answer.expect_problem(status, code);
    let body = answer.json();
    assert_eq!(body["type"], "about:blank");
    assert_eq!(body["status"], status);
    for field in ["title", "detail", "request_id"] {
        assert!(
            body[field].as_str().is_some_and(|text| !text.is_empty()),
            "{body}"
        );
    }
    assert!(body["params"].is_object(), "{body}");
    answer
}

#[test]
fn a_route_that_does_not_exist_answers_404() {
    for path in ["/nothing", "/users/a/b/c", "/repositories/a/b", "/"] {
        expect_problem(
            admin().request(Method::GET, path).send_undescribed(),
            404,
            "not_found",
        );
    }
}

#[test]
fn a_method_that_a_route_does_not_have_answers_405() {
    let answer = expect_problem(
        admin().request(Method::PUT, "/users").send_undescribed(),
        405,
        "method_not_allowed",
    );
    let allowed = answer.list_header("allow");
    assert!(
        allowed.contains(&"GET".to_owned()) && allowed.contains(&"POST".to_owned()),
        "{allowed:?}"
    );
}

#[test]
fn a_body_that_is_not_json_by_its_type_answers_415() {
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let request = admin();
        let request = request
            .request(Method::POST, "/namespaces")
            .body(media_type, "{\"name\":\"abc\"}");
        expect_problem(request.send(), 415, "unsupported_media_type");
    }
}

#[test]
fn a_json_type_may_have_parameters() {
    let client = admin();
    let body = json!({ "name": unique_name("typed") }).to_string();
    client
        .request(Method::POST, "/namespaces")
        .body("application/json; charset=utf-8", body)
        .send()
        .expect(201);
}

#[test]
fn a_body_that_is_not_json_answers_400() {
    for body in [
        "",
        "{",
        "nothing",
        "{\"name\":\"a\"} trailing",
        "\u{0}",
        "[1,2",
        "{\"name\":\"a\",}",
    ] {
        let client = admin();
        let answer = client
            .request(Method::POST, "/namespaces")
            .body("application/json", body)
            .send();
        expect_problem(answer, 400, "invalid_field");
    }
}

#[test]
fn a_body_of_another_shape_answers_400_naming_the_field() {
    for (body, field) in [
        (json!({ "name": 7 }), "name"),
        (json!({ "name": null }), "name"),
        (json!({ "name": ["a"] }), "name"),
        (json!({ "description": "without a name" }), "name"),
        (
            json!({ "name": "ok-name", "description": {} }),
            "description",
        ),
    ] {
        let answer = expect_problem(admin().post("/namespaces", body), 400, "invalid_field");
        assert_eq!(answer.json()["params"]["field"], field);
    }
    for body in [json!([]), json!("text"), json!(null)] {
        expect_problem(admin().post("/namespaces", body), 400, "invalid_field");
    }
}

#[test]
fn an_unknown_field_answers_400_naming_it() {
    let answer = expect_problem(
        admin().post(
            "/namespaces",
            json!({ "name": unique_name("a"), "is_admin": true }),
        ),
        400,
        "unknown_field",
    );
    assert_eq!(answer.json()["params"]["field"], "is_admin");
}

#[test]
fn a_field_given_twice_is_refused() {
    let client = admin();
    let body = format!(
        "{{\"name\":\"{}\",\"name\":\"other\"}}",
        unique_name("twice")
    );
    let answer = client
        .request(Method::POST, "/namespaces")
        .body("application/json", body)
        .send();
    assert_eq!(answer.status, 400, "{}", answer.describe());
}

#[test]
fn a_body_that_is_too_large_answers_413() {
    let client = admin();
    // Within what a server reads of a refused body, so that the answer is never lost to a reset.
    let body = json!({ "name": unique_name("large"), "description": "x".repeat(8 * 1024 * 1024) });
    let answer = client
        .request(Method::POST, "/namespaces")
        .json(body)
        .send();
    expect_problem(answer, 413, "too_large");
}

#[test]
fn deep_json_is_refused() {
    let client = admin();
    let body = format!(
        "{{\"name\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let answer = client
        .request(Method::POST, "/namespaces")
        .body("application/json", body)
        .send();
    assert!(
        answer.status == 400 || answer.status == 413,
        "{}",
        answer.describe()
    );
}

#[test]
fn a_zero_byte_or_control_character_in_a_name_is_refused() {
    for name in ["a\u{0}b", "a\nb", "a\u{7f}", "a\u{202e}b"] {
        admin()
            .post("/namespaces", json!({ "name": name }))
            .expect_problem(400, "invalid_field");
    }
    let (_, api) = fresh_person();
    let answer = api.post("/tokens", json!({ "name": "a\u{0}b", "actions": ["pull"] }));
    answer.expect_problem(400, "invalid_field");
}

#[test]
fn every_request_has_its_own_id() {
    let ids: BTreeSet<String> = (0..5)
        .map(|_| {
            let body = admin()
                .get("/users/nobody-at-all")
                .expect_problem(404, "not_found")
                .json();
            body["request_id"].as_str().expect("text").to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 5);
}

#[test]
fn what_is_hidden_looks_like_what_is_missing() {
    let (_, api) = fresh_person();
    let (other, _) = fresh_person();
    let blank = |answer: Answer| -> Value {
        let mut body = answer.expect_problem(404, "not_found").json();
        body["request_id"] = Value::Null;
        body
    };
    let hidden = blank(api.get(&format!("/namespaces/{}", other.username)));
    let missing = blank(api.get("/namespaces/nothing-here"));
    assert_eq!(hidden, missing);
}
