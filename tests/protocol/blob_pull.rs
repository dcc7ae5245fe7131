//! Pulling blobs and asking whether they are there (end-2).

use wharf_testkit::image::{compute_digest, make_random_bytes};

use crate::fresh_repository;

#[test]
fn pull_blob_gives_the_bytes_and_their_digest_end_2() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(1, 300_000);
    let digest = repository.push_bytes(bytes.clone());
    let answer = repository.get_blob(&digest).expect(200);
    assert_eq!(answer.body, bytes);
    assert_eq!(answer.header("docker-content-digest"), digest);
    assert_eq!(answer.header("content-length"), "300000");
    assert_eq!(answer.header("content-type"), "application/octet-stream");
}

#[test]
fn head_blob_gives_size_and_digest_without_a_body_end_2() {
    let repository = fresh_repository();
    let digest = repository.push_bytes("twelve bytes");
    let answer = repository.head_blob(&digest).expect(200);
    assert_eq!(answer.header("content-length"), "12");
    assert_eq!(answer.header("docker-content-digest"), digest);
    assert!(answer.body.is_empty());
}

#[test]
fn pull_blob_that_is_not_there_answers_404_end_2() {
    let repository = fresh_repository();
    repository.push_bytes("something else");
    let missing = compute_digest(b"never pushed");
    repository
        .get_blob(&missing)
        .expect_error(404, "BLOB_UNKNOWN");
    repository.head_blob(&missing).expect(404);
}

#[test]
fn pull_from_a_repository_that_does_not_exist_answers_404_end_2() {
    let repository = fresh_repository();
    let answer = repository.get_blob(&compute_digest(b"any")).expect(404);
    let codes = answer.error_codes();
    assert!(
        codes == ["NAME_UNKNOWN"] || codes == ["BLOB_UNKNOWN"],
        "{codes:?}"
    );
}

#[test]
fn pull_blob_is_bound_to_the_repository_it_was_pushed_to_end_2() {
    let (mine, other) = (fresh_repository(), fresh_repository());
    let digest = mine.push_bytes("bound to one repository");
    other.push_bytes("so that the other exists");
    other.get_blob(&digest).expect_error(404, "BLOB_UNKNOWN");
    other.head_blob(&digest).expect(404);
}

#[test]
fn pull_blob_names_its_digest_as_a_strong_etag_end_2() {
    let repository = fresh_repository();
    let digest = repository.push_bytes("tagged");
    for answer in [repository.get_blob(&digest), repository.head_blob(&digest)] {
        assert_eq!(answer.expect(200).header("etag"), format!("\"{digest}\""));
    }
}

#[test]
fn pull_blob_that_the_client_has_answers_304_end_2() {
    let repository = fresh_repository();
    let digest = repository.push_bytes("kept by the client");
    for known in [
        format!("\"{digest}\""),
        format!("W/\"{digest}\""),
        format!("\"other\", \"{digest}\""),
        "*".to_owned(),
    ] {
        let answer = repository
            .get_blob_with(&digest, "if-none-match", &known)
            .expect(304);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), format!("\"{digest}\""));
    }
    repository
        .get_blob_with(&digest, "if-none-match", "\"other\"")
        .expect(200);
}

#[test]
fn pull_blob_by_a_malformed_digest_finds_nothing_end_2() {
    let repository = fresh_repository();
    repository.push_bytes("so that it exists");
    let hex = "0".repeat(64);
    for digest in [
        format!("sha256:{}", &hex[1..]),
        format!("sha256:{hex}0"),
        format!("sha256:{}", hex.replace('0', "A")),
        format!("sha512:{hex}"),
        format!("md5:{}", &hex[32..]),
        format!("sha256:{}", hex.replace('0', "g")),
        "sha256:%00".to_owned(),
        "sha256:..%2f..%2fx".to_owned(),
        "sha256".to_owned(),
    ] {
        let answer = repository.get_blob(&digest).expect_one_of(&[400, 404]);
        answer.error_codes();
        repository
            .delete_blob(&digest)
            .expect_one_of(&[400, 404])
            .error_codes();
    }
}

#[test]
fn pull_blob_with_a_source_host_is_served_as_without_it() {
    let repository = fresh_repository();
    let digest = repository.push_bytes("asked for through a proxy's eyes");
    repository
        .get_blob(&format!("{digest}?ns=docker.io"))
        .expect(200);
}
