//! An action as people write it, and as its row keeps it: JSON of texts, in which a field that comes later has a default.
//! What is secret about it is a text of its own, which the vault seals.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};
use wharf_model::{
    ActionId, ClusterId, SecretText,
    triggers::{ActionKind, WorkloadKind},
};

/// For how long a rollout is followed unless the action says otherwise: what Kubernetes itself calls a Deployment's progress
/// deadline by default.
pub const ROLLOUT_SECONDS: u64 = 600;

/// For how long a rollout is followed at most. Longer, and rollouts that hang are asked about for days; shorter, and a large
/// StatefulSet, which goes pod by pod, is called failed.
pub const LONGEST_ROLLOUT_SECONDS: u64 = 7200;

/// What an action does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ActionSpec {
    /// Lets a container run the new image.
    Workload(WorkloadSpec),
    /// Sends a request.
    Webhook(WebhookSpec),
    /// Tells a chat.
    Message(MessageSpec),
    /// Sends an e-mail.
    Mail(MailSpec),
}

/// A container of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadSpec {
    /// The cluster's id, as text.
    pub cluster: String,
    /// The cluster's name, for labels: it follows the cluster when that is renamed.
    pub cluster_name: String,
    /// The namespace there.
    pub namespace: String,
    /// The word of a [`WorkloadKind`].
    pub workload: String,
    /// The workload's name.
    pub name: String,
    /// The container's name.
    pub container: String,
    /// Whether it is an init container.
    #[serde(default)]
    pub init: bool,
    /// For how long its rollout is followed.
    #[serde(default = "rollout_seconds")]
    pub timeout_seconds: u64,
    /// Whether a rollout that fails is rolled back.
    #[serde(default)]
    pub rollback: bool,
}

fn rollout_seconds() -> u64 {
    ROLLOUT_SECONDS
}

/// What a webhook's body looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadText {
    /// A CloudEvent.
    #[default]
    CloudEvents,
    /// As Docker Hub's webhooks.
    DockerHub,
    /// As Harbor's webhooks.
    Harbor,
    /// The action's own template.
    Template,
}

/// A request. Its address, the values of its headers and its signing key are in its [`ActionSecret`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSpec {
    /// Host, and port where it says one: what may be shown of the address.
    pub host: String,
    /// `POST`, `PUT`, …
    #[serde(default = "post")]
    pub method: String,
    /// Names of the headers.
    #[serde(default)]
    pub headers: Vec<String>,
    /// What the body looks like.
    #[serde(default)]
    pub payload: PayloadText,
    /// The body's template, of [`PayloadText::Template`].
    #[serde(default)]
    pub template: String,
    /// Whether it is signed.
    #[serde(default)]
    pub signed: bool,
}

fn post() -> String {
    "POST".to_owned()
}

/// The chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatText {
    /// WeCom.
    Wecom,
    /// DingTalk.
    Dingtalk,
    /// Feishu, Lark.
    Feishu,
    /// Slack.
    Slack,
}

/// The language of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LanguageText {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

/// A message to a chat. Its address and its signing key are in its [`ActionSecret`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSpec {
    /// Host, and port where it says one: what may be shown of the address.
    pub host: String,
    /// Which chat.
    pub chat: ChatText,
    /// Of the text that is sent without a template.
    #[serde(default)]
    pub language: LanguageText,
    /// The message's own template.
    #[serde(default)]
    pub template: Option<String>,
    /// Whether it is signed.
    #[serde(default)]
    pub signed: bool,
}

/// An e-mail by the operator's server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSpec {
    /// To whom.
    pub recipients: Vec<String>,
    /// Of the text that is sent without a template.
    #[serde(default)]
    pub language: LanguageText,
    /// The mail's own template.
    #[serde(default)]
    pub template: Option<String>,
}

/// What is secret about an action.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionSecret {
    /// Where it goes.
    pub url: String,
    /// Values of headers by their names, as the action spells them.
    pub headers: BTreeMap<String, String>,
    /// What it is signed with.
    pub signing: Option<String>,
}

impl std::fmt::Debug for ActionSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ActionSecret(********)")
    }
}

