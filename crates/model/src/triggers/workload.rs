//! What runs images in a Kubernetes cluster, and how a cluster is reached.

use super::delivery::words;
use std::{fmt, str::FromStr};

/// The kinds of workloads whose images a trigger can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    /// `apps/v1` Deployment.
    Deployment,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// `apps/v1` DaemonSet.
    DaemonSet,
    /// `batch/v1` CronJob.
    CronJob,
}

/// How this server signs in to a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClusterMethod {
    /// With what a kubeconfig says inline.
    Kubeconfig,
    /// With a service account's token.
    Token,
    /// With the service account of the pod that this server runs in.
    InCluster,
}

words!(WorkloadKind {
    Deployment = "deployment",
    StatefulSet = "statefulset",
    DaemonSet = "daemonset",
    CronJob = "cronjob",
});
words!(ClusterMethod {
    Kubeconfig = "kubeconfig",
    Token = "token",
    InCluster = "in_cluster",
});
