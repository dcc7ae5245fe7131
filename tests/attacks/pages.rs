//! How much of a list one request gets.

use wharf_testkit::{Repository, encode_segment};

use crate::world::World;

fn tag_image(repository: &Repository, count: usize) {
    let manifest = wharf_testkit::image::make_artifact("application/x-tagged", &[], None);
    repository.push_bytes("{}");
    for number in 0..count {
        repository.push_manifest(&format!("t{number}"), &manifest);
    }
}

#[test]
fn m73_a_page_is_as_large_as_asked_but_never_endless() {
    let world = World::get();
    let repository = world.attacker_repository();
    tag_image(&repository, 3);
    let client = world.attacker_registry();
    let lists = [
        repository.path("tags/list"),
        "/v2/_catalog".to_owned(),
        repository.path(&format!(
            "referrers/{}",
            wharf_testkit::image::compute_digest(b"{}")
        )),
    ];
    for list in &lists {
        let get = |query: &str| client.get(&format!("{list}?{query}"));
        for bad in [
            "n=-1", "n=abc", "n=1.5", "n=%2B1", "n=1e3", "n=0x10", "n=1&n=2", "n=%00",
        ] {
            let answer = get(bad).expect(400);
            assert!(answer.json()["errors"][0]["code"].is_string(), "{bad}");
        }
        let empty = get("n=0").expect(200);
        assert_eq!(empty.find_header("link"), None);
        assert!(empty.text().contains("[]"), "{}", empty.text());
        for huge in [
            "n=1000000000",
            "n=1000000000000000000",
            "n=99999999999999999999999999",
        ] {
            let answer = get(huge).expect(200);
            let text = answer.json();
            let entries = text["tags"]
                .as_array()
                .or(text["repositories"].as_array())
                .or(text["manifests"].as_array())
                .expect("a list");
            assert!(entries.len() <= 1000, "{huge}: {}", entries.len());
        }
        get("last=zzzzzz%FF").expect(400);
        get("last=%0a").expect(400);
    }
    assert_eq!(repository.read_tags("n=2"), ["t0", "t1"]);
    assert_eq!(repository.read_tags("last=t1"), ["t2"]);
    assert_eq!(repository.read_tags("last=t1-never-was"), ["t2"]);
    assert_eq!(repository.read_tags("last=zzz"), Vec::<String>::new());
}

#[test]
fn m73_the_management_api_clamps_too() {
    let world = World::get();
    let repository = world.attacker_repository();
    tag_image(&repository, 3);
    let target = format!("/repositories/{}/tags", encode_segment(repository.name()));
    let api = world.attacker_api();
    for bad in [
        "limit=-1",
        "limit=abc",
        "limit=1e3",
        "limit=99999999999999999999999999",
    ] {
        api.get(&format!("{target}?{bad}"))
            .expect_problem(400, "invalid_field");
    }
    for (query, count) in [("limit=0", 1), ("limit=2", 2), ("limit=1000000", 3)] {
        let page = api.get(&format!("{target}?{query}")).expect(200).json();
        assert_eq!(
            page["items"].as_array().map(Vec::len),
            Some(count),
            "{query}"
        );
    }
    for cursor in ["x", "%00", "' OR 1=1 --", "..%2f", &"A".repeat(5000)] {
        api.get(&format!("{target}?after={cursor}"))
            .expect_one_of(&[200, 400]);
    }
}
