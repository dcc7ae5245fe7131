//! Versions as pages show them: sorted and filtered lists of tags, one version by digest, two compared, several deleted.

use serde_json::{Value, json};
use wharf_testkit::{
    ImageMaker, Repository, encode_segment,
    image::{make_artifact, make_index},
};

use crate::{admin, fresh_repository, repository_path};

fn read_list(repository: &Repository, query: &str) -> Value {
    let path = repository_path(repository.name(), &format!("/tags?{query}"));
    admin().get(&path).expect(200).json()
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("a list").iter();
    items
        .map(|item| item["name"].as_str().expect("a text"))
        .collect()
}

/// Four tags: `b` was pushed first and is the largest, `a` last.
fn with_tags() -> Repository {
    let repository = fresh_repository();
    for (tag, layers, architecture) in [
        ("b", 4, "amd64"),
        ("d", 1, "arm64"),
        ("c", 2, "amd64"),
        ("a", 3, "arm64"),
    ] {
        let image = ImageMaker::new(format!("{}:{tag}", repository.name()).as_str())
            .layers(layers)
            .architecture(architecture)
            .make();
        repository.push_image(tag, &image);
    }
    repository
}

#[test]
fn tags_are_sorted_by_name_time_size_and_pulls_in_both_directions() {
    let repository = with_tags();
    for _ in 0..2 {
        repository.get_manifest("c").expect(200);
    }
    repository.get_manifest("d").expect(200);
    wharf_tests::wait_until("the pulls are counted", || {
        let list = read_list(&repository, "sort=-pulls");
        list["items"][0]["pull_count"] == 2 && list["items"][1]["pull_count"] == 1
    });
    for (sort, expected) in [
        ("name", ["a", "b", "c", "d"]),
        ("-name", ["d", "c", "b", "a"]),
        ("pushed", ["b", "d", "c", "a"]),
        ("-pushed", ["a", "c", "d", "b"]),
        ("size", ["d", "c", "a", "b"]),
        ("-size", ["b", "a", "c", "d"]),
        ("pulls", ["a", "b", "d", "c"]),
        ("-pulls", ["c", "d", "b", "a"]),
    ] {
        let list = read_list(&repository, &format!("sort={sort}"));
        assert_eq!(names(&list), expected, "{sort}");
        let path = repository_path(repository.name(), &format!("/tags?sort={sort}"));
        let paged = admin().read_all(&path, 1);
        assert_eq!(json!(paged), list["items"], "{sort}, by pages of one");
    }
    for bad in ["sort=age", "sort=", "sort=--name"] {
        let path = repository_path(repository.name(), &format!("/tags?{bad}"));
        admin().get(&path).expect_problem(400, "invalid_field");
    }
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    let repository = with_tags();
    let next = read_list(&repository, "sort=-pushed&limit=2")["next"].clone();
    let next = next.as_str().expect("more");
    let path = |sort: &str| {
        let query = format!("/tags?sort={sort}&limit=2&after={next}");
        repository_path(repository.name(), &query)
    };
    admin()
        .get(&path("name"))
        .expect_problem(400, "invalid_field");
    let page = admin().get(&path("-pushed")).expect(200).json();
    assert_eq!(names(&page), ["d", "b"]);
}

#[test]
fn a_list_says_how_many_there_are_and_which_platforms() {
    let repository = with_tags();
    let list = read_list(&repository, "platform=linux%2Farm64&sort=name");
    assert_eq!(names(&list), ["a", "d"]);
    assert_eq!((&list["total"], &list["matching"]), (&json!(4), &json!(2)));
    assert_eq!(list["platforms"], json!(["linux/amd64", "linux/arm64"]));
    let list = read_list(&repository, "platform=linux%2Farm64&q=D");
    assert_eq!(names(&list), ["d"]);
    assert_eq!(list["matching"], 1);
    for nothing in ["platform=linux%2Farm", "platform=%25", "q=zz"] {
        let list = read_list(&repository, nothing);
        assert_eq!(names(&list), [""; 0], "{nothing}");
        assert_eq!((&list["total"], &list["matching"]), (&json!(4), &json!(0)));
    }
    let first = read_list(&repository, "limit=1");
    let next = first["next"].as_str().expect("more");
    let second = read_list(&repository, &format!("limit=1&after={next}"));
    assert_eq!(second["total"], 4);
    assert!(second.get("platforms").is_none());
}

#[test]
fn several_tags_are_deleted_at_once_and_the_rest_stays() {
    let repository = with_tags();
    let path = repository_path(repository.name(), "/tag-deletions");
    let body = json!({ "tags": ["a", "nowhere", "c", "../x"] });
    let answer = admin().post(&path, body).expect(200).json();
    assert_eq!(answer["deleted"], json!(["a", "c"]));
    assert_eq!(answer["missing"], json!(["../x", "nowhere"]));
    assert_eq!(repository.read_tags(""), ["b", "d"]);
    assert_eq!(read_list(&repository, "")["total"], 2);
    let many: Vec<String> = (0..1001).map(|number| format!("t{number}")).collect();
    for bad in [json!({ "tags": [] }), json!({ "tags": many })] {
        let answer = admin().post(&path, bad);
        let answer = answer.expect_problem(400, "invalid_field");
        assert_eq!(answer.json()["params"]["field"], "tags");
    }
}

