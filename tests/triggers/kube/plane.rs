//! The cluster of the tests itself does what a cluster does: otherwise what the others show is worth nothing.

use serde_json::json;
use wharf_testkit::{
    Kubernetes,
    kube::{Behavior, KubeClient, KubeFault, KubeGate, describe_workload},
};

use super::{need_cluster, need_played};

/// On somebody's own cluster an image that is really there; played containers take any.
const IMAGE: &str = "registry.k8s.io/pause:3.10";
/// An image that is nowhere (RFC 6761, 6.4).
const NOWHERE: &str = "registry.invalid/team/app:1";

#[test]
fn a_deployment_rolls_out_and_rolls_on_when_its_image_changes() {
    let cluster = need_cluster!();
    let namespace = cluster.make_namespace();
    namespace.create_workload("deployments", "app", IMAGE);
    namespace.wait_for_rollout("app");
    let next =
        format!("{IMAGE}@sha256:ee6521f290b2168b6e0935a181d4cff9be1ac3f505666ef0e3c98fae8199917a");
    let containers = json!([{ "name": "web", "image": next }]);
    let patch = json!({ "spec": { "template": { "spec": { "containers": containers } } } });
    namespace.merge("deployments", "app", &patch);
    namespace.wait_for_rollout("app");
    let pods = namespace.list("pods");
    let living = pods
        .iter()
        .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    let mut images = living.map(|pod| &pod["spec"]["containers"][0]["image"]);
    assert!(images.all(|image| *image == *next), "{pods:#?}");
}

#[test]
fn an_image_that_is_nowhere_is_reported_by_status_and_events() {
    let cluster = need_cluster!();
    let namespace = cluster.make_namespace();
    namespace.create_workload("deployments", "app", NOWHERE);
    let pod = namespace.wait_for_reason("ImagePullBackOff");
    let name = pod["metadata"]["name"].as_str().expect("a name");
    assert_eq!(pod["status"]["phase"], "Pending");
    let about_it = |event: &&serde_json::Value| event["involvedObject"]["name"] == name;
    let events = namespace.list("events");
    let mut messages = events
        .iter()
        .filter(about_it)
        .filter_map(|event| event["message"].as_str());
    assert!(
        messages.any(|it| it.contains("Failed to pull image")),
        "{events:#?}"
    );
}

#[test]
fn containers_that_crash_and_those_that_are_never_ready_keep_a_rollout_from_its_end() {
    let cluster = need_cluster!();
    let namespace = cluster.make_namespace();
    need_played!(namespace.play_image("crash", Behavior::Crashes));
    need_played!(namespace.play_image("slow", Behavior::NeverReady));
    namespace.create_workload("deployments", "crash", "app:crash");
    namespace.wait_for_reason("CrashLoopBackOff");
    let mut slow = describe_workload("deployments", "slow", "app:slow");
    slow["spec"]["progressDeadlineSeconds"] = json!(1);
    namespace.create_object("deployments", &slow);
    namespace.wait_for("deployments", "slow", "is past its deadline", |it| {
        let conditions = it["status"]["conditions"].as_array();
        let mut conditions = conditions.into_iter().flatten();
        conditions.any(|it| it["reason"] == "ProgressDeadlineExceeded")
    });
    // What was never ready may become so.
    need_played!(namespace.play_image("slow", Behavior::Runs));
    namespace.wait_for_rollout("slow");
}

#[test]
fn every_other_kind_of_workload_comes_to_its_end() {
    let cluster = need_cluster!();
    let namespace = cluster.make_namespace();
    namespace.create_workload("statefulsets", "set", IMAGE);
    namespace.create_workload("daemonsets", "daemon", IMAGE);
    namespace.create_workload("cronjobs", "cron", IMAGE);
    namespace.wait_for("statefulsets", "set", "has two ready pods", |it| {
        it["status"]["readyReplicas"] == 2
    });
    namespace.wait_for("daemonsets", "daemon", "is everywhere", |it| {
        let status = &it["status"];
        status["numberReady"] == status["desiredNumberScheduled"] && status["numberReady"] != 0
    });
    need_played!(cluster.kubelet().is_some());
    let cron = namespace.read("cronjobs", "cron");
    let job = json!({ "metadata": { "name": "now" }, "spec": cron["spec"]["jobTemplate"]["spec"] });
    namespace.create_object("jobs", &job);
    namespace.wait_for("jobs", "now", "succeeded", |it| {
        it["status"]["succeeded"] == 1
    });
}

