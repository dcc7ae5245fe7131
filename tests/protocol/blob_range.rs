//! Ranges of blobs (end-2; RFC 9110, 14).

use reqwest::Method;
use wharf_testkit::{Repository, image::make_random_bytes};

use crate::fresh_repository;

const SIZE: usize = 10_000;

fn push_blob() -> (Repository, String, bytes::Bytes) {
    let repository = fresh_repository();
    let bytes = make_random_bytes(2, SIZE);
    let digest = repository.push_bytes(bytes.clone());
    (repository, digest, bytes)
}

#[test]
fn pull_blob_says_that_it_takes_ranges_end_2() {
    let (repository, digest, _) = push_blob();
    let answer = repository.head_blob(&digest).expect(200);
    assert_eq!(answer.header("accept-ranges"), "bytes");
}

#[test]
fn pull_blob_range_gives_206_and_exactly_these_bytes_end_2() {
    let (repository, digest, bytes) = push_blob();
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=5000-5999", 5000, 5999),
        ("bytes=9999-9999", 9999, 9999),
        ("bytes=9000-", 9000, 9999),
        ("bytes=0-", 0, 9999),
        ("bytes=-1", 9999, 9999),
        ("bytes=-500", 9500, 9999),
        ("bytes=-99999", 0, 9999),
        ("bytes=9990-99999", 9990, 9999),
        ("bytes=5-18446744073709551615", 5, 9999),
        ("BYTES=1-2", 1, 2),
    ] {
        let answer = repository
            .get_blob_with(&digest, "range", range)
            .expect(206);
        assert_eq!(answer.body, bytes[first..=last], "{range}");
        assert_eq!(
            answer.header("content-range"),
            format!("bytes {first}-{last}/{SIZE}")
        );
        assert_eq!(
            answer.header("content-length"),
            (last - first + 1).to_string()
        );
        assert_eq!(answer.header("docker-content-digest"), digest);
    }
}

#[test]
fn pull_blob_range_past_the_end_answers_416_with_the_size_end_2() {
    let (repository, digest, _) = push_blob();
    for range in [
        "bytes=10000-",
        "bytes=10000-10001",
        "bytes=99999999999999999999-",
        "bytes=-0",
    ] {
        let answer = repository
            .get_blob_with(&digest, "range", range)
            .expect(416);
        assert_eq!(answer.header("content-range"), format!("bytes */{SIZE}"));
        answer.error_codes();
    }
}

#[test]
fn pull_blob_range_that_is_not_well_formed_is_ignored_or_refused_end_2() {
    let (repository, digest, bytes) = push_blob();
    for range in [
        "bytes=9-1",
        "bytes=a-b",
        "bytes=",
        "bytes",
        "items=0-5",
        "bytes=--5",
        "bytes=1",
        "0-5",
    ] {
        let answer = repository
            .get_blob_with(&digest, "range", range)
            .expect_one_of(&[200, 416]);
        if answer.status == 200 {
            assert_eq!(answer.body, bytes, "{range}");
        }
    }
}

#[test]
fn pull_blob_with_many_ranges_gets_one_answer_of_one_part_end_2() {
    let (repository, digest, _) = push_blob();
    let thousand: Vec<String> = (0..1000)
        .map(|number| format!("{number}-{number}"))
        .collect();
    for range in [
        "bytes=0-1,5-6".to_owned(),
        "bytes=0-,0-,0-".to_owned(),
        format!("bytes={}", thousand.join(",")),
    ] {
        let answer = repository.get_blob_with(&digest, "range", &range);
        let answer = answer.expect_one_of(&[200, 206, 416]);
        let media_type = answer.header("content-type");
        assert!(!media_type.starts_with("multipart"), "{media_type}");
        assert!(answer.body.len() <= SIZE);
    }
}

#[test]
fn head_blob_ignores_a_range_end_2() {
    let (repository, digest, _) = push_blob();
    let request = repository.request(Method::HEAD, &format!("blobs/{digest}"));
    let answer = request.header("range", "bytes=0-9").send().expect(200);
    assert_eq!(answer.header("content-length"), SIZE.to_string());
}

#[test]
fn pull_blob_range_holds_only_while_the_etag_does_end_2() {
    let (repository, digest, bytes) = push_blob();
    let ask = |known: &str| {
        repository
            .request(Method::GET, &format!("blobs/{digest}"))
            .header("range", "bytes=0-9")
            .header("if-range", known)
            .send()
    };
    assert_eq!(ask(&format!("\"{digest}\"")).expect(206).body, bytes[..10]);
    assert_eq!(ask("\"other\"").expect(200).body, bytes);
    // A weak validator never matches here (RFC 9110, 13.1.5).
    assert_eq!(ask(&format!("W/\"{digest}\"")).expect(200).body, bytes);
}

#[test]
fn pull_blob_in_two_ranges_gives_the_whole_end_2() {
    let (repository, digest, bytes) = push_blob();
    let first = repository
        .get_blob_with(&digest, "range", "bytes=0-4095")
        .expect(206);
    let rest = repository
        .get_blob_with(&digest, "range", "bytes=4096-")
        .expect(206);
    assert_eq!([first.body, rest.body].concat(), bytes);
}
