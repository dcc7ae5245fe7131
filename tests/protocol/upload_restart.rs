//! Uploads that outlive the server's process.

use wharf_testkit::{
    Server,
    image::{compute_digest, compute_sha512, make_random_bytes},
    unique_name,
};

/// Pushes a blob with a stop of the server between its chunks.
fn push_over_a_restart(algorithm: &str, stop: impl Fn(&mut Server)) {
    let mut server = Server::start();
    let repository = server
        .registry(&server.admin())
        .repository(&format!("{}/app", unique_name("team")));
    let bytes = make_random_bytes(15, 3_000_000);
    let digest = match algorithm {
        "sha512" => compute_sha512(&bytes),
        _ => compute_digest(&bytes),
    };
    let location = repository
        .begin_upload(&format!("digest-algorithm={algorithm}"))
        .expect(202)
        .location();
    let location = repository
        .patch_upload(&location, Some("0-999999"), bytes.slice(..1_000_000))
        .expect(202)
        .location();

    stop(&mut server);

    let status = repository.get_upload(&location).expect(204);
    assert_eq!(status.header("range"), "0-999999");
    let location = repository
        .patch_upload(
            &status.location(),
            Some("1000000-1999999"),
            bytes.slice(1_000_000..2_000_000),
        )
        .expect(202)
        .location();

    stop(&mut server);

    repository
        .put_upload_range(
            &location,
            &digest,
            "2000000-2999999",
            bytes.slice(2_000_000..),
        )
        .expect(201);
    assert!(repository.get_blob(&digest).expect(200).body == bytes);
}

#[test]
fn an_upload_goes_on_after_the_server_was_stopped_end_13() {
    push_over_a_restart("sha256", Server::restart);
}

#[test]
fn an_upload_goes_on_after_the_server_was_killed_end_13() {
    push_over_a_restart("sha512", |server| {
        server.kill();
        server.restart();
    });
}

#[test]
fn what_was_pushed_is_there_after_the_server_was_killed() {
    let mut server = Server::start();
    let repository = server
        .registry(&server.admin())
        .repository(&format!("{}/app", unique_name("team")));
    let image = wharf_testkit::ImageMaker::new("kept").layers(3).make();
    let digest = repository.push_image("v1", &image);
    server.kill();
    server.restart();
    assert_eq!(
        repository
            .get_manifest("v1")
            .expect(200)
            .header("docker-content-digest"),
        digest
    );
    for blob in image.blobs() {
        assert_eq!(
            repository.get_blob(&blob.digest()).expect(200).body,
            blob.bytes
        );
    }
}

#[test]
fn a_cancelled_upload_stays_cancelled_after_a_restart_end_14() {
    let mut server = Server::start();
    let repository = server
        .registry(&server.admin())
        .repository(&format!("{}/app", unique_name("team")));
    let location = repository.begin_upload("").expect(202).location();
    let location = repository
        .patch_upload(&location, Some("0-2"), "abc")
        .expect(202)
        .location();
    repository.delete_upload(&location).expect(204);
    server.restart();
    repository
        .get_upload(&location)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
}