#[test]
fn hundreds_of_tags_are_deleted_each_with_its_history_and_its_line_of_the_log() {
    let repository = fresh_repository();
    let image = ImageMaker::new("tagged often").make();
    let mut names: Vec<String> = (0..130).map(|number| format!("t{number:03}")).collect();
    for name in &names {
        repository.push_image(name, &image);
    }
    let gone = names.split_off(10);
    let path = repository_path(repository.name(), "/tag-deletions");
    let answer = admin().post(&path, json!({ "tags": gone })).expect(200);
    assert_eq!(answer.json()["deleted"], json!(gone));
    assert_eq!(repository.read_tags(""), names);
    assert_eq!(read_list(&repository, "")["total"], 10);
    let target = encode_segment(&format!("{}:t129", repository.name()));
    let entries = admin().get(&format!("/audit?action=tag.delete&target={target}"));
    let entries = entries.expect(200).json();
    assert_eq!(entries["items"].as_array().map(Vec::len), Some(1));
    let object = encode_segment(repository.name());
    let query = format!("/activity?object={object}&action=tag_deleted");
    let items = admin().read_all(&query, 100);
    let told: Vec<_> = items.iter().rev().map(|item| &item["tags"][0]).collect();
    assert_eq!(told, gone.iter().collect::<Vec<_>>());
    assert!(items.iter().all(|item| item["digest"] == image.digest()));
    // Its history goes on where it was.
    repository.push_image("t129", &image);
    assert_eq!(
        repository.read_tags("").last().map(String::as_str),
        Some("t129")
    );
}

#[test]
fn an_image_of_an_index_is_shown_by_its_digest_with_what_refers_to_it() {
    let repository = fresh_repository();
    let image = ImageMaker::new("a platform").layers(2).make();
    repository.push_image(&image.digest(), &image);
    let index = make_index(vec![image.manifest.platform_descriptor("linux", "amd64")]);
    repository.push_manifest("multi", &index);
    let signature = make_artifact(
        "application/x-signature",
        &[],
        Some(&image.manifest.descriptor()),
    );
    repository.push_blob(&wharf_testkit::Blob::empty_config());
    repository.push_manifest(&signature.digest(), &signature);

    let path = |rest: &str| repository_path(repository.name(), rest);
    let shown = admin().get(&path(&format!("/manifests/{}", image.digest())));
    let shown = shown.expect(200).json();
    assert_eq!(shown["manifest"], image.manifest.json());
    assert_eq!(shown["history"].as_array().map(Vec::len), Some(3));
    assert_eq!(shown["tags"], json!([]));
    assert_eq!(shown["pushed_by"], "admin");
    let shown = admin().get(&path(&format!("/manifests/{}", index.digest())));
    assert_eq!(shown.expect(200).json()["tags"], json!(["multi"]));
    let referrers = format!("/manifests/{}/referrers", image.digest());
    let referrers = admin().read_all(&path(&referrers), 1);
    assert_eq!(referrers.len(), 1);
    assert_eq!(referrers[0]["digest"], signature.digest());
    assert_eq!(referrers[0]["artifact_type"], "application/x-signature");
    for missing in ["latest", "sha256:12", &format!("sha256:{}", "0".repeat(64))] {
        let answer = admin().get(&path(&format!("/manifests/{missing}")));
        answer.expect_problem(404, "not_found");
    }
}

#[test]
fn two_versions_are_compared_by_what_differs() {
    let repository = fresh_repository();
    let one = ImageMaker::new("compared one").layers(2).make();
    let other = ImageMaker::new("compared other").layers(3).make();
    repository.push_image("v1", &one);
    repository.push_image("v2", &other);
    let compare = |query: &str| {
        admin().get(&repository_path(
            repository.name(),
            &format!("/compare?{query}"),
        ))
    };
    let same = compare("a=v1&b=v1").expect(200).json();
    for empty in ["environment", "labels", "settings"] {
        assert_eq!(same[empty], json!([]), "{empty}");
    }
    assert_eq!(same["shared_layers"], 2);
    assert_eq!(same["a"]["layers"], json!([]));
    let found = compare(&format!("a=v1&b={}", other.digest()))
        .expect(200)
        .json();
    assert_eq!(found["b"]["reference"], other.digest());
    assert_eq!(found["a"]["layers"].as_array().map(Vec::len), Some(2));
    assert_eq!(found["b"]["layers"].as_array().map(Vec::len), Some(3));
    assert_eq!(found["b"]["layers"][0]["created_by"], "COPY layer-0.txt /");
    assert_eq!(found["platform"], "linux/amd64");
    assert_eq!(found["environment"][0]["name"], "SEED");
    let index = make_index(vec![other.manifest.platform_descriptor("linux", "amd64")]);
    repository.push_manifest("multi", &index);
    let found = compare("a=v2&b=multi").expect(200).json();
    assert_eq!(found["b"]["image"], other.digest());
    assert_eq!(
        (&found["shared_layers"], &found["environment"]),
        (&json!(3), &json!([]))
    );
    for (field, query) in [("a", "a=no&b=v1"), ("b", "a=v1&b=sha256:00"), ("b", "a=v1")] {
        let answer = compare(query).expect_problem(400, "invalid_field");
        assert_eq!(answer.json()["params"]["field"], field, "{query}");
    }
}
