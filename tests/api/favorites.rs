//! `/repositories/{name}/favorite`.

use serde_json::json;

use crate::{SERVER, admin, fresh_person, fresh_repository, repository_path};

#[test]
fn a_favorite_is_set_and_taken_back_for_oneself() {
    let server = SERVER.get();
    let (_, api) = fresh_person();
    let (_, other) = fresh_person();
    let repository = fresh_repository();
    repository.push_bytes("liked");
    server.set_visibility(repository.name(), true);
    let page = repository_path(repository.name(), "");
    let favorite = repository_path(repository.name(), "/favorite");

    api.put(&favorite, json!(null)).expect(204);
    api.put(&favorite, json!(null)).expect(204);
    assert_eq!(api.get(&page).expect(200).json()["favorite"], true);
    assert_eq!(other.get(&page).expect(200).json()["favorite"], false);
    api.delete(&favorite).expect(204);
    api.delete(&favorite).expect(204);
    assert_eq!(api.get(&page).expect(200).json()["favorite"], false);
}

#[test]
fn a_favorite_ends_with_the_right_to_see_it() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let repository = fresh_repository();
    repository.push_bytes("liked for a while");
    let namespace = repository.name().split('/').next().expect("a namespace");
    server.member(namespace, &person, "reader");
    api.put(
        &repository_path(repository.name(), "/favorite"),
        json!(null),
    )
    .expect(204);
    assert_eq!(api.read_all("/repositories?favourite=true", 10).len(), 1);
    admin()
        .delete(&format!(
            "/namespaces/{namespace}/members/{}",
            person.username
        ))
        .expect(204);
    assert_eq!(api.read_all("/repositories?favourite=true", 10).len(), 0);
}

#[test]
fn what_cannot_be_seen_cannot_be_a_favorite() {
    let (_, api) = fresh_person();
    let repository = fresh_repository();
    repository.push_bytes("private");
    api.put(
        &repository_path(repository.name(), "/favorite"),
        json!(null),
    )
    .expect_problem(404, "not_found");
    api.put(&repository_path("nothing/here", "/favorite"), json!(null))
        .expect_problem(404, "not_found");
}
