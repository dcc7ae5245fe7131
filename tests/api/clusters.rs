//! `/clusters`, and what namespaces see of them: what is kept, what is refused, what is never shown. What happens in a
//! cluster is tested in `triggers`.

use serde_json::{Value, json};
use wharf_testkit::{Answer, ApiClient, Server, SharedServer, encode_segment, unique_name};

static SERVER: SharedServer =
    SharedServer::new(|| Server::builder().config("[egress]\nallow = [\"127.0.0.1\"]"));

/// Nobody listens there: a cluster is kept although it does not answer.
const NOBODY: &str = "https://127.0.0.1:5997";

fn admin() -> ApiClient {
    let server = SERVER.get();
    server.api(&server.admin())
}

fn by_token(name: &str) -> Value {
    json!({
        "name": name, "registry_host": "registry.example", "region": "eu-west",
        "server": NOBODY, "token": "t0ken-of-a-service-account",
    })
}

fn add(api: &ApiClient) -> String {
    let name = unique_name("cluster");
    api.post("/clusters", by_token(&name)).expect(201);
    name
}

fn field_of(problem: &Answer) -> String {
    let params = &problem.json()["params"];
    format!("{}: {}", params["field"], params["reason"]).replace('"', "")
}

/// A kubeconfig with `user` and `cluster` lines of its own.
fn kubeconfig(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- name: c\n  context: {{cluster: k, user: u}}\n\
         clusters:\n- name: k\n  cluster:\n    server: {NOBODY}\n{cluster}users:\n- name: u\n  user:\n{user}"
    )
}

#[test]
fn a_cluster_is_kept_with_its_state_and_its_credential_is_never_shown() {
    let api = admin();
    let name = add(&api);
    let path = format!("/clusters/{name}");
    let shown = api.get(&path).expect(200).json();
    assert_eq!(
        (&shown["method"], &shown["server"]),
        (&json!("token"), &json!(NOBODY))
    );
    assert_eq!(shown["state"], "failing", "{shown}");
    assert_eq!(shown["problem"], "unreachable", "{shown}");
    let again = api
        .post("/clusters", by_token(&name))
        .expect_problem(409, "conflict");
    assert_eq!(again.json()["params"]["what"], "cluster");
    let checked = api
        .post(&format!("{path}/check"), json!({}))
        .expect(200)
        .json();
    assert_eq!(checked["ok"], false, "{checked}");
    for path in ["/clusters", &path, "/audit?action=cluster.create"] {
        let text = api.get(path).expect(200).text();
        assert!(
            !text.contains("t0ken-of-a-service-account"),
            "{path}: {text}"
        );
    }
    api.delete(&path).expect(204);
    api.get(&path).expect_problem(404, "not_found");
}

#[test]
fn a_cluster_gets_another_name_by_which_its_triggers_call_it_from_then_on() {
    let (api, server) = (admin(), SERVER.get());
    let (old, taken) = (add(&api), add(&api));
    let person = server.user(&unique_name("maintainer"));
    let (namespace, own) = (person.username.clone(), server.api(&person.login()));
    let repository = format!("{namespace}/app");
    own.post("/repositories", json!({ "name": repository }))
        .expect(201);
    api.put(
        &format!("/clusters/{old}/grants/{namespace}"),
        json!({ "cluster_namespaces": ["web"] }),
    )
    .expect(200);
    let action = json!({
        "kind": "workload", "cluster": old, "cluster_namespace": "web",
        "workload_kind": "deployment", "workload": "web", "container": "app",
    });
    let triggers = format!("/repositories/{}/triggers", encode_segment(&repository));
    own.post(&triggers, json!({ "name": "deploy", "actions": [action] }))
        .expect(201);
    let path = format!("/clusters/{old}");
    for (name, status, code) in [
        ("a/b", 400, "invalid_field"),
        (taken.as_str(), 409, "conflict"),
    ] {
        api.patch(&path, json!({ "name": name }))
            .expect_problem(status, code);
    }
    let new = unique_name("renamed");
    let renamed = api.patch(&path, json!({ "name": new })).expect(200).json();
    assert_eq!(renamed["name"], new);
    assert_eq!(renamed["grants"][0]["cluster_namespaces"], json!(["web"]));
    api.get(&path).expect_problem(404, "not_found");
    let shown = own.get(&format!("{triggers}/deploy")).expect(200).json();
    let action = &shown["actions"][0];
    assert_eq!(action["cluster"], new, "{shown:#}");
    assert_eq!(action["label"], format!("{new}/web/deployment/web/app"));
    // As an editor sends it back, it is the same action still.
    let same = json!({ "actions": [{
        "id": action["id"], "kind": "workload", "cluster": new, "cluster_namespace": "web",
        "workload_kind": "deployment", "workload": "web", "container": "app",
    }] });
    own.patch(&format!("{triggers}/deploy"), same).expect(200);
}

