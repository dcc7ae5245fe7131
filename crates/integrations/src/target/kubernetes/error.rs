//! Why a cluster did not do what was asked.

use std::time::Duration;
use wharf_egress::EgressError;

/// The outcome of everything that talks to a cluster.
pub type Result<T, E = ClusterError> = std::result::Result<T, E>;

/// A failure while talking to a cluster. `subject` is what it was about, in words; `said` is the cluster's own sentence,
/// cut short and free of control characters and secrets, or empty.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClusterError {
    #[error("{text:?} is no name of {what}")]
    Name { what: &'static str, text: String },
    /// The address of the API server.
    #[error("this is no address of a cluster: {reason}")]
    Address { reason: &'static str },
    /// Token, certificate or authority.
    #[error("the credentials of the cluster cannot be used: {reason}")]
    Credentials { reason: &'static str },
    #[error("the kubeconfig cannot be used: {reason}")]
    Kubeconfig { reason: String },
    /// Something in a kubeconfig that would run a program, read a file of this server, or weaken the connection.
    #[error("`{field}` in the kubeconfig is refused: {reason}")]
    RefusedField {
        field: &'static str,
        reason: &'static str,
        hint: &'static str,
    },
    /// The pod that this server is said to run in.
    #[error("cannot read {what} of this server's own service account")]
    InCluster { what: &'static str },
    #[error("no image can be named so: {reason}")]
    Image { reason: &'static str },
    /// The egress policy does not let this server go there. Every refused address is told alike: why it was refused
    /// would tell about the network.
    #[error("this server may not connect to {host}")]
    NotAllowed { host: String },
    /// Nothing came back.
    #[error("cannot reach {host}")]
    Unreachable { host: String, source: EgressError },
    #[error("{host} did not answer {subject} within {} seconds", .limit.as_secs())]
    TimedOut {
        host: String,
        subject: String,
        limit: Duration,
    },
    /// 401: the token or certificate is wrong, was revoked, or has ended.
    #[error("{host} does not accept the credentials{said}")]
    Unauthorized { host: String, said: String },
    /// 403: the credentials are good, but may not do this.
    #[error("{host} denies {subject}{said}")]
    Forbidden {
        host: String,
        subject: String,
        said: String,
    },
    /// 404.
    #[error("{host} has no {subject}")]
    NotFound { host: String, subject: String },
    /// The workload is there, the container is not.
    #[error("{subject} has no container {container:?}; it has {}", .there.join(", "))]
    NoContainer {
        subject: String,
        container: String,
        there: Vec<String>,
    },
    /// 409: somebody else changed it at the same time, more often than it was tried.
    #[error("{subject} in {host} is being changed by somebody else")]
    Conflict { host: String, subject: String },
    /// 400, 413, 422: the cluster, or an admission hook in it, does not like what was sent.
    #[error("{host} refuses {subject}{said}")]
    Refused {
        host: String,
        subject: String,
        status: u16,
        said: String,
    },
    /// The change was taken, but not as it was sent: an admission hook puts another image in its place.
    #[error("something in {host} gives {subject} the image {image} in place of ours")]
    Replaced {
        host: String,
        subject: String,
        image: String,
    },
    /// 429.
    #[error("{host} takes no more requests for now{said}")]
    Busy {
        host: String,
        /// How long it says to wait.
        retry_after: Option<Duration>,
        said: String,
    },
    /// Any other status; from 500 on it may pass.
    #[error("{host} answers {subject} with status {status}{said}")]
    Status {
        host: String,
        subject: String,
        status: u16,
        said: String,
    },
    /// It does not speak as a Kubernetes API does.
    #[error("{host} answers {subject} in a way that cannot be understood: {reason}")]
    BadAnswer {
        host: String,
        subject: String,
        reason: String,
    },
}

impl ClusterError {
    /// What to do about it, in one line; `None` when the text says all there is.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            ClusterError::Name { .. } => {
                "names in a cluster have lower-case letters, digits and `-`, with a letter or digit at both ends".to_owned()
            }
            ClusterError::Address { .. } => {
                "write the API server's address as kubectl cluster-info shows it: https://10.0.0.1:6443".to_owned()
            }
            ClusterError::Credentials { .. } => {
                "apply what `wharf cluster manifest` prints, and take the token of the service account that it makes"
                    .to_owned()
            }
            ClusterError::Kubeconfig { .. } => {
                "`kubectl config view --raw --flatten --minify` prints one that has everything in it".to_owned()
            }
            ClusterError::RefusedField { hint, .. } => (*hint).to_owned(),
            ClusterError::InCluster { .. } => {
                "choose this only for a wharf that runs as a pod of the cluster, with automountServiceAccountToken"
                    .to_owned()
            }
            ClusterError::NotAllowed { host } => {
                format!("an operator decides where this server connects to: [egress] allow in wharf.toml can name {host}")
            }
            ClusterError::Unreachable { source, .. } => return source.hint(),
            ClusterError::Unauthorized { .. } => {
                "give the cluster a new token or certificate: it is wrong, was revoked, or has ended".to_owned()
            }
            ClusterError::Forbidden { .. } => {
                "apply what `wharf cluster manifest` prints: it grants exactly what is needed".to_owned()
            }
            ClusterError::NotFound { .. } => {
                "choose it anew from the lists: it was deleted or renamed".to_owned()
            }
            ClusterError::NoContainer { .. } => "choose one that is there".to_owned(),
            ClusterError::Replaced { .. } => {
                "let the cluster's admission hooks leave images of this registry as they are".to_owned()
            }
            ClusterError::Busy { retry_after, .. } => match retry_after {
                Some(time) => format!("try again in {} seconds", time.as_secs()),
                None => "try again later".to_owned(),
            },
            ClusterError::BadAnswer { .. } => {
                "check that the address is that of a Kubernetes API server".to_owned()
            }
            _ => return None,
        })
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            ClusterError::Unreachable { source, .. } => source.is_transient(),
            ClusterError::TimedOut { .. }
            | ClusterError::Conflict { .. }
            | ClusterError::Busy { .. } => true,
            // 410: a list took longer to read than the cluster keeps its versions.
            ClusterError::Status { status, .. } => *status >= 500 || *status == 410,
            _ => false,
        }
    }

    /// How long to wait before asking again, when the cluster says it.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            ClusterError::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether what was asked about is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, ClusterError::NotFound { .. })
    }

    /// Whether the credentials lack a right.
    pub fn is_forbidden(&self) -> bool {
        matches!(self, ClusterError::Forbidden { .. })
    }
}
