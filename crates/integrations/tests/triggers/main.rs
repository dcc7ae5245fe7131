//! What triggers reach, as it really is. What needs a Kubernetes control plane is below `kube`, and is skipped where none
//! was built.

mod kube;
