//! What runs images in a Kubernetes cluster, and how a cluster is reached.

use crate::words::words;

words! {
    /// The kinds of workloads whose images a trigger can change.
    WorkloadKind {
        /// `apps/v1` Deployment.
        Deployment = "deployment",
        /// `apps/v1` StatefulSet.
        StatefulSet = "statefulset",
        /// `apps/v1` DaemonSet.
        DaemonSet = "daemonset",
        /// `batch/v1` CronJob.
        CronJob = "cronjob",
    }

    /// How this server signs in to a cluster.
    ClusterMethod {
        /// With what a kubeconfig says inline.
        Kubeconfig = "kubeconfig",
        /// With a service account's token.
        Token = "token",
        /// With the service account of the pod that this server runs in.
        InCluster = "in_cluster",
    }
}
