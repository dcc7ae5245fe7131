//! The earlier image is put back, but only in place of ours.

use crate::kube::bench::{OLD, image, need_bench, need_played, pause};
use serde_json::json;
use wharf_integrations::target::kubernetes::{RolledBack, RolloutReason, RolloutState};
use wharf_model::triggers::WorkloadKind;
use wharf_testkit::kube::{Behavior, describe_workload};

#[test]
fn a_rollout_that_failed_is_taken_back_and_followed_to_its_end() {
    let bench = need_bench!();
    let mut object = describe_workload("deployments", "app", OLD);
    object["spec"]["progressDeadlineSeconds"] = json!(2);
    bench.space.create_object("deployments", &object);
    bench.space.wait_for_rollout("app");
    let target = bench.target(WorkloadKind::Deployment, "app");
    let broken = image("registry.invalid", "v2");
    let patched = bench.set(&target, &broken).expect("it is set");
    let state = bench.follow(&target, &broken.to_string(), |state| {
        matches!(state, RolloutState::Failed(_))
    });
    assert!(matches!(state, RolloutState::Failed(it) if it.reason == RolloutReason::ImagePull));

    let roll_back = || bench.ask(bench.cluster.roll_back(&target, &broken, &patched.previous));
    let first = roll_back().expect("it is put back");
    assert!(matches!(first, RolledBack::Done { generation } if generation > patched.generation));
    bench.follow(&target, OLD, |state| matches!(state, RolloutState::Done(_)));
    assert_eq!(
        roll_back().expect("it is back already"),
        first,
        "once is enough"
    );
}

#[test]
fn what_somebody_else_put_there_is_left_alone() {
    let bench = need_bench!();
    need_played!(bench.space.play_image("v2", Behavior::Crashes));
    bench.space.create_workload("deployments", "app", OLD);
    let target = bench.target(WorkloadKind::Deployment, "app");
    let (ours, theirs) = (image("reg.example", "v2"), pause("3.10"));
    let patched = bench.set(&target, &ours).expect("it is set");
    bench
        .set(&target, &theirs)
        .expect("somebody else was faster");
    let outcome = bench.ask(bench.cluster.roll_back(&target, &ours, &patched.previous));
    assert_eq!(
        outcome.expect("nothing is done"),
        RolledBack::NotOurs {
            image: theirs.to_string()
        }
    );
    let after = bench.space.read("deployments", "app");
    let image = &after["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(*image, theirs.to_string());
}
