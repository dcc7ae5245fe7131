//! What a trigger about a workload needs: a server that nodes know by a name, a namespace of a cluster that may be used, and
//! an image's repository.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wharf_testkit::{
    ApiClient, ImageMaker, KubeNamespace, Kubernetes, Login, Server, ServerBuilder, SharedServer,
    docker::REGISTRY_HOST, encode_segment, kube::KubeGate, unique_name,
};

/// Longer than a rollout of played containers takes on a busy machine, with its attempts and the looks in between.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at the log: short against a rollout, long against the question's own cost.
const POLL: Duration = Duration::from_millis(50);

/// Tests keep apart by names.
static SERVER: SharedServer = SharedServer::new(describe_server);

/// A server that may reach the cluster, and is called by a name that is no loopback address.
pub(crate) fn describe_server() -> ServerBuilder {
    Server::builder()
        .known_as(REGISTRY_HOST)
        .config(&format!("[egress]\nallow = {:?}", list_allowed()))
}

/// Everything that listens on loopback, and the API server of somebody's own cluster.
pub(crate) fn list_allowed() -> Vec<String> {
    let mut allowed = vec!["127.0.0.0/8".to_owned()];
    if let Ok(cluster) = Kubernetes::shared() {
        let address = cluster.url().trim_start_matches("https://");
        allowed.push(address.trim_end_matches('/').to_owned());
    }
    allowed
}

/// What a server is called by those who are not on its machine: `registry.example:PORT`.
pub(crate) fn name_of(server: &Server) -> String {
    let (_, port) = server.authority().rsplit_once(':').expect("a port");
    format!("{REGISTRY_HOST}:{port}")
}

/// One test's own part of server and cluster.
pub(crate) struct Stage<'a> {
    pub(crate) server: &'a Server,
    /// The Kubernetes namespace.
    pub(crate) kube: KubeNamespace<'a>,
    /// The cluster's name at the server.
    pub(crate) cluster: String,
    /// The image's repository, whose namespace may use the Kubernetes namespace.
    pub(crate) image: String,
}

/// How a cluster is reached.
pub(crate) enum Way<'a> {
    /// As its own kubeconfig says.
    Kubeconfig,
    /// Through a gate that fails on demand.
    Gate(&'a KubeGate),
}

impl<'a> Stage<'a> {
    /// On the server that tests share.
    pub(crate) fn set(cluster: &'a Kubernetes) -> Self {
        Self::set_at(SERVER.get().server(), cluster, &Way::Kubeconfig)
    }

    /// On the server that tests share, with the cluster behind a gate.
    pub(crate) fn set_behind(gate: &KubeGate, cluster: &'a Kubernetes) -> Self {
        Self::set_at(SERVER.get().server(), cluster, &Way::Gate(gate))
    }

    /// On any server.
    pub(crate) fn set_at(server: &'a Server, cluster: &'a Kubernetes, way: &Way<'_>) -> Self {
        let image = format!("{}/{}", unique_name("team"), unique_name("app"));
        Self::set_for(server, cluster, way, &image)
    }

    /// For an image whose repository is there already.
    pub(crate) fn set_for(
        server: &'a Server,
        cluster: &'a Kubernetes,
        way: &Way<'_>,
        image: &str,
    ) -> Self {
        let stage = Self {
            server,
            kube: cluster.make_namespace(),
            cluster: unique_name("cluster"),
            image: image.to_owned(),
        };
        let account = stage.kube.make_account("wharf");
        stage.kube.grant("wharf", &list_rules(stage.team()));
        let mut body = json!({ "name": stage.cluster, "registry_host": name_of(server) });
        match way {
            Way::Kubeconfig => body["kubeconfig"] = json!(cluster.write_kubeconfig(&account.token)),
            Way::Gate(gate) => {
                body["server"] = json!(gate.url());
                body["ca"] = json!(gate.certificate());
                body["token"] = json!(account.token);
            }
        }
        let api = stage.api();
        api.post("/clusters", body).expect(201);
        api.post("/repositories", json!({ "name": image }))
            .expect_one_of(&[201, 409]);
        stage.grant(&[stage.kube.name()]);
        stage
    }

    /// Comes back to a stage that was let go of while its cluster was away.
    pub(crate) fn enter(
        server: &'a Server,
        cluster: &'a Kubernetes,
        image: &str,
        namespace: &str,
    ) -> Self {
        Self {
            server,
            kube: cluster.enter_namespace(namespace),
            cluster: String::new(),
            image: image.to_owned(),
        }
    }

    /// The administrator's client.
    pub(crate) fn api(&self) -> ApiClient {
        self.server.api(&self.server.admin())
    }

    /// The image's namespace.
    pub(crate) fn team(&self) -> &str {
        self.image.split_once('/').expect("a namespace").0
    }

    /// Lets the image's namespace use these namespaces of the cluster, and no others.
    pub(crate) fn grant(&self, namespaces: &[&str]) {
        let path = format!("/clusters/{}/grants/{}", self.cluster, self.team());
        let body = json!({ "cluster_namespaces": namespaces });
        self.api().put(&path, body).expect_one_of(&[200, 201]);
    }

