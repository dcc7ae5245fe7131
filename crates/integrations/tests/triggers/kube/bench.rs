//! A namespace of the shared cluster, and wharf's own way into it.

use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_integrations::target::kubernetes::{
    Authority, Cluster, ClusterAccess, ClusterGrant, ContainerRef, KubeAccount,
    KubeNamespace as Namespace, PatchOptions, Patched, PinnedImage, RbacSubject, Result,
    RolloutState, WorkloadRef, pull_secret_name, read_kubeconfig, render_rbac,
};
use wharf_model::triggers::WorkloadKind;
use wharf_oci::{Algorithm, Digest};
use wharf_testkit::{KubeNamespace, Kubernetes, kube::KubeGate};

/// On somebody's own cluster an image that is really there; played containers take any.
pub(crate) const OLD: &str = "registry.k8s.io/pause:3.9";

/// Longer than any rollout of played containers takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// Between two looks.
const POLL: Duration = Duration::from_millis(50);

/// The cluster that tests share, or the end of the calling test with the reason why there is none.
macro_rules! need_bench {
    () => {
        match wharf_testkit::Kubernetes::shared() {
            Ok(cluster) => crate::kube::bench::Bench::new(cluster),
            Err(reason) => wharf_testkit::skip!("{reason}"),
        }
    };
}
pub(crate) use need_bench;

/// Ends the calling test where containers are real and could not be made to misbehave.
macro_rules! need_played {
    ($played:expr) => {
        if !$played {
            wharf_testkit::skip!("containers are real here and do not misbehave on demand");
        }
    };
}
pub(crate) use need_played;

/// What a test works with.
pub(crate) struct Bench {
    pub(crate) kube: &'static Kubernetes,
    pub(crate) space: KubeNamespace<'static>,
    /// With the rights of the printed manifest, no more.
    pub(crate) cluster: Cluster,
    pub(crate) access: ClusterAccess,
    runtime: Runtime,
}

impl Bench {
    pub(crate) fn new(kube: &'static Kubernetes) -> Bench {
        let space = kube.make_namespace();
        let home: Namespace = space.name().parse().expect("a name");
        let account = KubeAccount {
            namespace: home.clone(),
            name: "wharf".parse().expect("a name"),
        };
        let manifest = render_rbac(&[grant(&home)], &RbacSubject::New(account.clone()));
        kube.apply(&manifest);
        let token = space.ask_for_token("wharf").token;
        let access = read_kubeconfig(&kube.write_kubeconfig(&token), None).expect("a kubeconfig");
        assert_eq!(access.credential.find_account(), Some(account));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let cluster = open(&access);
        let bench = Bench {
            kube,
            space,
            cluster,
            access,
            runtime,
        };
        // Authorizers hear of roles a moment later.
        bench.wait("the rights are there", || {
            let check = bench.ask(bench.cluster.check(&[grant(&home)]));
            check.is_ok_and(|check| check.namespaces[0].missing.is_empty())
        });
        bench
    }

    pub(crate) fn ask<F: Future>(&self, question: F) -> F::Output {
        self.runtime.block_on(question)
    }

    pub(crate) fn namespace(&self) -> Namespace {
        self.space.name().parse().expect("a name")
    }

    /// The container `web` of a workload.
    pub(crate) fn target(&self, kind: WorkloadKind, name: &str) -> ContainerRef {
        self.container(kind, name, "web")
    }

    pub(crate) fn container(
        &self,
        kind: WorkloadKind,
        name: &str,
        container: &str,
    ) -> ContainerRef {
        ContainerRef {
            workload: WorkloadRef {
                namespace: self.namespace(),
                kind,
                name: name.parse().expect("a name"),
            },
            container: container.parse().expect("a name"),
        }
    }

    pub(crate) fn set(&self, target: &ContainerRef, image: &PinnedImage) -> Result<Patched> {
        let options = PatchOptions::default();
        self.ask(self.cluster.set_image(target, image, &options))
    }

    pub(crate) fn look(&self, target: &ContainerRef, image: &str) -> RolloutState {
        let state = self.ask(self.cluster.read_rollout(target, image));
        state.expect("a look")
    }

    /// Looks until `holds`; panics with the last state when that does not happen.
    #[track_caller]
    pub(crate) fn follow(
        &self,
        target: &ContainerRef,
        image: &str,
        holds: impl Fn(&RolloutState) -> bool,
    ) -> RolloutState {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = self.look(target, image);
            if holds(&state) {
                return state;
            }
            assert!(Instant::now() < deadline, "it stays at {state:#?}");
            std::thread::sleep(POLL);
        }
    }

    #[track_caller]
    pub(crate) fn wait(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "never came true: {what}");
            std::thread::sleep(POLL);
        }
    }

    /// The same account, by a gate that can fail.
    pub(crate) fn open_by(&self, gate: &KubeGate) -> Cluster {
        let mut access = self.access.clone();
        let by = ClusterAccess::by_token(&gate.url(), Some(gate.certificate()), "unused");
        access.server = by.expect("the gate's address").server;
        access.ca = Some(Authority::read(gate.certificate()).expect("a certificate"));
        open(&access)
    }
}

pub(crate) fn open(access: &ClusterAccess) -> Cluster {
    let egress = Egress::new(EgressSettings::new(Policy::operator())).expect("an egress");
    Cluster::open(access, &egress).expect("a cluster")
}

pub(crate) fn grant(namespace: &Namespace) -> ClusterGrant {
    ClusterGrant {
        namespace: namespace.clone(),
        pull_secret: Some(pull_secret_name("team")),
    }
}

/// An image that nodes can pull where they are real.
pub(crate) fn pause(tag: &str) -> PinnedImage {
    let digest = "sha256:ee6521f290b2168b6e0935a181d4cff9be1ac3f505666ef0e3c98fae8199917a";
    let (repository, tag) = (
        "pause".parse().expect("a name"),
        tag.parse().expect("a tag"),
    );
    let digest = digest.parse().expect("a digest");
    PinnedImage::new("registry.k8s.io", repository, Some(tag), digest).expect("an image")
}

/// An image of a registry that is nowhere (RFC 6761, 6.4); played containers take it for one of `host` otherwise.
pub(crate) fn image(host: &str, tag: &str) -> PinnedImage {
    let repository = "team/app".parse().expect("a name");
    let digest = Digest::of(Algorithm::Sha256, tag.as_bytes());
    let tag = tag.parse().expect("a tag");
    PinnedImage::new(host, repository, Some(tag), digest).expect("an image")
}

pub(crate) fn plural(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment => "deployments",
        WorkloadKind::StatefulSet => "statefulsets",
        WorkloadKind::DaemonSet => "daemonsets",
        WorkloadKind::CronJob => "cronjobs",
    }
}
