//! The words after `wharf build`.
//!
//! Names, short forms and defaults are those of docker's `build`, so that what people and scripts write works. What docker
//! has and wharf has not is in [`refused`](super::refused).

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::refused::ForeignArguments;
use wharf_dockerfile::values::parse_flag;

/// Build an image from a Dockerfile
///
/// Without Docker and without a daemon, as root or as a plain user. The options are those of `docker buildx build`. The
/// image goes to the local store unless --push, --load or --output say otherwise.
#[derive(Debug, Args)]
#[command(
    args_override_self = true,
    after_help = "\
Examples:
  wharf build -t acme/web:1.0 .                          Build ./Dockerfile with the files of this folder
  wharf build -t localhost:5000/acme/web:1.0 --push .    Build and push; `wharf login` or `docker login` came before
  wharf build --target test --output out .               The files of one stage, in the folder out
  wharf build --secret id=npm,src=$HOME/.npmrc .         For RUN --mount=type=secret,id=npm
  wharf build https://github.com/acme/web.git#main:app   A folder of a repository
  tar -c . | wharf build -                               An archive on standard input
  wharf build --check .                                  What could be better in the Dockerfile
  wharf build --platform linux/amd64,linux/arm64 --output type=oci,dest=web.tar .

Settings: --config FILE, else ~/.config/wharf/wharf.toml, else /etc/wharf/wharf.toml. Where Docker Hub cannot be reached:
  [registries.\"docker.io\"]
  mirrors = [\"https://mirror.example\"]

Exit codes: 0 done, 1 failed, 2 wrong usage"
)]
pub(crate) struct BuildArguments {
    /// Folder with the files, - for an archive or a Dockerfile on standard input, or the URL of an archive or repository
    #[arg(value_name = "CONTEXT")]
    pub(super) context: String,

    /// What the image is called; can be given more than once
    #[arg(long = "tag", short = 't', value_name = "NAME[:TAG]")]
    pub(super) tags: Vec<String>,
    /// Dockerfile; - for standard input [default: Dockerfile in the context]
    #[arg(long, short = 'f', value_name = "FILE")]
    pub(super) file: Option<String>,
    /// Stage to build [default: the last one]
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// Platforms to build for, like linux/amd64 [default: this machine's]
    #[arg(long = "platform", value_name = "PLATFORM[,…]")]
    pub(super) platforms: Vec<String>,
    /// Value of an ARG; without =VALUE the one of the environment
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]")]
    pub(super) build_args: Vec<String>,
    /// Another context by name: a folder, a URL, docker-image://IMAGE, oci-layout://FOLDER, target:STAGE
    #[arg(long = "build-context", value_name = "NAME=CONTEXT")]
    pub(super) build_contexts: Vec<String>,
    /// Label of the image
    #[arg(long = "label", value_name = "NAME=VALUE")]
    pub(super) labels: Vec<String>,
    /// Annotation of the manifest; index:NAME=VALUE for one of the index
    #[arg(long = "annotation", value_name = "NAME=VALUE")]
    pub(super) annotations: Vec<String>,

    #[command(flatten)]
    pub(super) steps: StepArguments,
    #[command(flatten)]
    pub(super) cache: CacheArguments,
    #[command(flatten)]
    pub(super) results: ResultArguments,
    #[command(flatten)]
    pub(super) host: BuildHostArguments,
    #[command(flatten)]
    pub(super) foreign: ForeignArguments,
}

