//! Clusters from outside: what wharf does in one, against a real Kubernetes control plane, with exactly the rights that
//! its own manifest grants.
//!
//! Containers are played (`wharf_testkit::kube`), unless `WHARF_TEST_KUBECONFIG` names somebody's own cluster.

mod bench;
mod conflicts;
mod guard;
mod images;
mod lists;
mod pull_secrets;
mod records;
mod rights;
mod rollback;
mod rollouts;
mod running;
mod troubles;
