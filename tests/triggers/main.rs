//! A tag reaches a cluster: a real server, a real Kubernetes control plane, real clients. And it reaches receivers of
//! webhooks, chats and mail boxes (`receivers`), which need nothing.
//!
//! What needs the control plane is below `kube`, and is skipped where it was not built. Its containers are played
//! (`wharf_testkit::kube`), unless `WHARF_TEST_KUBECONFIG` names somebody's own cluster: then the same tests run in
//! namespaces of their own there, and those that need a container to misbehave in a way that no image brings about are
//! skipped. Tests share one cluster; those that take it away have one of their own.

mod kube;
mod kubeconfigs;
mod receivers;
mod stage;
