//! A server that is killed loses no rollout and begins none twice.

use wharf_testkit::kube::{Behavior, KubeFault, KubeGate};

use super::{need_cluster, need_played};
use crate::stage::{Stage, Way, describe_server, image_of};

const OLD: &str = "registry.example/old:1";

#[test]
fn a_server_that_is_killed_in_mid_rollout_follows_it_to_its_end_under_the_same_id() {
    let cluster = need_cluster!();
    let mut server = describe_server().start();
    let (image, namespace, id) = {
        let stage = Stage::set_at(&server, cluster, &Way::Kubeconfig);
        need_played!(stage.kube.play_image(&stage.image, Behavior::Waits));
        stage.kube.create_workload("deployments", "app", OLD);
        stage.kube.wait_for_rollout("app");
        stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
        stage.push("v1");
        let running = stage.wait_for_delivery("v1", "its rollout is followed", |it| {
            it["state"] == "running" && it["patched_at"].is_string()
        });
        let namespace = stage.kube.name().to_owned();
        (stage.image.clone(), namespace, running["id"].clone())
    };
    server.kill();
    server.restart();
    let stage = Stage::enter(&server, cluster, &image, &namespace);
    let before = stage.kube.read("deployments", "app");
    need_played!(stage.kube.play_image(&image, Behavior::Runs));
    let ended = stage.wait_for_success("v1");
    assert_eq!(ended["id"], id);
    let after = stage.kube.wait_for_rollout("app");
    assert_eq!(
        after["metadata"]["generation"],
        before["metadata"]["generation"]
    );
}

#[test]
fn a_server_that_is_killed_once_the_workload_has_the_image_finds_its_own_work_again() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let gate = KubeGate::open(cluster);
    let mut server = describe_server().start();
    let (image, namespace, digest) = {
        let stage = Stage::set_at(&server, cluster, &Way::Gate(&gate));
        stage.kube.create_workload("deployments", "app", OLD);
        stage.kube.wait_for_rollout("app");
        stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
        let path = format!("{}/app", stage.kube.path("deployments"));
        // What would happen is asked for first; then it happens, and nobody hears of it.
        gate.fail("PATCH", &path, 1, KubeFault::None);
        gate.fail("PATCH", &path, 1, KubeFault::LostAnswer);
        let digest = stage.push("v1");
        let wanted = stage.reference("v1", &digest);
        stage
            .kube
            .wait_for("deployments", "app", "has the image", |it| {
                image_of(it, "web") == wanted
            });
        (stage.image.clone(), stage.kube.name().to_owned(), digest)
    };
    server.kill();
    server.restart();
    let stage = Stage::enter(&server, cluster, &image, &namespace);
    let ended = stage.wait_for_end("v1");
    assert_eq!(
        ended["state"], "succeeded",
        "it was this delivery's work: {ended:#}"
    );
    assert_eq!(ended["progress"]["previous"], OLD, "{ended:#}");
    let app = stage.kube.wait_for_rollout("app");
    assert_eq!(image_of(&app, "web"), stage.reference("v1", &digest));
    assert_eq!(app["metadata"]["generation"], 2, "one change: {app:#}");
}
