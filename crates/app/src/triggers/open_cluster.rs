//! Clusters opened: a client for each, kept for as long as its row stays as it is.

use super::{
    reasons,
    settle::{Verdict, Why, clip_detail},
};
use crate::{App, vault::SecretPlace};
use async_trait::async_trait;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use wharf_db::triggers::clusters::{self, SECRET_COLUMN, SECRET_TABLE};
use wharf_integrations::{
    Secret,
    target::kubernetes::{
        self, Authority, CallRecord, ClusterAccess, ClusterCredential, ClusterError,
        ClusterExchange, ClusterServer, ContainerRef, ObjectName, PatchOptions, Patched,
        PinnedImage, PullChoice, RolledBack, RolloutState, SERVICE_ACCOUNT_FOLDER, read_in_cluster,
    },
};
use wharf_model::{ClusterId, SecretText, triggers::ClusterMethod};

/// For how long an opened cluster is used: a pod's own token is another every hour, and a connection that nobody uses is
/// closed at some time.
const KEEP: Duration = Duration::from_secs(60);

/// Where a pod finds the cluster that it runs in; values of the environment come from the edge.
#[derive(Debug, Clone)]
pub struct PodPlace {
    /// The folder of the service account.
    pub folder: PathBuf,
    /// `KUBERNETES_SERVICE_HOST`.
    pub host: Option<String>,
    /// `KUBERNETES_SERVICE_PORT`.
    pub port: Option<String>,
}

impl Default for PodPlace {
    fn default() -> Self {
        Self {
            folder: SERVICE_ACCOUNT_FOLDER.into(),
            host: None,
            port: None,
        }
    }
}

/// What is asked of a cluster to roll an image out: in tests something pretends to be one.
#[async_trait]
pub(super) trait WorkloadCluster: Send + Sync {
    async fn set_image(
        &self,
        target: &ContainerRef,
        image: &PinnedImage,
        options: &PatchOptions<'_>,
    ) -> Result<Patched, ClusterError>;

    async fn choose_pull_secret(
        &self,
        target: &ContainerRef,
        host: &str,
        ours: &ObjectName,
    ) -> Result<PullChoice, ClusterError>;

    async fn read_rollout(
        &self,
        target: &ContainerRef,
        image: &str,
    ) -> Result<RolloutState, ClusterError>;

    async fn roll_back(
        &self,
        target: &ContainerRef,
        ours: &PinnedImage,
        previous: &str,
    ) -> Result<RolledBack, ClusterError>;

    /// What was asked last and what came back, for the log.
    fn last_exchange(&self) -> Option<ClusterExchange>;
}

/// A cluster for the length of one attempt or look, whose last exchange is kept.
struct Recorded {
    cluster: kubernetes::Cluster,
    record: CallRecord,
}

#[async_trait]
impl WorkloadCluster for Recorded {
    async fn set_image(
        &self,
        target: &ContainerRef,
        image: &PinnedImage,
        options: &PatchOptions<'_>,
    ) -> Result<Patched, ClusterError> {
        self.cluster.set_image(target, image, options).await
    }

    async fn choose_pull_secret(
        &self,
        target: &ContainerRef,
        host: &str,
        ours: &ObjectName,
    ) -> Result<PullChoice, ClusterError> {
        self.cluster.choose_pull_secret(target, host, ours).await
    }

    async fn read_rollout(
        &self,
        target: &ContainerRef,
        image: &str,
    ) -> Result<RolloutState, ClusterError> {
        self.cluster.read_rollout(target, image).await
    }

    async fn roll_back(
        &self,
        target: &ContainerRef,
        ours: &PinnedImage,
        previous: &str,
    ) -> Result<RolledBack, ClusterError> {
        self.cluster.roll_back(target, ours, previous).await
    }

    fn last_exchange(&self) -> Option<ClusterExchange> {
        self.record.last()
    }
}

/// The clients.
#[derive(Default)]
pub(crate) struct OpenClusters {
    open: Mutex<HashMap<ClusterId, Opened>>,
    #[cfg(test)]
    pub(super) pretended: Mutex<HashMap<ClusterId, Arc<dyn WorkloadCluster>>>,
}

struct Opened {
    version: i64,
    at: Instant,
    cluster: kubernetes::Cluster,
}

/// Where the credential of a cluster is kept.
pub(crate) fn cluster_secret_place(cluster: ClusterId) -> SecretPlace {
    SecretPlace::new(SECRET_TABLE, cluster, SECRET_COLUMN)
}

