//! What `wharf rule` reads from the command line; what a rule says is in [`options`](super::options).

use clap::{Args, Subcommand};

use super::links::LinkArguments;
use super::options::DefinitionOptions;
use super::secrets::SecretArguments;
use super::trigger_urls::TriggerUrlArguments;
use crate::ask::Confirmation;
use crate::client::PageOptions;

/// Rules: which pushes become images, of which repository, under which tags
///
/// A repository can have several rules. A new rule takes the branches and tags that are there as seen: it builds what is
/// pushed from now on, or what `wharf builds start` asks for.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule create acme/web main --source github --remote acme/web --branch main
  wharf rule try acme/web main
  wharf rule edit acme/web main --also latest
  wharf builds start acme/web --branch main --follow")]
pub(crate) struct RuleArguments {
    #[command(subcommand)]
    pub(super) command: RuleCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum RuleCommand {
    List(ListArguments),
    Show(ShowArguments),
    Create(Box<CreateArguments>),
    Edit(Box<EditArguments>),
    Delete(DeleteArguments),
    Enable(EnableArguments),
    Disable(DisableArguments),
    Try(Box<TryArguments>),
    Decisions(DecisionsArguments),
    BuildHeads(BuildHeadsArguments),
    Secret(SecretArguments),
    TriggerUrl(TriggerUrlArguments),
    Link(LinkArguments),
}

/// List the rules of a repository
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule list acme/web")]
pub(super) struct ListArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    pub(super) repository: String,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// A rule of a repository.
#[derive(Debug, Args)]
pub(super) struct WhichRule {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    pub(super) repository: String,
    /// The rule's name
    #[arg(value_name = "RULE")]
    pub(super) rule: String,
}

/// Show one rule
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule show acme/web main
  wharf rule show acme/web main --format json")]
pub(super) struct ShowArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
}

/// Create a rule, and the repository where there is none
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule create acme/web main --source github --remote acme/web --branch main
  wharf rule create acme/web release --source github --remote acme/web --tag 'v*' \\
      --name '{semver.version}' --name '{semver.major}.{semver.minor}' --also latest
  wharf rule create acme/web builds --source gitlab --remote acme/web --branches \\
      --name-prefix 'v-${VERSION}' --build-arg VERSION=1.0.0 --name-by ref,time,commit
  wharf rule create acme/web hub --source github --remote acme/web \\
      --docker-hub 'branch:main=latest' --docker-hub 'tag:/^v([0-9.]+)$/=release-{\\1}'")]
pub(super) struct CreateArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
    /// Your source: its kind, host or id
    #[arg(long, value_name = "SOURCE")]
    pub(super) source: String,
    /// The repository as its host names it: OWNER/NAME, GROUP/…/NAME; for plain git the path: /srv/git/web.git
    #[arg(long, value_name = "REMOTE")]
    pub(super) remote: String,
    /// Let everyone pull from the repository, if it is created
    #[arg(long)]
    pub(super) public: bool,
    /// Create it switched off
    #[arg(long)]
    pub(super) disabled: bool,
    #[command(flatten)]
    pub(super) definition: DefinitionOptions,
}

/// Change a rule; what is not given stays
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule edit acme/web main --branch main --branch 'release/*'
  wharf rule edit acme/web main --tags=false --also none
  wharf rule edit acme/web main --memory 8g --timeout 2h
  wharf rule edit acme/web main --source gitlab --remote acme/web")]
pub(super) struct EditArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
    /// Call it so from now on
    #[arg(long, value_name = "NAME")]
    pub(super) rename: Option<String>,
    /// Another source of yours
    #[arg(long, value_name = "SOURCE", requires = "remote")]
    pub(super) source: Option<String>,
    /// Another repository of the source
    #[arg(long, value_name = "REMOTE")]
    pub(super) remote: Option<String>,
    #[command(flatten)]
    pub(super) definition: DefinitionOptions,
}

/// Delete a rule; its builds stay, its webhook goes when no other rule needs it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule delete acme/web main
  wharf rule delete acme/web main --yes")]
pub(super) struct DeleteArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}

/// Switch a rule on; what was pushed meanwhile counts as seen
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule enable acme/web main")]
pub(super) struct EnableArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
}

/// Switch a rule off: pushes start nothing
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule disable acme/web main")]
pub(super) struct DisableArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
}

/// Show what a rule would build of the branches and tags that are there, and under which image tags
///
/// With options it shows what the rule would do with them, and saves nothing; with --source and --remote the rule need
/// not exist.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule try acme/web main
  wharf rule try acme/web main --tag 'v*' --name '{semver.version}'
  wharf rule try acme/web new --source github --remote acme/web --branches")]
pub(super) struct TryArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
    /// Source of a rule that is not there yet
    #[arg(long, value_name = "SOURCE", requires = "remote")]
    pub(super) source: Option<String>,
    /// Repository of a rule that is not there yet
    #[arg(long, value_name = "REMOTE", requires = "source")]
    pub(super) remote: Option<String>,
    #[command(flatten)]
    pub(super) definition: DefinitionOptions,
}

/// List what was decided about each update of a branch or tag: built, skipped and why, superseded
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule decisions acme/web main --limit 20")]
pub(super) struct DecisionsArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// Build the present heads of the branches and tags that a rule chooses
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule build-heads acme/web main")]
pub(super) struct BuildHeadsArguments {
    #[command(flatten)]
    pub(super) rule: WhichRule,
}
