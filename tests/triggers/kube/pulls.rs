//! What nodes need besides a reference: rights that an administrator applies, and a secret to pull private images with.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use wharf_testkit::{
    Dockerd,
    kube::{Behavior, describe_workload},
};

use super::{need_cluster, need_played};
use crate::stage::{Stage, image_of, name_of};

const OLD: &str = "registry.example/old:1";

#[test]
fn the_printed_manifest_is_all_that_updates_rollbacks_and_pull_secrets_need() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    need_played!(stage.kube.play_image(":bad", Behavior::Crashes));
    // The account that the stage made loses everything; what is printed has to do.
    stage.kube.delete("rolebindings", "wharf");
    // The account lives where it works, so that nothing is left behind.
    let (name, home) = (&stage.cluster, stage.kube.name());
    let manifest = format!("/clusters/{name}/manifest?home={home}");
    let printed = stage.api().get(&manifest).expect(200).json();
    let yaml = printed["yaml"].as_str().expect("YAML");
    cluster.apply(yaml);
    let (namespace, account) = find_account(cluster, yaml);
    let token = cluster.enter_namespace(&namespace).ask_for_token(&account);
    let path = format!("/clusters/{}", stage.cluster);
    let body = json!({ "kubeconfig": cluster.write_kubeconfig(&token.token) });
    stage.api().patch(&path, body).expect(200);
    let checked = stage
        .api()
        .post(&format!("{path}/check"), json!({}))
        .expect(200);
    let checked = checked.json();
    assert_eq!(
        (&checked["ok"], &checked["missing"]),
        (&json!(true), &json!([])),
        "{checked:#}"
    );
    assert!(
        checked["server_version"]
            .as_str()
            .is_some_and(|it| it.starts_with("v1.")),
        "{checked:#}"
    );

    for (kinds, kind) in [("deployments", "deployment"), ("cronjobs", "cronjob")] {
        let mut workload = describe_workload(kinds, kind, OLD);
        if kind == "deployment" {
            workload["spec"]["progressDeadlineSeconds"] = json!(5);
        }
        stage.kube.create_object(kinds, &workload);
        let mut action = stage.describe_action(kind, kind);
        action["rollback"] = json!(true);
        action["timeout_seconds"] = json!(10);
        stage.make_trigger(kind, action);
    }
    let digest = stage.push("good");
    for ended in stage.wait_for_ends("good", &["deployment", "cronjob"]) {
        assert_eq!(ended["state"], "succeeded", "{ended:#}");
    }
    stage.push("bad");
    let ended = &stage.wait_for_ends("bad", &["deployment"])[0];
    assert_eq!(ended["reason"], "crash_loop", "{ended:#}");
    let wanted = stage.reference("good", &digest);
    stage
        .kube
        .wait_for("deployments", "deployment", "is back", |it| {
            image_of(it, "web") == wanted
        });
    let written = stage
        .api()
        .post(&pull_secret_path(&stage), json!({ "robot": "nodes" }));
    written.expect_one_of(&[200, 201]);
    // And it is the smallest: other people's secrets stay unread, other namespaces untouched.
    let client = cluster.client_of(&token.token);
    client.get(&stage.kube.path("secrets")).expect(403);
    let other = cluster.make_namespace();
    client.get(&other.path("deployments")).expect(403);
}

/// Whose account the manifest makes, read from what the cluster made of it.
fn find_account(cluster: &wharf_testkit::Kubernetes, yaml: &str) -> (String, String) {
    let shown = cluster.kubectl(&["get", "--filename=-", "--output=json"], yaml);
    assert!(shown.status.success(), "{shown:?}");
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    let mut objects = shown["items"].as_array().expect("a list").iter();
    let account = objects.find(|it| it["kind"] == "ServiceAccount");
    let metadata = &account.expect("an account in the manifest")["metadata"];
    let text = |field: &str| metadata[field].as_str().expect("a name").to_owned();
    (text("namespace"), text("name"))
}

fn pull_secret_path(stage: &Stage<'_>) -> String {
    format!(
        "/namespaces/{}/clusters/{}/namespaces/{}/pull-secret",
        stage.team(),
        stage.cluster,
        stage.kube.name()
    )
}

