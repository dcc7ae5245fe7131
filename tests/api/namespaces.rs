//! `/namespaces`.

use serde_json::json;
use wharf_testkit::unique_name;

use crate::{SERVER, admin, fresh_person, fresh_repository};

#[test]
fn a_namespace_is_created_by_a_user_who_owns_it_then() {
    let (_, api) = fresh_person();
    let name = unique_name("space");
    let created = api
        .post(
            "/namespaces",
            json!({ "name": name, "description": "Ours" }),
        )
        .expect(201)
        .json();
    assert_eq!(created["name"], name);
    assert_eq!(created["description"], "Ours");
    assert_eq!(created["role"], "owner");
    assert_eq!(created["repository_count"], 0);
    assert_eq!(
        api.get(&format!("/namespaces/{name}")).expect(200).json(),
        created
    );
}

#[test]
fn the_admin_sees_every_namespace_as_admin() {
    let (person, _) = fresh_person();
    let seen = admin()
        .get(&format!("/namespaces/{}", person.username))
        .expect(200)
        .json();
    assert_eq!(seen["role"], "admin");
}

#[test]
fn a_name_that_is_taken_is_a_conflict() {
    let (person, api) = fresh_person();
    let name = SERVER.get().namespace(&unique_name("space"));
    for taken in [name.as_str(), person.username.as_str()] {
        api.post("/namespaces", json!({ "name": taken }))
            .expect_problem(409, "conflict");
    }
}

#[test]
fn the_name_of_the_built_in_namespace_cannot_be_taken() {
    let (_, api) = fresh_person();
    for name in ["library", "v2", "api"] {
        api.post("/namespaces", json!({ "name": name }))
            .expect_one_of(&[400, 409]);
    }
}

#[test]
fn a_name_outside_the_grammar_is_refused() {
    for name in [
        "",
        "A",
        "a/b",
        "a b",
        "-a",
        "a--",
        "a___b",
        "_catalog",
        &"x".repeat(65),
    ] {
        let answer = admin()
            .post("/namespaces", json!({ "name": name }))
            .expect_problem(400, "invalid_field");
        assert_eq!(answer.json()["params"]["field"], "name");
    }
    admin().post("/namespaces", json!({})).expect(400);
    admin()
        .post(
            "/namespaces",
            json!({ "name": unique_name("a"), "owner": "me" }),
        )
        .expect_problem(400, "unknown_field");
}

#[test]
fn the_description_is_edited() {
    let name = SERVER.get().namespace(&unique_name("space"));
    let target = format!("/namespaces/{name}");
    let edited = admin()
        .patch(&target, json!({ "description": "What we do" }))
        .expect(200)
        .json();
    assert_eq!(edited["description"], "What we do");
    assert_eq!(
        admin().get(&target).expect(200).json()["description"],
        "What we do"
    );
    admin()
        .patch(&target, json!({ "name": "other" }))
        .expect_problem(400, "unknown_field");
}

#[test]
fn the_repositories_of_a_namespace_are_counted() {
    let repository = fresh_repository();
    repository.push_bytes("counts as one");
    let namespace = repository.name().split('/').next().expect("a namespace");
    let target = format!("/namespaces/{namespace}");
    assert_eq!(
        admin().get(&target).expect(200).json()["repository_count"],
        1
    );
    admin()
        .delete(&crate::repository_path(repository.name(), ""))
        .expect(204);
    assert_eq!(
        admin().get(&target).expect(200).json()["repository_count"],
        0
    );
}

#[test]
fn an_empty_namespace_is_deleted_and_its_name_is_free_again() {
    let (_, api) = fresh_person();
    let name = unique_name("space");
    api.post("/namespaces", json!({ "name": name })).expect(201);
    api.delete(&format!("/namespaces/{name}")).expect(204);
    api.get(&format!("/namespaces/{name}"))
        .expect_problem(404, "not_found");
    admin()
        .post("/namespaces", json!({ "name": name }))
        .expect(201);
    api.get(&format!("/namespaces/{name}"))
        .expect_problem(404, "not_found");
}

#[test]
fn a_namespace_with_repositories_stays() {
    let repository = fresh_repository();
    repository.push_bytes("in use");
    let namespace = repository.name().split('/').next().expect("a namespace");
    let answer = admin()
        .delete(&format!("/namespaces/{namespace}"))
        .expect_problem(409, "conflict");
    assert_eq!(answer.json()["params"]["what"], "namespace_not_empty");
}