#[test]
fn an_account_may_do_what_it_was_granted_and_nothing_else() {
    let cluster = need_cluster!();
    let (namespace, other) = (cluster.make_namespace(), cluster.make_namespace());
    let account = namespace.make_account("deployer");
    let client = cluster.client_of(&account.token);
    client.get(&namespace.path("deployments")).expect(403);
    let rules = json!([{ "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list"] }]);
    namespace.grant("deployer", &rules);
    client.get(&namespace.path("deployments")).expect(200);
    client.get(&namespace.path("secrets")).expect(403);
    client.get(&other.path("deployments")).expect(403);
    // A manifest in YAML grants as well as rules do.
    let manifest = format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: more, namespace: {0}}}\nrules:\n\
         - {{apiGroups: [\"\"], resources: [secrets], verbs: [list]}}\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: more, namespace: {0}}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: more}}\n\
         subjects:\n- {{kind: ServiceAccount, name: deployer, namespace: {0}}}\n",
        namespace.name()
    );
    cluster.apply(&manifest);
    client.get(&namespace.path("secrets")).expect(200);
}

#[test]
fn a_cluster_of_its_own_goes_away_and_comes_back_with_what_it_had() {
    let mut cluster = match Kubernetes::start() {
        Ok(cluster) => cluster,
        Err(reason) => wharf_testkit::skip!("{reason}"),
    };
    let name = {
        let namespace = cluster.make_namespace();
        need_played!(namespace.play_image(IMAGE, Behavior::Waits));
        namespace.create_workload("deployments", "app", IMAGE);
        namespace.wait_for_reason("ContainerCreating");
        namespace.name().to_owned()
    };
    cluster.stop_api_server();
    cluster.start_api_server();
    let namespace = cluster.enter_namespace(&name);
    need_played!(namespace.play_image(IMAGE, Behavior::Runs));
    namespace.wait_for_rollout("app");
}

#[test]
fn somebodys_own_cluster_is_used_by_its_kubeconfig_and_left_as_it_was() {
    let own = need_cluster!();
    let Some(config) = own.config() else {
        wharf_testkit::skip!("this cluster is somebody's own already");
    };
    let cluster = Kubernetes::open(&config).expect("a kubeconfig that kubectl wrote");
    assert_eq!(cluster.url(), own.url());
    assert!(cluster.kubelet().is_none());
    let name = {
        let namespace = cluster.make_namespace();
        namespace.create_workload("deployments", "app", IMAGE);
        let account = namespace.make_account("nobody");
        let client = cluster.client_of(&account.token);
        client.get(&namespace.path("deployments")).expect(403);
        namespace.name().to_owned()
    };
    let path = format!("/api/v1/namespaces/{name}");
    wharf_tests::wait_until("the namespace is gone", || {
        own.client().get(&path).status == 404
    });
}

#[test]
fn a_gate_fails_as_often_as_it_was_told_and_loses_answers_to_what_was_done() {
    let cluster = need_cluster!();
    let namespace = cluster.make_namespace();
    let account = namespace.make_account("somebody");
    let rules = json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"] }]);
    namespace.grant("somebody", &rules);
    let gate = KubeGate::open(cluster);
    let client = KubeClient::with_token(&gate.url(), Some(gate.certificate()), &account.token);
    let path = namespace.path("configmaps");
    gate.fail("GET", "/configmaps", 2, KubeFault::Status(503));
    client.get(&path).expect(503);
    client.get(&path).expect(503);
    client.get(&path).expect(200);
    gate.fail("POST", "/configmaps", 1, KubeFault::LostAnswer);
    let lost = json!({ "metadata": { "name": "lost" } });
    assert!(client.try_post(&path, &lost).is_err());
    client.post(&path, &lost).expect(409);
    assert_eq!(gate.count("POST", "/configmaps"), 2);
}
