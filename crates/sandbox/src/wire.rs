//! What crosses between the caller and the helper: a request in a memory file, then reports.
//!
//! Both ends are the same program, so there is no version and no compatibility. Nothing in here comes from an image.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::guards::GuardsOff;
use crate::ids::IdPlan;
use crate::network::Policy;
use crate::step::{Limits, Security};

/// All that the helper has to know. Descriptors come beside it, in the order that [`Work`] tells.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) ids: IdPlan,
    /// Folders of the host that the sandbox sees, each once.
    pub(crate) sources: Vec<Source>,
    /// Trees made of them: a job's, or a step's root followed by those of its bind mounts.
    pub(crate) trees: Vec<TreePlan>,
    /// `cgroup.procs` files to join.
    pub(crate) cgroups: Vec<PathBuf>,
    pub(crate) work: Work,
    pub(crate) guards_off: GuardsOff,
}

/// A folder of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) writable: bool,
}

/// A tree, by positions in [`Request::sources`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TreePlan {
    pub(crate) lowers: Vec<usize>,
    pub(crate) upper: Option<usize>,
    pub(crate) in_place: Option<usize>,
}

impl TreePlan {
    pub(crate) fn is_writable(&self) -> bool {
        self.upper.is_some() || self.in_place.is_some()
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "one per process")]
pub(crate) enum Work {
    /// Descriptors: payload, reply, then, if `has_channel`, the channel, then the caller's.
    Job { has_channel: bool },
    /// Descriptors: the terminal, if there is one, then the contents of [`MountPlan::File`]s in order.
    Step(StepPlan),
    /// Descriptors: the program's standard input, then what only has to stay open until the end.
    Cell(CellPlan),
}

/// A program of ours with a root, a network and ids of its own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CellPlan {
    /// Arguments of this program.
    pub(crate) words: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) network: NetworkPlan,
    pub(crate) resolv_conf: String,
    /// Folders of the host that stay hidden although one above them is shown.
    pub(crate) hidden: Vec<PathBuf>,
    /// Name in the cell and folder on the host of each control group that is handed over.
    pub(crate) groups: Vec<(String, PathBuf)>,
    /// All that were made, to be removed by whoever is left.
    pub(crate) made_groups: Vec<PathBuf>,
    /// A [`CellNote`](crate::cell::CellNote), as text.
    pub(crate) note: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StepPlan {
    pub(crate) mounts: Vec<MountPlan>,
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: String,
    pub(crate) user: Option<String>,
    pub(crate) hostname: String,
    pub(crate) hosts: String,
    pub(crate) resolv_conf: String,
    pub(crate) network: NetworkPlan,
    /// Ports whose listening sockets go back to the caller.
    pub(crate) listeners: Vec<u16>,
    pub(crate) limits: Limits,
    pub(crate) watch: WatchPlan,
    pub(crate) security: Security,
    pub(crate) has_terminal: bool,
}

/// Which limits the helper has to enforce by looking, because no cgroup does.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct WatchPlan {
    pub(crate) memory: bool,
    pub(crate) pids: bool,
    /// Files that count how often a fork was refused.
    pub(crate) pids_events: Vec<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum MountPlan {
    Bind {
        tree: usize,
        source: String,
        target: String,
    },
    Cache {
        folder: usize,
        source: String,
        target: String,
        read_only: bool,
    },
    Tmpfs {
        target: String,
        size: Option<u64>,
    },
    File {
        is_program: bool,
        target: String,
        mode: u32,
        uid: u32,
        gid: u32,
    },
    Machine {
        path: PathBuf,
        target: String,
    },
    /// The listening socket goes back to the caller, which connects to the agent.
    Socket {
        target: String,
        mode: u32,
        uid: u32,
        gid: u32,
    },
}

/// How the step's network comes about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum NetworkPlan {
    None,
    Host,
    Isolated {
        uplink: Uplink,
        policy: Policy,
        /// Addresses of the host, denied.
        host: Vec<IpAddr>,
    },
}

/// Which way out an isolated step has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Uplink {
    /// A pair of virtual interfaces and address translation by the host.
    Veth,
    /// A program that speaks for the step with the user's own sockets.
    Pasta(PathBuf),
    /// The same, another program.
    Slirp(PathBuf),
}

/// One end of a virtual cable, told to the sandbox by the helper that made it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cable {
    pub(crate) address: Ipv4Addr,
    pub(crate) gateway: Ipv4Addr,
    pub(crate) prefix: u8,
}

/// From the sandbox to the helper, and on to the caller.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// Everything is set up. Descriptors: standard output, standard error, the view of /proc, then, if `has_dns`, the
    /// resolver's UDP and TCP sockets, then a listening socket per [`MountPlan::Socket`] and per port that is to be listened
    /// on.
    Ready {
        stubs: Vec<String>,
        has_dns: bool,
    },
    /// The command runs.
    Started,
    Failed(Failure),
    /// A job's function returned, its result is in the reply file.
    JobDone,
    Ended(Ended),
}

/// How a step ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stopped: Option<Stopped>,
    pub(crate) cpu: Duration,
    pub(crate) peak_memory: u64,
}

/// Why the helper killed a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stopped {
    Asked,
    TimedOut,
    Memory,
    Pids,
    Disk,
    Caches,
}

/// From the helper to the sandbox: go on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Go {
    pub(crate) cable: Option<Cable>,
}
