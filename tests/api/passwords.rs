//! Changing one's own password, and having it reset.

use serde_json::json;
use wharf_testkit::{Login, Server};

use crate::{SERVER, admin, fresh_person};

#[test]
fn a_changed_password_holds_from_the_next_request() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    api.get("/me").expect(200);
    let body = json!({ "current_password": person.password, "new_password": "a brand new phrase" });
    api.post("/me/password", body).expect(204);
    api.get("/me").expect_problem(401, "unauthenticated");
    server.registry(&person.login()).get("/v2/").expect(401);
    let renewed = Login::basic(&person.username, "a brand new phrase");
    server.api(&renewed).get("/me").expect(200);
    server.registry(&renewed).get("/v2/").expect(200);
}

#[test]
fn a_change_needs_the_current_password() {
    let (_, api) = fresh_person();
    let body = json!({ "current_password": "not this one", "new_password": "a brand new phrase" });
    api.post("/me/password", body)
        .expect_refusal("wrong_password");
    api.get("/me").expect(200);
}

#[test]
fn a_weak_password_is_refused() {
    let (person, api) = fresh_person();
    for weak in [
        "short",
        "password",
        "aaaaaaaaaaaa",
        person.username.as_str(),
        "12345678",
        "",
    ] {
        let body = json!({ "current_password": person.password, "new_password": weak });
        let answer = api.post("/me/password", body);
        let code = answer.json()["code"].clone();
        assert!(
            answer.status == 400 && (code == "weak_password" || code == "invalid_field"),
            "{}",
            answer.describe()
        );
    }
    api.get("/me").expect(200);
}

#[test]
fn a_password_of_absurd_length_is_refused() {
    let (person, api) = fresh_person();
    let body = json!({ "current_password": person.password, "new_password": "x1".repeat(50_000) });
    let answer = api.post("/me/password", body);
    assert!(answer.status.is_client_error(), "{}", answer.describe());
    let server = SERVER.get();
    server
        .api(&Login::basic(&person.username, "y".repeat(5_000)))
        .get("/me")
        .expect(401);
}

#[test]
fn an_admin_resets_a_password_and_sees_the_new_one_once() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let answer = admin()
        .post(&format!("/users/{}/password", person.username), json!({}))
        .expect(200);
    let made = answer.json()["password"]
        .as_str()
        .expect("a password was made")
        .to_owned();
    assert!(made.len() >= 12, "{made}");
    api.get("/me").expect_problem(401, "unauthenticated");
    server
        .api(&Login::basic(&person.username, &made))
        .get("/me")
        .expect(200);
}

#[test]
fn an_admin_may_choose_the_new_password() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let target = format!("/users/{}/password", person.username);
    let answer = admin()
        .post(&target, json!({ "new_password": "chosen by the admin" }))
        .expect_one_of(&[200, 204]);
    assert!(!answer.text().contains("chosen by the admin"));
    server
        .api(&Login::basic(&person.username, "chosen by the admin"))
        .get("/me")
        .expect(200);
    admin()
        .post(&target, json!({ "new_password": "short" }))
        .expect_refusal("weak_password");
}

#[test]
fn a_reset_for_nobody_answers_404() {
    admin()
        .post("/users/nobody-at-all/password", json!({}))
        .expect_problem(404, "not_found");
}

#[test]
fn passwords_and_tokens_are_never_shown_or_logged() {
    let server = Server::start();
    let person = server.user("discreet");
    let token = server.token(&person, "laptop", &["pull"]);
    let robot = server.robot("discreet", "ci", &["pull"]);
    for login in [person.login(), token.login(), robot.login()] {
        server.registry(&login).get("/v2/").expect(200);
    }
    let mistyped = Login::basic("discreet", "the-password-of-another-site");
    server.registry(&mistyped).get("/v2/").expect(401);
    let api = server.api(&server.admin());
    let shown = [
        api.get("/users").expect(200).text(),
        api.get("/users/discreet").expect(200).text(),
        api.get("/namespaces/discreet/robots").expect(200).text(),
        api.get("/audit?limit=1000").expect(200).text(),
        server
            .api(&person.login())
            .get("/tokens")
            .expect(200)
            .text(),
        server.log(),
    ];
    for secret in [
        person.password.as_str(),
        &token.secret,
        &robot.secret,
        server.admin_password(),
        "the-password-of-another-site",
    ] {
        for text in &shown {
            assert!(!text.contains(secret), "a secret in {text}");
        }
    }
}

#[test]
fn too_many_wrong_passwords_are_answered_429_with_a_time_to_wait() {
    let server = Server::builder()
        .config("[limits]\nlogin_failures = 3\nlogin_window_seconds = 600")
        .start();
    let person = server.user("guessed");
    let wrong = server.api(&Login::basic("guessed", "wrong"));
    for _ in 0..3 {
        wrong.get("/me").expect_problem(401, "unauthenticated");
    }
    let answer = wrong.get("/me").expect_problem(429, "too_many_attempts");
    let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=600).contains(&seconds), "{seconds}");
    assert_eq!(
        answer.json()["params"]["retry_after_seconds"]
            .to_string()
            .trim_matches('"'),
        seconds.to_string()
    );
    let answer = server
        .registry(&person.login())
        .get("/v2/")
        .expect_error(429, "TOOMANYREQUESTS");
    assert!(!answer.header("retry-after").is_empty());
    server.api(&server.admin()).get("/me").expect(200);
}
