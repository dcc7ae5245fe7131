//! Whether a private image can be pulled, and the secret for it.

use crate::kube::bench::{OLD, image, need_bench};
use serde_json::json;
use wharf_integrations::Secret;
use wharf_integrations::target::kubernetes::{
    PatchOptions, PullAnswer, PullSecret, pull_secret_name,
};
use wharf_model::triggers::WorkloadKind;

const HOST: &str = "reg.example:5000";

#[test]
fn a_missing_secret_is_told_written_and_attached_with_the_image() {
    let bench = need_bench!();
    bench.space.create_workload("deployments", "app", OLD);
    let target = bench.target(WorkloadKind::Deployment, "app");
    let find = || {
        bench
            .ask(bench.cluster.find_pull_problem(&target, HOST))
            .expect("an answer")
    };
    assert_eq!(find(), PullAnswer::Missing { looked_at: vec![] });
    let before = bench.space.read("deployments", "app")["metadata"]["generation"].clone();
    let name = pull_secret_name("team");
    for password in ["first", "second"] {
        let secret = PullSecret {
            name: name.clone(),
            host: HOST.to_owned(),
            username: "robot".to_owned(),
            password: Secret::new(password),
        };
        let namespace = bench.namespace();
        bench
            .ask(bench.cluster.write_pull_secret(&namespace, &secret))
            .expect("it is written");
        let written = bench.space.read("secrets", name.as_str());
        assert_eq!(written["type"], "kubernetes.io/dockerconfigjson");
    }
    let unchanged = &bench.space.read("deployments", "app")["metadata"]["generation"];
    assert_eq!(*unchanged, before, "writing it restarts nothing");
    let options = PatchOptions {
        pull_secret: Some(&name),
        ..PatchOptions::default()
    };
    bench
        .ask(
            bench
                .cluster
                .set_image(&target, &image(HOST, "v1"), &options),
        )
        .expect("it is set");
    assert_eq!(
        find(),
        PullAnswer::Found {
            secret: name.to_string()
        }
    );
    let other = bench.ask(bench.cluster.find_pull_problem(&target, "other.example"));
    assert!(other.expect("an answer").is_problem());
}

#[test]
fn secrets_of_others_are_not_read_and_the_accounts_count_where_the_template_has_none() {
    let bench = need_bench!();
    bench.space.create_workload("cronjobs", "app", OLD);
    let target = bench.target(WorkloadKind::CronJob, "app");
    let find = || {
        bench
            .ask(bench.cluster.find_pull_problem(&target, HOST))
            .expect("an answer")
    };
    let account = json!({"imagePullSecrets": [{"name": "theirs"}]});
    bench.space.merge("serviceaccounts", "default", &account);
    assert_eq!(
        find(),
        PullAnswer::Unknown {
            unread: vec!["theirs".to_owned()]
        }
    );
    let name = pull_secret_name("team");
    let template = json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": {
        "imagePullSecrets": [{"name": name.as_str()}]}}}}}});
    bench.space.merge("cronjobs", "app", &template);
    // It is not there, and the account does not count any more.
    assert_eq!(
        find(),
        PullAnswer::Missing {
            looked_at: vec![name.to_string()]
        }
    );
}

#[test]
fn a_secret_for_a_host_that_no_node_reaches_is_not_written() {
    let bench = need_bench!();
    let secret = PullSecret {
        name: pull_secret_name("team"),
        host: "localhost:5000".to_owned(),
        username: "robot".to_owned(),
        password: Secret::new("hush"),
    };
    let namespace = bench.namespace();
    assert!(
        bench
            .ask(bench.cluster.write_pull_secret(&namespace, &secret))
            .is_err()
    );
    assert!(
        bench
            .space
            .list("secrets")
            .iter()
            .all(|it| it["metadata"]["name"] != "wharf-pull-team")
    );
}