#[test]
fn m108_a_kubeconfig_that_runs_or_reads_something_is_refused_by_name() {
    let api = admin();
    let user = "    token: t\n";
    for (cluster, user, word) in [
        ("", "    exec:\n      command: /bin/sh\n", "exec"),
        ("", "    auth-provider: {name: gcp}\n", "auth-provider"),
        ("", "    tokenFile: /etc/passwd\n", "tokenFile"),
        ("", "    client-key: /etc/ssl/key\n", "client-key"),
        (
            "",
            "    client-certificate: /etc/ssl/cert\n",
            "client-certificate",
        ),
        (
            "    certificate-authority: /etc/ssl/ca\n",
            user,
            "certificate-authority",
        ),
        ("    proxy-url: http://127.0.0.1:1\n", user, "proxy-url"),
        (
            "    insecure-skip-tls-verify: true\n",
            user,
            "insecure-skip-tls-verify",
        ),
    ] {
        let cluster = json!({
            "name": "refused", "registry_host": "registry.example",
            "kubeconfig": kubeconfig(cluster, user),
        });
        let refused = api
            .post("/clusters", cluster)
            .expect_problem(400, "invalid_field");
        assert_eq!(field_of(&refused), "kubeconfig: refused_text");
        let detail = refused.json()["detail"].to_string();
        assert!(detail.contains(word), "{word}: {detail}");
    }
    let name = unique_name("cluster");
    let whole = json!({
        "name": name, "registry_host": "registry.example", "kubeconfig": kubeconfig("", user),
    });
    assert_eq!(
        api.post("/clusters", whole).expect(201).json()["method"],
        "kubeconfig"
    );
}

#[test]
fn what_no_cluster_can_have_is_refused_with_its_field() {
    let api = admin();
    let with = |field: &str, value: Value| {
        let mut cluster = by_token("refused");
        cluster[field] = value;
        cluster
    };
    for (cluster, field) in [
        (with("name", json!("a/b")), "name: invalid_characters"),
        (
            with("registry_host", json!("localhost:5000")),
            "registry_host: refused_text",
        ),
        (
            with("registry_host", json!("127.0.0.1:5000")),
            "registry_host: refused_text",
        ),
        (
            with("server", json!("http://127.0.0.1:5997")),
            "server: refused_text",
        ),
        (
            with("server", json!("https://u:p@127.0.0.1:5997")),
            "server: refused_text",
        ),
        (with("ca", json!("no certificate")), "ca: refused_text"),
        (with("token", json!("two words")), "token: refused_text"),
        (with("in_cluster", json!(true)), "in_cluster: either_or"),
        (with("kubeconfig", json!("{}")), "kubeconfig: either_or"),
    ] {
        let refused = api
            .post("/clusters", cluster)
            .expect_problem(400, "invalid_field");
        assert_eq!(field_of(&refused), field);
    }
    // This server runs in no pod.
    let here =
        json!({ "name": "refused", "registry_host": "registry.example", "in_cluster": true });
    let refused = api
        .post("/clusters", here)
        .expect_problem(400, "invalid_field");
    assert_eq!(field_of(&refused), "in_cluster: refused_text");
    let elsewhere = with("server", json!("https://169.254.169.254"));
    api.post("/clusters", elsewhere)
        .expect_problem(400, "egress_refused");
}

