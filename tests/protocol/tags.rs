//! Listing tags (end-8a).

use serde_json::json;
use wharf_testkit::{ImageMaker, unique_name};

use crate::{SERVER, admin, fresh_repository};

#[test]
fn tags_are_listed_with_the_repositorys_name_end_8a() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("listed").make());
    let answer = repository.list_tags("").expect(200);
    assert_eq!(
        answer.header("content-type").split(';').next(),
        Some("application/json")
    );
    assert_eq!(
        answer.json(),
        json!({ "name": repository.name(), "tags": ["v1"] })
    );
}

#[test]
fn tags_are_in_the_order_of_their_bytes_end_8a() {
    let repository = fresh_repository();
    let image = ImageMaker::new("ordered").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let mut expected = [
        "a", "B", "b", "A", "_x", "1.10", "1.9", "10", "9", "a-b", "a.b", "a_b", "aB", "ab", "Z",
        "z", "v1", "V1", "v1.0",
    ];
    let query: Vec<String> = expected.iter().map(|tag| format!("tag={tag}")).collect();
    repository
        .put_manifest(
            &format!("{}?{}", image.digest(), query.join("&")),
            &image.manifest,
        )
        .expect(201);
    expected.sort_unstable();
    assert_eq!(repository.read_tags(""), expected);
}

#[test]
fn tags_of_a_repository_without_any_is_an_empty_list_end_8a() {
    let server = SERVER.get();
    let namespace = server.namespace(&unique_name("empty"));
    let name = format!("{namespace}/app");
    server.create_repository(&name, false);
    let answer = admin().repository(&name).list_tags("").expect(200);
    assert_eq!(answer.json(), json!({ "name": name, "tags": [] }));
}

#[test]
fn tags_of_a_repository_that_does_not_exist_answers_404_end_8a() {
    fresh_repository()
        .list_tags("")
        .expect_error(404, "NAME_UNKNOWN");
}

#[test]
fn tags_follow_pushes_and_deletes_at_once_end_8a() {
    let repository = fresh_repository();
    let image = ImageMaker::new("at once").make();
    repository.push_image("one", &image);
    assert_eq!(repository.read_tags(""), ["one"]);
    repository.push_manifest("two", &image.manifest);
    assert_eq!(repository.read_tags(""), ["one", "two"]);
    repository.delete_manifest("one").expect(202);
    assert_eq!(repository.read_tags(""), ["two"]);
}
