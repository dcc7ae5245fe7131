//! The graph of steps: what a stage's file system is made by.
//!
//! A [`Node`] is a state of files and says how it comes about from other states. Nodes are made by the frontend and solved
//! on demand: what no one asks for never runs.

use std::sync::Arc;

use serde::Serialize;
use wharf_dockerfile::Lines;
use wharf_dockerfile::instruction::{CacheMount, Script, SecretMount, SshMount, TmpfsMount};
use wharf_dockerfile::values::GitUrl;
use wharf_image::ResolvedImage;

use crate::context::FileContext;
use crate::request::NetworkMode;

/// A shared node; the same node is solved once.
pub(crate) type NodeRef = Arc<Node>;

/// A state of files.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    /// What progress calls it: `[builder 2/5] RUN make`.
    pub(crate) name: String,
    /// Where it stands in the Dockerfile.
    pub(crate) lines: Option<Lines>,
    /// An earlier result does not count.
    pub(crate) ignore_cache: bool,
}

/// How a state comes about.
#[derive(Debug)]
pub(crate) enum Op {
    /// No files.
    Scratch,
    /// A base image's files.
    Image(Arc<ResolvedImage>),
    /// A command's changes.
    Run(Box<RunOp>),
    /// Files put in place.
    Files(Box<FilesOp>),
}

/// A command.
#[derive(Debug)]
pub(crate) struct RunOp {
    pub(crate) base: NodeRef,
    pub(crate) argv: Vec<String>,
    pub(crate) script: Option<Script>,
    pub(crate) env: Vec<(String, String)>,
    /// Variables that no result may depend on: proxies.
    pub(crate) hidden_env: Vec<(String, String)>,
    pub(crate) cwd: String,
    pub(crate) user: Option<String>,
    pub(crate) mounts: Vec<RunMount>,
    pub(crate) network: NetworkMode,
    pub(crate) is_insecure: bool,
    pub(crate) hostname: Option<String>,
    /// What it would use if it were here.
    pub(crate) missing_devices: Vec<String>,
}

/// What a command sees beside its root. Targets are absolute.
#[derive(Debug)]
pub(crate) enum RunMount {
    /// Part of another state.
    Bind {
        from: NodeRef,
        source: String,
        target: String,
        read_only: bool,
    },
    /// A folder that outlives the build.
    Cache {
        mount: CacheMount,
        /// What it holds when it is new.
        from: Option<NodeRef>,
        target: String,
    },
    Tmpfs {
        mount: TmpfsMount,
    },
    Secret {
        mount: SecretMount,
        target: Option<String>,
    },
    Ssh {
        mount: SshMount,
        target: String,
        /// `SSH_AUTH_SOCK` is the first one's.
        is_first: bool,
    },
}

/// Files put in place.
#[derive(Debug)]
pub(crate) struct FilesOp {
    pub(crate) base: NodeRef,
    pub(crate) parts: Vec<FilePart>,
    /// The layer does not depend on what is below it.
    pub(crate) is_linked: bool,
}

/// One thing to put in place.
#[derive(Debug)]
pub(crate) enum FilePart {
    /// Existing files.
    Copy(CopyPart),
    /// A file whose content stands in the Dockerfile.
    Inline {
        name: String,
        content: String,
        placement: Placement,
    },
    /// A download.
    Http {
        url: String,
        checksum: Option<String>,
        /// Take it apart if it is an archive.
        unpack: bool,
        placement: Placement,
    },
    /// A checkout.
    Git {
        url: Box<GitUrl>,
        keep_git_directory: bool,
        placement: Placement,
        exclude: Vec<String>,
    },
    /// WORKDIR.
    Directory { path: String, owner: Option<String> },
}

/// COPY, and ADD of local files.
#[derive(Debug)]
pub(crate) struct CopyPart {
    pub(crate) from: CopyFrom,
    pub(crate) paths: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) parents: bool,
    /// Take archives apart (ADD).
    pub(crate) unpack: bool,
    pub(crate) placement: Placement,
}

/// Where existing files are.
#[derive(Debug, Clone)]
pub(crate) enum CopyFrom {
    Context(Arc<FileContext>),
    Node(NodeRef),
}

/// Where files go and whose they become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Placement {
    /// Absolute; a slash at its end means a directory.
    pub(crate) destination: String,
    pub(crate) chown: Option<String>,
    pub(crate) chmod: Option<String>,
}
