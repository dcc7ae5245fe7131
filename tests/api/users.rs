//! `/users`.

use serde_json::json;
use wharf_testkit::{Login, Server, encode_segment, unique_name};

use crate::{SERVER, admin, fresh_person};

#[test]
fn a_user_is_created_with_all_that_was_said() {
    let username = unique_name("jane");
    let body = json!({
        "username": username, "password": "a fine long phrase", "display_name": "Jane Döe", "email": "jane@example.com", "admin": true,
    });
    let user = admin().post("/users", body).expect(201).json();
    assert_eq!(user["username"], username);
    assert_eq!(user["display_name"], "Jane Döe");
    assert_eq!(user["email"], "jane@example.com");
    assert_eq!(user["admin"], true);
    assert_eq!(user["disabled"], false);
    assert!(
        user.get("password")
            .is_none_or(|password| password.is_null()),
        "{user}"
    );
    let server = SERVER.get();
    assert_eq!(
        server
            .api(&Login::basic(&username, "a fine long phrase"))
            .get("/me")
            .expect(200)
            .json()["id"],
        user["id"]
    );
}

#[test]
fn a_user_without_a_password_gets_one_that_is_shown_once() {
    let username = unique_name("made");
    let user = admin()
        .post("/users", json!({ "username": username }))
        .expect(201)
        .json();
    let password = user["password"].as_str().expect("a password was made");
    let server = SERVER.get();
    server
        .api(&Login::basic(&username, password))
        .get("/me")
        .expect(200);
    let again = admin()
        .get(&format!("/users/{username}"))
        .expect(200)
        .json();
    assert!(again.get("password").is_none(), "{again}");
}

#[test]
fn a_user_owns_a_namespace_of_the_same_name_from_the_start() {
    let (person, api) = fresh_person();
    let namespace = api
        .get(&format!("/namespaces/{}", person.username))
        .expect(200)
        .json();
    assert_eq!(namespace["role"], "owner");
    let server = SERVER.get();
    server
        .registry(&person.login())
        .repository(&format!("{}/app", person.username))
        .push_bytes("pushed at once");
}

#[test]
fn a_name_that_is_taken_is_a_conflict() {
    let (person, _) = fresh_person();
    let body = json!({ "username": person.username, "password": "a fine long phrase" });
    let answer = admin().post("/users", body).expect_problem(409, "conflict");
    assert!(answer.json()["params"]["what"].is_string());
}

#[test]
fn a_name_of_somebody_elses_namespace_is_a_conflict() {
    let namespace = SERVER.get().namespace(&unique_name("taken"));
    let body = json!({ "username": namespace, "password": "a fine long phrase" });
    admin().post("/users", body).expect_problem(409, "conflict");
}

#[test]
fn a_name_outside_the_grammar_is_refused() {
    for username in [
        "",
        "a",
        "A1",
        "-a",
        "a-",
        "a b",
        "a+b",
        "a$b",
        "a/b",
        "ü2",
        "a..b",
        "library-",
        &"x".repeat(65),
    ] {
        let body = json!({ "username": username, "password": "a fine long phrase" });
        let answer = admin()
            .post("/users", body)
            .expect_problem(400, "invalid_field");
        assert_eq!(answer.json()["params"]["field"], "username");
    }
}

#[test]
fn a_weak_password_is_refused_at_creation() {
    let body = json!({ "username": unique_name("weak"), "password": "short" });
    admin().post("/users", body).expect_refusal("weak_password");
}

#[test]
fn fields_that_do_not_exist_are_refused() {
    for field in ["is_admin", "role", "id", "password_hash", "created_at"] {
        let body = json!({ "username": unique_name("extra"), "password": "a fine long phrase", field: true });
        let answer = admin()
            .post("/users", body)
            .expect_problem(400, "unknown_field");
        assert_eq!(answer.json()["params"]["field"], field);
    }
    let (person, _) = fresh_person();
    admin()
        .patch(
            &format!("/users/{}", person.username),
            json!({ "username": "other" }),
        )
        .expect_problem(400, "unknown_field");
}

#[test]
fn a_user_is_read_and_edited_by_name() {
    let (person, api) = fresh_person();
    let target = format!("/users/{}", person.username);
    let edited = admin()
        .patch(
            &target,
            json!({ "display_name": "New", "email": "new@example.com", "namespace_limit": 3 }),
        )
        .expect(200)
        .json();
    assert_eq!(edited["display_name"], "New");
    assert_eq!(edited["email"], "new@example.com");
    assert_eq!(edited["namespace_limit"], 3);
    // The owner's last login may be noted between two readings; everything else is what the edit answered.
    let read = admin().get(&target).expect(200).json();
    for field in [
        "id",
        "username",
        "display_name",
        "email",
        "admin",
        "disabled",
        "namespace_limit",
        "created_at",
    ] {
        assert_eq!(read[field], edited[field], "{field}");
    }
    assert_eq!(api.get("/me").expect(200).json()["display_name"], "New");
    let unchanged = admin().patch(&target, json!({})).expect(200).json();
    assert_eq!(unchanged["display_name"], "New");
}

