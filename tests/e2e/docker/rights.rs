//! What docker may do for whom.

use super::start_dockerd;
use crate::site::Site;

#[test]
fn docker_may_not_pull_a_private_image_after_logging_out() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    let image = site.image("app:1");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    docker.build(&image, &["private"]);
    docker.push(&image);
    dockerd.forget_images();

    docker.run(["logout", site.address()]).expect_success();
    let private = docker.run(["pull", &image]).expect_failure();

    // A stranger learns nothing: a repository that is not there is refused in the same words.
    let missing = site.image("nothing:1");
    let refused = docker.run(["pull", &missing]).expect_failure();
    assert_eq!(
        private.stderr.replace("/app", "/nothing"),
        refused.stderr,
        "missing and private must look the same"
    );
}

#[test]
fn docker_pulls_a_public_image_without_logging_in_and_may_not_push_it() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    site.server.create_repository(&site.name("app"), true);
    let image = site.image("app:1");
    let docker = dockerd.client("alice");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    docker.build(&image, &["public"]);
    let digest = docker.push(&image);
    dockerd.forget_images();

    let stranger = dockerd.client("stranger");
    let pulled = stranger.run(["pull", &image]).expect_success();
    assert_eq!(pulled.find_digest("Digest: "), digest);
    stranger.run(["push", &image]).expect_failure();
}

#[test]
fn docker_may_not_mount_layers_from_a_repository_it_may_not_pull() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let bob = site.server.user("bob");
    let image = site.image("app:1");
    let docker = dockerd.client("alice");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    docker.build(&image, &["hers"]);
    docker.push(&image);

    // The daemon remembers where the layer lies and asks for the mount in bob's name.
    let other = dockerd.client("bob");
    other.log_in(site.address(), &bob.login()).expect_success();
    let copy = format!("{}/{}/copy:1", site.address(), bob.username);
    other.run(["tag", &image, &copy]).expect_success();
    other
        .run(["push", &copy])
        .expect_success()
        .expect_text(": Pushed")
        .refute_text("Mounted from");
}

#[test]
fn docker_may_not_push_into_another_persons_namespace() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let bob = site.server.user("bob");
    let docker = dockerd.client("bob");
    docker.log_in(site.address(), &bob.login()).expect_success();

    // What he may not see does not exist for him; what he may see he may not change.
    site.server.create_repository(&site.name("closed"), false);
    site.server.create_repository(&site.name("open"), true);
    for (name, refusal) in [
        ("missing:1", "unauthorized"),
        ("closed:1", "unauthorized"),
        ("open:1", "denied"),
    ] {
        let image = site.image(name);
        docker.build(&image, &["not his"]);
        docker
            .run(["push", &image])
            .expect_failure()
            .expect_text(refusal);
    }
}

#[test]
fn docker_pushes_a_name_without_a_namespace_into_the_library_as_admin() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("admin");
    docker
        .log_in(site.address(), &site.server.admin())
        .expect_success();
    let image = format!("{}/plain:1", site.address());
    docker.build(&image, &["in the library"]);
    let digest = docker.push(&image);

    dockerd.forget_images();
    let pulled = docker.run(["pull", &image]).expect_success();
    assert_eq!(pulled.find_digest("Digest: "), digest);
}
