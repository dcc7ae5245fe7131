//! What `wharf source` reads from the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::add_arguments::{AddArguments, Trust};
use crate::ask::Confirmation;
use crate::client::PageOptions;

/// Your accounts on code hosts: GitHub, GitLab, Gitea or Forgejo, and plain git servers
///
/// A source is authorized once and belongs to you: only you browse with it and point rules at its repositories. Rules
/// keep building from it for everybody. SOURCE is its kind (github), its host (git.example.com) or its id.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source add github                  Sign in at github.com with a code that is shown
  wharf source add gitlab https://gitlab.example.com -u alice
  wharf source add git ssh://git@git.example.com
  wharf source list
  wharf source repositories github --owner acme")]
pub(crate) struct SourceArguments {
    #[command(subcommand)]
    pub(super) command: SourceCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    Add(AddArguments),
    List(ListArguments),
    Show(ShowArguments),
    Edit(EditArguments),
    Check(CheckArguments),
    Delete(DeleteArguments),
    Owners(OwnersArguments),
    Repositories(RepositoriesArguments),
    Branches(BranchesArguments),
    Tags(TagsArguments),
    Webhook(WebhookArguments),
    Removals(RemovalsArguments),
}

/// List your sources
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source list")]
pub(super) struct ListArguments {
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// Show one source: its state, its keys, the rules that use it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source show github
  wharf source show git.example.com")]
pub(super) struct ShowArguments {
    /// Kind, host or id
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
}

/// Give a source a new token or password, another authority, or other host keys
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source edit gitlab.example.com --token-stdin < token
  wharf source edit git.example.com --host-keys known_hosts")]
pub(super) struct EditArguments {
    /// Kind, host or id
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    /// Ask for a new token or password, without echo
    #[arg(long, conflicts_with = "token_stdin")]
    pub(super) token: bool,
    /// Read a new token or password from stdin
    #[arg(long)]
    pub(super) token_stdin: bool,
    /// Lines of known_hosts for the server, from a file or from stdin with -
    #[arg(long, value_name = "FILE", conflicts_with = "token_stdin")]
    pub(super) host_keys: Option<PathBuf>,
    #[command(flatten)]
    pub(super) trust: Trust,
}

/// Ask the code host whether a source still works
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source check github")]
pub(super) struct CheckArguments {
    /// Kind, host or id
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
}

/// Disconnect a source; rules that use it are shown first, and stop
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source delete github
  wharf source delete git.example.com --yes")]
pub(super) struct DeleteArguments {
    /// Kind, host or id
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}

/// List the organizations or groups that a source sees
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source owners github")]
pub(super) struct OwnersArguments {
    /// Kind, host or id
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// List the repositories that a source sees
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source repositories github
  wharf source repositories github --owner acme --search web")]
pub(super) struct RepositoriesArguments {
    /// Kind, host or id
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    /// Only those of one organization or group
    #[arg(long, value_name = "OWNER")]
    pub(super) owner: Option<String>,
    /// Only those whose name contains this
    #[arg(long, short, value_name = "TEXT")]
    pub(super) search: Option<String>,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// List the branches of a repository on a code host
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source branches github acme/web")]
pub(super) struct BranchesArguments {
    #[command(flatten)]
    pub(super) refs: RefsOf,
}

/// List the tags of a repository on a code host
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source tags github acme/web")]
pub(super) struct TagsArguments {
    #[command(flatten)]
    pub(super) refs: RefsOf,
}

#[derive(Debug, Args)]
pub(super) struct RefsOf {
    /// Kind, host or id
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    /// The repository as its host names it
    #[arg(value_name = "REMOTE")]
    pub(super) remote: String,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// How code hosts tell wharf of pushes: state, last deliveries, repair
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source webhook list github
  wharf source webhook show github acme/web
  wharf source webhook repair github acme/web")]
pub(super) struct WebhookArguments {
    #[command(subcommand)]
    pub(super) command: WebhookCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum WebhookCommand {
    List(WebhookListArguments),
    Show(WebhookShowArguments),
    Repair(WebhookRepairArguments),
    Attempts(WebhookAttemptsArguments),
    NewSecret(WebhookSecretArguments),
}

/// List the webhooks of a source
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source webhook list github")]
pub(super) struct WebhookListArguments {
    /// Kind, host or id
    #[arg(value_name = "SOURCE")]
    pub(super) source: String,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// Show a repository's webhook and what arrived by it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source webhook show github acme/web")]
pub(super) struct WebhookShowArguments {
    #[command(flatten)]
    pub(super) refs: RefsOf,
}

/// Register a repository's webhook again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source webhook repair github acme/web")]
pub(super) struct WebhookRepairArguments {
    #[command(flatten)]
    pub(super) refs: RefsOf,
}

/// Show what the code host says about its last attempts to deliver
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source webhook attempts github acme/web")]
pub(super) struct WebhookAttemptsArguments {
    #[command(flatten)]
    pub(super) refs: RefsOf,
}

/// Give a webhook another secret; for plain git, show the line for the repository's post-receive hook
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source webhook new-secret github acme/web
  wharf source webhook new-secret git hello.git >> hello.git/hooks/post-receive")]
pub(super) struct WebhookSecretArguments {
    #[command(flatten)]
    pub(super) refs: RefsOf,
}

/// List what wharf still has to take away at code hosts, such as webhooks of deleted rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf source removals
  wharf source removals --dismiss ID       Forget one that you took away by hand")]
pub(super) struct RemovalsArguments {
    /// Stop trying to remove this, and forget it
    #[arg(long, value_name = "ID")]
    pub(super) dismiss: Option<String>,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}
