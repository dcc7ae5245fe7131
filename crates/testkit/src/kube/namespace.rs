//! A namespace of one test, and who may do what in it.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Behavior, KubeClient, Kubernetes, Scene};

/// Longer than any rollout of played containers takes on a busy machine; on a real cluster images are pulled.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at an object: short against a rollout, long against the question's own cost.
const POLL: Duration = Duration::from_millis(50);

/// A namespace. On somebody's own cluster it is deleted when this is dropped.
#[derive(Debug)]
pub struct KubeNamespace<'a> {
    cluster: &'a Kubernetes,
    name: String,
}

/// An account of programs, with a token for an hour.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    /// Its name; RBAC calls it `system:serviceaccount:NAMESPACE:NAME`.
    pub name: String,
    /// The token.
    pub token: String,
}

impl<'a> KubeNamespace<'a> {
    pub(super) fn create(cluster: &'a Kubernetes) -> Self {
        // Random, since somebody's own cluster remembers earlier runs.
        let number = RandomState::new().build_hasher().finish();
        let name = format!("wharf-test-{number:016x}");
        let body = json!({ "metadata": { "name": name } });
        let client = cluster.client();
        client.post("/api/v1/namespaces", &body).expect(201);
        let namespace = Self { cluster, name };
        // Before it is there pods are refused, and a controller comes back to that later and later.
        namespace.wait_for("serviceaccounts", "default", "is there", |_| true);
        namespace
    }

