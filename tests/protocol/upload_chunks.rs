//! Pushing a blob in chunks (end-5).

use wharf_testkit::{
    Repository,
    image::{compute_digest, make_random_bytes},
};

use crate::fresh_repository;

/// Three chunks of one blob, and where each belongs.
const CHUNKS: [(usize, usize); 3] = [(0, 9_999), (10_000, 29_999), (30_000, 30_000)];
const SIZE: usize = 30_001;

#[test]
fn chunks_in_order_make_the_blob_end_5() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(10, SIZE);
    let mut location = repository.begin_upload("").expect(202).location();
    for (first, last) in CHUNKS {
        let chunk = bytes.slice(first..=last);
        let answer = repository
            .patch_upload(&location, Some(&format!("{first}-{last}")), chunk)
            .expect(202);
        assert_eq!(answer.header("range"), format!("0-{last}"));
        location = answer.location();
    }
    let digest = compute_digest(&bytes);
    repository.put_upload(&location, &digest, "").expect(201);
    assert_eq!(repository.get_blob(&digest).expect(200).body, bytes);
}

#[test]
fn the_last_chunk_may_come_with_the_closing_put_end_6() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(11, SIZE);
    let digest = compute_digest(&bytes);
    let location = repository.begin_upload("").expect(202).location();
    let location = repository
        .patch_upload(&location, Some("0-9999"), bytes.slice(..10_000))
        .expect(202)
        .location();
    repository
        .put_upload_range(&location, &digest, "10000-30000", bytes.slice(10_000..))
        .expect(201);
    assert_eq!(repository.get_blob(&digest).expect(200).body, bytes);
}

#[test]
fn chunks_without_a_range_are_appended_docker() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(12, SIZE);
    let digest = compute_digest(&bytes);
    let location = repository.begin_upload("").expect(202).location();
    let pieces = vec![
        bytes.slice(..1),
        bytes.slice(1..9_000),
        bytes.slice(9_000..10_000),
    ];
    let answer = repository.stream_upload(&location, pieces).expect(202);
    assert_eq!(answer.header("range"), "0-9999");
    let answer = repository
        .patch_upload(&answer.location(), None, bytes.slice(10_000..))
        .expect(202);
    assert_eq!(answer.header("range"), format!("0-{}", SIZE - 1));
    repository
        .put_upload(&answer.location(), &digest, "")
        .expect(201);
    assert_eq!(repository.get_blob(&digest).expect(200).body, bytes);
}

/// A session that has 10 bytes.
fn begin_with_ten_bytes(repository: &Repository) -> String {
    let location = repository.begin_upload("").expect(202).location();
    repository
        .patch_upload(&location, Some("0-9"), "0123456789")
        .expect(202)
        .location()
}

#[test]
fn patch_out_of_order_answers_416_end_5() {
    let repository = fresh_repository();
    let location = begin_with_ten_bytes(&repository);
    for range in ["11-13", "5-7", "0-2", "100-102"] {
        let answer = repository
            .patch_upload(&location, Some(range), "abc")
            .expect(416);
        answer.error_codes();
        let status = repository.get_upload(&location).expect(204);
        assert_eq!(status.header("range"), "0-9", "after {range}");
    }
    let location = repository.get_upload(&location).expect(204).location();
    repository
        .patch_upload(&location, Some("10-12"), "abc")
        .expect(202);
    let digest = compute_digest(b"0123456789abc");
    repository.put_upload(&location, &digest, "").expect(201);
}

#[test]
fn patch_whose_first_chunk_does_not_begin_at_0_answers_416_end_5() {
    let repository = fresh_repository();
    let location = repository.begin_upload("").expect(202).location();
    repository
        .patch_upload(&location, Some("1-3"), "abc")
        .expect(416);
    repository
        .patch_upload(&location, Some("0-2"), "abc")
        .expect(202);
}

#[test]
fn put_of_a_last_chunk_out_of_order_answers_416_end_6() {
    let repository = fresh_repository();
    let location = begin_with_ten_bytes(&repository);
    let digest = compute_digest(b"0123456789abc");
    repository
        .put_upload_range(&location, &digest, "11-13", "abc")
        .expect(416)
        .error_codes();
    repository.head_blob(&digest).expect(404);
    repository
        .put_upload_range(&location, &digest, "10-12", "abc")
        .expect(201);
    repository.get_blob(&digest).expect(200);
}

#[test]
fn patch_whose_range_and_length_disagree_is_refused_and_changes_nothing_end_5() {
    let repository = fresh_repository();
    let location = begin_with_ten_bytes(&repository);
    for range in ["10-10", "10-19"] {
        repository
            .patch_upload(&location, Some(range), "abc")
            .expect_one_of(&[400, 416])
            .error_codes();
        assert_eq!(
            repository.get_upload(&location).expect(204).header("range"),
            "0-9"
        );
    }
}

#[test]
fn patch_with_a_range_that_is_none_is_refused_end_5() {
    let repository = fresh_repository();
    let location = begin_with_ten_bytes(&repository);
    for range in [
        "10",
        "a-b",
        "-12",
        "10-",
        "12-10",
        "10-12-14",
        "99999999999999999999-99999999999999999999",
    ] {
        repository
            .patch_upload(&location, Some(range), "abc")
            .expect_one_of(&[400, 416])
            .error_codes();
        assert_eq!(
            repository.get_upload(&location).expect(204).header("range"),
            "0-9",
            "after {range}"
        );
    }
}

#[test]
fn a_range_may_be_written_as_http_writes_it_docker() {
    let repository = fresh_repository();
    let location = begin_with_ten_bytes(&repository);
    repository
        .patch_upload(&location, Some("bytes 10-12/*"), "abc")
        .expect(202);
}

#[test]
fn a_digest_of_other_bytes_closes_nothing_end_6() {
    let repository = fresh_repository();
    let location = begin_with_ten_bytes(&repository);
    let wrong = compute_digest(b"other bytes");
    repository
        .put_upload(&location, &wrong, "")
        .expect_error(400, "DIGEST_INVALID");
    repository.head_blob(&wrong).expect(404);
}

#[test]
fn what_was_written_is_not_visible_before_the_session_is_closed_end_5() {
    let repository = fresh_repository();
    begin_with_ten_bytes(&repository);
    repository
        .head_blob(&compute_digest(b"0123456789"))
        .expect(404);
}

#[test]
fn many_small_chunks_are_taken_end_5() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(13, 200);
    let mut location = repository.begin_upload("").expect(202).location();
    for (place, byte) in bytes.chunks(1).enumerate() {
        let answer =
            repository.patch_upload(&location, Some(&format!("{place}-{place}")), byte.to_vec());
        location = answer.expect(202).location();
    }
    let digest = compute_digest(&bytes);
    repository.put_upload(&location, &digest, "").expect(201);
    assert_eq!(repository.get_blob(&digest).expect(200).body, bytes);
}
