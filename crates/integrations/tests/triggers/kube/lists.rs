//! What pickers show.

use crate::kube::bench::{OLD, need_bench, open};
use serde_json::json;
use wharf_integrations::target::kubernetes::read_kubeconfig;
use wharf_model::triggers::WorkloadKind;
use wharf_testkit::kube::describe_workload;

#[test]
fn workloads_of_a_namespace_are_listed_with_their_containers() {
    let bench = need_bench!();
    let mut object = describe_workload("deployments", "app", OLD);
    object["spec"]["paused"] = json!(true);
    let spec = &mut object["spec"]["template"]["spec"];
    spec["initContainers"] = json!([{"name": "migrate", "image": OLD}]);
    spec["imagePullSecrets"] = json!([{"name": "theirs"}]);
    bench.space.create_object("deployments", &object);
    bench.space.create_workload("cronjobs", "nightly", OLD);
    let list = bench.ask(bench.cluster.list_workloads(&bench.namespace()));
    let list = list.expect("a list");
    assert!(list.hidden.is_empty() && !list.is_cut);
    let [app, nightly] = list.workloads.as_slice() else {
        panic!("two workloads: {list:?}");
    };
    assert_eq!(
        (app.kind, app.name.as_str()),
        (WorkloadKind::Deployment, "app")
    );
    assert_eq!((app.replicas, app.is_paused), (Some(2), true));
    assert_eq!(app.pull_secrets, ["theirs"]);
    let containers: Vec<_> = app
        .containers
        .iter()
        .map(|it| (it.name.as_str(), it.image.as_str(), it.is_init))
        .collect();
    assert_eq!(containers, [("web", OLD, false), ("migrate", OLD, true)]);
    assert_eq!(
        (nightly.kind, nightly.replicas),
        (WorkloadKind::CronJob, None)
    );
}

#[test]
fn what_may_not_be_listed_is_left_out_and_named() {
    let bench = need_bench!();
    assert_eq!(
        bench
            .ask(bench.cluster.list_namespaces())
            .expect("no error"),
        None
    );
    let account = bench.space.make_account("picker");
    let rules = json!([{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list"]}]);
    bench.space.grant("picker", &rules);
    bench.space.create_workload("deployments", "app", OLD);
    let access = read_kubeconfig(&bench.kube.write_kubeconfig(&account.token), None);
    let cluster = open(&access.expect("a kubeconfig"));
    let list = || {
        bench
            .ask(cluster.list_workloads(&bench.namespace()))
            .expect("a list")
    };
    bench.wait("the right is there", || list().hidden.len() == 3);
    let list = list();
    assert!(!list.hidden.contains(&WorkloadKind::Deployment));
    assert_eq!(list.workloads.len(), 1);
}

#[test]
fn whoever_may_list_namespaces_sees_them_signed_in_by_certificate() {
    let bench = need_bench!();
    let Some(config) = bench.kube.config() else {
        wharf_testkit::skip!("somebody's own kubeconfig may have anything in it");
    };
    let text = std::fs::read_to_string(config).expect("the administrator's kubeconfig");
    let cluster = open(&read_kubeconfig(&text, None).expect("certificate and key, inline"));
    let found = bench
        .ask(cluster.list_namespaces())
        .expect("a list")
        .expect("the right to it");
    assert!(found.items.contains(&bench.namespace()) && !found.is_cut);
}

#[test]
fn a_list_of_several_pages_is_read_to_its_end() {
    /// One more than a page has.
    const MANY: usize = 251;
    let bench = need_bench!();
    let mut object = describe_workload("cronjobs", "app", OLD);
    object["spec"]["suspend"] = json!(true);
    for number in 0..MANY {
        object["metadata"]["name"] = json!(format!("app-{number}"));
        bench.space.create_object("cronjobs", &object);
    }
    let list = bench.ask(bench.cluster.list_workloads(&bench.namespace()));
    let list = list.expect("a list");
    assert_eq!(list.workloads.len(), MANY);
    assert!(!list.is_cut && list.workloads.iter().all(|it| it.is_paused));
}
