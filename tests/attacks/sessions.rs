//! Upload sessions belong to a repository and to whoever began them.

use wharf_testkit::{Login, RegistryClient, image::compute_digest, unique_name};

use crate::world::World;

/// Everything that can be done to a session; a session that survives it holds nothing of it.
fn try_everything(
    client: &RegistryClient,
    repository: &str,
    session: &str,
    status: u16,
    code: &str,
) {
    let repository = client.repository(repository);
    let location = repository.path(&format!("blobs/uploads/{session}"));
    let digest = compute_digest(b"stolen");
    repository.get_upload(&location).expect_error(status, code);
    repository
        .patch_upload(&location, None, "stolen")
        .expect_error(status, code);
    repository
        .patch_upload(&location, Some("6-11"), "stolen")
        .expect_error(status, code);
    repository
        .put_upload(&location, &digest, "stolen")
        .expect_error(status, code);
    repository
        .delete_upload(&location)
        .expect_error(status, code);
}

#[test]
fn c26_a_session_is_nothing_to_anybody_but_who_began_it() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let location = repository.begin_upload("").expect(202).location();
    let location = repository
        .patch_upload(&location, None, "secret")
        .expect(202)
        .location();
    let session = location.rsplit('/').next().expect("an id");

    // A stranger, in the repository of the session and in one of their own.
    let stranger = world.attacker_registry();
    let own = world.attacker_repository();
    own.push_bytes("so that the repository is there");
    try_everything(&stranger, repository.name(), session, 401, "UNAUTHORIZED");
    try_everything(&stranger, own.name(), session, 404, "BLOB_UPLOAD_UNKNOWN");
    let nobody = world.server.registry(&Login::Anonymous);
    try_everything(&nobody, repository.name(), session, 401, "UNAUTHORIZED");

    // A colleague who may push to the very repository, and an administrator.
    let robot = world.server.robot_by(
        &world.victim_login(),
        &world.victim.username,
        &unique_name("colleague"),
        &["pull", "push", "delete"],
    );
    for client in [
        world.server.registry(&robot.login()),
        world.server.registry(&world.server.admin()),
    ] {
        try_everything(
            &client,
            repository.name(),
            session,
            404,
            "BLOB_UPLOAD_UNKNOWN",
        );
    }

    // Its owner in another of their repositories.
    let other = world.push_secret().0;
    try_everything(
        &world.victim_registry(),
        other.name(),
        session,
        404,
        "BLOB_UPLOAD_UNKNOWN",
    );

    // It went on as if nothing had happened, by whichever credential its owner uses.
    let by_password = world.server.registry(&world.victim.login());
    let theirs = repository.seen_by(&by_password);
    assert_eq!(
        theirs.get_upload(&location).expect(204).header("range"),
        "0-5"
    );
    let digest = compute_digest(b"secret bytes");
    theirs.put_upload(&location, &digest, " bytes").expect(201);
    assert_eq!(
        repository.get_blob(&digest).expect(200).body,
        "secret bytes"
    );
}
