//! Pages of tags (end-8b).

use std::sync::OnceLock;

use wharf_testkit::{ImageMaker, Repository};

use crate::{admin, fresh_repository};

/// A repository with `t0000` … `t1104`: more than one answer may hold.
fn large_repository() -> &'static Repository {
    static REPOSITORY: OnceLock<Repository> = OnceLock::new();
    REPOSITORY.get_or_init(|| {
        let repository = fresh_repository();
        let image = ImageMaker::new("many tags").make();
        image.blobs().for_each(|blob| repository.push_blob(blob));
        let tags = all_tags();
        for some in tags.chunks(65) {
            let query: Vec<String> = some.iter().map(|tag| format!("tag={tag}")).collect();
            repository
                .put_manifest(
                    &format!("{}?{}", image.digest(), query.join("&")),
                    &image.manifest,
                )
                .expect(201);
        }
        repository
    })
}

fn all_tags() -> Vec<String> {
    (0..1105).map(|number| format!("t{number:04}")).collect()
}

#[test]
fn n_limits_the_page_and_a_link_leads_on_end_8b() {
    let repository = large_repository();
    let answer = repository.list_tags("n=3").expect(200);
    assert_eq!(
        answer.json()["tags"],
        serde_json::json!(["t0000", "t0001", "t0002"])
    );
    let next = answer.next_link().expect("there are more");
    let answer = admin().get(&next).expect(200);
    assert_eq!(
        answer.json()["tags"],
        serde_json::json!(["t0003", "t0004", "t0005"])
    );
}

#[test]
fn following_links_gives_every_tag_once_end_8b() {
    let repository = large_repository();
    for query in ["", "n=100", "n=999", "n=1000"] {
        let mut tags = Vec::new();
        let mut answer = repository.list_tags(query).expect(200);
        loop {
            let body = answer.json();
            tags.extend(
                body["tags"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .map(|tag| tag.as_str().expect("text").to_owned()),
            );
            match answer.next_link() {
                None => break,
                Some(next) => answer = admin().get(&next).expect(200),
            }
        }
        assert_eq!(tags, all_tags(), "{query}");
    }
}

#[test]
fn more_than_a_thousand_are_never_in_one_page_end_8b() {
    let repository = large_repository();
    for query in [
        "",
        "n=1001",
        "n=100000",
        "n=1000000000000000000",
        "n=99999999999999999999999",
    ] {
        let answer = repository.list_tags(query).expect(200);
        assert_eq!(
            answer.json()["tags"].as_array().expect("a list").len(),
            1000,
            "{query}"
        );
        assert!(answer.next_link().is_some(), "{query}");
    }
}

#[test]
fn last_begins_after_the_tag_that_it_names_end_8b() {
    let repository = large_repository();
    assert_eq!(repository.read_tags("n=2&last=t0005"), ["t0006", "t0007"]);
    assert_eq!(repository.read_tags("last=t1102"), ["t1103", "t1104"]);
    assert_eq!(repository.read_tags("last=t1104"), Vec::<String>::new());
}

#[test]
fn last_need_not_be_a_tag_that_exists_end_8b() {
    let repository = large_repository();
    assert_eq!(repository.read_tags("n=1&last=t0005a"), ["t0006"]);
    assert_eq!(repository.read_tags("n=1&last=a"), ["t0000"]);
    assert_eq!(repository.read_tags("n=1&last=zzz"), Vec::<String>::new());
}

#[test]
fn n_of_zero_is_an_empty_list_without_a_link_end_8b() {
    let answer = large_repository().list_tags("n=0").expect(200);
    assert_eq!(answer.json()["tags"], serde_json::json!([]));
    assert_eq!(answer.find_header("link"), None);
}

#[test]
fn the_last_page_has_no_link_end_8b() {
    let repository = large_repository();
    for query in [
        "last=t1103",
        "n=5&last=t1099",
        "n=5&last=t1100",
        "n=1000&last=t0500",
    ] {
        assert_eq!(
            repository.list_tags(query).expect(200).next_link(),
            None,
            "{query}"
        );
    }
}

#[test]
fn an_n_that_is_no_number_is_refused_end_8b() {
    for query in [
        "n=-1", "n=abc", "n=1.5", "n=0x10", "n=+1", "n=%00", "n=1&n=2",
    ] {
        large_repository()
            .list_tags(query)
            .expect(400)
            .error_codes();
    }
}

#[test]
fn a_page_may_be_large_enough_for_all_end_8b() {
    let repository = fresh_repository();
    let image = ImageMaker::new("few tags").make();
    repository.push_image("one", &image);
    repository.push_manifest("two", &image.manifest);
    for query in ["n=2", "n=3", "n=1000"] {
        let answer = repository.list_tags(query).expect(200);
        assert_eq!(answer.json()["tags"], serde_json::json!(["one", "two"]));
        assert_eq!(answer.find_header("link"), None, "{query}");
    }
}
