//! What a rule says, as options of `wharf rule create`, `edit` and `try`.

use std::path::PathBuf;

use clap::{ArgAction, Args};

/// Options that stand for a rule's definition; what is not given stays as it is, or as it is by default.
#[derive(Debug, Default, Args)]
pub(super) struct DefinitionOptions {
    #[command(flatten)]
    pub(super) trigger: TriggerOptions,
    #[command(flatten)]
    pub(super) naming: NamingOptions,
    #[command(flatten)]
    pub(super) build: BuildOptions,
    #[command(flatten)]
    pub(super) bounds: BoundOptions,
    #[command(flatten)]
    pub(super) after: AfterOptions,
    /// A whole definition as JSON, as `wharf rule show --format json` has it; the options above change it. - is stdin
    #[arg(long, value_name = "FILE")]
    pub(super) definition: Option<PathBuf>,
}

/// When it builds; without any of these only by hand.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "When")]
pub(super) struct TriggerOptions {
    /// Build new tags; all of them unless --tag chooses. --tags=false switches it off
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", action = ArgAction::Set)]
    pub(super) tags: Option<bool>,
    /// Build new tags that match: a name, a glob (* stops at /, ** does not), or /EXPRESSION/ that searches
    #[arg(long = "tag", value_name = "PATTERN")]
    pub(super) tag_patterns: Vec<String>,
    /// Build pushes to branches; all of them unless --branch chooses. --branches=false switches it off
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", action = ArgAction::Set)]
    pub(super) branches: Option<bool>,
    /// Build pushes to branches that match
    #[arg(long = "branch", value_name = "PATTERN")]
    pub(super) branch_patterns: Vec<String>,
    /// Whether [skip ci] in a commit's message keeps it from being built [default: true]
    #[arg(long, value_name = "BOOL")]
    pub(super) skip_ci: Option<bool>,
}

/// What its images are called: by parts, by templates, or by Docker Hub's lines.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Image tags")]
pub(super) struct NamingOptions {
    /// By parts joined with -: any of ref (branch or tag), time, commit [default: ref]
    #[arg(long, value_name = "PART[,…]", value_delimiter = ',', value_parser = ["ref", "time", "commit"], hide_possible_values = true, conflicts_with_all = ["names", "lines"])]
    pub(super) name_by: Vec<String>,
    /// A prefix before the parts; build arguments are replaced in it: 'v-${VERSION}'. Empty takes it away
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["names", "lines"])]
    pub(super) name_prefix: Option<String>,
    /// By a template, a tag each: '{branch}-{sha:8}', '{semver.major}.{semver.minor}', '{date:%Y%m%d}', '{build}'
    #[arg(long = "name", value_name = "TEMPLATE", conflicts_with = "lines")]
    pub(super) names: Vec<String>,
    /// By a line of Docker Hub's automated builds, TYPE:SOURCE=TAG: 'tag:/^v([0-9.]+)$/=release-{\1}'. The lines also say what is built
    #[arg(long = "docker-hub", value_name = "LINE")]
    pub(super) lines: Vec<String>,
    /// Set this tag besides, whatever it stood on: latest
    #[arg(long = "also", value_name = "TAG")]
    pub(super) also: Vec<String>,
}

/// What is built.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Build")]
pub(super) struct BuildOptions {
    /// Path of the Dockerfile from the repository's root [default: Dockerfile]
    #[arg(long, short = 'f', value_name = "PATH")]
    pub(super) file: Option<String>,
    /// Build directory from the repository's root, which COPY is relative to [default: the root]
    #[arg(long, short = 'C', value_name = "PATH")]
    pub(super) directory: Option<String>,
    /// Build argument; NAME= takes it away
    #[arg(long = "build-arg", value_name = "NAME=VALUE")]
    pub(super) build_args: Vec<String>,
    /// Stage to build; empty is the last one
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// Platforms to build for, like linux/amd64
    #[arg(long = "platform", value_name = "PLATFORM[,…]", value_delimiter = ',')]
    pub(super) platforms: Vec<String>,
    /// Whether results of earlier builds are used [default: true]
    #[arg(long, value_name = "BOOL")]
    pub(super) cache: Option<bool>,
    /// Whether submodules of the same host are fetched [default: false]
    #[arg(long, value_name = "BOOL")]
    pub(super) submodules: Option<bool>,
    /// Network of RUN steps: isolated (a network of their own), none, host (administrators allow it) [default: isolated]
    #[arg(long, value_name = "MODE", value_parser = ["isolated", "none", "host"], hide_possible_values = true)]
    pub(super) network: Option<String>,
}

/// How much it may use up.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Bounds")]
pub(super) struct BoundOptions {
    /// Longest time: 45m, 2h [default: 60m]
    #[arg(long, value_name = "TIME")]
    pub(super) timeout: Option<String>,
    /// Processors: 1.5 [default: 2]
    #[arg(long, value_name = "NUMBER")]
    pub(super) cpus: Option<f64>,
    /// Memory of a step: 2g [default: 4g]
    #[arg(long, short = 'm', value_name = "BYTES")]
    pub(super) memory: Option<String>,
    /// Disk: 10g [default: 20g]
    #[arg(long, value_name = "BYTES")]
    pub(super) disk: Option<String>,
    /// Log that is kept; what is more is left out: 10m [default: 50m]
    #[arg(long, value_name = "BYTES")]
    pub(super) log_size: Option<String>,
}

/// What happens after it succeeded.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Afterwards")]
pub(super) struct AfterOptions {
    /// Push to a further registry too, HOST/PATH or HOST/PATH:TAG, with the namespace's `wharf credential`; 'none' takes all away
    #[arg(long = "push-also", value_name = "IMAGE")]
    pub(super) push_also: Vec<String>,
    /// Whether the repository's README becomes the image's description [default: false]
    #[arg(long, value_name = "BOOL")]
    pub(super) readme: Option<bool>,
    /// Whether commits on the code host show how their builds went [default: true]
    #[arg(long, value_name = "BOOL")]
    pub(super) report_status: Option<bool>,
    /// Whether a changed base image rebuilds git tags too, and not only branches [default: false]
    #[arg(long, value_name = "BOOL")]
    pub(super) rebuild_tags: Option<bool>,
}
