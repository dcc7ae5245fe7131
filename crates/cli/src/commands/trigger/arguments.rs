//! What `wharf trigger` reads from the command line; actions and conditions are in [`options`](super::options).

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::action_arguments::ActionArguments;
use super::options::{ActionOptions, ConditionOptions, EventOptions};
use crate::ask::Confirmation;
use crate::client::PageOptions;

/// Triggers: what happens when a tag is pushed or a build ends
///
/// A trigger has a condition about tags and up to ten actions: it updates a workload in a Kubernetes cluster, calls a
/// webhook, or sends a message (WeCom, DingTalk, Feishu or Lark, Slack, e-mail). It belongs to a repository, or to all
/// repositories of a namespace, which is then written with a slash behind it: acme/.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger create acme/web deploy --semver '>=1.0' --workload deployment/web \\
      --cluster prod --cluster-namespace web --container app --rollback
  wharf trigger create acme/web notify --webhook --url-stdin --secret-stdin < url-and-secret
  wharf trigger create acme/ failed-builds --event build_failed --mail ops@example.com
  wharf trigger try acme/web --regex '^v[0-9]'
  wharf trigger log acme/web --follow")]
pub(crate) struct TriggerArguments {
    #[command(subcommand)]
    pub(super) command: TriggerCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum TriggerCommand {
    List(ListArguments),
    Show(ShowArguments),
    Create(Box<CreateArguments>),
    Edit(Box<EditArguments>),
    Delete(DeleteArguments),
    Enable(EnableArguments),
    Disable(DisableArguments),
    Action(Box<ActionArguments>),
    Try(TryArguments),
    Run(RunArguments),
    Log(LogArguments),
    ShowDelivery(ShowDeliveryArguments),
    Redeliver(RedeliverArguments),
    Cancel(CancelArguments),
}

/// List the triggers of a repository or a namespace
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger list acme/web
  wharf trigger list acme/")]
pub(super) struct ListArguments {
    /// A repository, or NAMESPACE/ for what belongs to all of a namespace's
    #[arg(value_name = "OWNER")]
    pub(super) owner: String,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// A trigger.
#[derive(Debug, Args)]
pub(super) struct WhichTrigger {
    /// A repository, or NAMESPACE/ for what belongs to all of a namespace's
    #[arg(value_name = "OWNER")]
    pub(super) owner: String,
    /// The trigger's name
    #[arg(value_name = "TRIGGER")]
    pub(super) trigger: String,
}

/// Show one trigger with its actions; addresses and secrets are never shown whole
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger show acme/web deploy")]
pub(super) struct ShowArguments {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
}

/// Create a trigger with its first action
///
/// It fires for what happens from now on. Without a condition every new and every changed tag fires it; the same image
/// pushed again under the same tag never does. `wharf trigger action add` gives it further actions.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger create acme/web deploy --tags 'latest;stable' --workload deployment/web \\
      --cluster prod --cluster-namespace web --container app
  wharf trigger create acme/web ci --webhook --url https://ci.example/hooks/images
  wharf trigger create acme/web keel --webhook --url http://keel.example/v1/webhooks/dockerhub --payload docker_hub
  wharf trigger create acme/web chat --wecom --url-stdin --language zh < url
  wharf trigger create acme/web all --definition trigger.json")]
pub(super) struct CreateArguments {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
    /// Create it switched off
    #[arg(long)]
    pub(super) disabled: bool,
    #[command(flatten)]
    pub(super) condition: ConditionOptions,
    #[command(flatten)]
    pub(super) events: EventOptions,
    #[command(flatten)]
    pub(super) action: ActionOptions,
    /// The whole trigger as JSON, as the API takes it: several actions, headers and secrets. - is stdin
    #[arg(long, value_name = "FILE")]
    pub(super) definition: Option<PathBuf>,
}

/// Change a trigger's name, condition or events; what is not given stays
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger edit acme/web deploy --regex '^v[0-9]+\\.[0-9]+\\.[0-9]+$'
  wharf trigger edit acme/web deploy --rename deploy-prod
  wharf trigger edit acme/web notify --event build_failed --rule main")]
pub(super) struct EditArguments {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
    /// Call it so from now on
    #[arg(long, value_name = "NAME")]
    pub(super) rename: Option<String>,
    #[command(flatten)]
    pub(super) condition: ConditionOptions,
    #[command(flatten)]
    pub(super) events: EventOptions,
    /// Changes as JSON, as the API takes them; a list of actions replaces all of them. - is stdin
    #[arg(long, value_name = "FILE")]
    pub(super) definition: Option<PathBuf>,
}

/// Delete a trigger with its secrets; what waits is not delivered any more
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger delete acme/web deploy
  wharf trigger delete acme/web deploy --yes")]
pub(super) struct DeleteArguments {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}

/// Switch a trigger on; what happened meanwhile fires nothing
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger enable acme/web deploy")]
pub(super) struct EnableArguments {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
}

/// Switch a trigger off; what waits to be delivered is called off
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger disable acme/web deploy")]
pub(super) struct DisableArguments {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
}

/// Show which tags and which recent pushes a condition chooses; nothing is saved, nothing is sent
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger try acme/web --regex '^v[0-9]'
  wharf trigger try acme/web --semver '^1.4'
  wharf trigger try acme/web --trigger deploy")]
pub(super) struct TryArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    pub(super) repository: String,
    /// The condition of this trigger, instead of one given here
    #[arg(long, value_name = "TRIGGER")]
    pub(super) trigger: Option<String>,
    #[command(flatten)]
    pub(super) condition: ConditionOptions,
}

/// Run a trigger now, as if this tag had just been pushed, whatever its condition says
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger run acme/web deploy --tag v1.4.2
  wharf trigger run acme/ notify --repository acme/web --tag v1.4.2
  wharf trigger run acme/web deploy --tag v1.4.2 --follow")]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) trigger: WhichTrigger,
    /// The tag
    #[arg(long, value_name = "TAG")]
    pub(super) tag: String,
    /// Of which repository, for a trigger of a namespace
    #[arg(long, value_name = "REPOSITORY")]
    pub(super) repository: Option<String>,
    /// Wait until everything is delivered and rolled out
    #[arg(long, short = 'f')]
    pub(super) follow: bool,
}

