//! What a kubeconfig may not ask of the server that it is given to. No cluster is needed to refuse it.

use serde_json::{Value, json};
use wharf_testkit::{Server, SharedServer, unique_name};

static SERVER: SharedServer =
    SharedServer::new(|| Server::builder().config("[egress]\nallow = [\"127.0.0.0/8\"]"));

/// Text in a file of the server that no answer and no log may ever have.
const CANARY: &str = "canary-of-a-file-of-the-server";

fn describe_config(cluster: Value, user: Value) -> String {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{ "name": "c", "cluster": cluster }],
        "users": [{ "name": "u", "user": user }],
        "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "u" } }],
    })
    .to_string()
}

#[test]
fn m108_h62_a_kubeconfig_that_names_programs_files_or_proxies_is_refused_by_the_fields_name() {
    let server = SERVER.get().server();
    let api = server.api(&server.admin());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, CANARY).expect("a file");
    let mark = folder.path().join("ran");
    let path = file.to_str().expect("a path in UTF-8");
    let url = "https://127.0.0.1:1";
    let plain = json!({ "server": url });
    let token = json!({ "token": "t" });
    let with = |base: &Value, field: &str, value: Value| {
        let mut changed = base.clone();
        changed[field] = value;
        changed
    };
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": "touch",
        "args": [mark], "interactiveMode": "Never",
    });
    let provider = json!({ "name": "gcp", "config": { "cmd-path": "touch", "cmd-args": mark } });
    for (field, cluster, user) in [
        ("exec", plain.clone(), json!({ "exec": exec })),
        ("exec", plain.clone(), with(&token, "exec", exec.clone())),
        (
            "auth-provider",
            plain.clone(),
            json!({ "auth-provider": provider }),
        ),
        ("tokenFile", plain.clone(), json!({ "tokenFile": path })),
        (
            "tokenFile",
            plain.clone(),
            with(&token, "tokenFile", json!(path)),
        ),
        (
            "client-certificate",
            plain.clone(),
            json!({ "client-certificate": path, "client-key-data": "eA==" }),
        ),
        (
            "client-key",
            plain.clone(),
            json!({ "client-certificate-data": "eA==", "client-key": path }),
        ),
        (
            "certificate-authority",
            with(&plain, "certificate-authority", json!(path)),
            token.clone(),
        ),
        (
            "proxy-url",
            with(&plain, "proxy-url", json!("http://127.0.0.1:2")),
            token.clone(),
        ),
        (
            "insecure-skip-tls-verify",
            with(&plain, "insecure-skip-tls-verify", json!(true)),
            token.clone(),
        ),
    ] {
        let body = json!({
            "name": unique_name("cluster"), "registry_host": "registry.example",
            "kubeconfig": describe_config(cluster, user),
        });
        let answer = api.post("/clusters", body);
        assert!(
            answer.status.is_client_error(),
            "{field}: {}",
            answer.describe()
        );
        let text = answer.text();
        assert!(text.contains(field), "{field} is named: {text}");
        assert!(!text.contains(CANARY), "{text}");
    }
    assert!(!mark.exists(), "nothing was run");
    assert!(!server.log().contains(CANARY), "no file was read");
    let listed = api.read_all("/clusters", 100);
    assert_eq!(listed, Vec::<Value>::new(), "nothing was kept");
}

#[test]
fn a_registry_host_that_means_the_node_itself_is_refused() {
    let server = SERVER.get().server();
    let api = server.api(&server.admin());
    let config = describe_config(
        json!({ "server": "https://127.0.0.1:1" }),
        json!({ "token": "t" }),
    );
    for host in [
        "localhost",
        "localhost:5000",
        "LOCALHOST",
        "127.0.0.1",
        "127.1.2.3:5000",
        "[::1]:5000",
        "0.0.0.0:5000",
        "registry.example/team",
        "http://registry.example",
        "user@registry.example",
        "registry.example:0x50",
        "registry example",
        "{{host}}",
        "",
    ] {
        let body = json!({
            "name": unique_name("cluster"), "registry_host": host, "kubeconfig": config,
        });
        let answer = api.post("/clusters", body);
        assert!(
            answer.status.is_client_error(),
            "{host:?}: {}",
            answer.describe()
        );
    }
}
