//! Pushing an image and getting the same one back.

use super::start_dockerd;
use crate::site::Site;

#[test]
fn docker_pulls_back_the_digest_that_it_pushed() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    let image = site.image("app:1");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    docker.build(&image, &["first layer", "second layer"]);

    let pushed = docker
        .run(["push", &image])
        .expect_success()
        .refute_text("Layer already exists");
    let digest = pushed.find_digest("digest: ");
    assert_eq!(
        pushed.stdout.matches(": Pushed").count(),
        2,
        "{}",
        pushed.describe()
    );

    dockerd.forget_images();
    let pulled = docker
        .run(["pull", &image])
        .expect_success()
        .refute_text("Already exists");
    assert_eq!(pulled.find_digest("Digest: "), digest);
    assert_eq!(
        pulled.stdout.matches(": Pull complete").count(),
        2,
        "{}",
        pulled.describe()
    );

    dockerd.forget_images();
    let by_digest = site.image(&format!("app@{digest}"));
    docker.run(["pull", &by_digest]).expect_success();
    docker
        .run([
            "inspect",
            "--format",
            "{{index .RepoDigests 0}}",
            &by_digest,
        ])
        .expect_success()
        .expect_text(&digest);
}

#[test]
fn docker_pushes_again_without_sending_a_layer() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    let image = site.image("app:1");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    docker.build(&image, &["first layer", "second layer"]);
    let digest = docker.push(&image);

    let again = docker.run(["push", &image]).expect_success();
    assert_eq!(again.find_digest("digest: "), digest);
    assert_eq!(
        again.stdout.matches(": Layer already exists").count(),
        2,
        "{}",
        again.describe()
    );
}

#[test]
fn docker_mounts_layers_from_another_repository_of_the_same_person() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    let image = site.image("app:1");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    docker.build(&image, &["first layer", "second layer"]);
    let digest = docker.push(&image);

    let copy = site.image("copy:1");
    docker.run(["tag", &image, &copy]).expect_success();
    let mounted = docker.run(["push", &copy]).expect_success();
    assert_eq!(mounted.find_digest("digest: "), digest);
    let note = format!(": Mounted from {}", site.name("app"));
    assert_eq!(
        mounted.stdout.matches(&note).count(),
        2,
        "{}",
        mounted.describe()
    );
}

#[test]
fn docker_pulls_all_tags_of_a_repository() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    let repository = site.image("app");
    for tag in ["one", "two", "three"] {
        let image = format!("{repository}:{tag}");
        docker.build(&image, &[tag]);
        docker.push(&image);
    }

    dockerd.forget_images();
    docker
        .run(["pull", "--all-tags", &repository])
        .expect_success();
    let listed = docker
        .run(["images", "--format", "{{.Tag}}", &repository])
        .expect_success();
    for tag in ["one", "two", "three"] {
        assert!(
            listed.stdout.lines().any(|line| line == tag),
            "{}",
            listed.describe()
        );
    }
}

#[test]
fn docker_pushes_an_image_of_many_megabytes() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    let image = site.image("big:1");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    // Numbers in a row compress to a few megabytes, so docker sends them as one long chunked body.
    let content: String = (0..4_000_000)
        .map(|number| format!("{number:x}\n"))
        .collect();
    docker.build(&image, &[&content]);
    let digest = docker.push(&image);

    dockerd.forget_images();
    let pulled = docker.run(["pull", &image]).expect_success();
    assert_eq!(pulled.find_digest("Digest: "), digest);
}

#[test]
fn docker_pushes_and_pulls_more_layers_than_it_sends_at_once() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    let image = site.image("many:1");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    // docker sends five at a time and fetches three.
    let contents: Vec<_> = (0..24).map(|number| format!("layer {number}")).collect();
    let contents: Vec<_> = contents.iter().map(String::as_str).collect();
    docker.build(&image, &contents);
    let digest = docker.push(&image);

    dockerd.forget_images();
    let pulled = docker.run(["pull", &image]).expect_success();
    assert_eq!(pulled.find_digest("Digest: "), digest);
    assert_eq!(
        pulled.stdout.matches(": Pull complete").count(),
        24,
        "{}",
        pulled.describe()
    );
}
