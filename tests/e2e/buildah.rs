//! buildah: commits a container made from nothing.

use std::fs;

use crate::{
    containers::{log_in, prepare_storage_client},
    site::Site,
    tool::need_tool,
};

#[test]
fn buildah_commits_an_image_from_scratch_and_pushes_it_in_both_formats() {
    let program = need_tool!("buildah");
    let home = tempfile::tempdir().expect("a temporary folder");
    let buildah = prepare_storage_client(program, home.path());
    let site = Site::start();
    log_in(&buildah, site.address(), &site.alice.login())
        .expect_success()
        .expect_text("Login Succeeded");

    fs::write(home.path().join("file"), "by buildah").expect("a folder that takes files");
    let container = buildah.run(["from", "scratch"]).expect_success().stdout;
    let container = container.trim();
    buildah
        .run(["copy", container, "file", "/file"])
        .expect_success();
    buildah
        .run(["config", "--cmd", "/file", container])
        .expect_success();
    buildah.run(["commit", container, "image"]).expect_success();

    for (format, media_type) in [
        ("oci", "application/vnd.oci.image.manifest.v1+json"),
        (
            "v2s2",
            "application/vnd.docker.distribution.manifest.v2+json",
        ),
    ] {
        let target = format!("docker://{}", site.image(&format!("app:{format}")));
        buildah
            .run([
                "push",
                "--tls-verify=false",
                "--format",
                format,
                "--digestfile",
                "digest",
                "image",
                &target,
            ])
            .expect_success();
        let digest =
            fs::read_to_string(home.path().join("digest")).expect("buildah wrote a digest");

        let answer = site.repository("app").get_manifest(format).expect(200);
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("docker-content-digest"), digest.trim());
    }

    buildah.run(["rm", container]).expect_success();
    buildah.run(["rmi", "--all", "--force"]).expect_success();
    let pulled = site.image("app:oci");
    buildah
        .run(["pull", "--tls-verify=false", &pulled])
        .expect_success();
}

#[test]
fn buildah_commits_straight_into_the_registry() {
    let program = need_tool!("buildah");
    let home = tempfile::tempdir().expect("a temporary folder");
    let buildah = prepare_storage_client(program, home.path());
    let site = Site::start();
    log_in(&buildah, site.address(), &site.alice.login()).expect_success();

    fs::write(home.path().join("file"), "by buildah").expect("a folder that takes files");
    let container = buildah.run(["from", "scratch"]).expect_success().stdout;
    buildah
        .run(["copy", container.trim(), "file", "/file"])
        .expect_success();
    let target = format!("docker://{}", site.image("direct:1"));
    buildah
        .run(["commit", "--tls-verify=false", container.trim(), &target])
        .expect_success();
    site.repository("direct").get_manifest("1").expect(200);
}