#[test]
fn the_built_in_namespace_and_a_users_own_stay() {
    let (person, api) = fresh_person();
    let answer = admin()
        .delete("/namespaces/library")
        .expect_problem(409, "conflict");
    assert_eq!(answer.json()["params"]["what"], "builtin_namespace");
    let answer = api
        .delete(&format!("/namespaces/{}", person.username))
        .expect_problem(409, "conflict");
    assert_eq!(answer.json()["params"]["what"], "namespace_of_user");
}

#[test]
fn the_list_has_what_the_caller_is_a_member_of() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let shared = server.namespace(&unique_name("space"));
    let other = server.namespace(&unique_name("space"));
    server.member(&shared, &person, "developer");
    let listed = api.read_all("/namespaces", 10);
    let find = |name: &str| listed.iter().find(|namespace| namespace["name"] == name);
    assert_eq!(find(&person.username).expect("their own")["role"], "owner");
    assert_eq!(find(&shared).expect("the shared one")["role"], "developer");
    assert!(find(&other).is_none());
    let all = admin().read_all("/namespaces", 50);
    assert!(all.iter().any(|namespace| namespace["name"] == other));
    // A part of a name narrows what is seen, and shows nothing more.
    let found = api.read_all(&format!("/namespaces?q={}", shared[1..].to_uppercase()), 10);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["name"], shared);
    assert!(
        api.read_all(&format!("/namespaces?q={other}"), 10)
            .is_empty()
    );
    assert!(api.read_all("/namespaces?q=%25", 10).is_empty());
}

#[test]
fn a_namespace_that_is_not_there_answers_404() {
    admin()
        .get("/namespaces/nothing-here")
        .expect_problem(404, "not_found");
    admin()
        .patch("/namespaces/nothing-here", json!({ "description": "x" }))
        .expect_problem(404, "not_found");
    admin()
        .delete("/namespaces/nothing-here")
        .expect_problem(404, "not_found");
}

#[test]
fn the_list_is_narrowed_by_name_and_by_what_the_caller_may_do_there() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let (read, written) = (unique_name("alike"), unique_name("alike"));
    for (name, role) in [(&read, "reader"), (&written, "developer")] {
        server.namespace(name);
        let target = format!("/namespaces/{name}/members/{}", person.username);
        admin().put(&target, json!({ "role": role })).expect(200);
    }
    let list = |query: &str| -> Vec<String> {
        let all = api.read_all(&format!("/namespaces?{query}"), 100);
        let names = all.iter().map(|one| one["name"].as_str().expect("a name"));
        names.map(str::to_owned).collect()
    };
    assert_eq!(list(&format!("q={read}")), std::slice::from_ref(&read));
    let made_in = list("q=alike&may=create_repositories");
    assert!(made_in.contains(&written) && !made_in.contains(&read));
    assert!(list("may=create_repositories").contains(&person.username));
    api.get("/namespaces?may=fly").expect(400);
    let of_all = admin().get(&format!("/namespaces?may=create_repositories&q={read}"));
    assert_eq!(of_all.expect(200).json()["items"][0]["name"], read);
}

#[test]
fn a_search_that_no_database_takes_is_refused() {
    let (person, api) = fresh_person();
    let long = "_".repeat(25_000);
    let members = format!("/namespaces/{}/members", person.username);
    for path in ["/namespaces", &members] {
        let answer = api.get(&format!("{path}?q={long}"));
        answer.expect_problem(400, "invalid_field");
    }
    let usage = admin().get(&format!("/storage/namespaces?q={long}"));
    usage.expect_problem(400, "invalid_field");
}

#[test]
fn what_namespaces_hold_is_narrowed_by_name_with_the_right_owners() {
    let (one, other) = (fresh_person().0, fresh_person().0);
    for person in [one, other] {
        let path = format!("/storage/namespaces?q={}", person.username);
        let found = admin().get(&path).expect(200).json();
        let items = found["items"].as_array().expect("a list");
        assert_eq!(items.len(), 1, "{found}");
        assert_eq!(items[0]["owners"], json!([person.username]));
    }
}
