//! Repository names that a path can be misread by.

use super::start_dockerd;
use crate::site::Site;

#[test]
fn docker_pushes_and_pulls_names_of_many_segments_called_like_the_protocols_own() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    for rest in [
        "a/b/c/d/e/f/g/h",
        "blobs/uploads",
        "manifests/tags/list",
        "v2/auth/token/referrers",
        "x/blobs/sha256/manifests/latest",
    ] {
        let image = site.image(&format!("{rest}:1"));
        docker.build(&image, &[rest]);
        let digest = docker.push(&image);
        dockerd.forget_images();
        let pulled = docker.run(["pull", &image]).expect_success();
        assert_eq!(pulled.find_digest("Digest: "), digest, "{image}");
    }
}
