//! Conditions, events and actions of triggers as options.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

/// Which tags: one of these.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which tags", group = ArgGroup::new("condition").multiple(false))]
pub(super) struct ConditionOptions {
    /// Every tag [default]
    #[arg(long, group = "condition")]
    pub(super) all: bool,
    /// These tags, with ; between them: 'latest;stable'
    #[arg(long, value_name = "TAG[;…]", group = "condition")]
    pub(super) tags: Option<String>,
    /// Tags in which this regular expression finds something: '^v[0-9]'
    #[arg(long, value_name = "EXPRESSION", group = "condition")]
    pub(super) regex: Option<String>,
    /// Tags that this pattern matches whole: 'v1.*'
    #[arg(long, value_name = "PATTERN", group = "condition")]
    pub(super) glob: Option<String>,
    /// Tags that are versions of this range: '>=1.4 <2'; pre-releases only where the range names one
    #[arg(long, value_name = "RANGE", group = "condition")]
    pub(super) semver: Option<String>,
}

/// What happened.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What happened")]
pub(super) struct EventOptions {
    /// tag_created, tag_changed, tag_deleted, build_started, build_succeeded or build_failed; several times
    /// [default: tag_created and tag_changed]
    #[arg(long = "event", value_name = "EVENT")]
    pub(super) events: Vec<String>,
    /// Only builds of this rule; several times
    #[arg(long = "rule", value_name = "RULE")]
    pub(super) rules: Vec<String>,
}

/// One action: a workload, a webhook, or a message.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Action", group = ArgGroup::new("kind").multiple(false))]
pub(super) struct ActionOptions {
    /// Update this workload, KIND/NAME: deployment, statefulset, daemonset or cronjob
    #[arg(long, value_name = "KIND/NAME", group = "kind")]
    pub(super) workload: Option<String>,
    /// Call a webhook
    #[arg(long, group = "kind")]
    pub(super) webhook: bool,
    /// Send a message to WeCom (企业微信)
    #[arg(long, group = "kind")]
    pub(super) wecom: bool,
    /// Send a message to DingTalk (钉钉)
    #[arg(long, group = "kind")]
    pub(super) dingtalk: bool,
    /// Send a message to Feishu (飞书) or Lark
    #[arg(long, group = "kind")]
    pub(super) feishu: bool,
    /// Send a message to Slack
    #[arg(long, group = "kind")]
    pub(super) slack: bool,
    /// Send an e-mail to this address; several times
    #[arg(long, value_name = "ADDRESS", group = "kind")]
    pub(super) mail: Vec<String>,
    #[command(flatten)]
    pub(super) workloads: WorkloadOptions,
    #[command(flatten)]
    pub(super) webhooks: WebhookOptions,
    #[command(flatten)]
    pub(super) texts: TextOptions,
}

/// Where a workload is, and how its rollout is followed.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Workload")]
pub(super) struct WorkloadOptions {
    /// The cluster, one that `wharf cluster granted` shows
    #[arg(long, value_name = "CLUSTER")]
    pub(super) cluster: Option<String>,
    /// The Kubernetes namespace
    #[arg(long, value_name = "NAMESPACE")]
    pub(super) cluster_namespace: Option<String>,
    /// The container whose image is set; init containers too
    #[arg(long, value_name = "CONTAINER")]
    pub(super) container: Option<String>,
    /// Put the image of before back when the rollout fails; --rollback=false leaves it
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", action = clap::ArgAction::Set)]
    pub(super) rollback: Option<bool>,
    /// How long a rollout may take: 5m, 90s [default: 10m]
    #[arg(long, value_name = "TIME")]
    pub(super) timeout: Option<String>,
}

/// Where a webhook or message goes, and what proves that it is from here.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Webhook and message")]
pub(super) struct WebhookOptions {
    /// The address. Others on this machine can see arguments: for an address that is a secret itself, as those of chats
    /// are, use --url-stdin, or leave it out and be asked
    #[arg(long, value_name = "URL", conflicts_with = "url_stdin")]
    pub(super) url: Option<String>,
    /// Read the address from the next line of stdin
    #[arg(long)]
    pub(super) url_stdin: bool,
    /// Sign with a new secret, which is shown this once (webhooks: Standard Webhooks, HMAC-SHA256)
    #[arg(long, conflicts_with_all = ["secret_stdin", "unsigned"])]
    pub(super) sign: bool,
    /// Sign with the secret on the next line of stdin: DingTalk and Feishu show it where the robot is set up
    #[arg(long)]
    pub(super) secret_stdin: bool,
    /// Sign no longer
    #[arg(long, conflicts_with = "secret_stdin")]
    pub(super) unsigned: bool,
    /// POST, PUT or PATCH [default: POST]
    #[arg(long, value_name = "METHOD")]
    pub(super) method: Option<String>,
    /// Headers from a file, `Name: value` a line; they replace those of before
    #[arg(long, value_name = "FILE")]
    pub(super) headers: Option<PathBuf>,
    /// What is sent: cloud_events, docker_hub, harbor, or template [default: cloud_events]
    #[arg(long, value_name = "SHAPE")]
    pub(super) payload: Option<String>,
}

/// What messages say.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Text")]
pub(super) struct TextOptions {
    /// A template from a file, for the text of a message or the body of a webhook; an empty file takes it away
    #[arg(long, value_name = "FILE")]
    pub(super) template: Option<PathBuf>,
    /// Language of the text: en or zh
    #[arg(long, value_name = "LANGUAGE")]
    pub(super) language: Option<String>,
}
