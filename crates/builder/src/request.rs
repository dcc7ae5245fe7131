//! What is to be built, in full: the command line and the build service fill this in.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wharf_image::PullPolicy;
use wharf_layer::Compression;
use wharf_oci::Platform;

/// Where files for COPY and ADD come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextSource {
    /// A directory of this machine.
    Directory(PathBuf),
    /// A tar, plain or compressed, read from a file (standard input was spooled there).
    Archive(PathBuf),
    /// `URL#ref:subdir` or the query form; cloned.
    Git(String),
    /// An archive, or a single Dockerfile, behind http or https.
    Http(String),
    /// No files at all.
    Empty,
}

/// Where the Dockerfile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DockerfileSource {
    /// In the context, at this path; the default is `Dockerfile`.
    InContext(String),
    /// On this machine, outside the context.
    File(PathBuf),
    /// At a path of a folder that is as little trusted as the context: never read outside of it.
    Beneath {
        /// The folder.
        root: PathBuf,
        /// The path in it.
        path: String,
    },
    /// Its bytes.
    Inline(Vec<u8>),
}

impl DockerfileSource {
    /// The file's own name, without its folder.
    pub(crate) fn name(&self) -> String {
        let name = match self {
            Self::InContext(path) | Self::Beneath { path, .. } => Path::new(path).file_name(),
            Self::File(path) => path.file_name(),
            Self::Inline(_) => None,
        };
        name.map_or_else(
            || "Dockerfile".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }
}

/// What `--build-context NAME=VALUE` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedContext {
    /// Files.
    Files(ContextSource),
    /// `docker-image://REFERENCE`.
    Image(String),
    /// `oci-layout://PATH[:TAG][@DIGEST]`.
    OciLayout(String),
    /// `target:STAGE`.
    Stage(String),
}

/// Where a secret's bytes are.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In a file, read when a step asks for it.
    File(PathBuf),
    /// Here.
    Bytes(Vec<u8>),
}

impl std::fmt::Debug for SecretSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => formatter.debug_tuple("File").field(path).finish(),
            Self::Bytes(_) => formatter.write_str("Bytes(…)"),
        }
    }
}

/// The network of RUN steps that do not say otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NetworkMode {
    /// Only the loopback device.
    None,
    /// Its own network namespace with a way out.
    #[default]
    Isolated,
    /// The machine's own. Needs [`BuildRequest::allow_host_network`].
    Host,
}

/// What one build may use up; `None` is no bound, where nothing else is said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BuildLimits {
    /// Bytes of memory of one step.
    pub memory: Option<u64>,
    /// Processes of one step.
    pub pids: Option<u32>,
    /// Thousandths of a processor for one step.
    pub cpu_millis: Option<u32>,
    /// Bytes that one step may add to the file system.
    pub disk: Option<u64>,
    /// Bytes that the whole build may add: what its steps leave, their layers, and base images that it unpacks. What its
    /// cache mounts hold counts for itself: together as much again.
    pub build_disk: Option<u64>,
    /// Files that one step may add.
    pub files: Option<u64>,
    /// Of one step.
    pub step_timeout: Option<Duration>,
    /// Of the whole build.
    pub build_timeout: Option<Duration>,
    /// Bytes of output of one step that are passed on; `None` is 2 MiB, as BuildKit has it.
    pub log_bytes: Option<u64>,
    /// Bytes of output per second; `None` is 200 KiB, as BuildKit has it.
    pub log_bytes_per_second: Option<u64>,
    /// Bytes and files of a context, and of what archives and base layers unpack to.
    pub unpacked_bytes: Option<u64>,
    /// Files of the same.
    pub unpacked_files: Option<u64>,
}

/// One build.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// Files.
    pub context: ContextSource,
    /// Instructions.
    pub dockerfile: DockerfileSource,
    /// `--build-context`, by name in lower case; `NAME::PLATFORM` is for one platform.
    pub named_contexts: BTreeMap<String, NamedContext>,
    /// `--target`.
    pub target: Option<String>,
    /// `--build-arg`, and the machine's proxy settings if the caller wants steps to have them.
    pub build_args: BTreeMap<String, String>,
    /// `--label`.
    pub labels: BTreeMap<String, String>,
    /// `--annotation` of the manifests.
    pub annotations: BTreeMap<String, String>,
    /// `--annotation index:…`.
    pub index_annotations: BTreeMap<String, String>,
    /// `--platform`; empty means this machine's.
    pub platforms: Vec<Platform>,
    /// `--secret`, by id; `HTTP_AUTH_*` and `GIT_AUTH_*` among them are sent along by ADD and contexts by URL.
    pub secrets: BTreeMap<String, SecretSource>,
    /// `--ssh`, agent sockets by id.
    pub ssh_agents: BTreeMap<String, PathBuf>,
    /// `--network`.
    pub network: NetworkMode,
    /// `--allow network.host`.
    pub allow_host_network: bool,
    /// `--allow security.insecure`.
    pub allow_insecure: bool,
    /// `RUN --device` is refused. Otherwise it is passed over: no step ever has a device of the machine.
    pub refuse_devices: bool,
    /// Steps may reach private addresses: on the command line, whose caller is the operator.
    pub allow_private_networks: bool,
    /// `--add-host`.
    pub add_hosts: Vec<(String, IpAddr)>,
    /// `--shm-size`, bytes.
    pub shm_size: Option<u64>,
    /// `--ulimit name=soft:hard`.
    pub ulimits: Vec<(String, u64, u64)>,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--no-cache-filter`, stage names.
    pub no_cache_stages: BTreeSet<String>,
    /// `--pull`.
    pub pull: PullPolicy,
    /// Steps and cache mounts are shared within a scope and never across scopes.
    pub cache_scope: String,
    /// How layers that this build makes are compressed.
    pub compression: Compression,
    /// Docker's media types instead of OCI's.
    pub docker_media_types: bool,
    /// `rewrite-timestamp`: no time in a layer is later than `SOURCE_DATE_EPOCH`.
    pub rewrite_timestamp: bool,
    /// Bounds.
    pub limits: BuildLimits,
    /// Ends the build when it turns true.
    pub cancel: tokio::sync::watch::Receiver<bool>,
}

impl BuildRequest {
    /// The agent that speaks for the build at repositories over ssh.
    pub(crate) fn default_agent(&self) -> Option<&Path> {
        self.ssh_agents.get("default").map(PathBuf::as_path)
    }

    /// A build of a directory with everything else as `wharf build DIRECTORY` has it.
    pub fn of_directory(directory: PathBuf, cancel: tokio::sync::watch::Receiver<bool>) -> Self {
        Self {
            context: ContextSource::Directory(directory),
            dockerfile: DockerfileSource::InContext("Dockerfile".to_owned()),
            named_contexts: BTreeMap::new(),
            target: None,
            build_args: BTreeMap::new(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            index_annotations: BTreeMap::new(),
            platforms: Vec::new(),
            secrets: BTreeMap::new(),
            ssh_agents: BTreeMap::new(),
            network: NetworkMode::default(),
            allow_host_network: false,
            allow_insecure: false,
            refuse_devices: false,
            allow_private_networks: true,
            add_hosts: Vec::new(),
            shm_size: None,
            ulimits: Vec::new(),
            no_cache: false,
            no_cache_stages: BTreeSet::new(),
            pull: PullPolicy::default(),
            cache_scope: "command-line".to_owned(),
            compression: Compression::default(),
            docker_media_types: false,
            rewrite_timestamp: false,
            limits: BuildLimits::default(),
            cancel,
        }
    }
}