#[test]
fn a_private_image_is_pulled_with_the_secret_that_was_written_and_with_nothing_less() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let dockerd = match Dockerd::get() {
        Ok(dockerd) => dockerd,
        Err(reason) => wharf_testkit::skip!("no dockerd here: {reason}"),
    };
    let stage = Stage::set(cluster);
    stage.server.set_visibility(&stage.image, false);
    stage.kube.create_workload("deployments", "app", OLD);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    stage.push("v1");
    stage.wait_for_success("v1");
    // Played containers run all the same; who asks before is warned.
    let made = stage.api().get(&stage.path("/triggers/deploy"));
    let made = made.expect(200).json();
    let action = made["actions"][0]["id"].as_str().expect("an id");
    let dry_run = stage.path(&format!("/triggers/deploy/actions/{action}/dry-run"));
    let warn = || {
        let tried = stage.api().post(&dry_run, json!({ "tag": "v1" }));
        tried.expect(200).json()["warning"]["code"].clone()
    };
    assert_eq!(warn(), "missing_pull_secret");

    let written = stage
        .api()
        .post(&pull_secret_path(&stage), json!({ "robot": "nodes" }));
    let written = written.expect_one_of(&[200, 201]).json();
    let name = written["name"].as_str().expect("a name");
    // No service account is changed but by those whose it is.
    let secrets = json!({ "imagePullSecrets": [{ "name": name }] });
    stage.kube.merge("serviceaccounts", "default", &secrets);
    assert_eq!(warn(), Value::Null);
    let digest = stage.push("v2");
    stage.wait_for_success("v2");
    let app = stage.kube.wait_for_rollout("app");
    let wanted = stage.reference("v2", &digest);
    assert_eq!(image_of(&app, "web"), wanted);
    let pods = stage.kube.list("pods");
    let new = pods
        .iter()
        .find(|pod| pod["spec"]["containers"][0]["image"] == *wanted)
        .expect("a pod of it");
    let secrets = new["spec"]["imagePullSecrets"].to_string();
    assert!(secrets.contains(name), "{new:#}");
    let secret = stage.kube.read("secrets", name);
    assert_eq!(secret["type"], "kubernetes.io/dockerconfigjson");
    let config = secret["data"][".dockerconfigjson"]
        .as_str()
        .expect("it is there");
    let config = STANDARD.decode(config).expect("base64");
    let config: Value = serde_json::from_slice(&config).expect("a configuration");
    assert!(
        config["auths"][&name_of(stage.server)].is_object(),
        "it is bound to this registry"
    );

    // A node reads that configuration as docker does.
    let docker = dockerd.enter_with(&config);
    docker.run(&["pull", "--quiet", &wanted]);
    docker.run(&["rmi", &wanted]);
    let nobody = dockerd.enter_with(&json!({}));
    assert!(
        !nobody.try_run(&["pull", "--quiet", &wanted]),
        "it is private"
    );
    // A robot that can pull and do nothing else.
    let pushed = format!("{}/{}:other", name_of(stage.server), stage.image);
    docker.run(&["pull", "--quiet", &wanted]);
    docker.run(&["tag", &wanted, &pushed]);
    assert!(
        !docker.try_run(&["push", "--quiet", &pushed]),
        "it only pulls"
    );
    docker.run(&["rmi", &pushed]);
}

#[test]
fn lists_to_choose_from_are_read_live_and_need_no_right_to_list_namespaces() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    stage.kube.create_workload("deployments", "app", OLD);
    stage.kube.create_workload("cronjobs", "nightly", OLD);
    let granted = format!("/namespaces/{}/clusters", stage.team());
    let granted = stage.api().get(&granted).expect(200).json()["items"].clone();
    assert_eq!(granted.as_array().map(Vec::len), Some(1), "{granted:#}");
    assert_eq!(granted[0]["name"], stage.cluster);
    assert_eq!(granted[0]["cluster_namespaces"], json!([stage.kube.name()]));
    let list = format!(
        "/namespaces/{}/clusters/{}/namespaces/{}/workloads",
        stage.team(),
        stage.cluster,
        stage.kube.name()
    );
    let read = || {
        let listed = stage.api().get(&list).expect(200).json();
        let items = listed["items"].as_array().cloned().unwrap_or_default();
        let mut names: Vec<String> = items
            .iter()
            .map(|it| format!("{}/{}", it["kind"], it["name"]).replace('"', ""))
            .collect();
        names.sort();
        (names, items)
    };
    let (names, items) = read();
    assert_eq!(names, ["cronjob/nightly", "deployment/app"]);
    let container = &items[0]["containers"][0];
    assert_eq!(
        (&container["name"], &container["image"]),
        (&json!("web"), &json!(OLD))
    );
    stage.kube.delete("cronjobs", "nightly");
    assert_eq!(read().0, ["deployment/app"]);
    // What somebody else granted to somebody else is not there.
    let other = cluster.make_namespace();
    let elsewhere = list.replace(stage.kube.name(), other.name());
    stage.api().get(&elsewhere).expect_one_of(&[403, 404]);
}
