//! Asking for the state of an upload (end-13) and giving it up (end-14).

use std::{
    thread,
    time::{Duration, Instant},
};

use wharf_testkit::{
    Login, Repository,
    image::{compute_digest, make_random_bytes},
    raw::RawConnection,
};

use crate::{SERVER, admin, fresh_repository};

#[test]
fn status_of_a_new_session_answers_204_with_its_location_end_13() {
    let repository = fresh_repository();
    let location = repository.begin_upload("").expect(202).location();
    let answer = repository.get_upload(&location).expect(204);
    assert_eq!(answer.header("range"), "0-0");
    repository
        .put_upload(&answer.location(), &compute_digest(b"x"), "x")
        .expect(201);
}

#[test]
fn status_after_a_chunk_gives_the_position_of_the_last_byte_end_13() {
    let repository = fresh_repository();
    let location = repository.begin_upload("").expect(202).location();
    let location = repository
        .patch_upload(&location, Some("0-9"), "0123456789")
        .expect(202)
        .location();
    let answer = repository.get_upload(&location).expect(204);
    assert_eq!(answer.header("range"), "0-9");
    assert!(!answer.header("docker-upload-uuid").is_empty());
    repository
        .patch_upload(&answer.location(), Some("10-12"), "abc")
        .expect(202);
}

#[test]
fn a_session_that_never_was_answers_404_end_13() {
    let repository = fresh_repository();
    let location = repository.begin_upload("").expect(202).location();
    let digest = compute_digest(b"x");
    let never = "0192d4a0-7c1e-7000-8000-000000000000";
    for session in [never, "not-a-session", "..", "%2e%2e"] {
        let start = location.split("/blobs/uploads/").next().expect("a path");
        let target = format!("{start}/blobs/uploads/{session}");
        repository.get_upload(&target).expect(404).error_codes();
        repository
            .patch_upload(&target, None, "x")
            .expect(404)
            .error_codes();
        repository
            .put_upload(&target, &digest, "x")
            .expect(404)
            .error_codes();
        repository.delete_upload(&target).expect(404).error_codes();
    }
}

#[test]
fn a_session_belongs_to_its_repository_end_13() {
    let (mine, other) = (fresh_repository(), fresh_repository());
    other.push_bytes("so that it exists");
    let location = mine.begin_upload("").expect(202).location();
    let elsewhere = location.replace(mine.name(), other.name());
    assert_ne!(location, elsewhere);
    other
        .get_upload(&elsewhere)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    other
        .patch_upload(&elsewhere, None, "x")
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    other
        .put_upload(&elsewhere, &compute_digest(b"x"), "x")
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    other
        .delete_upload(&elsewhere)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    mine.get_upload(&location).expect(204);
}

#[test]
fn cancel_answers_204_and_ends_the_session_end_14() {
    let repository = fresh_repository();
    let location = repository.begin_upload("").expect(202).location();
    let location = repository
        .patch_upload(&location, Some("0-2"), "abc")
        .expect(202)
        .location();
    repository.delete_upload(&location).expect(204);
    repository
        .get_upload(&location)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    repository
        .patch_upload(&location, Some("3-5"), "def")
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    repository
        .put_upload(&location, &compute_digest(b"abc"), "")
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    repository
        .delete_upload(&location)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
}

/// Sends a chunk of `announced` bytes, stops after `sent` and drops the connection.
fn break_off_a_chunk(repository: &Repository, location: &str, announced: usize, sent: &[u8]) {
    let server = SERVER.get();
    let Some(authorization) = repository.client().login().authorization() else {
        panic!("the admin has credentials");
    };
    let path = location
        .strip_prefix(server.url())
        .expect("a location on this server");
    let mut connection = RawConnection::open(&server);
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nhost: {}\r\nauthorization: {authorization}\r\n\
         content-type: application/octet-stream\r\ncontent-range: 0-{}\r\ncontent-length: {announced}\r\n\r\n",
        server.authority(),
        announced - 1,
    );
    connection
        .write(head.as_bytes())
        .expect("the head is taken");
    connection.write(sent).expect("the bytes are taken");
}

#[test]
fn an_upload_goes_on_after_a_broken_connection_end_13() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(14, 2_000_000);
    let digest = compute_digest(&bytes);
    let location = repository.begin_upload("").expect(202).location();
    break_off_a_chunk(&repository, &location, bytes.len(), &bytes[..1_500_000]);

    // The server notices the broken connection on its own time; until then the session may be busy, and no answer may
    // promise bytes that it does not have. Going on from what it says must lead to the blob.
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let status = repository.get_upload(&location).expect(204);
        let range = status.header("range").to_owned();
        let last: usize = range
            .strip_prefix("0-")
            .and_then(|text| text.parse().ok())
            .expect("0-LAST");
        let have = if last == 0 { 0 } else { last + 1 };
        assert!(have <= 1_500_000, "{have} bytes were never sent");
        let rest = format!("{have}-{}", bytes.len() - 1);
        let answer = repository.patch_upload(&status.location(), Some(&rest), bytes.slice(have..));
        if answer.status == 202 {
            repository
                .put_upload(&answer.location(), &digest, "")
                .expect(201);
            break;
        }
        assert!(
            Instant::now() < deadline,
            "the session never became free: {}",
            answer.describe()
        );
        thread::sleep(Duration::from_millis(20));
    }
    assert!(repository.get_blob(&digest).expect(200).body == bytes);
}

#[test]
fn a_session_is_nothing_to_a_caller_without_rights_end_13() {
    let repository = fresh_repository();
    let location = repository.begin_upload("").expect(202).location();
    let nobody = repository.seen_by(&admin().with_login(Login::Anonymous));
    nobody
        .get_upload(&location)
        .expect_error(401, "UNAUTHORIZED");
    nobody
        .delete_upload(&location)
        .expect_error(401, "UNAUTHORIZED");
    repository.get_upload(&location).expect(204);
}
