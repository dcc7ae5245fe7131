//! Rows of the attack catalogue that need a cluster.

use serde_json::json;

use super::{need_cluster, need_played};
use crate::stage::{Stage, image_of};

const OLD: &str = "registry.example/old:1";

#[test]
fn h62_only_the_named_workload_of_a_granted_namespace_gets_an_image_and_it_is_pinned() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let stage = Stage::set(cluster);
    let other = cluster.make_namespace();
    for namespace in [&stage.kube, &other] {
        namespace.create_workload("deployments", "app", OLD);
        namespace.create_workload("deployments", "other", OLD);
    }
    let good = stage.describe_action("deployment", "app");
    let api = stage.api();
    let refuse = |field: &str, text: &str| {
        let mut action = good.clone();
        action[field] = json!(text);
        let body = json!({
            "name": "evil", "condition": { "kind": "all" }, "actions": [action],
        });
        let answer = api.post(&stage.path("/triggers"), body);
        assert!(
            answer.status.is_client_error(),
            "{field} {text:?}: {}",
            answer.describe()
        );
    };
    for text in [
        "{{ .Tag }}",
        "{{tag}}",
        "app\nother",
        "app\r\nHost: x",
        "../other",
        "app/status",
        "app%2f..%2fother",
        "app?dryRun=All",
        "App",
        "",
        " app",
    ] {
        refuse("workload", text);
        refuse("cluster_namespace", text);
        refuse("container", text);
    }
    refuse("cluster_namespace", other.name());
    refuse("cluster_namespace", "kube-system");
    refuse("cluster_namespace", "default");
    refuse("cluster", "no-such-cluster");
    refuse("cluster", "../clusters");
    refuse("workload_kind", "pod");
    refuse("workload_kind", "secret");
    refuse("workload_kind", "deployments/app/scale");

    // What can be saved, with tags as far as tags go.
    stage.make_trigger("deploy", good);
    let registry = stage.server.registry(&stage.server.admin());
    let repository = registry.repository(&stage.image);
    let image = wharf_testkit::ImageMaker::new("h62").make();
    for tag in ["%7B%7Btag%7D%7D", "v1%0Aevil", "v1%20evil", "v1%22%2C%22x"] {
        let put = repository.put_manifest(tag, &image.manifest);
        assert!(put.status.is_client_error(), "{}", put.describe());
    }
    let tag = "v1.0_-.image.spec.template";
    let digest = stage.push(tag);
    stage.wait_for_success(tag);
    let app = stage.kube.read("deployments", "app");
    assert_eq!(image_of(&app, "web"), stage.reference(tag, &digest));
    assert_eq!(
        image_of(&stage.kube.read("deployments", "other"), "web"),
        OLD
    );
    for name in ["app", "other"] {
        assert_eq!(image_of(&other.read("deployments", name), "web"), OLD);
    }

    // A grant that is taken back holds from then on, for what was saved before too.
    stage.grant(&[other.name()]);
    stage.push("v2");
    let ended = stage.wait_for_end("v2");
    assert_eq!(ended["state"], "failed", "{ended:#}");
    let app = stage.kube.read("deployments", "app");
    assert_eq!(image_of(&app, "web"), stage.reference(tag, &digest));
}

#[test]
fn m108_a_maintainer_cannot_name_a_cluster_or_namespace_that_was_not_granted() {
    let cluster = need_cluster!();
    let (stage, foreign) = (Stage::set(cluster), Stage::set(cluster));
    foreign.kube.create_workload("deployments", "app", OLD);
    let maintainer = stage.server.user(&wharf_testkit::unique_name("maintainer"));
    stage.server.member(stage.team(), &maintainer, "maintainer");
    let api = stage.api_of(&maintainer.login());
    let missing = stage.describe_action("deployment", "app");
    for (name, place) in [
        (foreign.cluster.as_str(), foreign.kube.name()),
        (foreign.cluster.as_str(), stage.kube.name()),
        (stage.cluster.as_str(), foreign.kube.name()),
        ("no-such-cluster", stage.kube.name()),
    ] {
        let mut action = missing.clone();
        action["cluster"] = json!(name);
        action["cluster_namespace"] = json!(place);
        let body = json!({ "name": "x", "condition": { "kind": "all" }, "actions": [action] });
        let answer = api.post(&stage.path("/triggers"), body);
        assert!(answer.status.is_client_error(), "{}", answer.describe());
        let list = format!(
            "/namespaces/{}/clusters/{name}/namespaces/{place}/workloads",
            stage.team()
        );
        api.get(&list).expect_one_of(&[403, 404]);
        let secret = list.replace("/workloads", "/pull-secret");
        api.post(&secret, json!({ "robot": "nodes" }))
            .expect_one_of(&[403, 404]);
    }
    // A cluster of others answers as one that is not there, byte for byte.
    let list = |name: &str| {
        let path = format!(
            "/namespaces/{}/clusters/{name}/namespaces/{}/workloads",
            stage.team(),
            foreign.kube.name()
        );
        let answer = api.get(&path);
        (answer.status, answer.json()["code"].clone())
    };
    assert_eq!(list(&foreign.cluster), list("no-such-cluster"));
    // Clusters themselves are the administrators'.
    for path in [
        "/clusters".to_owned(),
        format!("/clusters/{}", stage.cluster),
    ] {
        api.get(&path).expect_one_of(&[403, 404]);
    }
    let body = json!({ "cluster_namespaces": [foreign.kube.name()] });
    let grants = format!("/clusters/{}/grants/{}", foreign.cluster, stage.team());
    api.put(&grants, body).expect_one_of(&[403, 404]);
    assert_eq!(
        image_of(&foreign.kube.read("deployments", "app"), "web"),
        OLD
    );
}
