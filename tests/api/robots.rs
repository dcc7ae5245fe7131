//! `/namespaces/{ns}/robots`.

use std::time::Duration;

use serde_json::json;
use wharf_testkit::{ImageMaker, Login, unique_name};

use wharf_tests::{format_time, wait_until};

use crate::{SERVER, admin, fresh_person};

/// A namespace of a fresh person, and where its robots are.
fn robots_path() -> (String, String) {
    let (person, _) = fresh_person();
    let target = format!("/namespaces/{}/robots", person.username);
    (person.username, target)
}

#[test]
fn a_robot_is_created_with_a_secret_that_is_shown_once() {
    let (namespace, target) = robots_path();
    let body = json!({ "name": "ci", "actions": ["pull", "push"], "description": "Builds" });
    let created = admin().post(&target, body).expect(201).json();
    assert_eq!(created["name"], "ci");
    assert_eq!(created["login"], format!("{namespace}+ci"));
    assert_eq!(created["namespace"], namespace);
    assert_eq!(created["description"], "Builds");
    assert_eq!(created["actions"], json!(["pull", "push"]));
    assert_eq!(created["disabled"], false);
    assert_eq!(created["created_by"], "admin");
    let secret = created["secret"].as_str().expect("a secret");
    assert!(secret.starts_with("wharf_bot_"), "{secret}");

    let read = admin().get(&format!("{target}/ci")).expect(200).json();
    assert!(read.get("secret").is_none(), "{read}");
    assert!(!admin().get(&target).expect(200).text().contains(secret));
}

#[test]
fn a_robot_logs_in_and_works_in_its_namespace_only() {
    let server = SERVER.get();
    let (namespace, _) = robots_path();
    let (other, _) = robots_path();
    let robot = server.robot(&namespace, "ci", &["pull", "push"]);
    let client = server.registry(&robot.login());
    client
        .repository(&format!("{namespace}/app"))
        .push_image("v1", &ImageMaker::new("by a robot").make());
    client
        .repository(&format!("{other}/app"))
        .begin_upload("")
        .expect(401);
}

#[test]
fn a_robot_shows_when_it_was_used_last() {
    let server = SERVER.get();
    let (namespace, target) = robots_path();
    let robot = server.robot(&namespace, "ci", &["pull"]);
    assert!(admin().get(&format!("{target}/ci")).expect(200).json()["last_used_at"].is_null());
    server.registry(&robot.login()).get("/v2/").expect(200);
    wharf_tests::wait_until("the use is noted", || {
        admin().get(&format!("{target}/ci")).expect(200).json()["last_used_at"].is_string()
    });
}

#[test]
fn a_new_secret_replaces_the_old_one_at_once() {
    let server = SERVER.get();
    let (namespace, target) = robots_path();
    let robot = server.robot(&namespace, "ci", &["pull"]);
    server.registry(&robot.login()).get("/v2/").expect(200);
    let renewed = admin()
        .post(&format!("{target}/ci/secret"), json!({}))
        .expect_one_of(&[200, 201])
        .json();
    let secret = renewed["secret"].as_str().expect("a secret");
    assert_ne!(secret, robot.secret);
    server.registry(&robot.login()).get("/v2/").expect(401);
    server
        .registry(&Login::basic(&robot.username, secret))
        .get("/v2/")
        .expect(200);
}

#[test]
fn a_disabled_robot_is_shut_out_at_once() {
    let server = SERVER.get();
    let (namespace, target) = robots_path();
    let robot = server.robot(&namespace, "ci", &["pull"]);
    server.registry(&robot.login()).get("/v2/").expect(200);
    let edited = admin()
        .patch(&format!("{target}/ci"), json!({ "disabled": true }))
        .expect(200)
        .json();
    assert_eq!(edited["disabled"], true);
    server.registry(&robot.login()).get("/v2/").expect(401);
    admin()
        .patch(&format!("{target}/ci"), json!({ "disabled": false }))
        .expect(200);
    server.registry(&robot.login()).get("/v2/").expect(200);
}

#[test]
fn a_robots_actions_can_be_changed_and_hold_at_once() {
    let server = SERVER.get();
    let (namespace, target) = robots_path();
    let robot = server.robot(&namespace, "ci", &["pull", "push"]);
    let repository = server
        .registry(&robot.login())
        .repository(&format!("{namespace}/app"));
    repository.push_bytes("while it may");
    let edited = admin()
        .patch(
            &format!("{target}/ci"),
            json!({ "actions": ["pull"], "description": "Reads" }),
        )
        .expect(200)
        .json();
    assert_eq!(edited["actions"], json!(["pull"]));
    assert_eq!(edited["description"], "Reads");
    repository.begin_upload("").expect_error(403, "DENIED");
}

