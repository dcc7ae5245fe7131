//! From a push to a rollout, by the programs that people push with.

use std::time::Instant;

use serde_json::json;
use wharf_testkit::{
    Dockerd, Server,
    docker::{Docker, REGISTRY_HOST},
};
use wharf_tests::building::Site;

use super::{need_cluster, need_played};
use crate::stage::{Stage, Way, image_of, list_allowed, name_of};

/// Makes an image in docker's own store that is nobody else's.
fn make_image(docker: &Docker, name: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("hello"), name).expect("a file");
    let archive = folder.path().join("image.tar");
    let tarred = std::process::Command::new("tar")
        .arg("-cf")
        .arg(&archive)
        .arg("-C")
        .arg(folder.path())
        .arg("hello")
        .status();
    assert!(tarred.expect("tar starts").success());
    let archive = archive.to_str().expect("a path in UTF-8");
    docker.run(&["import", archive, name]);
}

/// The shared docker, or the end of the calling test with the reason why there is none.
macro_rules! need_docker {
    () => {
        match Dockerd::get() {
            Ok(dockerd) => dockerd,
            Err(reason) => wharf_testkit::skip!("no dockerd here: {reason}"),
        }
    };
}

#[test]
fn a_docker_push_ends_in_a_recorded_rollout_of_what_docker_pulls() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let dockerd = need_docker!();
    let stage = Stage::set(cluster);
    let registry = name_of(stage.server);
    let docker = dockerd.sign_in(&registry, &stage.server.admin());
    let before = stage.push("v0");
    stage
        .kube
        .create_workload("deployments", "app", &stage.reference("v0", &before));
    stage.kube.wait_for_rollout("app");
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));

    let name = format!("{registry}/{}:v1", stage.image);
    make_image(&docker, &name);
    docker.run(&["push", "--quiet", &name]);
    let pushed_at = Instant::now();
    let shown = stage.api().get(&stage.path("/tags/v1")).expect(200).json();
    let digest = shown["digest"].as_str().expect("a digest");
    let wanted = stage.reference("v1", digest);
    stage
        .kube
        .wait_for("deployments", "app", "runs what was pushed", |it| {
            image_of(it, "web") == wanted
        });
    println!("from tag to patched workload: {:?}", pushed_at.elapsed());
    let ended = stage.wait_for_success("v1");
    println!("from tag to recorded rollout: {:?}", pushed_at.elapsed());
    assert_eq!(ended["digest"], digest);
    assert_eq!(ended["trigger"], "deploy");
    stage.kube.wait_for_rollout("app");

    // What nodes are told to run is what a node gets: another docker that never saw the image.
    docker.run(&["rmi", &name]);
    docker.run(&["pull", "--quiet", &wanted]);
    docker.run(&["rmi", &wanted]);

    // The same image again is no news.
    docker.run(&["pull", "--quiet", &name]);
    docker.run(&["push", "--quiet", &name]);
    docker.run(&["rmi", &name]);
    let later = stage.push("v2");
    stage.wait_for_success("v2");
    let log = stage
        .api()
        .read_all(&stage.path("/trigger-deliveries"), 100);
    let tags: Vec<_> = log.iter().map(|it| it["tag"].clone()).collect();
    assert_eq!(tags, [json!("v2"), json!("v1")], "{later}: {log:#?}");
}

#[test]
fn a_git_push_through_the_build_service_ends_in_a_recorded_rollout() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let server = Server::builder().known_as(REGISTRY_HOST);
    let Some(site) = Site::start_reaching(server, &list_allowed(), "") else {
        return;
    };
    let rule = site.make_rule(json!({ "trigger": { "branches": true } }));
    let stage = Stage::set_for(&site.server, cluster, &Way::Kubeconfig, &rule.image);
    stage
        .kube
        .create_workload("deployments", "app", "registry.example/nothing:0");
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    let files = [
        ("Dockerfile", "FROM scratch\nCOPY hello /hello\n"),
        ("hello", "hello\n"),
    ];
    let commit = rule.code.push_files("main", "Say hello", &files);
    let pushed_at = Instant::now();
    let built = rule.wait_for_success(rule.wait_for_build_of(&commit));
    let ended = stage.wait_for_success("main");
    println!(
        "from git push to recorded rollout: {:?}",
        pushed_at.elapsed()
    );
    assert_eq!(ended["digest"], built["digest"]);
    let digest = built["digest"].as_str().expect("a digest");
    let app = stage.kube.wait_for_rollout("app");
    assert_eq!(image_of(&app, "web"), stage.reference("main", digest));
    // The whole way is one answer.
    let trace = stage
        .api()
        .get(&stage.path("/trace/main"))
        .expect(200)
        .json();
    assert_eq!(trace["build"]["commit"], commit, "{trace:#}");
    assert_eq!(trace["deliveries"][0]["state"], "succeeded", "{trace:#}");
    assert_eq!(trace["running"][0]["workload"], "app", "{trace:#}");
}
