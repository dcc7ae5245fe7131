//! Mounting a blob from another repository (end-11).

use wharf_testkit::{
    image::{compute_digest, compute_sha512},
    unique_name,
};

use crate::{SERVER, admin, fresh_repository};

#[test]
fn mount_answers_201_and_the_blob_is_there_end_11() {
    let (source, target) = (fresh_repository(), fresh_repository());
    let digest = source.push_bytes("mounted");
    let answer = target.mount_blob(&digest, Some(source.name())).expect(201);
    assert_eq!(answer.header("docker-content-digest"), digest);
    assert_eq!(
        admin().get(&answer.location()).expect(200).text(),
        "mounted"
    );
    target.head_blob(&digest).expect(200);
}

#[test]
fn mount_without_a_source_takes_any_that_the_caller_may_pull_end_11() {
    let (source, target) = (fresh_repository(), fresh_repository());
    let digest = source.push_bytes("mounted from wherever it is");
    target.mount_blob(&digest, None).expect(201);
    target.head_blob(&digest).expect(200);
}

#[test]
fn mount_of_a_blob_that_is_nowhere_starts_an_upload_end_11() {
    let target = fresh_repository();
    let digest = compute_digest(b"nowhere");
    for from in [None, Some("nobody/nothing"), Some("NOT/a-name")] {
        let location = target.mount_blob(&digest, from).expect(202).location();
        target.delete_upload(&location).expect(204);
    }
    let location = target.mount_blob(&digest, None).expect(202).location();
    target.put_upload(&location, &digest, "nowhere").expect(201);
}

#[test]
fn mount_from_a_repository_that_lacks_the_blob_starts_an_upload_end_11() {
    let (source, target) = (fresh_repository(), fresh_repository());
    source.push_bytes("something else");
    let digest = compute_digest(b"not in the source");
    let location = target
        .mount_blob(&digest, Some(source.name()))
        .expect(202)
        .location();
    target
        .put_upload(&location, &digest, "not in the source")
        .expect(201);
}

#[test]
fn mount_of_a_deleted_blob_starts_an_upload_end_11() {
    let (source, target) = (fresh_repository(), fresh_repository());
    let digest = source.push_bytes("deleted before the mount");
    source.delete_blob(&digest).expect(202);
    target.mount_blob(&digest, Some(source.name())).expect(202);
    target.mount_blob(&digest, None).expect(202);
}

#[test]
fn mount_works_by_sha512_end_11() {
    let (source, target) = (fresh_repository(), fresh_repository());
    let digest = compute_sha512(b"by another algorithm");
    source
        .post_blob(&digest, "by another algorithm")
        .expect(201);
    target.mount_blob(&digest, Some(source.name())).expect(201);
    target.get_blob(&digest).expect(200);
}

#[test]
fn mount_of_a_malformed_digest_is_refused_end_11() {
    fresh_repository()
        .mount_blob("sha256:abc", None)
        .expect_error(400, "DIGEST_INVALID");
}

#[test]
fn mount_keeps_the_blob_when_the_source_loses_it_end_11() {
    let (source, target) = (fresh_repository(), fresh_repository());
    let digest = source.push_bytes("kept by the target");
    target.mount_blob(&digest, Some(source.name())).expect(201);
    source.delete_blob(&digest).expect(202);
    assert_eq!(
        target.get_blob(&digest).expect(200).text(),
        "kept by the target"
    );
}

#[test]
fn mount_from_a_repository_that_the_caller_may_not_pull_starts_an_upload_end_11() {
    let server = SERVER.get();
    let person = server.user(&unique_name("mounter"));
    let secret = fresh_repository();
    let digest = secret.push_bytes("not for this person");

    let target = server
        .registry(&person.login())
        .repository(&format!("{}/app", person.username));
    target.mount_blob(&digest, Some(secret.name())).expect(202);
    target.mount_blob(&digest, None).expect(202);
    target.head_blob(&digest).expect(404);

    server.set_visibility(secret.name(), true);
    target.mount_blob(&digest, Some(secret.name())).expect(201);
    target.head_blob(&digest).expect(200);
}
