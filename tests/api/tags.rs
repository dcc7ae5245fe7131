//! `/repositories/{name}/tags`.

use serde_json::{Value, json};
use wharf_testkit::{
    ImageMaker, Login,
    image::{make_artifact, make_index, media_type},
};

use crate::{SERVER, admin, fresh_person, fresh_repository, repository_path};

fn read_tag(name: &str, tag: &str) -> Value {
    let items = admin().read_all(&repository_path(name, "/tags"), 100);
    items
        .into_iter()
        .find(|item| item["name"] == tag)
        .expect("listed")
}

#[test]
fn a_tag_shows_what_it_points_at() {
    let repository = fresh_repository();
    let image = ImageMaker::new(repository.name())
        .layers(2)
        .architecture("arm64")
        .make();
    let digest = repository.push_image("v1", &image);
    let tag = read_tag(repository.name(), "v1");
    assert_eq!(tag["digest"], digest);
    assert_eq!(tag["media_type"], media_type::OCI_MANIFEST);
    assert_eq!(tag["platforms"], json!(["linux/arm64"]));
    assert_eq!(tag["pushed_by"], "admin");
    assert!(tag["pushed_at"].is_string());
    assert_eq!(tag["pull_count"], 0);
    let content: usize = image.blobs().map(|blob| blob.bytes.len()).sum();
    let size = tag["size_bytes"].as_u64().expect("a number") as usize;
    assert!(
        (content..=content + image.manifest.bytes.len()).contains(&size),
        "{size} for {content}"
    );
}

#[test]
fn a_tag_of_an_index_shows_every_platform() {
    let repository = fresh_repository();
    let images = ["amd64", "arm64"].map(|architecture| {
        ImageMaker::new(repository.name())
            .architecture(architecture)
            .make()
    });
    for image in &images {
        repository.push_image(&image.digest(), image);
    }
    let index = make_index(vec![
        images[0].manifest.platform_descriptor("linux", "amd64"),
        images[1].manifest.platform_descriptor("linux", "arm64"),
    ]);
    repository.push_manifest("multi", &index);
    let tag = read_tag(repository.name(), "multi");
    let mut platforms: Vec<&str> = tag["platforms"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    platforms.sort_unstable();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
    assert_eq!(tag["media_type"], media_type::OCI_INDEX);
}

#[test]
fn a_tag_of_an_artifact_shows_its_type() {
    let repository = fresh_repository();
    repository.push_blob(&wharf_testkit::Blob::empty_config());
    repository.push_manifest("note", &make_artifact("application/x-note", &[], None));
    let tag = read_tag(repository.name(), "note");
    assert_eq!(tag["artifact_type"], "application/x-note");
    assert_eq!(tag["platforms"], json!([]));
}

#[test]
fn a_tag_shows_who_pushed_it_last() {
    let server = SERVER.get();
    let (person, _) = fresh_person();
    let name = format!("{}/app", person.username);
    let robot = server.robot(&person.username, "ci", &["pull", "push"]);
    let image = ImageMaker::new("pushed by").make();
    server
        .registry(&person.login())
        .repository(&name)
        .push_image("v1", &image);
    assert_eq!(read_tag(&name, "v1")["pushed_by"], person.username);
    server
        .registry(&robot.login())
        .repository(&name)
        .push_image("v1", &ImageMaker::new("pushed by another").make());
    assert_eq!(read_tag(&name, "v1")["pushed_by"], robot.username);
}

#[test]
fn who_pushed_a_public_image_is_told_to_members_alone() {
    let server = SERVER.get();
    let repository = fresh_repository();
    server.create_repository(repository.name(), true);
    let (person, member) = fresh_person();
    let namespace = repository.name().split('/').next().expect("a namespace");
    server.member(namespace, &person, "developer");
    let own = server.registry(&person.login());
    let image = ImageMaker::new("pushed by somebody").make();
    own.repository(repository.name()).push_image("v1", &image);
    let (_, stranger) = fresh_person();
    let nobody = server.api(&Login::Anonymous);
    let digest = read_tag(repository.name(), "v1")["digest"].clone();
    let digest = digest.as_str().expect("a digest");
    for rest in [
        "/tags".to_owned(),
        "/tags?sort=-pushed&q=v1".to_owned(),
        "/tags/v1".to_owned(),
        format!("/manifests/{digest}"),
        "/trace/v1".to_owned(),
        format!("/trace/{digest}"),
    ] {
        let path = repository_path(repository.name(), &rest);
        let told = member.get(&path).expect(200).text();
        assert!(told.contains(&person.username), "{rest}: {told}");
        for other in [&stranger, &nobody] {
            let told = other.get(&path).expect(200).text();
            assert!(!told.contains(&person.username), "{rest}: {told}");
        }
    }
}

#[test]
fn a_tag_shows_pulls_by_tag_and_by_digest() {
    let repository = fresh_repository();
    let digest = repository.push_image("v1", &ImageMaker::new("pulled").make());
    assert!(read_tag(repository.name(), "v1")["pulled_at"].is_null());
    repository.get_manifest("v1").expect(200);
    repository.get_manifest(&digest).expect(200);
    wharf_tests::wait_until("two pulls are counted", || {
        let tag = read_tag(repository.name(), "v1");
        tag["pull_count"] == 2 && tag["pulled_at"].is_string()
    });
}

#[test]
fn tags_are_listed_in_order_by_page_and_filter() {
    let repository = fresh_repository();
    let image = ImageMaker::new("listed").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let query: Vec<String> = ["v1", "v2", "rc-1", "rc-2", "latest", "V3"]
        .iter()
        .map(|tag| format!("tag={tag}"))
        .collect();
    repository
        .put_manifest(
            &format!("{}?{}", image.digest(), query.join("&")),
            &image.manifest,
        )
        .expect(201);
    let list = |query: &str, limit: usize| -> Vec<String> {
        let items = admin().read_all(
            &repository_path(repository.name(), &format!("/tags{query}")),
            limit,
        );
        items
            .iter()
            .map(|item| item["name"].as_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!(list("", 100).len(), 6);
    assert_eq!(list("", 2), list("", 100));
    assert_eq!(list("?q=rc", 1).len(), 2);
    assert_eq!(list("?q=%25", 10), Vec::<String>::new());
}

#[test]
fn deleting_a_tag_removes_that_tag_only() {
    let repository = fresh_repository();
    let image = ImageMaker::new("deleted by tag").make();
    let digest = repository.push_image("v1", &image);
    repository.push_manifest("v2", &image.manifest);
    let target = repository_path(repository.name(), "/tags/v1");
    admin().delete(&target).expect(204);
    admin().get(&target).expect_problem(404, "not_found");
    admin().delete(&target).expect_problem(404, "not_found");
    assert_eq!(repository.read_tags(""), ["v2"]);
    repository.get_manifest(&digest).expect(200);
    assert_eq!(
        admin()
            .get(&repository_path(repository.name(), ""))
            .expect(200)
            .json()["tag_count"],
        1
    );
}

#[test]
fn a_tag_that_is_not_there_answers_404() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("there").make());
    for tag in ["v2", ".hidden", "a%2Fb", &"t".repeat(129)] {
        admin()
            .get(&repository_path(repository.name(), &format!("/tags/{tag}")))
            .expect_problem(404, "not_found");
    }
}
