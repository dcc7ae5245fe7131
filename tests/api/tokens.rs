//! `/tokens`: personal access tokens.

use std::time::Duration;

use serde_json::json;
use wharf_testkit::{ImageMaker, Login};

use wharf_tests::{format_time, wait_until};

use crate::{SERVER, fresh_person};

#[test]
fn a_token_is_created_with_a_secret_that_is_shown_once() {
    let (_, api) = fresh_person();
    let created = api
        .post(
            "/tokens",
            json!({ "name": "laptop", "actions": ["pull", "push", "admin"] }),
        )
        .expect(201)
        .json();
    assert_eq!(created["name"], "laptop");
    assert_eq!(created["actions"], json!(["pull", "push", "admin"]));
    let secret = created["secret"].as_str().expect("a secret");
    assert!(secret.starts_with("wharf_pat_"), "{secret}");
    let listed = api.get("/tokens").expect(200);
    assert!(!listed.text().contains(secret));
    assert_eq!(listed.json()["items"][0]["id"], created["id"]);
}

#[test]
fn a_token_works_as_password_and_as_bearer() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let token = server.token(&person, "laptop", &["pull", "push", "delete", "admin"]);
    for login in [token.login(), token.bearer()] {
        let me = server.api(&login).get("/me").expect(200).json();
        assert_eq!(me["username"], person.username);
    }
    server.registry(&token.login()).get("/v2/").expect(200);
    let stranger = Login::basic("somebody-else", &token.secret);
    server
        .api(&stranger)
        .get("/me")
        .expect_problem(401, "unauthenticated");
}

#[test]
fn a_token_does_what_it_carries_and_no_more() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let name = format!("{}/app", person.username);
    let owner = server.registry(&person.login()).repository(&name);
    let digest = owner.push_image("v1", &ImageMaker::new("limited").make());

    let reader = server
        .registry(&server.token(&person, "reader", &["pull"]).login())
        .repository(&name);
    reader.get_manifest("v1").expect(200);
    reader.begin_upload("").expect_error(403, "DENIED");
    reader.delete_manifest(&digest).expect_error(403, "DENIED");

    let pusher = server
        .registry(&server.token(&person, "pusher", &["pull", "push"]).login())
        .repository(&name);
    pusher.push_bytes("allowed");
    pusher.delete_manifest(&digest).expect_error(403, "DENIED");

    let deleter = server
        .registry(
            &server
                .token(&person, "deleter", &["pull", "delete"])
                .login(),
        )
        .repository(&name);
    deleter.begin_upload("").expect_error(403, "DENIED");
    deleter.delete_manifest(&digest).expect(202);
}

#[test]
fn a_token_cannot_make_a_stronger_one() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let weak = server.token(&person, "weak", &["pull"]);
    let answer = server.api(&weak.login()).post(
        "/tokens",
        json!({ "name": "strong", "actions": ["pull", "push", "admin"] }),
    );
    assert!(
        answer.status == 403 || answer.status == 400,
        "{}",
        answer.describe()
    );

    let managing = server.token(&person, "managing", &["pull", "admin"]);
    let answer = server.api(&managing.login()).post(
        "/tokens",
        json!({ "name": "strong", "actions": ["pull", "push"] }),
    );
    assert!(
        answer.status == 403 || answer.status == 400,
        "{}",
        answer.describe()
    );
}

#[test]
fn a_deleted_token_is_dead_at_once() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let token = server.token(&person, "lost", &["pull"]);
    server.registry(&token.login()).get("/v2/").expect(200);
    api.delete(&format!("/tokens/{}", token.id())).expect(204);
    server.registry(&token.login()).get("/v2/").expect(401);
    server
        .api(&token.bearer())
        .get("/info")
        .expect_problem(401, "unauthenticated");
    api.delete(&format!("/tokens/{}", token.id()))
        .expect_problem(404, "not_found");
}

#[test]
fn tokens_are_their_owners_alone() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let (_, other) = fresh_person();
    let token = server.token(&person, "private", &["pull"]);
    assert_eq!(other.get("/tokens").expect(200).json()["items"], json!([]));
    other
        .delete(&format!("/tokens/{}", token.id()))
        .expect_problem(404, "not_found");
    server.registry(&token.login()).get("/v2/").expect(200);
}

#[test]
fn an_expiry_is_kept_and_one_in_the_past_refused() {
    let (_, api) = fresh_person();
    let body = |time: &str| json!({ "name": "short", "actions": ["pull"], "expires_at": time });
    for time in ["2001-01-01T00:00:00Z", "soon", "", "2199-13-01T00:00:00Z"] {
        api.post("/tokens", body(time))
            .expect_problem(400, "invalid_field");
    }
    let created = api
        .post("/tokens", body("2199-01-01T02:00:00+02:00"))
        .expect(201)
        .json();
    assert!(
        created["expires_at"]
            .as_str()
            .is_some_and(|time| time.starts_with("2199-01-01T00:00:00")),
        "{created}"
    );
}

#[test]
fn an_expired_token_is_dead() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let body = json!({ "name": "brief", "actions": ["pull"], "expires_at": format_time(Duration::from_secs(2)) });
    let created = api.post("/tokens", body).expect(201).json();
    let secret = created["secret"].as_str().expect("a secret");
    let client = server.registry(&Login::basic(&person.username, secret));
    wait_until("the token expires", || client.get("/v2/").status == 401);
    server
        .api(&Login::Bearer(secret.to_owned()))
        .get("/me")
        .expect_problem(401, "unauthenticated");
}

#[test]
fn what_a_token_may_do_is_checked() {
    let (_, api) = fresh_person();
    for actions in [json!(["fly"]), json!([]), json!("pull"), json!([7])] {
        api.post("/tokens", json!({ "name": "bad", "actions": actions }))
            .expect_problem(400, "invalid_field");
    }
    api.post("/tokens", json!({ "name": "", "actions": ["pull"] }))
        .expect_problem(400, "invalid_field");
    api.post(
        "/tokens",
        json!({ "name": "x", "actions": ["pull"], "user": "admin" }),
    )
    .expect_problem(400, "unknown_field");
}

#[test]
fn a_tokens_name_is_unique_for_its_owner() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    server.token(&person, "laptop", &["pull"]);
    let answer = api
        .post("/tokens", json!({ "name": "laptop", "actions": ["pull"] }))
        .expect_problem(409, "conflict");
    assert_eq!(answer.json()["params"]["what"], "token");
}

#[test]
fn tokens_are_listed_by_page() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    for number in 0..5 {
        server.token(&person, &format!("t{number}"), &["pull"]);
    }
    assert_eq!(api.read_all("/tokens", 2).len(), 5);
}

#[test]
fn a_token_that_is_not_there_answers_404() {
    let (_, api) = fresh_person();
    for id in ["0192d4a0-7c1e-7000-8000-000000000000", "not-an-id"] {
        api.delete(&format!("/tokens/{id}"))
            .expect_problem(404, "not_found");
    }
}
