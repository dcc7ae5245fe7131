//! Rollouts that hang say why, with the last events.

use crate::kube::bench::{Bench, OLD, image, need_bench, need_played};
use serde_json::json;
use wharf_integrations::target::kubernetes::{
    ContainerRef, PinnedImage, RolloutFailure, RolloutReason, RolloutState, RolloutTrouble,
};
use wharf_model::triggers::WorkloadKind;
use wharf_testkit::kube::{Behavior, describe_workload};

/// A Deployment that gives up after a second, with an image on its way into it.
fn begin(bench: &Bench, image: &PinnedImage) -> ContainerRef {
    let mut object = describe_workload("deployments", "app", OLD);
    object["spec"]["progressDeadlineSeconds"] = json!(1);
    bench.space.create_object("deployments", &object);
    let target = bench.target(WorkloadKind::Deployment, "app");
    bench.set(&target, image).expect("it is set");
    target
}

/// The trouble that is seen before or when it fails.
fn await_trouble(
    bench: &Bench,
    target: &ContainerRef,
    image: &str,
    reason: RolloutReason,
) -> RolloutTrouble {
    let trouble = |state: &RolloutState| match state {
        RolloutState::Progressing(progress) => progress.trouble.clone(),
        RolloutState::Failed(failure) => failure.progress.trouble.clone(),
        _ => None,
    };
    let state = bench.follow(target, image, |state| {
        trouble(state).is_some_and(|it| it.reason == reason && has_warning(&it))
    });
    trouble(&state).expect("it was there")
}

/// Of pods that are not there only the workload's own sentence tells.
fn has_warning(trouble: &RolloutTrouble) -> bool {
    trouble.pod.is_none() || trouble.events.iter().any(|event| event.is_warning)
}

fn await_failure(bench: &Bench, target: &ContainerRef, image: &str) -> RolloutFailure {
    match bench.follow(target, image, |state| {
        matches!(state, RolloutState::Failed(_))
    }) {
        RolloutState::Failed(failure) => failure,
        other => panic!("it fails: {other:?}"),
    }
}

#[test]
fn an_image_that_cannot_be_pulled_is_told_with_what_the_node_says() {
    let bench = need_bench!();
    let next = image("registry.invalid", "v2");
    let target = begin(&bench, &next);
    let text = next.to_string();
    let trouble = await_trouble(&bench, &target, &text, RolloutReason::ImagePull);
    assert!(
        trouble.pod.is_some() && trouble.container.as_deref() == Some("web"),
        "{trouble:?}"
    );
    let told = |part: &str| trouble.events.iter().any(|event| event.said.contains(part));
    assert!(
        told("Failed to pull image") || told("pulling image"),
        "{trouble:#?}"
    );
    let failure = await_failure(&bench, &target, &text);
    assert_eq!(failure.reason, RolloutReason::ImagePull);
    assert!(failure.progress.trouble.is_some());
}

#[test]
fn a_container_that_crashes_is_told_by_its_exit() {
    let bench = need_bench!();
    need_played!(bench.space.play_image("crash", Behavior::Crashes));
    let next = image("reg.example", "crash");
    let target = begin(&bench, &next);
    let text = next.to_string();
    let trouble = await_trouble(&bench, &target, &text, RolloutReason::CrashLoop);
    assert!(trouble.said.contains("exit code 1"), "{trouble:?}");
    let failure = await_failure(&bench, &target, &text);
    assert_eq!(failure.reason, RolloutReason::CrashLoop);
}

#[test]
fn a_container_that_never_gets_ready_is_told_when_the_deadline_is_over() {
    let bench = need_bench!();
    need_played!(bench.space.play_image("slow", Behavior::NeverReady));
    let next = image("reg.example", "slow");
    let target = begin(&bench, &next);
    let text = next.to_string();
    let trouble = await_trouble(&bench, &target, &text, RolloutReason::NotReady);
    assert_eq!(trouble.container.as_deref(), Some("web"));
    assert!(
        trouble.said.contains("Readiness probe failed"),
        "{trouble:?}"
    );
    let failure = await_failure(&bench, &target, &text);
    assert_eq!(failure.reason, RolloutReason::NotReady, "{failure:?}");
}

#[test]
fn pods_that_may_not_be_made_are_told_by_the_quota() {
    let bench = need_bench!();
    let quota = json!({ "metadata": { "name": "none" }, "spec": { "hard": { "pods": "0" } } });
    bench.space.create_object("resourcequotas", &quota);
    bench
        .space
        .wait_for("resourcequotas", "none", "is counted", |it| {
            it["status"]["hard"]["pods"] == "0"
        });
    let next = image("reg.example", "v2");
    for (kind, plural) in [
        (WorkloadKind::Deployment, "deployments"),
        (WorkloadKind::StatefulSet, "statefulsets"),
    ] {
        bench.space.create_workload(plural, "app", OLD);
        let target = bench.target(kind, "app");
        bench.set(&target, &next).expect("it is set");
        let text = next.to_string();
        let trouble = await_trouble(&bench, &target, &text, RolloutReason::CannotCreate);
        assert!(
            trouble.said.contains("exceeded quota"),
            "{kind}: {trouble:?}"
        );
    }
}

#[test]
fn a_pod_that_no_node_takes_is_told_by_the_scheduler() {
    let bench = need_bench!();
    let mut object = describe_workload("deployments", "app", OLD);
    let spec = &mut object["spec"]["template"]["spec"];
    spec["nodeSelector"] = json!({"wharf-test/nowhere": "yes"});
    bench.space.create_object("deployments", &object);
    let target = bench.target(WorkloadKind::Deployment, "app");
    let next = image("reg.example", "v2");
    bench.set(&target, &next).expect("it is set");
    let trouble = await_trouble(
        &bench,
        &target,
        &next.to_string(),
        RolloutReason::Unschedulable,
    );
    assert!(trouble.said.contains("node"), "{trouble:?}");
}