impl App {
    /// A client for a cluster, from its row and its credential (none where the pod's own account is used).
    ///
    /// # Errors
    /// What is wrong with the row, the credential or the pod.
    pub(crate) fn open_cluster(
        &self,
        row: &clusters::Cluster,
        credential: Option<&SecretText>,
    ) -> Result<kubernetes::Cluster, ClusterError> {
        let mut open = self.triggers.clusters.open.lock();
        open.retain(|_, opened| opened.at.elapsed() < KEEP);
        if let Some(opened) = open.get(&row.id)
            && opened.version == row.version
        {
            return Ok(opened.cluster.clone());
        }
        let access = self.read_access(row, credential)?;
        let cluster = kubernetes::Cluster::open(&access, &self.egress)?;
        let opened = Opened {
            version: row.version,
            at: Instant::now(),
            cluster: cluster.clone(),
        };
        open.insert(row.id, opened);
        Ok(cluster)
    }

    pub(super) fn read_access(
        &self,
        row: &clusters::Cluster,
        credential: Option<&SecretText>,
    ) -> Result<ClusterAccess, ClusterError> {
        match row.method {
            ClusterMethod::InCluster => {
                let pod = &self.settings.pod;
                read_in_cluster(&pod.folder, pod.host.as_deref(), pod.port.as_deref())
            }
            ClusterMethod::Kubeconfig | ClusterMethod::Token => {
                let sealed = credential.map(SecretText::expose).unwrap_or_default();
                Ok(ClusterAccess {
                    server: ClusterServer::read(&row.server)?,
                    ca: row.ca.as_deref().map(Authority::read).transpose()?,
                    namespace: None,
                    credential: ClusterCredential::unseal(&Secret::new(sealed))?,
                })
            }
        }
    }

    /// What rolls images out there.
    pub(super) fn open_workloads(
        &self,
        row: &clusters::Cluster,
        credential: Option<&SecretText>,
    ) -> Result<Arc<dyn WorkloadCluster>, ClusterError> {
        #[cfg(test)]
        if let Some(pretended) = self.triggers.clusters.pretended.lock().get(&row.id) {
            return Ok(pretended.clone());
        }
        let (cluster, record) = self.open_cluster(row, credential)?.record();
        Ok(Arc::new(Recorded { cluster, record }))
    }
}

/// A failure of a cluster as a word of the log and its own sentence, with what to do about it.
pub(crate) fn describe_failure(error: &ClusterError) -> (&'static str, String) {
    let word = match error {
        ClusterError::NotAllowed { .. } => "not_allowed",
        ClusterError::Unreachable { .. } => "unreachable",
        ClusterError::TimedOut { .. } => "timed_out",
        ClusterError::Unauthorized { .. } => "unauthorized",
        ClusterError::Forbidden { .. } => "forbidden",
        ClusterError::NotFound { .. } => "workload_gone",
        ClusterError::NoContainer { .. } => "container_gone",
        ClusterError::Conflict { .. } => "conflict",
        ClusterError::Refused { .. } => "cluster_refused",
        ClusterError::Busy { .. } => "rate_limited",
        ClusterError::Status { .. } => "answer_status",
        ClusterError::BadAnswer { .. } => "answer_unreadable",
        _ => "not_sendable",
    };
    let mut text = error.to_string();
    if let Some(hint) = error.hint() {
        text = format!("{text}; {hint}");
    }
    (word, clip_detail(&text))
}

/// Whether the same may succeed within a day: by itself, or because somebody gave a new token or the rights.
pub(super) fn may_pass(error: &ClusterError) -> bool {
    error.is_transient()
        || matches!(
            error,
            ClusterError::Unauthorized { .. } | ClusterError::Forbidden { .. }
        )
}

/// What follows from a failure: the same may succeed later, or it never will.
pub(super) fn judge_failure(error: &ClusterError) -> Verdict {
    let (word, text) = describe_failure(error);
    match may_pass(error) {
        true => Verdict::Again(Why::new(word, text), error.retry_after()),
        false => Verdict::failed(word, text),
    }
}

/// Whether a cluster can be asked with what is stored.
pub(super) fn check_credential(
    row: &clusters::Cluster,
    credential: Option<&SecretText>,
) -> Result<(), Verdict> {
    match (row.method, credential) {
        (ClusterMethod::InCluster, _) | (_, Some(_)) => Ok(()),
        (_, None) => Err(Verdict::failed(reasons::SECRET_MISSING, &row.name)),
    }
}
