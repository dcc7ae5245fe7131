//! Range requests ask for one piece, or for none.

use wharf_testkit::image::make_random_bytes;

use crate::{
    measure::{Memory, expect_healthy},
    world::World,
};

/// Large enough that a thousand copies would show.
const SIZE: usize = 1024 * 1024;

#[test]
fn m78_many_ranges_are_one_answer_at_most() {
    let world = World::get();
    let repository = world.attacker_repository();
    let bytes = make_random_bytes(78, SIZE);
    let digest = repository.push_bytes(bytes.clone());
    let get = |range: &str| repository.get_blob_with(&digest, "range", range);

    let whole = get("bytes=0-9").expect(206);
    assert_eq!(whole.body, bytes[..10]);
    assert_eq!(whole.header("content-range"), format!("bytes 0-9/{SIZE}"));

    let memory = Memory::watch(world.server);
    expect_healthy(world.server, || {
        let overlapping = "0-,".repeat(1000);
        let distinct: Vec<String> = (0..1000)
            .map(|start| format!("{}-{}", start * 3, start * 3 + 1))
            .collect();
        let nested: Vec<String> = (0..1000).map(|start| format!("{start}-")).collect();
        for ranges in [
            overlapping.trim_end_matches(',').to_owned(),
            distinct.join(","),
            nested.join(","),
            "0-0,-1".to_owned(),
            "0-0, 0-0".to_owned(),
        ] {
            let answer = get(&format!("bytes={ranges}")).expect_one_of(&[200, 206, 416]);
            assert!(answer.body.len() <= SIZE, "{} bytes", answer.body.len());
            let kind = answer.find_header("content-type").unwrap_or_default();
            assert!(!kind.starts_with("multipart/"), "{kind}");
        }
    });
    memory.expect_growth_below(48);
}

#[test]
fn m78_a_range_that_is_none_is_refused_or_ignored() {
    let world = World::get();
    let repository = world.attacker_repository();
    let bytes = make_random_bytes(79, 1000);
    let digest = repository.push_bytes(bytes.clone());
    for range in [
        "bytes=9-1",
        "bytes=-0",
        "bytes=-",
        "bytes=",
        "bytes",
        "bytes=a-b",
        "bytes=1000-",
        "bytes=99999999999999999999999-",
        "bytes=18446744073709551615-18446744073709551615",
        "bytes=-1-5",
        "bytes=0--1",
        "lines=0-1",
    ] {
        let answer = repository
            .get_blob_with(&digest, "range", range)
            .expect_one_of(&[200, 416]);
        match answer.status.as_u16() {
            200 => assert_eq!(answer.body, bytes, "{range}"),
            _ => {
                assert_eq!(answer.header("content-range"), "bytes */1000", "{range}");
                answer.expect_error(416, "RANGE_INVALID");
            }
        }
    }
    for (range, expected) in [
        ("bytes=-99999999999999999999999", &bytes[..]),
        ("bytes=990-99999999999999999999999", &bytes[990..]),
        ("bytes=-10", &bytes[990..]),
        ("bytes=999-", &bytes[999..]),
    ] {
        let answer = repository.get_blob_with(&digest, "range", range);
        assert_eq!(answer.expect(206).body, expected, "{range}");
    }
}
