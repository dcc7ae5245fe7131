//! What crosses the socket between server and worker.
//!
//! Both ends are the same program, so there is no version and no compatibility. What comes from a worker is still
//! untrusted: a step may have got hold of it. The server believes nothing in here that it can look up itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wharf_builder::progress::Event;
use wharf_git::{DialError, Target};
use wharf_image::{BuiltLayer, PullPolicy, ResolvedImage};
use wharf_oci::{Descriptor, Digest, Platform};

use crate::event::{CommitFacts, Phase, WorkerFailure};
use crate::git_wire::GitWire;
use crate::job::{JobLimits, JobNetwork};

/// Numbers a question, so that its answer finds the asker.
pub(crate) type Ask = u64;

/// From the server to the worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    /// The first message. Descriptor: the context archive, if [`UploadWire::has_context`].
    Job(Box<JobWire>),
    /// Stop.
    Cancel,
    Resolved {
        ask: Ask,
        outcome: Result<ImageWire, Refusal>,
    },
    /// Descriptor: the layer, if there is one.
    Opened {
        ask: Ask,
        outcome: Result<(), Refusal>,
    },
    /// How opening a layer goes.
    Moved {
        ask: Ask,
        item: String,
        current: u64,
        total: Option<u64>,
    },
    /// Descriptor: the connection, if there is one.
    Dialed {
        ask: Ask,
        outcome: Result<(), DialError>,
    },
}

/// From the worker to the server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    PhaseBegan {
        phase: Phase,
        at: Timestamp,
    },
    PhaseEnded {
        phase: Phase,
        at: Timestamp,
    },
    Commit(CommitFacts),
    Readme(Option<String>),
    Bases(Vec<String>),
    Progress(Event),
    Resolve {
        ask: Ask,
        reference: String,
        platform: Platform,
        is_always: bool,
    },
    OpenLayer {
        ask: Ask,
        image: Digest,
        layer: Digest,
    },
    Dial {
        ask: Ask,
        target: Target,
    },
    /// A layer that this worker made. Descriptor: its bytes.
    Layer {
        digest: Digest,
    },
    /// All layers were told.
    Finished {
        images: Vec<BuiltWire>,
    },
    Failed(WorkerFailure),
    /// What is kept, of a worker that clears away.
    Measured {
        bytes: u64,
    },
}

/// The job without what travels as a descriptor.
#[derive(Serialize, Deserialize)]
pub(crate) struct JobWire {
    pub(crate) source: SourceWire,
    pub(crate) dockerfile: String,
    pub(crate) directory: String,
    pub(crate) build_args: BTreeMap<String, String>,
    pub(crate) secrets: BTreeMap<String, Vec<u8>>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) target: Option<String>,
    pub(crate) platforms: Vec<Platform>,
    pub(crate) cache_scope: String,
    pub(crate) no_cache: bool,
    pub(crate) is_always: bool,
    pub(crate) network: JobNetwork,
    pub(crate) limits: JobLimits,
    /// Networks of `[build] allow_net`.
    pub(crate) allowed: Vec<wharf_sandbox::Allowed>,
    /// PEM of `[egress] ca_file`.
    pub(crate) authorities: Vec<String>,
    pub(crate) cache_bytes: Option<u64>,
    /// Why steps have less network than they were to have.
    pub(crate) network_note: Option<String>,
}

/// Shows no secret.
impl std::fmt::Debug for JobWire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JobWire(…)")
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) enum SourceWire {
    Upload {
        dockerfile: Option<Vec<u8>>,
        has_context: bool,
    },
    Git(Box<GitWire>),
    /// Nothing is built: what dead workers left is cleared away, and what is kept is measured.
    Clean,
    /// Nothing is built, and nothing is left.
    Remove,
}

/// Why the server did not do what the worker asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// A [`ResolvedImage`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ImageWire {
    name: String,
    digest: Digest,
    config: Vec<u8>,
    layers: Vec<LayerWire>,
}

impl From<&ResolvedImage> for ImageWire {
    fn from(image: &ResolvedImage) -> Self {
        Self {
            name: image.name.clone(),
            digest: image.digest,
            config: image.config.clone(),
            layers: image.layers.iter().map(LayerWire::from).collect(),
        }
    }
}

impl From<ImageWire> for ResolvedImage {
    fn from(image: ImageWire) -> Self {
        Self {
            name: image.name,
            digest: image.digest,
            config: image.config,
            layers: image.layers.into_iter().map(BuiltLayer::from).collect(),
        }
    }
}

/// A [`BuiltLayer`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LayerWire {
    media_type: String,
    digest: Digest,
    size: u64,
    diff_id: Digest,
}

impl From<&BuiltLayer> for LayerWire {
    fn from(layer: &BuiltLayer) -> Self {
        Self {
            media_type: layer.descriptor.media_type.clone(),
            digest: layer.descriptor.digest,
            size: layer.descriptor.size,
            diff_id: layer.diff_id,
        }
    }
}

impl From<LayerWire> for BuiltLayer {
    fn from(layer: LayerWire) -> Self {
        Self {
            descriptor: Descriptor {
                media_type: layer.media_type,
                digest: layer.digest,
                size: layer.size,
                urls: Vec::new(),
                annotations: BTreeMap::new(),
                data: None,
                artifact_type: None,
                platform: None,
            },
            diff_id: layer.diff_id,
        }
    }
}

/// A built image, without the folders that are the worker's own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BuiltWire {
    pub(crate) platform: Platform,
    pub(crate) config: Vec<u8>,
    pub(crate) layers: Vec<LayerWire>,
    pub(crate) annotations: BTreeMap<String, String>,
}

/// Whether the registry is asked again.
pub(crate) fn pull_policy(is_always: bool) -> PullPolicy {
    match is_always {
        true => PullPolicy::Always,
        false => PullPolicy::Missing,
    }
}
