//! What was given for a while ends with that while, whatever was made of it in between.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wharf_testkit::{Answer, Login, unique_name};
use wharf_tests::{format_time, wait_until};

use crate::world::{World, fetch_token};

/// Times are given in whole seconds, and the first of them may be almost over.
const SOON: Duration = Duration::from_secs(3);

fn create_token(world: &World, login: &Login, actions: &[&str], end: Option<Duration>) -> Answer {
    let mut body = json!({ "name": unique_name("ends"), "actions": actions });
    if let Some(end) = end {
        body["expires_at"] = Value::String(format_time(end));
    }
    world.server.api(login).post("/tokens", body)
}

#[test]
fn a_registry_token_ends_with_the_access_token_it_was_made_with() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let created = create_token(world, &world.victim_login(), &["pull"], Some(SOON))
        .expect(201)
        .json();
    let secret = created["secret"].as_str().expect("a secret");
    let login = Login::basic(&world.victim.username, secret);
    let direct = world.server.registry(&login);
    let scope = format!("repository:{}:pull", repository.name());
    let token = fetch_token(&direct, &[&scope]);
    let by_token = direct.with_login(Login::Bearer(token));
    let forms = [&direct, &by_token].map(|client| repository.seen_by(client));
    for seen in &forms {
        seen.get_manifest("v1").expect(200);
    }
    wait_until("the access token ended", || {
        forms[0].get_manifest("v1").status == 401
    });
    forms[1]
        .get_manifest("v1")
        .expect_error(401, "UNAUTHORIZED");
}

#[test]
fn a_robot_that_ended_is_nobody_from_that_moment() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let robots = format!("/namespaces/{}/robots", world.victim.username);
    let body = json!({
        "name": unique_name("ends"), "actions": ["pull"], "expires_at": format_time(SOON),
    });
    let created = world.victim_api().post(&robots, body).expect(201).json();
    let field = |name: &str| created[name].as_str().expect("a text").to_owned();
    let direct = world
        .server
        .registry(&Login::basic(field("login"), field("secret")));
    let scope = format!("repository:{}:pull", repository.name());
    let token = fetch_token(&direct, &[&scope]);
    let by_token = direct.with_login(Login::Bearer(token));
    let forms = [&direct, &by_token].map(|client| repository.seen_by(client));
    for seen in &forms {
        seen.get_manifest("v1").expect(200);
    }
    let asked = Instant::now();
    wait_until("the robot ended", || {
        forms[0].get_manifest("v1").status == 401
    });
    assert!(asked.elapsed() <= SOON + Duration::from_secs(2));
    forms[1]
        .get_manifest("v1")
        .expect_error(401, "UNAUTHORIZED");
}

#[test]
fn an_access_token_makes_none_that_outlives_it() {
    let world = World::get();
    let hour = Duration::from_secs(3600);
    let created = create_token(world, &world.victim_login(), &["pull", "admin"], Some(hour))
        .expect(201)
        .json();
    let login = Login::Bearer(created["secret"].as_str().expect("a secret").to_owned());
    // Shorter is fine, and a password makes what it likes.
    create_token(world, &login, &["pull"], Some(hour / 2)).expect(201);
    create_token(world, &world.victim.login(), &["pull"], None).expect(201);
    for end in [None, Some(hour * 2)] {
        create_token(world, &login, &["pull"], end).expect_problem(400, "invalid_field");
    }
    create_token(world, &login, &["pull", "push"], Some(hour / 2))
        .expect_problem(400, "invalid_field");
}

#[test]
fn an_administrators_token_makes_no_login_that_outdoes_it() {
    let world = World::get();
    let server = &world.server;
    let person = server.user(&unique_name("person"));
    let user = format!("/users/{}", person.username);
    let hour = Some(Duration::from_secs(3600));
    let all = [
        "pull",
        "push",
        "delete",
        "build:start",
        "trigger:run",
        "admin",
    ];
    for (actions, end) in [(&["admin"][..], None), (&all[..], hour)] {
        let created = create_token(world, &server.admin(), actions, end).expect(201);
        let secret = created.json()["secret"]
            .as_str()
            .expect("a secret")
            .to_owned();
        let api = server.api(&Login::Bearer(secret));
        api.get("/users").expect(200);
        let fresh = json!({ "username": unique_name("made"), "admin": true });
        api.post("/users", fresh)
            .expect_problem(400, "invalid_field");
        let plain = json!({ "username": unique_name("made") });
        api.post("/users", plain)
            .expect_problem(400, "invalid_field");
        api.post(&format!("{user}/password"), json!({}))
            .expect_problem(400, "invalid_field");
        api.patch(&user, json!({ "admin": true }))
            .expect_problem(400, "invalid_field");
        // Nor one that is there already more than it had, or again.
        let away = server.user(&unique_name("away"));
        let away = format!("/users/{}", away.username);
        let by_password = server.api(&server.admin());
        by_password
            .patch(&away, json!({ "admin": true, "disabled": true }))
            .expect(200);
        api.patch(&away, json!({ "disabled": false }))
            .expect_problem(400, "invalid_field");
        let space = server.namespace(&unique_name("space"));
        let member = format!("/namespaces/{space}/members/{}", person.username);
        let role = |role: &str| json!({ "role": role });
        api.put(&member, role("owner"))
            .expect_problem(400, "invalid_field");
        by_password.put(&member, role("developer")).expect(200);
        api.put(&member, role("maintainer"))
            .expect_problem(400, "invalid_field");
        api.put(&member, role("reader")).expect(200);
        // And it does not say who anybody is.
        for key in [
            "oidc.issuer",
            "oidc.client_id",
            "oidc.client_secret",
            "oidc.name",
        ] {
            let changes = json!({ "changes": { key: "https://evil.example" } });
            api.patch("/settings", changes)
                .expect_problem(400, "invalid_field");
        }
        // What gives nobody a login is done with it as before.
        api.patch(&user, json!({ "display_name": "a person" }))
            .expect(200);
        // Nor is the present password left out by resetting one's own.
        api.post("/users/admin/password", json!({})).expect(400);
    }
    server
        .api(&server.admin())
        .post("/users/admin/password", json!({}))
        .expect_problem(409, "conflict");
}

#[test]
fn a_registry_token_makes_no_other() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let scope = format!("repository:{}:pull", repository.name());
    let client = world.victim_registry();
    let token = fetch_token(&client, &[&scope]);
    let by_token = client.with_login(Login::Bearer(token));
    repository.seen_by(&by_token).get_manifest("v1").expect(200);
    let request = wharf_testkit::registry::TokenRequest::default().scope(&scope);
    by_token.fetch_token(&request).expect(401);
}
