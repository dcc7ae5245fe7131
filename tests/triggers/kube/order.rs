//! What is newer wins: an older image never rolls out late, and what is there already is left alone.

use serde_json::json;
use wharf_testkit::kube::Behavior;

use super::{need_cluster, need_played};
use crate::stage::{Stage, image_of};

const OLD: &str = "registry.example/old:1";

#[test]
fn a_tag_that_moves_in_mid_rollout_is_followed_and_what_it_was_is_superseded() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    need_played!(stage.kube.play_image(&stage.image, Behavior::Waits));
    stage.kube.create_workload("deployments", "app", OLD);
    stage.kube.wait_for_rollout("app");
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    let first = stage.push("main");
    stage
        .kube
        .wait_for("deployments", "app", "took the first", |it| {
            image_of(it, "web") == stage.reference("main", &first)
        });
    let second = stage.push("main");
    need_played!(stage.kube.play_image(&stage.image, Behavior::Runs));
    let ended = stage.wait_for_delivery("main", "the second is over", |it| {
        it["digest"] == second && it["ended_at"].is_string()
    });
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    let log = stage
        .api()
        .read_all(&stage.path("/trigger-deliveries"), 100);
    let of_first: Vec<_> = log.iter().filter(|it| it["digest"] == first).collect();
    assert_eq!(of_first.len(), 1, "{log:#?}");
    assert_eq!(of_first[0]["state"], "superseded", "{log:#?}");
    let app = stage.kube.wait_for_rollout("app");
    assert_eq!(image_of(&app, "web"), stage.reference("main", &second));
}

#[test]
fn what_a_container_runs_already_is_left_alone_and_recorded_as_unchanged() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let stage = Stage::set(cluster);
    stage.kube.create_workload("deployments", "app", OLD);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    stage.push("v1");
    stage.wait_for_success("v1");
    let before = stage.kube.wait_for_rollout("app");
    let body = json!({ "tag": "v1" });
    let run = stage.api().post(&stage.path("/triggers/deploy/run"), body);
    run.expect_one_of(&[200, 201, 202]);
    let ended = stage.wait_for_delivery("v1", "the second is over", |it| {
        it["by_hand"] == true && it["ended_at"].is_string()
    });
    assert_eq!(ended["state"], "unchanged", "{ended:#}");
    let after = stage.kube.read("deployments", "app");
    assert_eq!(
        after["metadata"]["generation"], before["metadata"]["generation"],
        "nothing was written: {after:#}"
    );
}