impl ActionSecret {
    /// As the vault seals it.
    pub fn to_text(&self) -> SecretText {
        // Texts alone: there is nothing in it that JSON could not say.
        SecretText::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// What [`ActionSecret::to_text`] wrote.
    pub fn read(text: &SecretText) -> Option<Self> {
        serde_json::from_str(text.expose()).ok()
    }
}

/// The lane of all mail: there is one server for it.
const MAIL_LANE: &str = "mail";

/// `host` of `host:8443` and of `host`; an address of IPv6 stands in brackets.
fn cut_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

impl ActionSpec {
    /// What it does.
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Workload(_) => ActionKind::Workload,
            Self::Webhook(_) => ActionKind::Webhook,
            Self::Message(_) => ActionKind::Message,
            Self::Mail(_) => ActionKind::Mail,
        }
    }

    /// What may be shown of where it goes.
    pub fn label(&self) -> String {
        match self {
            Self::Workload(spec) => format!(
                "{}/{}/{}/{}/{}",
                spec.cluster_name, spec.namespace, spec.workload, spec.name, spec.container
            ),
            Self::Webhook(spec) => spec.host.clone(),
            Self::Message(spec) => spec.host.clone(),
            Self::Mail(spec) => spec.recipients.join(", "),
        }
    }

    /// Whose places it takes while it is sent. A host is one whatever the port: else the ports of one slow receiver would have
    /// places each. Mail's places are counted for each namespace, in the rows of deliveries.
    pub fn lane(&self) -> String {
        match self {
            Self::Workload(spec) => format!("cluster {}", spec.cluster),
            Self::Webhook(spec) => cut_port(&spec.host).to_owned(),
            Self::Message(spec) => cut_port(&spec.host).to_owned(),
            Self::Mail(_) => MAIL_LANE.to_owned(),
        }
    }

    /// What is kept in order: the container of a workload, whichever triggers change it and whether they call it an init
    /// container or not (in a pod no two have one name); else the action itself.
    pub fn target(&self, id: ActionId) -> String {
        match self {
            Self::Workload(spec) => format!(
                "{}/{}/{}/{}/{}",
                spec.cluster, spec.namespace, spec.workload, spec.name, spec.container
            ),
            Self::Webhook(_) | Self::Message(_) | Self::Mail(_) => id.to_string(),
        }
    }

    /// The cluster, of a workload.
    pub fn cluster(&self) -> Option<ClusterId> {
        match self {
            Self::Workload(spec) => spec.cluster.parse().ok(),
            Self::Webhook(_) | Self::Message(_) | Self::Mail(_) => None,
        }
    }

    /// As its row keeps it.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What [`ActionSpec::to_text`] wrote; `None` for what a newer program wrote.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl WorkloadSpec {
    /// What it is.
    pub fn workload_kind(&self) -> Option<WorkloadKind> {
        self.workload.parse().ok()
    }

    /// For how long its rollout is followed.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.min(LONGEST_ROLLOUT_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_survives_its_json_and_an_older_one_gets_defaults() {
        let older = r#"{"kind":"workload","cluster":"c","cluster_name":"prod","namespace":"web",
            "workload":"deployment","name":"api","container":"app"}"#;
        let spec = ActionSpec::read(older).unwrap();
        let ActionSpec::Workload(workload) = &spec else {
            panic!("another kind");
        };
        assert_eq!(workload.timeout(), Duration::from_secs(600));
        assert!(!workload.rollback && !workload.init);
        assert_eq!(ActionSpec::read(&spec.to_text()), Some(spec.clone()));
        assert_eq!(spec.label(), "prod/web/deployment/api/app");
        let other = ActionId::new();
        assert_eq!(spec.target(other), spec.target(ActionId::new()));
        // A pod's containers of both kinds share their names: one workload must not be two targets.
        let init = ActionSpec::Workload(WorkloadSpec {
            init: true,
            timeout_seconds: u64::MAX,
            ..workload.clone()
        });
        assert_eq!(init.target(other), spec.target(other));
        let ActionSpec::Workload(init) = init else {
            panic!("another kind");
        };
        assert_eq!(init.timeout(), Duration::from_secs(7200));
    }

    #[test]
    fn the_ports_of_a_host_share_its_lane() {
        for (host, lane) in [
            ("hooks.example", "hooks.example"),
            ("hooks.example:8443", "hooks.example"),
            ("[fd12::1]:8443", "[fd12::1]"),
            ("[fd12::1]", "[fd12::1]"),
        ] {
            let spec = ActionSpec::Message(MessageSpec {
                host: host.into(),
                chat: ChatText::Slack,
                language: LanguageText::En,
                template: None,
                signed: false,
            });
            assert_eq!((spec.lane().as_str(), spec.label().as_str()), (lane, host));
        }
    }

    #[test]
    fn a_secret_is_written_whole_and_shown_never() {
        let secret = ActionSecret {
            url: "https://h.example/t0ken".into(),
            headers: BTreeMap::from([("Authorization".into(), "Bearer x".into())]),
            signing: Some("whsec_abc".into()),
        };
        let text = secret.to_text();
        assert_eq!(ActionSecret::read(&text), Some(secret.clone()));
        assert!(!format!("{secret:?}").contains("t0ken"));
    }
}