    /// `/repositories/IMAGE` and what follows.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.image))
    }

    /// The action that updates container `web` of a workload.
    pub(crate) fn describe_action(&self, kind: &str, name: &str) -> Value {
        json!({
            "kind": "workload", "cluster": self.cluster, "cluster_namespace": self.kube.name(),
            "workload_kind": kind, "workload": name, "container": "web",
        })
    }

    /// Makes a trigger for every tag.
    pub(crate) fn make_trigger(&self, name: &str, action: Value) {
        let body = json!({ "name": name, "condition": { "kind": "all" }, "actions": [action] });
        self.api().post(&self.path("/triggers"), body).expect(201);
    }

    /// Pushes an image that nobody else has under a tag, and answers its digest.
    pub(crate) fn push(&self, tag: &str) -> String {
        let image = ImageMaker::new(unique_name("content")).make();
        let registry = self.server.registry(&self.server.admin());
        registry.repository(&self.image).push_image(tag, &image)
    }

    /// What a container is to run: `registry.example:PORT/team/app:tag@sha256:…`.
    pub(crate) fn reference(&self, tag: &str, digest: &str) -> String {
        format!("{}/{}:{tag}@{digest}", name_of(self.server), self.image)
    }

    /// The newest delivery about a tag; none while there is none.
    pub(crate) fn find_delivery(&self, tag: &str) -> Option<Value> {
        let path = self.path(&format!("/trigger-deliveries?tag={tag}"));
        let listed = self.api().get(&path).expect(200).json();
        listed["items"].as_array()?.first().cloned()
    }

    /// Waits until each of these triggers has a delivery about a tag that is over, and answers those with their attempts.
    #[track_caller]
    pub(crate) fn wait_for_ends(&self, tag: &str, triggers: &[&str]) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        let path = self.path(&format!("/trigger-deliveries?tag={tag}"));
        loop {
            let log = self.api().read_all(&path, 100);
            let find = |trigger: &&str| log.iter().find(|it| it["trigger"] == **trigger);
            let ended: Option<Vec<_>> = triggers
                .iter()
                .map(|trigger| find(trigger).filter(|it| it["ended_at"].is_string()))
                .collect();
            if let Some(ended) = ended {
                return ended.iter().map(|it| self.show_delivery(it)).collect();
            }
            let all: Vec<_> = log.iter().map(|it| self.show_delivery(it)).collect();
            assert!(Instant::now() < deadline, "some are not over: {all:#?}");
            std::thread::sleep(POLL);
        }
    }

    /// One delivery with its attempts.
    pub(crate) fn show_delivery(&self, delivery: &Value) -> Value {
        let id = delivery["id"].as_str().expect("an id");
        let path = self.path(&format!("/trigger-deliveries/{id}"));
        self.api().get(&path).expect(200).json()
    }

    /// Waits until the newest delivery about a tag `holds`, and answers it with its attempts.
    #[track_caller]
    pub(crate) fn wait_for_delivery(
        &self,
        tag: &str,
        what: &str,
        mut holds: impl FnMut(&Value) -> bool,
    ) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.find_delivery(tag);
            let found = found.map(|found| self.show_delivery(&found));
            match found {
                Some(found) if holds(&found) => return found,
                found => assert!(
                    Instant::now() < deadline,
                    "the delivery never came to this: {what}\n{found:#?}\n{:#?}",
                    self.kube.list("pods")
                ),
            }
            std::thread::sleep(POLL);
        }
    }

    /// Waits until the newest delivery about a tag is over, and answers it with its attempts.
    #[track_caller]
    pub(crate) fn wait_for_end(&self, tag: &str) -> Value {
        self.wait_for_delivery(tag, "it is over", |it| {
            !matches!(it["state"].as_str(), Some("waiting" | "running"))
        })
    }

    /// The same for one that must succeed.
    #[track_caller]
    pub(crate) fn wait_for_success(&self, tag: &str) -> Value {
        let ended = self.wait_for_end(tag);
        assert_eq!(ended["state"], "succeeded", "{ended:#}");
        ended
    }

    /// Everybody else's client, for those who may less than the administrator.
    pub(crate) fn api_of(&self, login: &Login) -> ApiClient {
        self.server.api(login)
    }
}

/// What is done in a namespace: `wharf cluster manifest` prints it, and a test of its own applies what is printed.
fn list_rules(team: &str) -> Value {
    json!([
        { "apiGroups": ["apps"], "resources": ["deployments", "statefulsets", "daemonsets"],
          "verbs": ["get", "list", "patch"] },
        { "apiGroups": ["batch"], "resources": ["cronjobs"], "verbs": ["get", "list", "patch"] },
        { "apiGroups": [""], "resources": ["pods", "events"], "verbs": ["list"] },
        { "apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["get"] },
        { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "create", "patch"],
          "resourceNames": [format!("wharf-pull-{team}"), "wharf-pull"] },
    ])
}

/// The image of a container of a workload, init containers too.
#[track_caller]
pub(crate) fn image_of(workload: &Value, container: &str) -> String {
    let spec = &workload["spec"];
    let template = match spec["jobTemplate"].is_object() {
        true => &spec["jobTemplate"]["spec"]["template"],
        false => &spec["template"],
    };
    let lists = ["containers", "initContainers"];
    let mut containers = lists
        .iter()
        .filter_map(|list| template["spec"][list].as_array())
        .flatten();
    let found = containers.find(|it| it["name"] == container);
    let found = found.unwrap_or_else(|| panic!("no container {container}: {workload:#}"));
    found["image"].as_str().expect("an image").to_owned()
}
