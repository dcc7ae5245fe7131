//! Kubernetes clusters: what there is to choose from, one container's image set by digest, its rollout followed.
//!
//! [`ClusterAccess`] says where a cluster is and how one signs in (from a kubeconfig, a token, or this server's own pod);
//! [`Cluster::open`] makes of it something to ask, over the egress that it is given. Each function is one question or one
//! change, bounded in time and size, and never waits for anything to happen: whoever follows a rollout looks again.
//!
//! Refuses: to run a credential plugin, to read a file that a kubeconfig names, to follow a redirect, to believe another
//! authority than the cluster's own, to change more of a workload than the container that is meant, to put a text into a
//! path or an image that is no checked name. Called by `wharf-app`.

mod access;
mod account;
mod answer;
mod check;
mod cluster;
mod container;
mod error;
mod image;
mod in_cluster;
mod kubeconfig;
mod list;
mod name;
mod patch;
mod pull_secret;
mod rbac;
mod record;
mod rights;
mod rollout;
mod running;
mod wire;
mod workload;

pub use access::{Authority, ClusterAccess, ClusterCredential, ClusterServer};
pub use account::KubeAccount;
pub use check::{ClusterCheck, NamespaceCheck};
pub use cluster::Cluster;
pub use container::FoundContainer;
pub use error::{ClusterError, Result};
pub use image::{PinnedImage, check_image_host};
pub use in_cluster::{SERVICE_ACCOUNT_FOLDER, read_in_cluster};
pub use kubeconfig::{list_contexts, read_kubeconfig};
pub use list::{Bounded, ListedContainer, ListedWorkload, WorkloadList};
pub use name::{ContainerName, KubeNamespace, ObjectName};
pub use patch::{PatchOptions, Patched, RolledBack};
pub use pull_secret::{PullAnswer, PullChoice, PullSecret, pull_secret_name};
pub use rbac::{RbacSubject, render_rbac};
pub use record::{CallRecord, ClusterExchange};
pub use rights::{ClusterGrant, Right, RightPurpose};
pub use rollout::{
    RolloutEvent, RolloutFailure, RolloutNote, RolloutProgress, RolloutReason, RolloutState,
    RolloutTrouble,
};
pub use running::{RunningImage, RunningList};
pub use workload::{ContainerRef, WorkloadRef};
