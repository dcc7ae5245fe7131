//! Ids tell nothing but themselves, and answers have the headers that clients rely on.

use std::collections::HashSet;

use serde_json::{Value, json};
use wharf_testkit::{Login, unique_name};

use crate::world::World;

/// A UUID of version 4 or 7, as its 128 bits; panics for any other.
#[track_caller]
fn parse_uuid(text: &str) -> u128 {
    assert_eq!(text.len(), 36, "`{text}` is no UUID");
    let bits = u128::from_str_radix(&text.replace('-', ""), 16)
        .unwrap_or_else(|_| panic!("`{text}` is no UUID"));
    // RFC 9562, 4.1 and 4.2. Versions 1, 2 and 6 tell the machine and the order of its ids.
    assert!(
        ["4", "7"].contains(&&text[14..15]),
        "`{text}` has another version"
    );
    assert!(
        "89ab".contains(&text[19..20]),
        "`{text}` has another variant"
    );
    bits
}

/// Asserts that none of these ids can be found from the others.
#[track_caller]
fn expect_unguessable(ids: &[u128]) {
    let tails: HashSet<u32> = ids.iter().map(|id| (id & 0xffff_ffff) as u32).collect();
    assert_eq!(tails.len(), ids.len(), "ids repeat their last part");
    for pair in ids.windows(2) {
        let step = pair[0].abs_diff(pair[1]) & 0xffff_ffff;
        assert!(step > 0xff, "ids follow each other by {step}");
    }
    // Every bit at the end is drawn, none is always the same.
    for bit in 0..32 {
        let ones = ids.iter().filter(|id| *id >> bit & 1 == 1).count();
        assert!(ones > 0 && ones < ids.len(), "bit {bit} never changes");
    }
}

#[test]
fn l103_ids_are_uuids_that_nobody_can_guess() {
    let world = World::get();
    let repository = world.attacker_repository();
    let (mut sessions, mut requests) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        let answer = repository.begin_upload("").expect(202);
        sessions.push(parse_uuid(answer.header("docker-upload-uuid")));
        requests.push(parse_uuid(answer.header("x-request-id")));
        repository.delete_upload(&answer.location()).expect(204);
    }
    expect_unguessable(&sessions);
    expect_unguessable(&requests);
    let names: Vec<u128> = (0..40)
        .map(|_| {
            let body = json!({ "name": unique_name("id"), "actions": ["pull"] });
            let created = world
                .attacker_api()
                .post("/tokens", body)
                .expect(201)
                .json();
            parse_uuid(created["id"].as_str().expect("an id"))
        })
        .collect();
    expect_unguessable(&names);
}

/// Every value called `id` or `…_id` in here.
fn find_ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == "id" || name.ends_with("_id") {
                    found.push(field.as_str().expect("an id is a text").to_owned());
                }
                find_ids(field, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find_ids(item, found)),
        _ => {}
    }
}

#[test]
fn l103_no_answer_counts_what_others_have() {
    let world = World::get();
    world.push_secret();
    let (repository, _) = world.push_secret();
    let encoded = wharf_testkit::encode_segment(repository.name());
    let mut found = Vec::new();
    for target in [
        "/me",
        "/tokens",
        "/namespaces",
        "/repositories",
        &format!("/repositories/{encoded}"),
    ] {
        find_ids(
            &world.victim_api().get(target).expect(200).json(),
            &mut found,
        );
    }
    for target in ["/users", "/audit"] {
        find_ids(
            &world.admin_api().get(target).expect(200).json(),
            &mut found,
        );
    }
    assert!(found.len() > 10);
    for id in &found {
        parse_uuid(id);
    }
    // A list tells what is on the page, not how much there is in all.
    let page = world
        .attacker_api()
        .get("/search?limit=1")
        .expect(200)
        .json();
    let names: Vec<&String> = page.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["items", "next"]);
}

#[test]
fn l104_every_answer_of_the_registry_says_which_protocol_it_speaks() {
    let world = World::get();
    let repository = world.attacker_repository();
    let digest = repository.push_bytes("of a version");
    let nobody = world.server.registry(&Login::Anonymous);
    let theirs = repository.seen_by(&nobody);
    let wrong = world
        .server
        .registry(&Login::basic("attacker", "wrong password"));
    let client = world.attacker_registry();
    let answers = [
        (200, client.get("/v2/")),
        (200, client.get("/v2")),
        (200, repository.get_blob(&digest)),
        (200, repository.head_blob(&digest)),
        (206, repository.get_blob_with(&digest, "range", "bytes=0-0")),
        (416, repository.get_blob_with(&digest, "range", "bytes=99-")),
        (304, repository.get_blob_with(&digest, "if-none-match", "*")),
        (202, repository.begin_upload("")),
        (400, repository.post_blob(&digest, "other")),
        (401, theirs.get_blob(&digest)),
        (401, wrong.get("/v2/")),
        (404, repository.get_manifest("v1")),
        (404, client.get("/v2/no/such/endpoint")),
        (405, client.post_empty("/v2/")),
        (400, client.get("/v2/UPPER/tags/list")),
        (400, client.get("/v2/_catalog?n=x")),
        (200, client.get("/v2/_catalog")),
    ];
    for (status, answer) in answers {
        let answer = answer.expect(status);
        assert_eq!(
            answer.header("docker-distribution-api-version"),
            "registry/2.0"
        );
    }
}