#[test]
fn m108_what_is_not_granted_is_as_missing_as_what_is_not_there() {
    let (api, server) = (admin(), SERVER.get());
    let cluster = add(&api);
    let person = server.user(&unique_name("maintainer"));
    let own = server.api(&person.login());
    let namespace = person.username.clone();
    let repository = format!("{namespace}/app");
    own.post("/repositories", json!({ "name": repository }))
        .expect(201);
    let trigger = |cluster: &str, kube: &str| {
        let action = json!({
            "kind": "workload", "cluster": cluster, "cluster_namespace": kube,
            "workload_kind": "deployment", "workload": "web", "container": "app",
        });
        let path = format!("/repositories/{}/triggers", encode_segment(&repository));
        own.post(
            &path,
            json!({ "name": unique_name("t"), "actions": [action] }),
        )
    };
    let workloads = |cluster: &str, kube: &str| {
        own.get(&format!(
            "/namespaces/{namespace}/clusters/{cluster}/namespaces/{kube}/workloads"
        ))
    };
    let refuse_both = |cluster: &str, kube: &str| {
        let refused = trigger(cluster, kube).expect_problem(400, "invalid_field");
        assert_eq!(field_of(&refused), "actions[0].cluster: no_such_cluster");
        workloads(cluster, kube).expect_problem(404, "not_found");
        refused.json()["detail"].clone()
    };
    let missing = refuse_both("no-such-cluster", "web");
    assert_eq!(refuse_both(&cluster, "web"), missing);

    let grants = format!("/clusters/{cluster}/grants/{namespace}");
    let granted = api.put(
        &grants,
        json!({ "cluster_namespaces": ["web", "jobs", "web"] }),
    );
    let granted = granted.expect(200).json();
    assert_eq!(
        granted["grants"][0]["cluster_namespaces"],
        json!(["jobs", "web"])
    );
    let listed = own
        .get(&format!("/namespaces/{namespace}/clusters"))
        .expect(200)
        .json();
    assert_eq!(
        listed["items"][0]["cluster_namespaces"],
        json!(["jobs", "web"])
    );
    assert!(
        !listed.to_string().contains(NOBODY),
        "where it is, is the administrators' business"
    );
    workloads(&cluster, "web").expect_problem(502, "upstream");
    let made = trigger(&cluster, "web").expect(201).json();
    assert_eq!(
        made["actions"][0]["label"],
        format!("{cluster}/web/deployment/web/app")
    );
    // It is saved all the same, and said: nobody answers there.
    let warning = &made["warnings"][0];
    assert_eq!(warning["code"], "cluster_silent", "{made:#}");
    assert_eq!(warning["action"], made["actions"][0]["id"]);
    assert!(
        warning["message"]
            .as_str()
            .is_some_and(|text| text.contains(&cluster))
    );
    assert!(
        warning["hint"]
            .as_str()
            .is_some_and(|text| text.contains("cluster check"))
    );
    assert_eq!(refuse_both(&cluster, "kube-system"), missing);

    let manifest = api
        .get(&format!("/clusters/{cluster}/manifest"))
        .expect(200)
        .json();
    let yaml = manifest["yaml"].as_str().expect("a text");
    assert!(
        yaml.contains("namespace: \"jobs\"") && !yaml.contains("kube-system"),
        "{yaml}"
    );
    let elsewhere = api.get(&format!("/clusters/{cluster}/manifest?home=platform"));
    let elsewhere = elsewhere.expect(200).json()["yaml"].to_string();
    assert!(elsewhere.contains("platform"), "{elsewhere}");

    api.put(&grants, json!({ "cluster_namespaces": ["jobs"] }))
        .expect(200);
    assert_eq!(refuse_both(&cluster, "web"), missing);
    api.delete(&grants).expect(204);
    api.delete(&grants).expect_problem(404, "not_found");
    assert_eq!(refuse_both(&cluster, "jobs"), missing);
}
