//! What a kubelet tells about a container: reasons and sentences as containerd and the kubelet write them
//! (Kubernetes v1.34, `pkg/kubelet/events`, and messages seen on a cluster).

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::KubeClient;

/// One thing to tell, of the container that the caller names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Pulling,
    Pulled,
    Created,
    Started,
    PullFailed,
    PullBackOff,
    /// A container could not be started, for this reason.
    Failed(&'static str),
    CrashBackOff,
    Unhealthy,
}

/// An event with the container that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) event: Event,
    pub(super) name: String,
    pub(super) image: String,
    /// `spec.containers{NAME}` or `spec.initContainers{NAME}`.
    pub(super) path: String,
}

impl Event {
    /// Reason and message.
    pub(super) fn describe(self, name: &str, image: &str, pod: &str) -> (&'static str, String) {
        match self {
            Self::Pulling => ("Pulling", format!("Pulling image \"{image}\"")),
            Self::Pulled => (
                "Pulled",
                format!("Container image \"{image}\" already present on machine"),
            ),
            Self::Created => ("Created", format!("Created container: {name}")),
            Self::Started => ("Started", format!("Started container {name}")),
            Self::PullFailed => (
                "Failed",
                format!(
                    "Failed to pull image \"{image}\": rpc error: code = NotFound desc = failed to pull and \
                     unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found"
                ),
            ),
            Self::PullBackOff => ("BackOff", format!("Back-off pulling image \"{image}\"")),
            Self::Failed(reason) => ("Failed", format!("Error: {reason}")),
            Self::CrashBackOff => (
                "BackOff",
                format!("Back-off restarting failed container {name} in pod {pod}"),
            ),
            Self::Unhealthy => (
                "Unhealthy",
                "Readiness probe failed: HTTP probe failed with statuscode: 503".to_owned(),
            ),
        }
    }

    fn is_warning(self) -> bool {
        !matches!(
            self,
            Self::Pulling | Self::Pulled | Self::Created | Self::Started | Self::PullBackOff
        )
    }
}

/// Writes an event about a container of `pod`. One that is refused (its namespace is being deleted) is left.
pub(super) async fn tell(client: &KubeClient, pod: &Value, told: &Told) -> reqwest::Result<()> {
    let metadata = &pod["metadata"];
    let (namespace, name) = (
        metadata["namespace"].as_str().unwrap_or_default(),
        metadata["name"].as_str().unwrap_or_default(),
    );
    let (reason, message) = told.event.describe(&told.name, &told.image, name);
    let now = format_now();
    let body = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": { "generateName": format!("{name}."), "namespace": namespace },
        "involvedObject": {
            "apiVersion": "v1", "kind": "Pod", "namespace": namespace, "name": name,
            "uid": metadata["uid"], "fieldPath": told.path,
        },
        "reason": reason,
        "message": message,
        "type": if told.event.is_warning() { "Warning" } else { "Normal" },
        "source": { "component": "kubelet", "host": pod["spec"]["nodeName"] },
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    });
    let path = format!("/api/v1/namespaces/{namespace}/events");
    let request = client.begin(Method::POST, &path).json(&body);
    request.send().await.map(drop)
}

/// Now, as the API writes moments: in whole seconds.
pub(super) fn format_now() -> String {
    let now = Timestamp::now();
    let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
    second.to_string()
}
