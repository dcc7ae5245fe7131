//! What a worker tells while it builds, and what it leaves.

use std::fs::File;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wharf_builder::progress::Event;
use wharf_image::{Assembled, BuiltLayer, ResolvedImage};

/// Something that happened in one build. The last one is `Finished` or `Failed`, always one of them.
#[derive(Debug)]
pub enum WorkerEvent {
    /// A phase begins. Phases follow each other; steps within `Building` are told by [`Event`]s.
    PhaseBegan {
        /// Which.
        phase: Phase,
        /// When.
        at: Timestamp,
    },
    /// It is over, also when the build fails in it.
    PhaseEnded {
        /// Which.
        phase: Phase,
        /// When.
        at: Timestamp,
    },
    /// What was cloned.
    Commit(CommitFacts),
    /// The README of what was cloned, if there is one, at most as much of it as was asked for. Told when it was asked for.
    Readme(Option<String>),
    /// The images that the Dockerfile's FROM, COPY and mounts name, in full (`docker.io/library/alpine:3.22`), each once.
    Bases(Vec<String>),
    /// Steps, their output, warnings. Secrets are masked.
    Progress(Event),
    /// The image is made.
    Finished(Box<FinishedBuild>),
    /// There is no image.
    Failed(WorkerFailure),
}

/// Parts of a build in a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The process and its surroundings are made.
    Starting,
    /// The repository is fetched, or the upload unpacked.
    Cloning,
    /// Steps run.
    Building,
    /// Layers are handed over.
    Exporting,
}

/// The commit that is built, as git tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitFacts {
    /// Hexadecimal, in full.
    pub commit: String,
    /// `Name <address>`.
    pub author: String,
    /// The message's first line.
    pub subject: String,
    /// When it was committed.
    pub at: Option<Timestamp>,
    /// Lines of `known_hosts`: the ssh server's keys, where none were known before.
    #[serde(default)]
    pub learnt: Vec<String>,
}

/// An image, ready to be taken in.
#[derive(Debug)]
pub struct FinishedBuild {
    /// Configurations, manifests, and the index of several platforms: bytes and digests.
    pub image: Assembled,
    /// Every layer of it once, in the order of its first use.
    pub layers: Vec<FinishedLayer>,
    /// Steps of the build.
    pub steps: u32,
    /// Those whose result was there already.
    pub cached_steps: u32,
}

/// One layer.
#[derive(Debug)]
pub struct FinishedLayer {
    /// As the manifest has it.
    pub layer: BuiltLayer,
    /// Where its bytes are.
    pub bytes: LayerBytes,
}

/// Where a layer's bytes are.
#[derive(Debug)]
pub enum LayerBytes {
    /// In this plain file of the layer's size, to be read from its start. The worker made it: whoever takes it in hashes
    /// what it reads and refuses another digest.
    File(File),
    /// Where the base image came from, which the server itself resolved for this build.
    Base(Arc<ResolvedImage>),
}

/// Why there is no image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerFailure {
    /// What it is about.
    pub kind: FailureKind,
    /// Where it happened.
    pub phase: Phase,
    /// The step, as its events name it.
    pub step: Option<String>,
    /// Of the command that failed.
    pub exit_code: Option<i32>,
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Lines of the Dockerfile to show.
    pub excerpt: Option<String>,
}

/// What a failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The repository or the upload cannot be had.
    Source,
    /// The Dockerfile cannot be built as it is with these files.
    Dockerfile,
    /// It asks for rights on this machine that no build of a server gets.
    Forbidden,
    /// A base image cannot be had.
    Image,
    /// A command failed, or met a limit.
    Command,
    /// The build took too long.
    TimedOut,
    /// Somebody stopped it.
    Canceled,
    /// The commit's message asks not to be built.
    Unwanted,
    /// This machine cannot do what the build needs.
    Machine,
    /// The worker ended without a word: the build may be tried once more.
    WorkerLost,
}