#[test]
fn nobody_answers_404() {
    admin()
        .get("/users/nobody-at-all")
        .expect_problem(404, "not_found");
    admin()
        .patch("/users/nobody-at-all", json!({ "admin": true }))
        .expect_problem(404, "not_found");
    admin()
        .delete("/users/nobody-at-all")
        .expect_problem(404, "not_found");
    admin()
        .get("/users/NOT%20A%20NAME")
        .expect_problem(404, "not_found");
}

#[test]
fn a_disabled_user_is_shut_out_at_once_and_let_in_again() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let token = server.token(&person, "laptop", &["pull"]);
    api.get("/me").expect(200);
    let target = format!("/users/{}", person.username);
    admin()
        .patch(&target, json!({ "disabled": true }))
        .expect(200);
    api.get("/me").expect_problem(401, "unauthenticated");
    server.registry(&person.login()).get("/v2/").expect(401);
    server.registry(&token.login()).get("/v2/").expect(401);
    admin()
        .patch(&target, json!({ "disabled": false }))
        .expect(200);
    api.get("/me").expect(200);
    server.registry(&token.login()).get("/v2/").expect(200);
}

#[test]
fn a_deleted_user_is_gone_with_their_namespace_and_tokens() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let token = server.token(&person, "laptop", &["pull"]);
    server.registry(&token.login()).get("/v2/").expect(200);
    let target = format!("/users/{}", person.username);
    admin().delete(&target).expect(204);
    admin().get(&target).expect_problem(404, "not_found");
    api.get("/me").expect_problem(401, "unauthenticated");
    server.registry(&token.login()).get("/v2/").expect(401);
    admin()
        .get(&format!("/namespaces/{}", person.username))
        .expect_problem(404, "not_found");
    admin()
        .post(
            "/users",
            json!({ "username": person.username, "password": "somebody else now" }),
        )
        .expect(201);
}

#[test]
fn a_user_whose_namespace_holds_repositories_is_not_deleted() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let name = format!("{}/app", person.username);
    server
        .registry(&person.login())
        .repository(&name)
        .push_bytes("in use");
    let target = format!("/users/{}", person.username);
    admin().delete(&target).expect_problem(409, "conflict");
    admin()
        .delete(&crate::repository_path(&name, ""))
        .expect(204);
    admin().delete(&target).expect(204);
}

#[test]
fn the_last_admin_stays() {
    let server = Server::start();
    let api = server.api(&server.admin());
    api.delete("/users/admin").expect_problem(409, "conflict");
    api.patch("/users/admin", json!({ "admin": false }))
        .expect_problem(409, "conflict");
    api.patch("/users/admin", json!({ "disabled": true }))
        .expect_problem(409, "conflict");
    api.get("/me").expect(200);

    let other = server.another_admin("second");
    server
        .api(&other.login())
        .patch("/users/admin", json!({ "admin": false }))
        .expect(200);
    api.get("/users").expect_problem(403, "denied");
}

#[test]
fn the_list_has_every_user_in_order() {
    let names: Vec<String> = (0..5).map(|_| fresh_person().0.username).collect();
    let users = admin().read_all("/users", 3);
    let listed: Vec<&str> = users
        .iter()
        .filter_map(|user| user["username"].as_str())
        .collect();
    for name in &names {
        assert_eq!(
            listed.iter().filter(|listed| *listed == name).count(),
            1,
            "{name}"
        );
    }
}

#[test]
fn a_user_may_own_as_many_namespaces_as_allowed() {
    let (person, api) = fresh_person();
    admin()
        .patch(
            &format!("/users/{}", person.username),
            json!({ "namespace_limit": 2 }),
        )
        .expect(200);
    let mut made = 0;
    let refused = loop {
        let answer = api.post("/namespaces", json!({ "name": unique_name("more") }));
        if answer.status != 201 {
            break answer;
        }
        made += 1;
        assert!(made <= 2, "no limit was kept");
    };
    let refused = refused.expect_refusal("limit_reached");
    assert!(refused.json()["params"].get("limit").is_some());
    assert!(
        made >= 1,
        "a limit of two leaves room for one more than their own"
    );
}

#[test]
fn users_are_found_by_login_name_display_name_and_mail_address() {
    let username = unique_name("seek");
    let body = json!({ "username": username, "display_name": "Zoë 100%", "email": format!("{username}@post.example") });
    admin().post("/users", body).expect(201);
    let found = |term: &str| -> Vec<String> {
        admin()
            .read_all(&format!("/users?q={}", encode_segment(term)), 100)
            .iter()
            .filter_map(|user| user["username"].as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(
        found(&username.to_uppercase()),
        std::slice::from_ref(&username)
    );
    assert!(found("zoë 100%").contains(&username));
    assert!(found("POST.example").contains(&username));
    // A wildcard of the database is a character like others here.
    assert!(!found("z%ë").contains(&username));
    assert!(found("nobody-is-called-so").is_empty());
    let long = "a".repeat(1000);
    admin().get(&format!("/users?q={long}")).expect(400);
}
