//! What `wharf trigger action` reads from the command line.

use clap::{Args, Subcommand};

use super::arguments::WhichTrigger;
use super::options::ActionOptions;
use crate::ask::Confirmation;

/// The actions of a trigger: what it does when it fires
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger action add acme/web deploy --slack --url-stdin < url
  wharf trigger action edit acme/web deploy 2 --payload harbor
  wharf trigger action enable acme/web deploy 2 --redeliver
  wharf trigger action delete acme/web deploy 2")]
pub(crate) struct ActionArguments {
    #[command(subcommand)]
    pub(super) command: ActionCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ActionCommand {
    Add(Box<AddArguments>),
    Edit(Box<EditActionArguments>),
    Delete(DeleteActionArguments),
    Enable(EnableActionArguments),
    Disable(DisableActionArguments),
    DryRun(DryRunArguments),
}

/// An action of a trigger.
#[derive(Debug, Args)]
pub(super) struct WhichAction {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
    /// Its number in `wharf trigger show`, or its id
    #[arg(value_name = "ACTION")]
    pub(super) action: String,
}

/// Give a trigger one more action
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger action add acme/web deploy --feishu --url-stdin --secret-stdin < url-and-secret
  wharf trigger action add acme/web deploy --mail ops@example.com --mail dev@example.com
  wharf trigger action add acme/web deploy --workload cronjob/report --cluster prod --cluster-namespace jobs --container main")]
pub(super) struct AddArguments {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
    #[command(flatten)]
    pub(super) action: ActionOptions,
}

/// Change an action; what is not given stays, and so do its log and its secrets
///
/// Header values and secrets are kept as long as scheme, host and port of the address stay the same. For another host
/// they must be given again: what one receiver was told is not told to another.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger action edit acme/web deploy 1 --container web --timeout 10m
  wharf trigger action edit acme/web notify 1 --url https://other.example/hook --secret-stdin < secret")]
pub(super) struct EditActionArguments {
    #[command(flatten)]
    pub(super) action: WhichAction,
    #[command(flatten)]
    pub(super) options: ActionOptions,
}

/// Take an action away, with its secrets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger action delete acme/web deploy 2 --yes")]
pub(super) struct DeleteActionArguments {
    #[command(flatten)]
    pub(super) action: WhichAction,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}

/// Switch an action on, also one that was switched off because its receiver answered 410 Gone
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger action enable acme/web notify 1
  wharf trigger action enable acme/web notify 1 --redeliver")]
pub(super) struct EnableActionArguments {
    #[command(flatten)]
    pub(super) action: WhichAction,
    /// Deliver what was given up when it was switched off
    #[arg(long)]
    pub(super) redeliver: bool,
}

/// Switch an action off
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger action disable acme/web notify 1")]
pub(super) struct DisableActionArguments {
    #[command(flatten)]
    pub(super) action: WhichAction,
}

/// Ask the cluster what updating the workload would do; nothing is changed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger action dry-run acme/web deploy 1 --tag v1.4.2")]
pub(super) struct DryRunArguments {
    #[command(flatten)]
    pub(super) action: WhichAction,
    /// The tag
    #[arg(long, value_name = "TAG")]
    pub(super) tag: String,
    /// Of which repository, for a trigger of a namespace
    #[arg(long, value_name = "REPOSITORY")]
    pub(super) repository: Option<String>,
}