#[test]
fn a_deleted_robot_is_gone_at_once() {
    let server = SERVER.get();
    let (namespace, target) = robots_path();
    let robot = server.robot(&namespace, "ci", &["pull"]);
    server.registry(&robot.login()).get("/v2/").expect(200);
    admin().delete(&format!("{target}/ci")).expect(204);
    server.registry(&robot.login()).get("/v2/").expect(401);
    admin()
        .get(&format!("{target}/ci"))
        .expect_problem(404, "not_found");
    let again = server.robot(&namespace, "ci", &["pull"]);
    server.registry(&robot.login()).get("/v2/").expect(401);
    server.registry(&again.login()).get("/v2/").expect(200);
}

#[test]
fn an_expired_robot_is_shut_out() {
    let server = SERVER.get();
    let (namespace, target) = robots_path();
    let robot = server.robot(&namespace, "ci", &["pull"]);
    let set = |time: &str| admin().patch(&format!("{target}/ci"), json!({ "expires_at": time }));
    set("2001-01-01T00:00:00Z").expect_problem(400, "invalid_field");
    let edited = set("2199-01-01T00:00:00Z").expect(200).json();
    let expires_at = edited["expires_at"].as_str().expect("text");
    assert!(
        expires_at.starts_with("2199-01-01T00:00:00"),
        "{expires_at}"
    );
    let client = server.registry(&robot.login());
    client.get("/v2/").expect(200);

    let soon = set(&format_time(Duration::from_secs(2))).expect(200).json();
    wait_until("the robot expires", || client.get("/v2/").status == 401);
    assert!(soon["expires_at"].is_string());
    let later = admin().get(&format!("{target}/ci")).expect(200).json();
    assert_eq!(later["expires_at"], soon["expires_at"]);
}

#[test]
fn what_a_robot_may_do_is_checked() {
    let (_, target) = robots_path();
    for actions in [
        json!(["fly"]),
        json!([]),
        json!([""]),
        json!("pull"),
        json!(["admin"]),
    ] {
        let answer = admin().post(
            &target,
            json!({ "name": unique_name("bad"), "actions": actions }),
        );
        answer.expect_problem(400, "invalid_field");
    }
    admin()
        .post(&target, json!({ "name": "x y", "actions": ["pull"] }))
        .expect_problem(400, "invalid_field");
    admin()
        .post(&target, json!({ "name": "a$b", "actions": ["pull"] }))
        .expect_problem(400, "invalid_field");
    admin()
        .post(
            &target,
            json!({ "name": "ok", "actions": ["pull"], "expires_at": "soon" }),
        )
        .expect_problem(400, "invalid_field");
    admin()
        .post(
            &target,
            json!({ "name": "ok", "actions": ["pull"], "secret": "mine" }),
        )
        .expect_problem(400, "unknown_field");
}

#[test]
fn a_robots_name_is_unique_in_its_namespace() {
    let (namespace, target) = robots_path();
    let (other, _) = robots_path();
    let server = SERVER.get();
    server.robot(&namespace, "ci", &["pull"]);
    server.robot(&other, "ci", &["pull"]);
    let answer = admin()
        .post(&target, json!({ "name": "ci", "actions": ["pull"] }))
        .expect_problem(409, "conflict");
    assert_eq!(answer.json()["params"]["what"], "robot");
}

#[test]
fn robots_are_listed_by_page() {
    let server = SERVER.get();
    let (namespace, target) = robots_path();
    for number in 0..5 {
        server.robot(&namespace, &format!("r{number}"), &["pull"]);
    }
    let robots = admin().read_all(&target, 2);
    assert_eq!(robots.len(), 5);
}

#[test]
fn a_robot_that_is_not_there_answers_404() {
    let (_, target) = robots_path();
    admin()
        .get(&format!("{target}/none"))
        .expect_problem(404, "not_found");
    admin()
        .patch(&format!("{target}/none"), json!({ "disabled": true }))
        .expect_problem(404, "not_found");
    admin()
        .delete(&format!("{target}/none"))
        .expect_problem(404, "not_found");
    admin()
        .post(&format!("{target}/none/secret"), json!({}))
        .expect_problem(404, "not_found");
    admin()
        .get("/namespaces/nothing-here/robots")
        .expect_problem(404, "not_found");
}