    pub(super) fn enter(cluster: &'a Kubernetes, name: &str) -> Self {
        Self {
            cluster,
            name: name.to_owned(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path of a kind of objects (`deployments`, `pods`, …) in it.
    pub fn path(&self, kind: &str) -> String {
        let group = match kind {
            "deployments"
            | "statefulsets"
            | "daemonsets"
            | "replicasets"
            | "controllerrevisions" => "/apis/apps/v1",
            "cronjobs" | "jobs" => "/apis/batch/v1",
            "roles" | "rolebindings" => "/apis/rbac.authorization.k8s.io/v1",
            "resourcequotas" | "pods" | "events" | "secrets" | "serviceaccounts" | "configmaps" => {
                "/api/v1"
            }
            _ => panic!("whose group of the API is unknown here: {kind}"),
        };
        format!("{group}/namespaces/{}/{kind}", self.name)
    }

    /// Makes an object and answers it.
    #[track_caller]
    pub fn create_object(&self, kind: &str, object: &Value) -> Value {
        let made = self.client().post(&self.path(kind), object);
        made.expect(201).json()
    }

    /// Makes a workload with one container called `web`: [`describe_workload`] of this kind.
    #[track_caller]
    pub fn create_workload(&self, kind: &str, name: &str, image: &str) -> Value {
        self.create_object(kind, &describe_workload(kind, name, image))
    }

    /// Reads an object that must be there.
    #[track_caller]
    pub fn read(&self, kind: &str, name: &str) -> Value {
        let path = format!("{}/{name}", self.path(kind));
        self.client().get(&path).expect(200).json()
    }

    /// All objects of a kind.
    #[track_caller]
    pub fn list(&self, kind: &str) -> Vec<Value> {
        let list = self.client().get(&self.path(kind)).expect(200).json();
        list["items"].as_array().cloned().unwrap_or_default()
    }

    /// Merges `patch` into an object and answers it.
    #[track_caller]
    pub fn merge(&self, kind: &str, name: &str, patch: &Value) -> Value {
        let path = format!("{}/{name}", self.path(kind));
        self.client().merge(&path, patch).expect(200).json()
    }

    /// Deletes an object.
    #[track_caller]
    pub fn delete(&self, kind: &str, name: &str) {
        let path = format!("{}/{name}", self.path(kind));
        self.client().delete(&path).expect_one_of(&[200, 202]);
    }

    /// Waits until an object is there and `holds`; panics with the object as it is when that does not happen.
    #[track_caller]
    pub fn wait_for(
        &self,
        kind: &str,
        name: &str,
        what: &str,
        mut holds: impl FnMut(&Value) -> bool,
    ) -> Value {
        let path = format!("{}/{name}", self.path(kind));
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.client().get(&path).expect_one_of(&[200, 404]);
            if found.status == 200 && holds(&found.json()) {
                return found.json();
            }
            assert!(
                Instant::now() < deadline,
                "{kind}/{name}: never came true: {what}\n{}\n{:#?}",
                found.text(),
                self.list("pods")
            );
            thread::sleep(POLL);
        }
    }

    /// Waits until the pods of a Deployment run as it says now, the older ones gone.
    #[track_caller]
    pub fn wait_for_rollout(&self, deployment: &str) -> Value {
        self.wait_for("deployments", deployment, "is rolled out", |it| {
            let (status, wanted) = (&it["status"], &it["spec"]["replicas"]);
            status["observedGeneration"] == it["metadata"]["generation"]
                && ["replicas", "updatedReplicas", "availableReplicas"]
                    .iter()
                    .all(|field| status[field] == *wanted)
        })
    }

    /// Waits until some container of some pod waits for this reason, and answers the pod.
    #[track_caller]
    pub fn wait_for_reason(&self, reason: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let pods = self.list("pods");
            let mut found = pods.iter().filter(|pod| waits_for(pod, reason));
            if let Some(pod) = found.next() {
                return pod.clone();
            }
            assert!(
                Instant::now() < deadline,
                "no pod waits for {reason}: {pods:#?}"
            );
            thread::sleep(POLL);
        }
    }

    /// From now on containers whose image has `part` in its reference behave like this. False on somebody's own cluster,
    /// where nothing is played: the test ends there with a reason.
    #[must_use = "on a real cluster nothing is played"]
    pub fn play_image(&self, part: &str, behavior: Behavior) -> bool {
        let kubelet = self.cluster.kubelet();
        kubelet
            .map(|it| it.play(Scene::new(&self.name, behavior).image(part)))
            .is_some()
    }

    /// Makes an account for a program.
    pub fn make_account(&self, name: &str) -> ServiceAccount {
        let body = json!({ "metadata": { "name": name } });
        self.create_object("serviceaccounts", &body);
        self.ask_for_token(name)
    }

    /// A token of an account that is there (TokenRequest, authentication.k8s.io/v1).
    #[track_caller]
    pub fn ask_for_token(&self, account: &str) -> ServiceAccount {
        let path = format!("{}/{account}/token", self.path("serviceaccounts"));
        let body = json!({ "spec": { "expirationSeconds": 3600 } });
        let made = self.client().post(&path, &body).expect(201).json();
        let token = made["status"]["token"].as_str().expect("a token");
        ServiceAccount {
            name: account.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Lets an account do what `rules` say (rbac.authorization.k8s.io/v1, `PolicyRule`) in this namespace.
    pub fn grant(&self, account: &str, rules: &Value) {
        let metadata = json!({ "name": account });
        let role = json!({ "metadata": metadata, "rules": rules });
        self.create_object("roles", &role);
        let binding = json!({
            "metadata": metadata,
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": account },
            "subjects": [{ "kind": "ServiceAccount", "name": account, "namespace": self.name }],
        });
        self.create_object("rolebindings", &binding);
    }

    fn client(&self) -> &KubeClient {
        self.cluster.client()
    }
}

impl Drop for KubeNamespace<'_> {
    fn drop(&mut self) {
        // A cluster of the tests' own ends with them.
        if self.cluster.kubelet().is_none() {
            let path = format!("/api/v1/namespaces/{}", self.name);
            let deleted = self.client().delete(&path);
            if !deleted.status.is_success() {
                eprintln!("left behind: {}", deleted.describe());
            }
        }
    }
}

fn waits_for(pod: &Value, reason: &str) -> bool {
    let lists = ["initContainerStatuses", "containerStatuses"];
    let mut statuses = lists
        .iter()
        .filter_map(|list| pod["status"][list].as_array())
        .flatten();
    statuses.any(|status| status["state"]["waiting"]["reason"] == reason)
}

/// A workload of this kind (`deployments`, `statefulsets`, `daemonsets`, `cronjobs`) with one container called `web`; a
/// Deployment and a StatefulSet have two pods. A CronJob runs at new year.
pub fn describe_workload(kind: &str, name: &str, image: &str) -> Value {
    let labels = json!({ "app": name });
    let container = json!({ "name": "web", "image": image });
    let template = json!({
        "metadata": { "labels": labels },
        "spec": { "containers": [container], "terminationGracePeriodSeconds": 0 },
    });
    let selector = json!({ "matchLabels": labels });
    let spec = match kind {
        "deployments" => json!({ "replicas": 2, "selector": selector, "template": template }),
        "statefulsets" => json!({
            "replicas": 2, "serviceName": name, "selector": selector, "template": template,
        }),
        "daemonsets" => json!({ "selector": selector, "template": template }),
        "cronjobs" => {
            let mut template = template;
            template["spec"]["restartPolicy"] = json!("Never");
            json!({ "schedule": "0 0 1 1 *", "jobTemplate": { "spec": { "template": template } } })
        }
        _ => panic!("no kind of workload: {kind}"),
    };
    json!({ "metadata": { "name": name, "labels": labels }, "spec": spec })
}
