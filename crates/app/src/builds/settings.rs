//! What an operator says about builds; values arrive parsed.

use super::launcher::BuildLauncher;
use std::{sync::Arc, time::Duration};
use wharf_egress::AllowEntry;
use wharf_model::builds::{BuildBounds, Slots};

/// How builds are run here.
#[derive(Clone)]
pub struct BuildSettings {
    /// How many at once.
    pub slots: Slots,
    /// What one build may use up, and has unless its rule asks for less.
    pub bounds: BuildBounds,
    /// For how long logs are kept.
    pub keep_logs: Duration,
    /// Bytes that base images of other registries may take between builds, of all namespaces together.
    pub base_images: u64,
    /// For how long the files that were uploaded for a build are kept after its end, so that it can be tried again.
    pub keep_contexts: Duration,
    /// For how long decisions about refs are kept; the last about each stays.
    pub keep_decisions: Duration,
    /// The hosts, with their ports, that mean this registry in a FROM line: of the public URL, and aliases.
    pub hosts: Vec<String>,
    /// What ADD and contexts of a Dockerfile reach beside public addresses: what steps reach, `[build] allow_net`.
    pub allowed: Vec<AllowEntry>,
    /// What runs them, or why nothing does.
    pub launcher: Result<Arc<dyn BuildLauncher>, CannotBuild>,
}

/// Why this machine builds nothing.
#[derive(Debug, Clone)]
pub struct CannotBuild {
    /// What is missing.
    pub problem: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Runs at once when nobody says otherwise. Each may use two processors and 4 GiB; more would starve the registry on a
/// small machine, one alone leaves everybody waiting behind a long one.
const SLOTS: Slots = Slots { all: 2, each: 2 };

/// A quarter of a year: long enough for "it worked last month".
const KEEP_LOGS: Duration = Duration::from_secs(90 * 24 * 3600);

/// Some twenty large base images. With less, builds fetch again what they fetched yesterday; with more, disks of ordinary
/// machines fill up.
const BASE_IMAGES: u64 = 10 << 30;
/// A week: who retries a build does so soon, and an archive may be a gigabyte.
const KEEP_CONTEXTS: Duration = Duration::from_secs(7 * 24 * 3600);

/// As long as logs: what explains a build goes when its log does.
const KEEP_DECISIONS: Duration = KEEP_LOGS;

impl BuildSettings {
    /// Builds queue and wait, and `why` is shown with them.
    pub fn unable(why: CannotBuild) -> Self {
        Self::with_launcher(Err(why))
    }

    /// The defaults, with builds run by `launcher`.
    pub fn with_launcher(launcher: Result<Arc<dyn BuildLauncher>, CannotBuild>) -> Self {
        Self {
            slots: SLOTS,
            bounds: BuildBounds::default(),
            keep_logs: KEEP_LOGS,
            base_images: BASE_IMAGES,
            keep_contexts: KEEP_CONTEXTS,
            keep_decisions: KEEP_DECISIONS,
            hosts: Vec::new(),
            allowed: Vec::new(),
            launcher,
        }
    }
}
