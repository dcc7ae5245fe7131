//! What the builder asks for: one command, its root, its mounts, its limits.

use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::tree::Tree;

/// One command to run in a sandbox. `Step::new` fills in what a Dockerfile's RUN has by default.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its root.
    pub root: Tree,
    /// Mounted in this order, after /proc, /dev, /sys and the files in /etc.
    pub mounts: Vec<Mount>,
    /// The program and its arguments. A program without a slash is looked up in the PATH of `env`, inside the root.
    pub argv: Vec<String>,
    /// The whole environment. PATH and HOME are added when they are not there.
    pub env: Vec<(String, String)>,
    /// The working directory, absolute, made when it is missing.
    pub cwd: String,
    /// `name`, `uid`, `name:group`, `uid:gid`; looked up in the root's /etc/passwd and /etc/group. `None` is root.
    pub user: Option<String>,
    /// The host name that the step sees.
    pub hostname: String,
    /// More lines of /etc/hosts.
    pub hosts_entries: Vec<(String, IpAddr)>,
    /// Name servers and search domains; `None` takes the machine's.
    pub dns: Option<Dns>,
    /// What it can reach.
    pub network: Network,
    /// Ports of its loopback interface on which the caller listens from the start
    /// ([`Running::take_listeners`](crate::Running::take_listeners)). Not with the host's network.
    pub listeners: Vec<u16>,
    /// What it may use up.
    pub limits: Limits,
    /// How much it is trusted.
    pub security: Security,
    /// The inner side of a pseudo terminal (pty(7)) of its own, for a person who wants to look around. It becomes the
    /// step's standard streams and its controlling terminal; the pipes of [`Running`](crate::Running) end at once. Without
    /// one the input is /dev/null.
    pub terminal: Option<Arc<OwnedFd>>,
    /// Guards that a test switches off.
    #[cfg(feature = "guards-off")]
    pub guards_off: crate::GuardsOff,
}

impl Step {
    /// A command in a root, sandboxed, without network and without limits.
    pub fn new(root: Tree, argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            root,
            mounts: Vec::new(),
            argv: argv.into_iter().map(Into::into).collect(),
            env: Vec::new(),
            cwd: "/".to_owned(),
            user: None,
            hostname: "buildkitsandbox".to_owned(),
            hosts_entries: Vec::new(),
            dns: None,
            network: Network::None,
            listeners: Vec::new(),
            limits: Limits::default(),
            security: Security::Sandboxed,
            terminal: None,
            #[cfg(feature = "guards-off")]
            guards_off: crate::GuardsOff::default(),
        }
    }
}

/// Something of the outside, or something fresh, at a path of the step's root.
///
/// Targets are absolute. Links on the way are followed within the root; missing folders are made (see
/// [`Running::stubs`](crate::Running::stubs)). Nothing can be mounted on /proc, /sys or the root itself.
#[derive(Debug, Clone)]
pub enum Mount {
    /// A part of a tree. Writable exactly if the tree has an upper folder; whether those writes are kept is the caller's
    /// affair (`RUN --mount=type=bind,rw` gives a folder that it deletes afterwards).
    Bind {
        /// From where.
        tree: Tree,
        /// Which part; links are followed within the tree. Empty or `/` is all of it.
        source: String,
        /// Where to.
        target: String,
    },
    /// A folder that outlives the step.
    Cache {
        /// On the host; ids in it are as in a tree.
        folder: PathBuf,
        /// Which part of it, made when it is missing; links are followed within the folder.
        source: String,
        /// Where to.
        target: String,
        /// The mount cannot be written.
        read_only: bool,
    },
    /// Empty, in memory, gone after the step.
    Tmpfs {
        /// Where to.
        target: String,
        /// In bytes; `None` is the kernel's default, half of the memory.
        size: Option<u64>,
    },
    /// A file in memory that is never on a disk: secrets, scripts.
    File {
        /// What it holds.
        content: Vec<u8>,
        /// It may be run, if its mode says so too. A secret is data whatever its mode.
        is_program: bool,
        /// Where to.
        target: String,
        /// Permission bits.
        mode: u32,
        /// Owner inside.
        uid: u32,
        /// Group inside.
        gid: u32,
    },
    /// A file or folder of this machine itself, with everything that is mounted in it: programs, certificates. Read-only, and
    /// its owners are nobody inside, so that only what everybody may read can be read.
    Machine {
        /// On the host.
        path: PathBuf,
        /// Where to.
        target: String,
    },
    /// A socket in the step that is connected, connection by connection, to a socket of the host.
    SshSocket {
        /// The agent's socket on the host.
        agent: PathBuf,
        /// Where to.
        target: String,
        /// Permission bits.
        mode: u32,
        /// Owner inside.
        uid: u32,
        /// Group inside.
        gid: u32,
    },
}

/// A step's resolver.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dns {
    /// Name servers.
    pub servers: Vec<IpAddr>,
    /// Search domains.
    pub search: Vec<String>,
    /// Options of resolv.conf(5).
    pub options: Vec<String>,
}

/// How much a step is trusted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Security {
    /// Docker's capabilities and system calls, masked /proc and /sys.
    #[default]
    Sandboxed,
    /// All capabilities within its user namespace, every system call, nothing masked, and its packet filter is its own to
    /// change. The caller checks the entitlement.
    Insecure,
}

/// What a step may use up. `None` is no limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of memory, without swap.
    pub memory: Option<u64>,
    /// Processes and threads at once.
    pub pids: Option<u32>,
    /// Thousandths of one processor.
    pub cpu_millis: Option<u32>,
    /// Bytes that the root's upper folder may take on the disk; also the longest file.
    pub disk: Option<u64>,
    /// Bytes that the writable cache folders of the step may hold together, what was in them before included.
    pub caches: Option<u64>,
    /// Files and folders that the root's upper folder may hold.
    pub files: Option<u64>,
    /// From the start of the command; then everything in the step is killed.
    pub timeout: Option<Duration>,
    /// setrlimit(2) by name, as `docker build --ulimit` has it.
    pub ulimits: Vec<Ulimit>,
    /// Bytes of /dev/shm; `None` is 64 MiB, Docker's default.
    pub shm_size: Option<u64>,
    /// A file system with less room than this is not filled further: the step is stopped.
    pub reserve: Reserve,
}

/// Room that steps leave on the file system of the root's upper folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserve {
    /// Free bytes.
    pub bytes: u64,
    /// Free inodes.
    pub inodes: u64,
}

/// One resource limit of the step's processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ulimit {
    /// `nofile`, `core`, `nproc` …
    pub name: String,
    /// What applies.
    pub soft: u64,
    /// How far the step may raise it.
    pub hard: u64,
}
