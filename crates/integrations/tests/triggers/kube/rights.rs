//! The printed manifest is enough, and nothing in it is too much.

use crate::kube::bench::{Bench, OLD, grant, image, need_bench, open, pause};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use wharf_integrations::Secret;
use wharf_integrations::target::kubernetes::{
    Cluster, ClusterAccess, ClusterError, PatchOptions, PullAnswer, PullSecret, Right,
    pull_secret_name, read_kubeconfig,
};
use wharf_model::triggers::WorkloadKind;

/// Everything that wharf does in a namespace; what of it went wrong, in words.
fn do_everything(bench: &Bench, cluster: &Cluster) -> Vec<String> {
    let mut missed = Vec::new();
    let namespace = bench.namespace();
    let mut note = |what: String, error: Option<ClusterError>| {
        if let Some(error) = error {
            assert!(error.is_forbidden(), "{what}: {error:?}");
            missed.push(what);
        }
    };
    let list = bench
        .ask(cluster.list_workloads(&namespace))
        .expect("a list");
    let hidden = list.hidden.iter().map(|kind| format!("list {kind}"));
    let mut silent: Vec<String> = hidden.collect();
    for &kind in WorkloadKind::ALL {
        let target = bench.target(kind, "app");
        let options = PatchOptions {
            dry_run: true,
            ..PatchOptions::default()
        };
        let patched = bench.ask(cluster.set_image(&target, &pause("3.10"), &options));
        note(format!("set {kind}"), patched.err());
    }
    let target = bench.target(WorkloadKind::Deployment, "broken");
    let broken = image("registry.invalid", "v1").to_string();
    match bench.ask(cluster.read_rollout(&target, &broken)) {
        Err(error) => note("look".to_owned(), Some(error)),
        Ok(state) => {
            let text = format!("{state:?}");
            if !text.contains("ImagePull") {
                silent.push("pods in trouble".to_owned());
            } else if !text.contains("RolloutEvent") {
                silent.push("events of trouble".to_owned());
            }
        }
    }
    let running = bench.ask(cluster.find_running(
        std::slice::from_ref(&namespace),
        "registry.k8s.io",
        &"pause".parse().expect("a name"),
    ));
    if !running.expect("an answer").hidden.is_empty() {
        silent.push("what runs".to_owned());
    }
    // One that is there already, and one that is not.
    let secret = PullSecret {
        name: pull_secret_name("team"),
        host: "reg.example".to_owned(),
        username: "robot".to_owned(),
        password: Secret::new("hush"),
    };
    let written = bench.ask(cluster.write_pull_secret(&namespace, &secret));
    note("write the secret".to_owned(), written.err());
    for (kind, name) in [
        (WorkloadKind::Deployment, "app"),
        (WorkloadKind::DaemonSet, "app"),
    ] {
        let target = bench.target(kind, name);
        match bench.ask(cluster.find_pull_problem(&target, "reg.example")) {
            Err(error) => note(format!("pull problem of {kind}"), Some(error)),
            Ok(PullAnswer::Unknown { unread }) => silent.push(format!("unread {unread:?}")),
            Ok(_) => {}
        }
    }
    missed.extend(silent);
    missed
}

fn rule(right: &Right) -> Value {
    let mut rule = json!({
        "apiGroups": [right.group], "resources": [right.resource], "verbs": [right.verb],
    });
    if let Some(name) = &right.name {
        rule["resourceNames"] = json!([name.as_str()]);
    }
    rule
}

