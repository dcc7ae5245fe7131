//! `/repositories/{name}`.

use serde_json::json;
use wharf_testkit::{ImageMaker, unique_name};

use crate::{SERVER, admin, fresh_person, fresh_repository, repository_path};

#[test]
fn a_repository_is_created_with_all_that_was_said() {
    let server = SERVER.get();
    let namespace = server.namespace(&unique_name("space"));
    let name = format!("{namespace}/web/front");
    let body = json!({ "name": name, "public": true, "short_description": "Our site", "description": "# Site\n\n*All* of it." });
    let created = admin().post("/repositories", body).expect(201).json();
    assert_eq!(created["name"], name);
    assert_eq!(created["namespace"], namespace);
    assert_eq!(created["public"], true);
    assert_eq!(created["address"], format!("{}/{name}", server.authority()));
    assert_eq!(created["short_description"], "Our site");
    assert_eq!(created["description"], "# Site\n\n*All* of it.");
    assert_eq!(created["size_bytes"], 0);
    assert_eq!(created["tag_count"], 0);
    assert_eq!(created["pull_count"], 0);
    assert_eq!(created["favorite"], false);
    assert_eq!(created["role"], "admin");
    assert!(created["last_push_at"].is_null());
    assert_eq!(
        admin().get(&repository_path(&name, "")).expect(200).json(),
        created
    );
}

#[test]
fn a_repository_is_private_unless_said_otherwise() {
    let namespace = SERVER.get().namespace(&unique_name("space"));
    let created = admin()
        .post(
            "/repositories",
            json!({ "name": format!("{namespace}/app") }),
        )
        .expect(201)
        .json();
    assert_eq!(created["public"], false);
    let pushed = fresh_repository();
    pushed.push_bytes("created by a push");
    assert_eq!(
        admin()
            .get(&repository_path(pushed.name(), ""))
            .expect(200)
            .json()["public"],
        false
    );
}

#[test]
fn a_push_fills_in_sizes_counts_and_times() {
    let repository = fresh_repository();
    let image = ImageMaker::new(repository.name()).layers(2).make();
    repository.push_image("v1", &image);
    repository.push_manifest("v2", &image.manifest);
    let read = admin()
        .get(&repository_path(repository.name(), ""))
        .expect(200)
        .json();
    let content: usize = image.blobs().map(|blob| blob.bytes.len()).sum();
    let size = read["size_bytes"].as_u64().expect("a number");
    assert!(size >= content as u64, "{size} < {content}");
    assert!(
        size <= (content + image.manifest.bytes.len()) as u64,
        "counted twice: {size}"
    );
    assert_eq!(read["tag_count"], 2);
    assert!(read["last_push_at"].is_string());
    assert!(read["created_at"].as_str() <= read["last_push_at"].as_str());
}

#[test]
fn pulls_are_counted() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("counted").make());
    for _ in 0..3 {
        repository.get_manifest("v1").expect(200);
    }
    repository.head_manifest("v1").expect(200);
    wharf_tests::wait_until("three pulls are counted", || {
        admin()
            .get(&repository_path(repository.name(), ""))
            .expect(200)
            .json()["pull_count"]
            == 3
    });
}

#[test]
fn a_repository_without_a_namespace_lives_in_library() {
    let server = SERVER.get();
    let name = unique_name("single");
    server
        .registry(&server.admin())
        .repository(&name)
        .push_image("v1", &ImageMaker::new("single").make());
    let read = admin().get(&repository_path(&name, "")).expect(200).json();
    assert_eq!(read["name"], name);
    assert_eq!(read["namespace"], "library");
    assert_eq!(read["address"], format!("{}/{name}", server.authority()));
}

#[test]
fn descriptions_and_visibility_are_edited() {
    let repository = fresh_repository();
    repository.push_bytes("edited");
    let target = repository_path(repository.name(), "");
    let edited = admin()
        .patch(
            &target,
            json!({ "public": true, "short_description": "New", "description": "# New" }),
        )
        .expect(200)
        .json();
    assert_eq!(
        (
            &edited["public"],
            &edited["short_description"],
            &edited["description"]
        ),
        (&json!(true), &json!("New"), &json!("# New"))
    );
    let edited = admin()
        .patch(&target, json!({ "short_description": "" }))
        .expect(200)
        .json();
    assert_eq!(
        (
            &edited["public"],
            &edited["short_description"],
            &edited["description"]
        ),
        (&json!(true), &json!(""), &json!("# New"))
    );
    admin()
        .patch(&target, json!({ "name": "other/name" }))
        .expect_problem(400, "unknown_field");
    admin()
        .patch(&target, json!({ "public": "yes" }))
        .expect_problem(400, "invalid_field");
}

