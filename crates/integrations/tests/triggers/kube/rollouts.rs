//! Rollouts are followed to their end, or to where they hang.

use crate::kube::bench::{OLD, image, need_bench, need_played, pause};
use serde_json::json;
use wharf_integrations::target::kubernetes::{RolloutNote, RolloutReason, RolloutState};
use wharf_model::triggers::WorkloadKind;
use wharf_testkit::kube::{Behavior, describe_workload};

#[test]
fn numbers_move_from_the_old_to_the_new_and_then_it_is_done() {
    let bench = need_bench!();
    need_played!(bench.space.play_image("v2", Behavior::Waits));
    bench.space.create_workload("deployments", "app", OLD);
    bench.space.wait_for_rollout("app");
    let target = bench.target(WorkloadKind::Deployment, "app");
    let next = image("reg.example", "v2");
    bench.set(&target, &next).expect("it is set");
    let text = next.to_string();
    let state = bench.follow(
        &target,
        &text,
        |state| matches!(state, RolloutState::Progressing(it) if it.updated > 0),
    );
    match state {
        RolloutState::Progressing(it) => {
            assert!(
                it.desired == 2 && it.old > 0 && it.trouble.is_none(),
                "{it:?}"
            );
        }
        other => panic!("it waits: {other:?}"),
    }
    need_played!(bench.space.play_image("v2", Behavior::Runs));
    let state = bench.follow(&target, &text, |state| {
        matches!(state, RolloutState::Done(_))
    });
    match state {
        RolloutState::Done(it) => assert_eq!((it.updated, it.available, it.old), (2, 2, 0)),
        other => panic!("it is done: {other:?}"),
    }
}

#[test]
fn a_paused_deployment_says_so_and_goes_on_when_it_is_resumed() {
    let bench = need_bench!();
    let mut object = describe_workload("deployments", "app", OLD);
    object["spec"]["paused"] = json!(true);
    bench.space.create_object("deployments", &object);
    let target = bench.target(WorkloadKind::Deployment, "app");
    bench.set(&target, &pause("3.10")).expect("it is set");
    let text = pause("3.10").to_string();
    match bench.look(&target, &text) {
        RolloutState::Progressing(it) => assert_eq!(it.note, Some(RolloutNote::Paused)),
        other => panic!("it is paused: {other:?}"),
    }
    bench
        .space
        .merge("deployments", "app", &json!({"spec": {"paused": false}}));
    bench.follow(&target, &text, |state| {
        matches!(state, RolloutState::Done(_))
    });
}

#[test]
fn stateful_sets_and_daemon_sets_are_followed_pod_by_pod() {
    let bench = need_bench!();
    let next = pause("3.10").to_string();
    for (kind, plural) in [
        (WorkloadKind::StatefulSet, "statefulsets"),
        (WorkloadKind::DaemonSet, "daemonsets"),
    ] {
        bench.space.create_workload(plural, "app", OLD);
        let target = bench.target(kind, "app");
        bench.follow(&target, OLD, |state| matches!(state, RolloutState::Done(_)));
        bench.set(&target, &pause("3.10")).expect("it is set");
        let state = bench.follow(&target, &next, |state| {
            matches!(state, RolloutState::Done(_))
        });
        let pods = bench.space.list("pods");
        let of_it = pods.iter().filter(|pod| {
            let owner = &pod["metadata"]["ownerReferences"][0]["kind"];
            let living = pod["metadata"]["deletionTimestamp"].is_null();
            living
                && owner
                    .as_str()
                    .is_some_and(|owner| plural.starts_with(&owner.to_lowercase()))
        });
        let images: Vec<_> = of_it
            .map(|pod| &pod["spec"]["containers"][0]["image"])
            .collect();
        assert!(
            !images.is_empty() && images.iter().all(|image| **image == next),
            "{images:?}"
        );
        match state {
            RolloutState::Done(it) => assert_eq!(it.desired, it.available),
            other => panic!("it is done: {other:?}"),
        }
    }
}

#[test]
fn another_image_meanwhile_supersedes_and_a_deleted_workload_ends_it() {
    let bench = need_bench!();
    bench.space.create_workload("deployments", "app", OLD);
    let target = bench.target(WorkloadKind::Deployment, "app");
    let ours = pause("3.10").to_string();
    let state = bench.look(&target, &ours);
    assert_eq!(
        state,
        RolloutState::Superseded {
            image: OLD.to_owned()
        }
    );
    bench.space.delete("deployments", "app");
    let state = bench.follow(&target, &ours, |state| {
        matches!(state, RolloutState::Failed(_))
    });
    match state {
        RolloutState::Failed(failure) => assert_eq!(failure.reason, RolloutReason::WorkloadGone),
        other => panic!("it is gone: {other:?}"),
    }
}
