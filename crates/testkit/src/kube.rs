//! A real Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager and kube-scheduler as child processes,
//! and a kubelet that is played: no container runs, but nodes and pods have the statuses and events that they would have.
//!
//! The tests of a process share one (it starts in seconds) and keep apart by namespaces of random names; a test that takes
//! the API server away starts its own. `WHARF_TEST_KUBECONFIG` names a cluster to use in its place: there nothing is
//! played, and [`Kubernetes::kubelet`] says so.
//!
//! Refuses to use Rust code for the Kubernetes API that the product uses: requests are JSON over HTTP, as the API's
//! reference has them. Called by suites that change workloads.

mod certificates;
mod client;
mod cluster;
mod gate;
mod kubectl;
mod kubelet;
mod namespace;
mod plane;
mod program;

pub use client::KubeClient;
pub use cluster::Kubernetes;
pub use gate::{KubeFault, KubeGate};
pub use kubelet::{Behavior, Kubelet, Scene};
pub use namespace::{KubeNamespace, ServiceAccount, describe_workload};
