//! The words of a trigger, as JSON has them: events, conditions, kinds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wharf_app::triggers;
use wharf_model::triggers::{ConditionKind, EventKind, WorkloadKind};

/// What a trigger listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum TriggerEvent {
    TagCreated,
    TagChanged,
    TagDeleted,
    BuildStarted,
    BuildSucceeded,
    BuildFailed,
}

impl From<EventKind> for TriggerEvent {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::TagCreated => Self::TagCreated,
            EventKind::TagChanged => Self::TagChanged,
            EventKind::TagDeleted => Self::TagDeleted,
            EventKind::BuildStarted => Self::BuildStarted,
            EventKind::BuildSucceeded => Self::BuildSucceeded,
            EventKind::BuildFailed => Self::BuildFailed,
        }
    }
}

impl From<TriggerEvent> for EventKind {
    fn from(event: TriggerEvent) -> Self {
        match event {
            TriggerEvent::TagCreated => Self::TagCreated,
            TriggerEvent::TagChanged => Self::TagChanged,
            TriggerEvent::TagDeleted => Self::TagDeleted,
            TriggerEvent::BuildStarted => Self::BuildStarted,
            TriggerEvent::BuildSucceeded => Self::BuildSucceeded,
            TriggerEvent::BuildFailed => Self::BuildFailed,
        }
    }
}

/// How tags are chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum TagConditionKind {
    /// Every tag.
    #[default]
    All,
    /// The listed ones.
    Tags,
    /// Those in which a regular expression finds something.
    Regex,
    /// Those that a pattern with `*`, `?` and `[…]` matches whole.
    Glob,
    /// Those that are versions of a range.
    Semver,
}

impl From<ConditionKind> for TagConditionKind {
    fn from(kind: ConditionKind) -> Self {
        match kind {
            ConditionKind::All => Self::All,
            ConditionKind::Listed => Self::Tags,
            ConditionKind::Expression => Self::Regex,
            ConditionKind::Glob => Self::Glob,
            ConditionKind::Range => Self::Semver,
        }
    }
}

impl From<TagConditionKind> for ConditionKind {
    fn from(kind: TagConditionKind) -> Self {
        match kind {
            TagConditionKind::All => Self::All,
            TagConditionKind::Tags => Self::Listed,
            TagConditionKind::Regex => Self::Expression,
            TagConditionKind::Glob => Self::Glob,
            TagConditionKind::Semver => Self::Range,
        }
    }
}

/// Which tags.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Condition {
    pub(super) kind: TagConditionKind,
    /// Tags with `;` between them, an expression (`^v[0-9]`), a pattern (`v1.*`), or a range (`>=1.4 <2`); empty for all.
    #[serde(default)]
    pub(super) text: String,
}

impl Condition {
    pub(in crate::api) fn show(kind: ConditionKind, text: String) -> Self {
        Self {
            kind: kind.into(),
            text,
        }
    }
}

impl From<Condition> for triggers::ConditionText {
    fn from(condition: Condition) -> Self {
        Self {
            kind: condition.kind.into(),
            text: condition.text,
        }
    }
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum ActionKind {
    /// Lets a container of a workload in a cluster run the new image.
    Workload,
    /// Sends a request.
    Webhook,
    /// Tells a chat.
    Message,
    /// Sends an e-mail by the operator's server.
    Mail,
}

/// A chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum ChatService {
    Wecom,
    Dingtalk,
    /// Feishu, and Lark.
    Feishu,
    /// Slack, and what takes its messages, such as Mattermost.
    Slack,
}

/// What a webhook's body looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum Payload {
    /// CloudEvents 1.0 in JSON.
    #[default]
    CloudEvents,
    /// What Docker Hub sends: pushed tags alone.
    DockerHub,
    /// What Harbor sends: pushed and deleted tags.
    Harbor,
    /// The action's own `template`.
    Template,
}

/// The language of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum MessageLanguage {
    #[default]
    En,
    Zh,
}

/// A kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::api) enum Workload {
    Deployment,
    StatefulSet,
    DaemonSet,
    CronJob,
}

macro_rules! same_words {
    ($($own:ident = $other:path { $($case:ident),+ };)+) => {$(
        impl From<$own> for $other {
            fn from(own: $own) -> Self {
                match own {
                    $($own::$case => Self::$case),+
                }
            }
        }

        impl From<$other> for $own {
            fn from(other: $other) -> Self {
                match other {
                    $(<$other>::$case => Self::$case),+
                }
            }
        }
    )+};
}
same_words! {
    ActionKind = wharf_model::triggers::ActionKind { Workload, Webhook, Message, Mail };
    ChatService = triggers::ChatText { Wecom, Dingtalk, Feishu, Slack };
    Payload = triggers::PayloadText { CloudEvents, DockerHub, Harbor, Template };
    MessageLanguage = triggers::LanguageText { En, Zh };
    Workload = WorkloadKind { Deployment, StatefulSet, DaemonSet, CronJob };
}