#[test]
fn each_right_of_the_manifest_is_needed_and_all_of_them_are_enough() {
    let bench = need_bench!();
    for (kind, name) in [
        ("deployments", "app"),
        ("statefulsets", "app"),
        ("daemonsets", "app"),
        ("cronjobs", "app"),
    ] {
        bench.space.create_workload(kind, name, OLD);
    }
    let broken = image("registry.invalid", "v1").to_string();
    bench
        .space
        .create_workload("deployments", "broken", &broken);
    bench.space.wait_for_reason("ImagePullBackOff");
    let secret = pull_secret_name("team");
    let patch =
        json!({"spec": {"template": {"spec": {"imagePullSecrets": [{"name": secret.as_str()}]}}}});
    bench.space.merge("deployments", "app", &patch);
    assert_eq!(do_everything(&bench, &bench.cluster), Vec::<String>::new());

    // Whoever may do nothing is told everything that is missing: the list of rights itself.
    let account = bench.space.make_account("less");
    bench.space.grant("less", &json!([]));
    let access = read_kubeconfig(&bench.kube.write_kubeconfig(&account.token), None);
    let cluster = open(&access.expect("a kubeconfig"));
    let missing = || {
        let check = bench.ask(cluster.check(&[grant(&bench.namespace())]));
        check.expect("an answer").namespaces.remove(0).missing
    };
    let all = missing();
    assert_eq!(all.len(), 18, "{all:?}");
    for left_out in &all {
        let rules: Vec<_> = all.iter().filter(|it| *it != left_out).map(rule).collect();
        bench
            .space
            .merge("roles", "less", &json!({ "rules": rules }));
        bench.wait("the role has changed", || {
            missing() == std::slice::from_ref(left_out)
        });
        if left_out.resource == "secrets" && left_out.verb == "create" {
            bench.space.delete("secrets", secret.as_str());
        }
        let missed = do_everything(&bench, &cluster);
        assert!(!missed.is_empty(), "nothing misses {left_out}");
        // There again for the next.
        if left_out.resource == "secrets" && left_out.verb == "create" {
            assert_eq!(do_everything(&bench, &bench.cluster), Vec::<String>::new());
        }
    }
}

#[test]
fn a_check_tells_the_version_and_that_credentials_are_wrong() {
    let bench = need_bench!();
    let check = bench.ask(bench.cluster.check(&[grant(&bench.namespace())]));
    let check = check.expect("an answer");
    assert!(check.version.starts_with("v1."), "{check:?}");
    assert!(check.namespaces[0].missing.is_empty(), "{check:?}");
    let elsewhere = "kube-public".parse().expect("a name");
    let check = bench
        .ask(bench.cluster.check(&[grant(&elsewhere)]))
        .expect("an answer");
    let missing: Vec<_> = check.namespaces[0]
        .missing
        .iter()
        .map(Right::to_string)
        .collect();
    assert_eq!(missing[0], "get deployments.apps");
    assert!(
        missing.contains(&"patch secrets/wharf-pull-team".to_owned()),
        "{missing:?}"
    );

    let access = read_kubeconfig(&bench.kube.write_kubeconfig("wrong"), None);
    let stranger = open(&access.expect("a kubeconfig"));
    let namespace = bench.namespace();
    let error = bench
        .ask(stranger.list_workloads(&namespace))
        .expect_err("a wrong token");
    assert!(
        matches!(error, ClusterError::Unauthorized { .. }),
        "{error:?}"
    );
    assert!(!error.is_transient() && error.hint().is_some());
    let error = bench
        .ask(stranger.check(&[grant(&namespace)]))
        .expect_err("a wrong token");
    assert!(
        matches!(error, ClusterError::Unauthorized { .. }),
        "{error:?}"
    );
}

#[test]
fn the_token_that_the_manifest_makes_signs_in() {
    let bench = need_bench!();
    let secret = bench
        .space
        .wait_for("secrets", "wharf-token", "has a token", |it| {
            it["data"]["token"].is_string() && it["data"]["ca.crt"].is_string()
        });
    let text = |field: &str| secret["data"][field].as_str().expect("base64").to_owned();
    let token = STANDARD.decode(text("token")).expect("base64");
    let token = String::from_utf8(token).expect("a token");
    // On somebody's own cluster another authority may have signed what stands before the API server.
    let ca = match bench.kube.config() {
        Some(_) => Some(text("ca.crt")),
        None => bench.kube.certificate().map(str::to_owned),
    };
    let access = ClusterAccess::by_token(bench.kube.url(), ca.as_deref(), &token);
    let access = access.expect("an access");
    assert_eq!(
        access.credential.find_account(),
        bench.access.credential.find_account()
    );
    let cluster = open(&access);
    let check = bench.ask(cluster.check(&[grant(&bench.namespace())]));
    assert!(check.expect("an answer").namespaces[0].missing.is_empty());
}