/// What the steps are given and may do.
#[derive(Debug, Args)]
#[command(next_help_heading = "Steps")]
pub(super) struct StepArguments {
    /// Secret for RUN --mount=type=secret: id=ID,src=FILE or id=ID,env=NAME
    #[arg(long = "secret", value_name = "id=ID,…")]
    pub(super) secrets: Vec<String>,
    /// SSH agent for RUN --mount=type=ssh: default for the one of SSH_AUTH_SOCK, ID=SOCKET, or ID=KEY[,KEY] for private keys
    #[arg(long = "ssh", value_name = "default|ID=SOCKET|ID=KEY")]
    pub(super) ssh: Vec<String>,
    /// Network of RUN steps: default (a network of their own), none, host
    #[arg(long, value_name = "MODE", default_value = "default")]
    pub(super) network: String,
    /// What steps may ask for: network.host, security.insecure
    #[arg(long = "allow", value_name = "RIGHT")]
    pub(super) allow: Vec<String>,
    /// Line in the steps' /etc/hosts: HOST:ADDRESS
    #[arg(long = "add-host", value_name = "HOST:ADDRESS", value_delimiter = None)]
    pub(super) add_hosts: Vec<String>,
    /// Size of the steps' /dev/shm, like 64m
    #[arg(long = "shm-size", value_name = "BYTES")]
    pub(super) shm_size: Option<String>,
    /// Resource limit of steps: NAME=SOFT[:HARD]
    #[arg(long = "ulimit", value_name = "NAME=SOFT[:HARD]")]
    pub(super) ulimits: Vec<String>,
    /// Memory that one step may use, like 2g
    #[arg(long, short = 'm', value_name = "BYTES")]
    pub(super) memory: Option<String>,
    /// Processors that one step may use, like 1.5
    #[arg(long, value_name = "NUMBER")]
    pub(super) cpus: Option<String>,
    /// Docker's other way to say --cpus, in microseconds
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub(super) cpu_quota: Option<String>,
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub(super) cpu_period: Option<String>,
    /// Limits as memory=2g or cpu-quota=50000
    #[arg(long = "resource", hide = true, value_name = "NAME=VALUE")]
    pub(super) resources: Vec<String>,
}

/// What is taken over from earlier builds.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cache")]
pub(super) struct CacheArguments {
    /// Run every step, whatever earlier builds have
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true,
        default_value = "false", default_missing_value = "true", value_parser = parse_switch,
        hide_default_value = true, value_name = "BOOL", hide_possible_values = true)]
    pub(super) no_cache: bool,
    /// Run every step of these stages
    #[arg(
        long = "no-cache-filter",
        value_name = "STAGE[,…]",
        value_delimiter = ','
    )]
    pub(super) no_cache_filter: Vec<String>,
    /// Ask registries what names mean now, although the images are here
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true,
        default_value = "false", default_missing_value = "true", value_parser = parse_switch,
        hide_default_value = true, value_name = "BOOL")]
    pub(super) pull: bool,
}

/// What becomes of the result, and what is shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Result")]
pub(super) struct ResultArguments {
    /// Push the image to the registries of its names
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true,
        default_value = "false", default_missing_value = "true", value_parser = parse_switch,
        hide_default_value = true, value_name = "BOOL")]
    pub(super) push: bool,
    /// Load the image into the docker daemon of this machine
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true,
        default_value = "false", default_missing_value = "true", value_parser = parse_switch,
        hide_default_value = true, value_name = "BOOL")]
    pub(super) load: bool,
    /// Where the result goes: type=image|oci|docker|local|tar|cacheonly,dest=PATH,…; or a folder, or -
    #[arg(long = "output", short = 'o', value_name = "type=TYPE,…")]
    pub(super) outputs: Vec<String>,
    /// Write the image's id into a file
    #[arg(long, value_name = "FILE")]
    pub(super) iidfile: Option<PathBuf>,
    /// Write digests and names into a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) metadata_file: Option<PathBuf>,
    /// How progress is shown: auto, tty, plain, rawjson, quiet [env: BUILDKIT_PROGRESS]
    #[arg(long, value_name = "MODE")]
    pub(super) progress: Option<String>,
    /// Show nothing but the image's id
    #[arg(long, short = 'q', action = ArgAction::Set, num_args = 0..=1, require_equals = true,
        default_value = "false", default_missing_value = "true", value_parser = parse_switch,
        hide_default_value = true, value_name = "BOOL")]
    pub(super) quiet: bool,
    /// Check the Dockerfile and build nothing; short for --call=check
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true,
        default_value = "false", default_missing_value = "true", value_parser = parse_switch,
        hide_default_value = true, value_name = "BOOL")]
    pub(super) check: bool,
    /// Ask about the Dockerfile and build nothing: check, outline, targets
    #[arg(
        long,
        value_name = "METHOD[,format=json]",
        default_value = "build",
        hide_default_value = true
    )]
    pub(super) call: String,
}

/// Where this machine keeps settings, images and cache.
#[derive(Debug, Args)]
#[command(next_help_heading = "This machine")]
pub(super) struct BuildHostArguments {
    /// Folder of images and cache [default: $XDG_DATA_HOME/wharf, as root /var/lib/wharf]
    #[arg(long, value_name = "DIR")]
    pub(super) state_dir: Option<PathBuf>,
    /// Settings file
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// Yes or no in the words that docker takes.
pub(super) fn parse_switch(word: &str) -> Result<bool, String> {
    parse_flag(word).ok_or_else(|| "true or false".to_owned())
}