/// Show what triggers did, newest first: trigger, action, result, time
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger log acme/web
  wharf trigger log acme/web --state failed --limit 20
  wharf trigger log acme/web --trigger deploy --tag v1.4.2
  wharf trigger log acme/web --follow")]
pub(super) struct LogArguments {
    /// A repository, or NAMESPACE/ for the triggers of a namespace
    #[arg(value_name = "OWNER")]
    pub(super) owner: String,
    #[command(flatten)]
    pub(super) filter: LogFilter,
    /// Go on showing what happens; Ctrl-C ends it
    #[arg(long, short = 'f', conflicts_with_all = ["limit", "after"])]
    pub(super) follow: bool,
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// Which deliveries are wanted.
#[derive(Debug, Default, Args)]
pub(super) struct LogFilter {
    /// Only of this trigger
    #[arg(long, value_name = "TRIGGER")]
    pub(super) trigger: Option<String>,
    /// Only in this state: waiting, running, succeeded, unchanged, superseded, failed, canceled
    #[arg(long, value_name = "STATE")]
    pub(super) state: Option<String>,
    /// Only about this tag
    #[arg(long, value_name = "TAG")]
    pub(super) tag: Option<String>,
}

/// A delivery.
#[derive(Debug, Args)]
pub(super) struct WhichDelivery {
    /// The repository that it is about
    #[arg(value_name = "REPOSITORY")]
    pub(super) repository: String,
    /// Its id, as `wharf trigger log` shows it
    #[arg(value_name = "DELIVERY")]
    pub(super) delivery: String,
}

/// Show one delivery: each attempt with request, response and times, and how the rollout goes
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger show-delivery acme/web 01920000-0000-7000-8000-000000000000
  wharf trigger show-delivery acme/web 01920000-0000-7000-8000-000000000000 --bodies")]
pub(super) struct ShowDeliveryArguments {
    #[command(flatten)]
    pub(super) delivery: WhichDelivery,
    /// Show what was sent and what was answered, too
    #[arg(long)]
    pub(super) bodies: bool,
    /// Wait until it ends
    #[arg(long, short = 'f')]
    pub(super) follow: bool,
}

/// Deliver something again, under the same id
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger redeliver acme/web 01920000-0000-7000-8000-000000000000")]
pub(super) struct RedeliverArguments {
    #[command(flatten)]
    pub(super) delivery: WhichDelivery,
    /// Wait until it ends
    #[arg(long, short = 'f')]
    pub(super) follow: bool,
}

/// Give up something that waits to be delivered
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trigger cancel acme/web 01920000-0000-7000-8000-000000000000")]
pub(super) struct CancelArguments {
    #[command(flatten)]
    pub(super) delivery: WhichDelivery,
}
