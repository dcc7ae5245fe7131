//! Signing in at a browser: `/session`, `/me/sessions`, and what a password's change does to them.

use serde_json::json;
use wharf_testkit::{ApiClient, Login, Server, read_session_cookie};

use crate::{SERVER, admin, fresh_person};

/// What the browser calls itself.
const AGENT: &str = "Mozilla/5.0 (a test)";

fn sign_in(api: &ApiClient, username: &str, password: &str) -> wharf_testkit::Answer {
    api.request(reqwest::Method::POST, "/session")
        .header("x-wharf-console", "1")
        .header("user-agent", AGENT)
        .json(json!({ "username": username, "password": password }))
        .send()
}

#[test]
fn nobody_hears_what_a_sign_in_page_must_know() {
    let server = SERVER.get();
    let nobody = server.api(&Login::Anonymous);
    let session = nobody.get("/session").expect(200).json();
    assert_eq!(session["user"], json!(null));
    assert_eq!(session["language"], json!(null));
    assert_eq!(session["must_change_password"], false);
    assert_eq!(session["oidc"], json!(null));
    assert_eq!(session["login_possible"], true);
    assert_eq!(session["insecure"], false);
    assert_eq!(session["public_images"], true);
    assert_eq!(session["address"], server.authority());
}

#[test]
fn a_person_signs_in_is_known_and_signs_out() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let nobody = server.api(&Login::Anonymous);
    let answer = sign_in(&nobody, &person.username, &person.password).expect(200);
    assert_eq!(answer.json()["user"]["username"], person.username);
    assert_eq!(answer.json()["must_change_password"], false);
    let browser = Login::Session(read_session_cookie(&answer).expect("a cookie"));
    let api = server.api(&browser);
    let known = api.get("/session").expect(200).json();
    assert_eq!(known["user"]["username"], person.username);
    let me = api.get("/me").expect(200).json();
    assert_eq!(me["username"], person.username);

    api.delete("/session").expect(204);
    api.get("/me").expect_problem(401, "unauthenticated");
    let gone = api.get("/session").expect(200);
    assert_eq!(gone.json()["user"], json!(null));
    assert!(gone.header("set-cookie").contains("Max-Age=0"));
    // Signing out twice is no error.
    api.delete("/session").expect(204);
}

#[test]
fn a_wrong_password_a_token_and_a_robot_sign_nobody_in() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let token = server.token(&person, "for machines", &["pull", "admin"]);
    let made = json!({ "name": "ci", "actions": ["pull"] });
    let robots = format!("/namespaces/{}/robots", person.username);
    let robot = api.post(&robots, made).expect(201).json();
    let robot_secret = robot["secret"].as_str().expect("a secret");
    let nobody = server.api(&Login::Anonymous);
    let unknown = sign_in(&nobody, "nobody-of-this-name", "whatever it is");
    let unknown = unknown.expect_problem(401, "unauthenticated").json();
    for (name, secret) in [
        (person.username.as_str(), "a guess"),
        (&person.username, &token.secret),
        (&format!("{}+ci", person.username), robot_secret),
    ] {
        let refused = sign_in(&nobody, name, secret).expect_problem(401, "unauthenticated");
        assert!(refused.find_header("set-cookie").is_none());
        assert_eq!(refused.json()["detail"], unknown["detail"]);
    }
}

#[test]
fn people_see_where_they_are_signed_in_and_end_it() {
    let server = SERVER.get();
    let (person, by_password) = fresh_person();
    let nobody = server.api(&Login::Anonymous);
    let answer = sign_in(&nobody, &person.username, &person.password).expect(200);
    let here = server.api(&Login::Session(
        read_session_cookie(&answer).expect("a cookie"),
    ));
    let there = server.api(&server.sign_in(&person.username, &person.password));
    let items = here.get("/me/sessions").expect(200).json()["items"].clone();
    let items = items.as_array().expect("sessions").clone();
    assert_eq!(items.len(), 2);
    let own = items
        .iter()
        .find(|item| item["current"] == true)
        .expect("one");
    assert_eq!(own["user_agent"], AGENT);
    assert_eq!(own["address"], "127.0.0.1");
    let other = items
        .iter()
        .find(|item| item["current"] == false)
        .expect("one");
    let other = format!("/me/sessions/{}", other["id"].as_str().expect("an id"));
    here.delete(&other).expect(204);
    there.get("/me").expect_problem(401, "unauthenticated");
    here.get("/me").expect(200);
    here.delete(&other).expect_problem(404, "not_found");
    let left = by_password.get("/me/sessions").expect(200).json();
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(left["items"][0]["current"], false);
}

