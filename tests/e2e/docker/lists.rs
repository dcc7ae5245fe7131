//! Images for several platforms: docker's manifest list.

use super::start_dockerd;
use crate::site::Site;

#[test]
fn docker_pushes_a_manifest_list_and_pulls_its_own_platform_from_it() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    let list = site.image("app:1");
    let platforms = ["amd64", "arm64"];
    let mut digests = Vec::new();
    for platform in platforms {
        let image = format!("{list}-{platform}");
        docker.build_for(&image, &[platform], &format!("linux/{platform}"));
        digests.push(docker.push(&image));
    }

    let [intel, arm] = platforms.map(|platform| format!("{list}-{platform}"));
    docker
        .run(["manifest", "create", "--insecure", &list, &intel, &arm])
        .expect_success();
    docker
        .run(["manifest", "push", "--insecure", &list])
        .expect_success()
        .expect_text("sha256:");

    let shown = docker
        .run(["manifest", "inspect", "--insecure", &list])
        .expect_success()
        .json();
    let children: Vec<_> = shown["manifests"]
        .as_array()
        .expect("a list has manifests")
        .iter()
        .map(|child| {
            (
                child["platform"]["architecture"].as_str(),
                child["digest"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        children,
        [
            (Some("amd64"), Some(digests[0].as_str())),
            (Some("arm64"), Some(digests[1].as_str()))
        ]
    );

    dockerd.forget_images();
    docker
        .run(["pull", "--platform", "linux/arm64", &list])
        .expect_success();
    docker
        .run(["inspect", "--format", "{{.Architecture}}", &list])
        .expect_success()
        .expect_text("arm64");
}
