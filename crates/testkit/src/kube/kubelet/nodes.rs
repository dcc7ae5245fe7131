//! The nodes of a played cluster.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::KubeClient;

/// Two, so that a DaemonSet's rollout has a middle.
const NODES: [&str; 2] = ["node-1", "node-2"];

/// Makes nodes that are ready and take pods.
pub(super) async fn make_nodes(client: &KubeClient) {
    for name in NODES {
        let node = json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": { "name": name, "labels": {
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            } },
        });
        let nodes = "/api/v1/nodes";
        ask(client, Method::POST, nodes, "application/json", &node).await;
        let capacity = json!({ "cpu": "1000", "memory": "1000Gi", "pods": "5000" });
        let status = json!({ "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": [{ "type": "Ready", "status": "True", "reason": "KubeletReady" }],
        } });
        let merge = "application/merge-patch+json";
        let path = format!("{nodes}/{name}");
        ask(
            client,
            Method::PATCH,
            &format!("{path}/status"),
            merge,
            &status,
        )
        .await;
        // A new node is marked as not ready, and nothing here takes that back but this.
        let untainted = json!({ "spec": { "taints": null } });
        ask(client, Method::PATCH, &path, merge, &untainted).await;
    }
}

async fn ask(client: &KubeClient, method: Method, path: &str, kind: &str, body: &Value) {
    let request = client.begin(method, path).header("content-type", kind);
    let answer = request.body(body.to_string()).send().await;
    let answer = answer.unwrap_or_else(|error| panic!("{path}: {error:?}"));
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    assert!(status.is_success(), "{path}: {status} {text}");
}
