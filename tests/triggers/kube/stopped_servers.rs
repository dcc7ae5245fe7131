//! F16: a server stands still with a patch on its way; meanwhile another one on the same database rolls out what is newer.

use wharf_testkit::{
    Engine,
    kube::{KubeFault, KubeGate},
};

use super::{need_cluster, need_played};
use crate::stage::{Stage, Way, describe_server, image_of};

const OLD: &str = "registry.example/old:1";

#[test]
fn f16_a_patch_of_a_server_that_stood_still_comes_too_late_and_changes_nothing() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let folder = tempfile::tempdir().expect("a folder");
    let gate = KubeGate::open(cluster);
    let first = describe_server()
        .engine(Engine::Postgres)
        .data_dir(folder.path().join("first"))
        .start();
    let stage = Stage::set_at(&first, cluster, &Way::Gate(&gate));
    stage.kube.create_workload("deployments", "app", OLD);
    stage.kube.wait_for_rollout("app");
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    let path = format!("{}/app", stage.kube.path("deployments"));
    // What would happen is asked for first; what shall happen is kept back.
    gate.fail("PATCH", &path, 1, KubeFault::None);
    gate.fail("PATCH", &path, 1, KubeFault::Hold);
    stage.push("v1");
    wharf_tests::wait_until("the patch is on its way", || {
        gate.count("PATCH", &path) == 2
    });
    first.signal(libc::SIGSTOP);

    let second = describe_server()
        .data_dir(folder.path().join("second"))
        .beside(&first)
        .start();
    let there = Stage::enter(&second, cluster, &stage.image, stage.kube.name());
    let taken_over = there.wait_for_success("v1");
    let newer = there.push("v2");
    there.wait_for_success("v2");
    let before = there.kube.wait_for_rollout("app");
    assert!(image_of(&before, "web").ends_with(&newer), "{before:#}");

    assert_eq!(gate.release(), [409], "the workload is another by now");
    first.signal(libc::SIGCONT);
    // It is awake, and does its work again beside the other.
    let newest = stage.push("v3");
    stage.wait_for_success("v3");
    let after = stage.kube.wait_for_rollout("app");
    assert!(image_of(&after, "web").ends_with(&newest), "{after:#}");
    let generation = |object: &serde_json::Value| object["metadata"]["generation"].as_u64();
    assert_eq!(generation(&after), generation(&before).map(|it| it + 1));
    let shown = stage.wait_for_success("v1");
    assert_eq!(
        shown["attempts"], taken_over["attempts"],
        "nothing is added"
    );
    let attempts = shown["attempts"].as_array().expect("attempts");
    let outcomes: Vec<_> = attempts.iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["patched", "interrupted"], "{shown:#}");
}