#[test]
fn a_short_description_has_100_characters_at_most() {
    let repository = fresh_repository();
    repository.push_bytes("described");
    let target = repository_path(repository.name(), "");
    // Characters, not bytes: one of these takes three.
    let fits = "長".repeat(100);
    assert_eq!(
        admin()
            .patch(&target, json!({ "short_description": fits }))
            .expect(200)
            .json()["short_description"],
        fits
    );
    let answer = admin()
        .patch(&target, json!({ "short_description": "長".repeat(101) }))
        .expect_problem(400, "invalid_field");
    assert_eq!(answer.json()["params"]["field"], "short_description");
}

#[test]
fn a_repository_is_deleted_with_all_its_versions() {
    let repository = fresh_repository();
    let image = ImageMaker::new("to be deleted").make();
    let digest = repository.push_image("v1", &image);
    repository.push_image("v2", &ImageMaker::new("also to be deleted").make());
    let target = repository_path(repository.name(), "");
    admin().delete(&target).expect(204);
    admin().get(&target).expect_problem(404, "not_found");
    repository.list_tags("").expect_error(404, "NAME_UNKNOWN");
    repository.get_manifest("v1").expect(404);
    repository.get_manifest(&digest).expect(404);
    repository.get_blob(&image.config.digest()).expect(404);
    admin().delete(&target).expect_problem(404, "not_found");
}

#[test]
fn a_deleted_repository_can_be_pushed_again_and_starts_empty() {
    let repository = fresh_repository();
    let old = repository.push_image("old", &ImageMaker::new("before").make());
    let target = repository_path(repository.name(), "");
    admin()
        .patch(
            &target,
            json!({ "public": true, "short_description": "Old" }),
        )
        .expect(200);
    admin().delete(&target).expect(204);
    let new = repository.push_image("new", &ImageMaker::new("after").make());
    assert_eq!(repository.read_tags(""), ["new"]);
    repository.get_manifest(&old).expect(404);
    repository.get_manifest(&new).expect(200);
    let read = admin().get(&target).expect(200).json();
    assert_eq!(read["public"], false);
    assert_eq!(read["short_description"], "");
    assert_eq!(read["tag_count"], 1);
}

#[test]
fn a_name_that_is_taken_is_a_conflict() {
    let repository = fresh_repository();
    repository.push_bytes("taken");
    let answer = admin()
        .post("/repositories", json!({ "name": repository.name() }))
        .expect_problem(409, "conflict");
    assert_eq!(answer.json()["params"]["what"], "repository");
}

#[test]
fn a_name_outside_the_grammar_is_refused() {
    let namespace = SERVER.get().namespace(&unique_name("space"));
    for rest in [
        "UPPER",
        "a//b",
        "-a",
        "a b",
        "a/",
        "",
        "..",
        &"x".repeat(255),
    ] {
        let answer = admin().post(
            "/repositories",
            json!({ "name": format!("{namespace}/{rest}") }),
        );
        assert_eq!(
            answer.expect_problem(400, "invalid_field").json()["params"]["field"],
            "name"
        );
    }
    admin()
        .post(
            "/repositories",
            json!({ "name": format!("{namespace}/a"), "owner": "x" }),
        )
        .expect_problem(400, "unknown_field");
}

#[test]
fn a_member_creates_repositories_in_their_namespace_only() {
    let (person, api) = fresh_person();
    api.post(
        "/repositories",
        json!({ "name": format!("{}/app", person.username) }),
    )
    .expect(201);
    let other = SERVER.get().namespace(&unique_name("space"));
    api.post("/repositories", json!({ "name": format!("{other}/app") }))
        .expect_problem(404, "not_found");
    api.post(
        "/repositories",
        json!({ "name": format!("{}/app", unique_name("nowhere")) }),
    )
    .expect_problem(404, "not_found");
}

#[test]
fn a_repository_that_is_not_there_answers_404() {
    for name in ["nothing/here", "nothing", "NOT a name", "a%2Fb"] {
        let target = repository_path(name, "");
        admin().get(&target).expect_problem(404, "not_found");
        admin()
            .patch(&target, json!({ "public": true }))
            .expect_problem(404, "not_found");
        admin().delete(&target).expect_problem(404, "not_found");
        admin()
            .get(&repository_path(name, "/tags"))
            .expect_problem(404, "not_found");
    }
}

#[test]
fn the_role_is_the_callers() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let repository = fresh_repository();
    repository.push_bytes("seen by role");
    let namespace = repository.name().split('/').next().expect("a namespace");
    let target = repository_path(repository.name(), "");
    api.get(&target).expect_problem(404, "not_found");
    for role in ["reader", "developer", "maintainer", "owner"] {
        server.member(namespace, &person, role);
        assert_eq!(api.get(&target).expect(200).json()["role"], role);
    }
    let (_, stranger) = fresh_person();
    server.set_visibility(repository.name(), true);
    assert!(stranger.get(&target).expect(200).json()["role"].is_null());
}
