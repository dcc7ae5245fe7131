//! What a worker is told to build. Everything in here was decided by the server before.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wharf_image::PullPolicy;
use wharf_oci::Platform;

/// One build. [`WorkerJob::new`] fills in what a rule has by default.
#[derive(Debug)]
pub struct WorkerJob {
    /// Where Dockerfile and files come from.
    pub source: JobSource,
    /// The Dockerfile's path from the source's root; a leading `/` means that root too.
    pub dockerfile: String,
    /// The folder that COPY reads from, likewise; empty is the root.
    pub directory: String,
    /// `--build-arg`. No secrets: they are in the image's history.
    pub build_args: BTreeMap<String, String>,
    /// `RUN --mount=type=secret`, by id. In memory only, masked in output.
    pub secrets: BTreeMap<String, Vec<u8>>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
    /// The stage to build; `None` is the last one.
    pub target: Option<String>,
    /// Empty means this machine's.
    pub platforms: Vec<Platform>,
    /// Steps and cache mounts are shared within a scope and never across scopes: `repository id / trust class`.
    pub cache_scope: String,
    /// Earlier results do not count.
    pub no_cache: bool,
    /// Whether base images are looked up again.
    pub pull: PullPolicy,
    /// What steps reach.
    pub network: JobNetwork,
    /// What the build may use up.
    pub limits: JobLimits,
}

impl WorkerJob {
    /// A build of `Dockerfile` at the source's root, with the defaults of a rule.
    pub fn new(source: JobSource, cache_scope: impl Into<String>) -> Self {
        Self {
            source,
            dockerfile: "Dockerfile".to_owned(),
            directory: String::new(),
            build_args: BTreeMap::new(),
            secrets: BTreeMap::new(),
            labels: BTreeMap::new(),
            target: None,
            platforms: Vec::new(),
            cache_scope: cache_scope.into(),
            no_cache: false,
            pull: PullPolicy::Always,
            network: JobNetwork::Isolated,
            limits: JobLimits::default(),
        }
    }
}

/// Where Dockerfile and files come from.
#[derive(Debug)]
pub enum JobSource {
    /// A repository, cloned in the worker.
    Git(GitSource),
    /// What a person uploaded.
    Upload {
        /// The Dockerfile's bytes; `None` is the one of the archive.
        dockerfile: Option<Vec<u8>>,
        /// A tar, plain or compressed, from its start; `None` is a context without files.
        context: Option<File>,
    },
}

/// A repository and what of it is built.
#[derive(Debug, Clone)]
pub struct GitSource {
    /// `https://…`, `http://…`, `ssh://…` or `user@host:path`, without credentials.
    pub remote: String,
    /// Used for the clone, and gone before the first step runs.
    pub access: GitAccess,
    /// PEM of an authority that is believed beside the system's.
    pub authority: Option<String>,
    /// Which commit.
    pub wanted: GitWanted,
    /// Fetch submodules of the same host too.
    pub submodules: bool,
    /// Words in small letters: a commit whose message holds one, in whatever letters, ends with
    /// [`FailureKind::Unwanted`](crate::FailureKind::Unwanted) right after the clone.
    pub unless_message_says: Vec<String>,
    /// Bytes of the README at the root that are told, at most; `None` tells nothing of it.
    pub readme: Option<usize>,
}

/// What is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GitWanted {
    /// `refs/heads/…` or `refs/tags/…`, wherever it is now.
    Reference(String),
    /// This commit; `reference` is asked for where the host gives no bare commits.
    Commit {
        /// Hexadecimal, in full.
        commit: String,
        /// In full, if the caller knows one that has it.
        reference: Option<String>,
    },
}

/// How a repository lets one in.
#[derive(Clone, PartialEq, Eq)]
pub enum GitAccess {
    /// It is public.
    Anonymous,
    /// Sent as a header to the remote's own host, never in a URL or an argument.
    Password {
        /// What hosts of tokens take for the user: `x-access-token`, `oauth2`.
        username: String,
        /// The password or token.
        secret: String,
    },
    /// Over ssh.
    Key {
        /// OpenSSH's private key, as text.
        private_key: String,
        /// Lines of known_hosts(5); a host with another key is refused.
        known_hosts: String,
    },
}

/// Shows no secret.
impl fmt::Debug for GitAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => formatter.write_str("Anonymous"),
            Self::Password { username, .. } => write!(formatter, "Password({username:?}, …)"),
            Self::Key { .. } => formatter.write_str("Key(…)"),
        }
    }
}

/// What steps reach. The host's network is not among it: no build of a server gets that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobNetwork {
    /// The loopback device of their own.
    None,
    /// Public addresses, and those of `[build] allow_net`.
    #[default]
    Isolated,
}

/// What one build may use up, in all and each step of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobLimits {
    /// From the start of the worker.
    pub timeout: Duration,
    /// Bytes of memory, without swap.
    pub memory: u64,
    /// Thousandths of a processor.
    pub cpu_millis: u32,
    /// Processes and threads of its steps.
    pub pids: u32,
    /// Bytes that a step may add, and that contexts, archives and base layers may unpack to.
    pub disk: u64,
    /// Bytes of output that are passed on.
    pub log_bytes: u64,
}

impl Default for JobLimits {
    /// An hour, two processors, 4 GiB of memory, 4096 processes, 20 GiB of disk, 50 MiB of output.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(3600),
            memory: 4 << 30,
            cpu_millis: 2000,
            pids: 4096,
            disk: 20 << 30,
            log_bytes: 50 << 20,
        }
    }
}
