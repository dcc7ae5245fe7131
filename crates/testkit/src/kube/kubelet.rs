//! The kubelet, played: ready nodes, and pods whose statuses and events are those of containers that nobody runs.
//!
//! What a container does is told beforehand, by namespace and by its name or image; without that it runs and is ready at
//! once, but for images of hosts below `.invalid` (RFC 6761, 6.4), which cannot be pulled here nor anywhere else.
//! Each look at a pod takes it one step further, and each step is seen by the next look, so nothing waits for time.

mod events;
mod nodes;
mod scene;
mod stage;
mod status;

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::{sync::Notify, task::JoinHandle};

pub use scene::{Behavior, Scene};

use super::KubeClient;
use crate::runtime::{spawn, wait};

/// Pods that the scheduler gave a node.
const PODS: &str = "/api/v1/pods?fieldSelector=spec.nodeName%21%3D";
/// Less than the client's own limit for an answer, so that a watch ends in good order.
const WATCH_SECONDS: u32 = 30;
/// How soon an API server that is away is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// A played kubelet for all nodes. Dropping it ends it.
#[derive(Debug)]
pub struct Kubelet {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    client: KubeClient,
    scenes: Mutex<Vec<Scene>>,
    /// Rung when a scene was added: every pod is looked at again.
    bell: Notify,
}

impl Kubelet {
    /// Makes the nodes and begins to play.
    pub(crate) fn start(client: KubeClient) -> Self {
        let shared = Arc::new(Shared {
            client,
            scenes: Mutex::default(),
            bell: Notify::new(),
        });
        wait(nodes::make_nodes(&shared.client));
        let task = spawn(play(Arc::clone(&shared)));
        Self { shared, task }
    }

    /// From now on containers do what `scene` says, those that are there already too. Of several scenes that are about
    /// the same container the newest counts.
    pub fn play(&self, scene: Scene) {
        self.shared.lock().push(scene);
        self.shared.bell.notify_one();
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<Scene>> {
        self.scenes
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Looks at all pods, then at each that changes; begins again when a watch ends, the server is away or a scene was added.
async fn play(shared: Arc<Shared>) {
    loop {
        let watched = tokio::select! {
            watched = follow_pods(&shared) => watched,
            () = shared.bell.notified() => Ok(()),
        };
        if watched.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn follow_pods(shared: &Shared) -> reqwest::Result<()> {
    let list = shared.client.begin(Method::GET, PODS).send().await?;
    let list: Value = list.error_for_status()?.json().await?;
    for pod in list["items"].as_array().into_iter().flatten() {
        tend(shared, pod).await?;
    }
    let version = list["metadata"]["resourceVersion"].as_str();
    let path = format!(
        "{PODS}&watch=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={}",
        version.unwrap_or_default()
    );
    let changes = shared.client.begin(Method::GET, &path).send().await?;
    let mut changes = changes.error_for_status()?;
    let mut begun = Vec::new();
    while let Some(chunk) = changes.chunk().await? {
        begun.extend_from_slice(&chunk);
        while let Some(end) = begun.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = begun.drain(..=end).collect();
            let change: Value = serde_json::from_slice(&line).unwrap_or_default();
            match change["type"].as_str() {
                Some("ADDED" | "MODIFIED") => tend(shared, &change["object"]).await?,
                Some("DELETED") => {}
                // The version is too old by now: all are listed again.
                _ => return Ok(()),
            }
        }
    }
    Ok(())
}

/// Takes a pod one step further. What the server refuses is left: a pod that changed meanwhile is seen again.
async fn tend(shared: &Shared, pod: &Value) -> reqwest::Result<()> {
    let metadata = &pod["metadata"];
    let text = |field: &str| metadata[field].as_str().unwrap_or_default();
    let path = format!(
        "/api/v1/namespaces/{}/pods/{}",
        text("namespace"),
        text("name")
    );
    if metadata["deletionTimestamp"].is_string() {
        let options =
            json!({ "gracePeriodSeconds": 0, "preconditions": { "uid": metadata["uid"] } });
        let deleted = shared.client.begin(Method::DELETE, &path).json(&options);
        return deleted.send().await.map(drop);
    }
    let step = {
        let scenes = shared.lock();
        status::find_step(pod, |container| {
            scene::find_behavior(&scenes, text("namespace"), container)
        })
    };
    let Some(step) = step else { return Ok(()) };
    let patch = json!({
        // Refused when this is not the newest look at the pod.
        "metadata": { "resourceVersion": metadata["resourceVersion"] },
        "status": step.status,
    });
    let kind = "application/strategic-merge-patch+json";
    let request = shared
        .client
        .begin(Method::PATCH, &format!("{path}/status"))
        .header("content-type", kind)
        .body(patch.to_string());
    if request.send().await?.status().is_success() {
        for event in step.events {
            events::tell(&shared.client, pod, &event).await?;
        }
    }
    Ok(())
}
