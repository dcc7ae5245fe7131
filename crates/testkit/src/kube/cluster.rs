//! The cluster that tests use: one of their own, or the one that `WHARF_TEST_KUBECONFIG` names.

use std::{
    env,
    path::{Path, PathBuf},
    process::Output,
    sync::OnceLock,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{KubeClient, KubeNamespace, Kubelet, kubectl::Kubectl, plane::Plane};

/// The one that tests share, or why there is none.
static SHARED: OnceLock<Result<Kubernetes, String>> = OnceLock::new();

/// A cluster as its administrator has it.
#[derive(Debug)]
pub struct Kubernetes {
    client: KubeClient,
    kubectl: Kubectl,
    url: String,
    certificate: Option<String>,
    /// Dropped before the control plane, whose absence it would not understand.
    kubelet: Option<Kubelet>,
    plane: Option<Plane>,
}

impl Kubernetes {
    /// The one of this process, started if it was not; the reason when there is none.
    ///
    /// Tests keep apart by [`Kubernetes::make_namespace`]. On somebody's own cluster nothing else is touched.
    pub fn shared() -> Result<&'static Self, String> {
        let shared = SHARED.get_or_init(|| match env::var_os("WHARF_TEST_KUBECONFIG") {
            Some(config) => Self::open(Path::new(&config)),
            None => {
                let started = Self::start()?;
                started.plane.iter().for_each(Plane::end_at_exit);
                Ok(started)
            }
        });
        shared.as_ref().map_err(String::clone)
    }

    /// A cluster of the test's own, for what takes it away or breaks it; the reason when programs are missing.
    pub fn start() -> Result<Self, String> {
        let plane = Plane::start()?;
        let client = plane.admin();
        Ok(Self {
            kubelet: Some(Kubelet::start(client.clone())),
            client,
            kubectl: Kubectl::find(&plane.config())?,
            url: plane.url(),
            certificate: Some(plane.authority().certificate.clone()),
            plane: Some(plane),
        })
    }

    /// The cluster of somebody's own configuration, whatever credentials it names: `kubectl proxy` adds them. The reason
    /// where it cannot be used.
    pub fn open(config: &Path) -> Result<Self, String> {
        let kubectl = Kubectl::find(config)?;
        let view = [
            "config",
            "view",
            "--raw",
            "--minify",
            "--flatten",
            "--output=json",
        ];
        let viewed = kubectl.run(&view, "");
        let viewed: Value = serde_json::from_slice(&viewed.stdout)
            .map_err(|error| format!("{}: no kubeconfig: {error}", config.display()))?;
        let cluster = &viewed["clusters"][0]["cluster"];
        let certificate = cluster["certificate-authority-data"].as_str().map(|data| {
            let pem = STANDARD.decode(data).expect("a certificate in base64");
            String::from_utf8(pem).expect("a certificate in PEM")
        });
        Ok(Self {
            client: KubeClient::new(kubectl.start_proxy()?, None, None),
            kubectl,
            url: cluster["server"].as_str().unwrap_or_default().to_owned(),
            certificate,
            kubelet: None,
            plane: None,
        })
    }

    /// The administrator.
    pub fn client(&self) -> &KubeClient {
        &self.client
    }

    /// The API server's address, as a kubeconfig names it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What its certificate is to be believed by, in PEM; none where the machine's own authorities do.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// Who plays the containers; none on somebody's own cluster, where they are real.
    pub fn kubelet(&self) -> Option<&Kubelet> {
        self.kubelet.as_ref()
    }

    /// A namespace that no other test has, with its default account, so that pods can be made at once.
    pub fn make_namespace(&self) -> KubeNamespace<'_> {
        KubeNamespace::create(self)
    }

    /// A namespace that [`Kubernetes::make_namespace`] made, for what let go of it to restart the cluster.
    pub fn enter_namespace(&self, name: &str) -> KubeNamespace<'_> {
        KubeNamespace::enter(self, name)
    }

    /// A kubeconfig for whoever has `token`, with everything inline.
    pub fn write_kubeconfig(&self, token: &str) -> String {
        let mut cluster = json!({ "server": self.url });
        if let Some(certificate) = &self.certificate {
            cluster["certificate-authority-data"] = json!(STANDARD.encode(certificate));
        }
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{ "name": "test", "cluster": cluster }],
            "users": [{ "name": "test", "user": { "token": token } }],
            "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "test" } }],
        })
        .to_string()
    }

    /// A client that has only `token`.
    pub fn client_of(&self, token: &str) -> KubeClient {
        KubeClient::new(self.url.clone(), self.certificate(), Some(token))
    }

    /// Applies a manifest of one or more documents in YAML as the administrator; panics with what kubectl says when it
    /// does not want it.
    #[track_caller]
    pub fn apply(&self, manifest: &str) {
        let output = self.kubectl(&["apply", "--filename=-"], manifest);
        assert!(output.status.success(), "{output:?}\n{manifest}");
    }

    /// Runs `kubectl` as the administrator to its end.
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Output {
        self.kubectl.run(arguments, input)
    }

    /// The administrator's kubeconfig, of a cluster of the tests' own.
    pub fn config(&self) -> Option<PathBuf> {
        self.plane.as_ref().map(Plane::config)
    }

    /// Kills the API server as a crash would. Only for a cluster of the test's own, which alone can be borrowed so.
    pub fn stop_api_server(&mut self) {
        self.own_plane().stop_api_server();
    }

    /// Starts it again at the same address, with everything that was in it, and waits until it answers.
    pub fn start_api_server(&mut self) {
        self.own_plane().start_api_server();
    }

    fn own_plane(&mut self) -> &mut Plane {
        self.plane.as_mut().expect("a cluster of the test's own")
    }
}
