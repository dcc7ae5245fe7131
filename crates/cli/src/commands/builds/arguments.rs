//! What `wharf builds` reads from the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::client::PageOptions;

/// Builds on the server: start, list, follow, cancel, retry
///
/// A build is named by its repository and its number there; without a number the latest is meant. To build on this
/// machine use `wharf build`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds start acme/web --branch main --follow
  wharf builds list acme/web
  wharf builds logs -f acme/web
  wharf builds show acme/web 12
  wharf builds queue")]
pub(crate) struct BuildsArguments {
    #[command(subcommand)]
    pub(super) command: BuildsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum BuildsCommand {
    Start(Box<StartArguments>),
    List(ListArguments),
    Show(ShowArguments),
    Logs(LogsArguments),
    Cancel(CancelArguments),
    Retry(RetryArguments),
    RetryPush(RetryPushArguments),
    Queue(QueueArguments),
}

/// Start a build: of a rule's branch, tag or commit, or of a Dockerfile from here
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds start acme/web --branch main
  wharf builds start acme/web --rule release --git-tag v1.2 --follow
  wharf builds start acme/web --commit 4f5e6d7c8b9a4f5e6d7c8b9a4f5e6d7c8b9a4f5e --image-tag try
  wharf builds start acme/web --dockerfile Dockerfile --image-tag 1.0
  tar -C app -cz . | wharf builds start acme/web --context - --image-tag 1.0

Exit codes with --follow: 0 the build succeeded, 1 it did not")]
pub(super) struct StartArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    pub(super) repository: String,
    #[command(flatten)]
    pub(super) what: StartWhat,
    /// Which rule of the repository; needed where there are several
    #[arg(long, value_name = "RULE", conflicts_with_all = ["dockerfile", "context"])]
    pub(super) rule: Option<String>,
    /// The image's tag; of a rule's build instead of what the rule calls it, else needed
    #[arg(long = "image-tag", short = 't', value_name = "TAG")]
    pub(super) image_tag: Option<String>,
    /// Run every step, whatever earlier builds have
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Where the Dockerfile is in the archive [default: Dockerfile]
    #[arg(
        long,
        value_name = "PATH",
        requires = "context",
        conflicts_with = "dockerfile"
    )]
    pub(super) dockerfile_path: Option<String>,
    /// Build argument, for a Dockerfile from here
    #[arg(long = "build-arg", value_name = "NAME=VALUE")]
    pub(super) build_args: Vec<String>,
    /// Stage to build, for a Dockerfile from here
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// Platforms to build for, for a Dockerfile from here
    #[arg(long = "platform", value_name = "PLATFORM[,…]", value_delimiter = ',')]
    pub(super) platforms: Vec<String>,
    /// Show the log until the build ends
    #[arg(long, short = 'f')]
    pub(super) follow: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct StartWhat {
    /// The head of a branch
    #[arg(long, value_name = "BRANCH", conflicts_with_all = ["git_tag", "commit", "dockerfile", "context"])]
    pub(super) branch: Option<String>,
    /// A tag of the git repository
    #[arg(long, value_name = "TAG", conflicts_with_all = ["commit", "dockerfile", "context"])]
    pub(super) git_tag: Option<String>,
    /// A commit, by its first 7 digits or more
    #[arg(long, value_name = "COMMIT", conflicts_with_all = ["dockerfile", "context"])]
    pub(super) commit: Option<String>,
    /// A Dockerfile of this machine; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(super) dockerfile: Option<PathBuf>,
    /// An archive (tar, tar.gz) with the files that COPY takes, and the Dockerfile unless --dockerfile is given; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(super) context: Option<PathBuf>,
}

/// List builds, the latest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds list                        Of all repositories whose builds you may see
  wharf builds list acme/web
  wharf builds list acme/web --state failed --limit 10
  wharf builds list acme/web --rule release --ref main")]
pub(super) struct ListArguments {
    /// Which repository [default: all]
    #[arg(value_name = "REPOSITORY")]
    pub(super) repository: Option<String>,
    /// Only those of one branch or tag
    #[arg(long = "ref", value_name = "REF")]
    pub(super) reference: Option<String>,
    /// Only those in a state: queued, running, succeeded, failed, canceled, superseded
    #[arg(long, value_name = "STATE")]
    pub(super) state: Option<String>,
    /// Only those of one rule
    #[arg(long, value_name = "RULE")]
    pub(super) rule: Option<String>,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

#[derive(Debug, Args)]
pub(super) struct WhichBuild {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    pub(super) repository: String,
    /// The build's number [default: the latest]
    #[arg(value_name = "NUMBER")]
    pub(super) number: Option<u64>,
}

/// Show one build: what it made, where it failed, how long each phase took
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds show acme/web
  wharf builds show acme/web 12")]
pub(super) struct ShowArguments {
    #[command(flatten)]
    pub(super) build: WhichBuild,
}

/// Show a build's log; of one that failed, the failing step first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds logs -f acme/web            Until it ends, across dropped connections
  wharf builds logs acme/web 12
  wharf builds logs acme/web 12 --format json

Exit codes: 0 the build succeeded or still runs, 1 it did not succeed")]
pub(super) struct LogsArguments {
    #[command(flatten)]
    pub(super) build: WhichBuild,
    /// Wait for more until the build ends
    #[arg(long, short = 'f')]
    pub(super) follow: bool,
}

/// Stop a build that waits or runs
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds cancel acme/web 12")]
pub(super) struct CancelArguments {
    #[command(flatten)]
    pub(super) build: WhichBuild,
}

/// Build the same again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds retry acme/web 12
  wharf builds retry acme/web 12 --follow")]
pub(super) struct RetryArguments {
    #[command(flatten)]
    pub(super) build: WhichBuild,
    /// Show the log until the build ends
    #[arg(long, short = 'f')]
    pub(super) follow: bool,
}

/// Push a build's image to a further registry again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds retry-push acme/web 12 docker.io/acme/web")]
pub(super) struct RetryPushArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    pub(super) repository: String,
    /// The build's number
    #[arg(value_name = "NUMBER")]
    pub(super) number: u64,
    /// The image there, as `wharf builds show` has it
    #[arg(value_name = "IMAGE")]
    pub(super) image: String,
}

/// Show what runs and what waits, in its order, with the expected start
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf builds queue")]
pub(super) struct QueueArguments {}
