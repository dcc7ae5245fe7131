//! Pushing a blob in one piece: POST then PUT (end-4a, end-6), or a single POST (end-4b).

use bytes::Bytes;
use reqwest::Method;
use wharf_testkit::image::{compute_digest, make_random_bytes};

use crate::{admin, fresh_repository};

#[test]
fn post_starts_a_session_with_a_location_end_4a() {
    let answer = fresh_repository().begin_upload("").expect(202);
    let location = answer.location();
    assert!(location.contains("/blobs/uploads/"), "{location}");
    assert!(!answer.header("docker-upload-uuid").is_empty());
    assert_eq!(answer.header("range"), "0-0");
    let minimum: u64 = answer
        .header("oci-chunk-min-length")
        .parse()
        .expect("a number of bytes");
    assert!(minimum > 0);
}

#[test]
fn post_without_the_last_slash_starts_a_session_too_docker() {
    let repository = fresh_repository();
    let answer = repository
        .request(Method::POST, "blobs/uploads")
        .body("")
        .send();
    answer.expect_one_of(&[202, 307, 308]);
}

#[test]
fn every_session_has_its_own_location_end_4a() {
    let repository = fresh_repository();
    let one = repository.begin_upload("").expect(202).location();
    let other = repository.begin_upload("").expect(202).location();
    assert_ne!(one, other);
}

#[test]
fn put_closes_the_session_and_says_where_the_blob_is_end_6() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(5, 70_000);
    let digest = compute_digest(&bytes);
    let location = repository.begin_upload("").expect(202).location();
    let answer = repository
        .put_upload(&location, &digest, bytes.clone())
        .expect(201);
    assert_eq!(answer.header("docker-content-digest"), digest);
    assert_eq!(admin().get(&answer.location()).expect(200).body, bytes);
}

#[test]
fn put_without_a_type_is_taken_end_6() {
    let repository = fresh_repository();
    let digest = compute_digest(b"no content type");
    let location = repository.begin_upload("").expect(202).location();
    let url = format!(
        "{location}{}digest={digest}",
        if location.contains('?') { '&' } else { '?' }
    );
    admin()
        .request(Method::PUT, &url)
        .body("no content type")
        .send()
        .expect(201);
}

#[test]
fn put_in_pieces_of_unknown_length_is_taken_docker() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(6, 200_000);
    let digest = compute_digest(&bytes);
    let location = repository.begin_upload("").expect(202).location();
    let url = format!(
        "{location}{}digest={digest}",
        if location.contains('?') { '&' } else { '?' }
    );
    let pieces = vec![
        bytes.slice(..10),
        bytes.slice(10..150_000),
        bytes.slice(150_000..),
    ];
    admin()
        .request(Method::PUT, &url)
        .chunked(pieces)
        .send()
        .expect(201);
    assert_eq!(repository.get_blob(&digest).expect(200).body, bytes);
}

#[test]
fn put_of_other_bytes_than_the_digest_says_is_refused_end_6() {
    let repository = fresh_repository();
    let wrong = compute_digest(b"expected");
    let location = repository.begin_upload("").expect(202).location();
    repository
        .put_upload(&location, &wrong, "sent")
        .expect_error(400, "DIGEST_INVALID");
    repository.head_blob(&wrong).expect(404);
    repository.head_blob(&compute_digest(b"sent")).expect(404);
}

#[test]
fn put_without_a_digest_is_refused_end_6() {
    let repository = fresh_repository();
    let location = repository.begin_upload("").expect(202).location();
    let answer = admin()
        .request(Method::PUT, &location)
        .body("some bytes")
        .send();
    answer.expect_error(400, "DIGEST_INVALID");
}

#[test]
fn put_with_a_digest_that_is_none_is_refused_end_6() {
    let repository = fresh_repository();
    let hex = "0".repeat(64);
    for digest in [
        "sha256:short".to_owned(),
        format!("md5:{}", &hex[32..]),
        format!("sha512:{hex}"),
        format!("sha256:{hex}0"),
        format!("sha256:{}", hex.replace('0', "A")),
        "sha256:../../x".to_owned(),
        "sha256:%00".to_owned(),
    ] {
        let location = repository.begin_upload("").expect(202).location();
        repository
            .put_upload(&location, &digest, "bytes")
            .expect_error(400, "DIGEST_INVALID");
    }
}

#[test]
fn a_closed_session_is_gone_end_6() {
    let repository = fresh_repository();
    let digest = compute_digest(b"closed");
    let location = repository.begin_upload("").expect(202).location();
    repository
        .put_upload(&location, &digest, "closed")
        .expect(201);
    repository
        .get_upload(&location)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    repository
        .patch_upload(&location, Some("0-2"), "abc")
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    repository
        .put_upload(&location, &digest, "closed")
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
}

#[test]
fn a_single_post_pushes_the_whole_blob_end_4b() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(7, 70_000);
    let digest = compute_digest(&bytes);
    let answer = repository.post_blob(&digest, bytes.clone()).expect(201);
    assert_eq!(answer.header("docker-content-digest"), digest);
    assert_eq!(admin().get(&answer.location()).expect(200).body, bytes);
}

#[test]
fn a_single_post_of_other_bytes_is_refused_end_4b() {
    let repository = fresh_repository();
    let wrong = compute_digest(b"expected");
    repository
        .post_blob(&wrong, "sent")
        .expect_error(400, "DIGEST_INVALID");
    repository.head_blob(&wrong).expect(404);
}

#[test]
fn a_single_post_with_an_invalid_digest_is_refused_end_4b() {
    let repository = fresh_repository();
    for digest in [
        "sha256:abc",
        "md5:00000000000000000000000000000000",
        "nothing",
    ] {
        repository
            .post_blob(digest, "bytes")
            .expect_error(400, "DIGEST_INVALID");
    }
}

#[test]
fn a_blob_that_is_there_already_can_be_pushed_again() {
    let repository = fresh_repository();
    let first = repository.push_bytes("pushed twice");
    let second = repository.push_bytes("pushed twice");
    assert_eq!(first, second);
    assert_eq!(
        repository.get_blob(&first).expect(200).text(),
        "pushed twice"
    );
}

#[test]
fn two_pushes_of_one_blob_at_once_both_succeed() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(8, 2_000_000);
    wharf_tests::run_in_parallel(4, |_| {
        repository.push_bytes(bytes.clone());
    });
    assert_eq!(
        repository
            .get_blob(&compute_digest(&bytes))
            .expect(200)
            .body,
        bytes
    );
}

#[test]
fn a_large_blob_comes_back_as_it_went() {
    let repository = fresh_repository();
    let bytes: Bytes = make_random_bytes(9, 20 * 1024 * 1024);
    let digest = repository.push_bytes(bytes.clone());
    assert!(repository.get_blob(&digest).expect(200).body == bytes);
}
