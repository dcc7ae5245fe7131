//! One container's image is set, and nothing else is touched.

use crate::kube::bench::{OLD, image, need_bench, pause, plural};
use serde_json::{Value, json};
use wharf_integrations::target::kubernetes::{ClusterError, PatchOptions, RolloutState};
use wharf_model::triggers::WorkloadKind;
use wharf_testkit::kube::describe_workload;

#[test]
fn each_kind_of_workload_takes_an_image_by_digest_once() {
    let bench = need_bench!();
    let image = pause("3.10");
    for &kind in WorkloadKind::ALL {
        bench.space.create_workload(plural(kind), "app", OLD);
        let target = bench.target(kind, "app");
        let options = PatchOptions {
            delivery: Some("delivery-1"),
            ..PatchOptions::default()
        };
        let patched = bench.ask(bench.cluster.set_image(&target, &image, &options));
        let patched = patched.expect("it is set");
        assert!(patched.is_changed && patched.previous == OLD, "{patched:?}");
        let text = image.to_string();
        bench.follow(&target, &text, |state| {
            matches!(state, RolloutState::Done(_))
        });

        let after = bench.space.read(plural(kind), "app");
        assert_eq!(
            after["metadata"]["annotations"]["wharf/delivery"],
            "delivery-1"
        );
        assert_eq!(after["metadata"]["generation"], patched.generation);
        let again = bench.set(&target, &pause("latest")).expect("nothing to do");
        assert!(!again.is_changed && again.previous == text, "{again:?}");
        let unchanged = bench.space.read(plural(kind), "app");
        assert_eq!(unchanged["spec"], after["spec"]);
        assert_eq!(
            unchanged["metadata"]["generation"],
            after["metadata"]["generation"]
        );
    }
}

#[test]
fn only_the_container_that_is_meant_changes_init_containers_too() {
    let bench = need_bench!();
    let mut object = describe_workload("deployments", "app", OLD);
    let spec = &mut object["spec"]["template"]["spec"];
    spec["containers"] = json!([
        {"name": "web", "image": OLD, "env": [{"name": "A", "value": "b"}]},
        {"name": "side", "image": OLD},
    ]);
    spec["initContainers"] = json!([{"name": "migrate", "image": OLD}]);
    spec["imagePullSecrets"] = json!([{"name": "theirs"}]);
    object["spec"]["replicas"] = json!(0);
    let before = bench.space.create_object("deployments", &object);
    for (container, list, place) in [("web", "containers", 0), ("migrate", "initContainers", 0)] {
        let target = bench.container(WorkloadKind::Deployment, "app", container);
        let before = bench.space.read("deployments", "app");
        bench.set(&target, &pause("3.10")).expect("it is set");
        let mut expected = before["spec"].clone();
        expected["template"]["spec"][list][place]["image"] = json!(pause("3.10").to_string());
        assert_eq!(bench.space.read("deployments", "app")["spec"], expected);
    }
    let template = |object: &Value| object["spec"]["template"]["metadata"].clone();
    let after = bench.space.read("deployments", "app");
    assert_eq!(
        template(&after),
        template(&before),
        "what is noted restarts no pods"
    );
}

#[test]
fn a_dry_run_is_judged_by_the_cluster_and_changes_nothing() {
    let bench = need_bench!();
    bench.space.create_workload("deployments", "app", OLD);
    let target = bench.target(WorkloadKind::Deployment, "app");
    let before = bench.space.wait_for_rollout("app");
    let options = PatchOptions {
        dry_run: true,
        ..PatchOptions::default()
    };
    let patched = bench.ask(bench.cluster.set_image(&target, &pause("3.10"), &options));
    let patched = patched.expect("it would be taken");
    assert!(patched.is_changed && patched.previous == OLD);
    let after = bench.space.read("deployments", "app");
    assert_eq!(
        after["metadata"]["resourceVersion"],
        before["metadata"]["resourceVersion"]
    );
}

#[test]
fn what_is_not_there_is_named() {
    let bench = need_bench!();
    bench.space.create_workload("cronjobs", "app", OLD);
    let image = image("reg.example", "v1");
    let missing = bench.target(WorkloadKind::CronJob, "other");
    let error = bench.set(&missing, &image).expect_err("no such workload");
    assert!(matches!(&error, ClusterError::NotFound { subject, .. } if subject.contains("other")));
    assert!(!error.is_transient());
    let wrong = bench.container(WorkloadKind::CronJob, "app", "worker");
    let error = bench.set(&wrong, &image).expect_err("no such container");
    assert!(
        matches!(&error, ClusterError::NoContainer { there, .. } if there == &["web"]),
        "{error:?}"
    );
}