#[test]
fn a_changed_password_ends_all_sessions_but_the_one_that_goes_on_anew() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let mut browsers = [(); 2].map(|()| server.sign_in(&person.username, &person.password));
    let change =
        json!({ "current_password": person.password, "new_password": "another fine phrase" });
    let changed = server
        .api(&browsers[0])
        .post("/me/password", change)
        .expect(204);
    for browser in &browsers {
        server
            .api(browser)
            .get("/me")
            .expect_problem(401, "unauthenticated");
    }
    browsers[0] = Login::Session(read_session_cookie(&changed).expect("another cookie"));
    server.api(&browsers[0]).get("/me").expect(200);
    // Without a browser there is nothing to go on with.
    let api = server.api(&Login::basic(&person.username, "another fine phrase"));
    let back =
        json!({ "current_password": "another fine phrase", "new_password": person.password });
    let changed = api.post("/me/password", back).expect(204);
    assert!(changed.find_header("set-cookie").is_none());
    server
        .api(&browsers[0])
        .get("/me")
        .expect_problem(401, "unauthenticated");
}

#[test]
fn a_deleted_token_leaves_browsers_signed_in() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let browser = server.sign_in(&person.username, &person.password);
    let token = server.token(&person, "for machines", &["pull"]);
    let api = server.api(&browser);
    api.delete(&format!("/tokens/{}", token.id())).expect(204);
    api.get("/me").expect(200);
    let listed = api.get("/me/sessions").expect(200).json();
    assert_eq!(listed["items"][0]["current"], true);
}

#[test]
fn whoever_signs_in_with_a_password_that_the_server_made_is_asked_for_their_own() {
    let server = SERVER.get();
    let made = json!({ "username": wharf_testkit::unique_name("fresh") });
    let made = admin().post("/users", made).expect(201).json();
    let name = made["username"].as_str().expect("a name");
    let first = made["password"].as_str().expect("a password");
    let nobody = server.api(&Login::Anonymous);
    let answer = sign_in(&nobody, name, first).expect(200);
    assert_eq!(answer.json()["must_change_password"], true);
    let api = server.api(&Login::Session(
        read_session_cookie(&answer).expect("a cookie"),
    ));
    let change = json!({ "current_password": first, "new_password": "one of my own" });
    let changed = api.post("/me/password", change).expect(204);
    let api = server.api(&Login::Session(
        read_session_cookie(&changed).expect("a cookie"),
    ));
    assert_eq!(
        api.get("/session").expect(200).json()["must_change_password"],
        false
    );
    let reset = admin()
        .post(&format!("/users/{name}/password"), json!({}))
        .expect(200);
    let reset = reset.json()["password"]
        .as_str()
        .expect("a password")
        .to_owned();
    let answer = sign_in(&nobody, name, &reset).expect(200);
    assert_eq!(answer.json()["must_change_password"], true);
}

#[test]
fn the_language_is_the_persons_on_every_machine() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let api = server.api(&server.sign_in(&person.username, &person.password));
    assert_eq!(
        api.get("/session").expect(200).json()["language"],
        json!(null)
    );
    let edit = json!({ "language": "zh", "display_name": "李伟", "email": "li@example.com" });
    let edited = api.patch("/me", edit).expect(200).json();
    assert_eq!(edited["display_name"], "李伟");
    let elsewhere = server.api(&server.sign_in(&person.username, &person.password));
    assert_eq!(
        elsewhere.get("/session").expect(200).json()["language"],
        "zh"
    );
    let odd = json!({ "language": "xx" });
    api.patch("/me", odd).expect_problem(400, "invalid_field");
}

#[test]
fn sessions_survive_a_restart() {
    let mut server = Server::start();
    let browser = server.sign_in("admin", server.admin_password());
    server.restart();
    server.api(&browser).get("/me").expect(200);
}

#[test]
fn an_operator_may_close_the_page_of_public_images() {
    let server = Server::builder()
        .config("[console]\npublic_images = false")
        .start();
    let session = server
        .api(&Login::Anonymous)
        .get("/session")
        .expect(200)
        .json();
    assert_eq!(session["public_images"], false);
}
