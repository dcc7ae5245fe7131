//! An action as it shall be, as JSON has it: one flat object, of which each kind has its fields.

use super::{
    super::refusal::Refusal,
    definition::{ActionKind, ChatService, MessageLanguage, Payload, Workload},
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use uuid::Uuid;
use wharf_app::{Error, triggers};
use wharf_model::SecretText;

/// A header of a webhook.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewHeader {
    name: String,
    /// Kept encrypted, and never shown. Left out, the value that is stored stays.
    value: Option<String>,
}

/// An action as it shall be. Fields that are not of its kind are refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewAction {
    /// The action that it is, in a change of a trigger: its log and its secrets stay. Left out, it is a new one.
    id: Option<Uuid>,
    kind: ActionKind,
    /// Of webhooks and messages: where to, http or https. It is a secret: kept encrypted, of which only the host is ever
    /// shown. Left out, what is stored stays.
    url: Option<String>,
    /// Of webhooks: `POST` (the default) or `PUT`.
    method: Option<String>,
    /// Of webhooks: further headers. For another scheme, host or port all values have to be given again.
    headers: Option<Vec<NewHeader>>,
    /// Of webhooks (Standard Webhooks: `whsec_…`), DingTalk and Feishu: what signs. Left out, what is stored stays, and has
    /// to be given again for another scheme, host or port; null takes it away.
    #[serde(default, deserialize_with = "read_given")]
    #[schema(value_type = Option<String>)]
    secret: Option<Option<String>>,
    /// Of webhooks: make a new secret that signs. It is answered this once, in `made_secrets`.
    #[serde(default)]
    make_secret: bool,
    /// Of webhooks.
    payload: Option<Payload>,
    /// Of webhooks with the payload `template`, messages and mail: the text, with the facts of the event in it
    /// (`{{ repository }}`, `{{ tag }}`, `{{ digest }}`, …).
    template: Option<String>,
    /// Of messages.
    service: Option<ChatService>,
    /// Of messages and mail without a template.
    language: Option<MessageLanguage>,
    /// Of mail: addresses.
    recipients: Option<Vec<String>>,
    /// Of workloads: the cluster's name.
    cluster: Option<String>,
    /// Of workloads: the Kubernetes namespace.
    cluster_namespace: Option<String>,
    /// Of workloads.
    workload_kind: Option<Workload>,
    /// Of workloads: its name.
    workload: Option<String>,
    /// Of workloads: the container whose image is set.
    container: Option<String>,
    /// Of workloads: whether it is an init container.
    init: Option<bool>,
    /// Of workloads: put the image of before back when the rollout fails.
    rollback: Option<bool>,
    /// Of workloads: how long a rollout may take, 10 to 7200; 600 when it is left out.
    timeout_seconds: Option<u64>,
}

/// Null is a value of its own.
fn read_given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// The fields of an action, each taken at most once: what is left over is of another kind.
struct Fields {
    place: usize,
    action: NewAction,
}

impl Fields {
    fn refuse(&self, field: &str, reason: &'static str) -> Refusal {
        Error::refused(format!("actions[{}].{field}", self.place), reason, "").into()
    }

    fn require<T>(&self, field: &str, value: Option<T>) -> Result<T, Refusal> {
        value.ok_or_else(|| self.refuse(field, "required"))
    }

    fn take_signing(&mut self) -> Result<triggers::SigningDraft, Refusal> {
        let made = std::mem::take(&mut self.action.make_secret);
        Ok(match (self.action.secret.take(), made) {
            (None, false) => triggers::SigningDraft::Keep,
            (None, true) => triggers::SigningDraft::Make,
            (Some(_), true) => return Err(self.refuse("make_secret", "either_or")),
            (Some(Some(secret)), false) => triggers::SigningDraft::Give(SecretText::new(secret)),
            (Some(None), false) => triggers::SigningDraft::Unsigned,
        })
    }

    fn take_form(&mut self) -> Result<triggers::ActionForm, Refusal> {
        Ok(match self.action.kind {
            ActionKind::Workload => triggers::ActionForm::Workload(self.take_workload()?),
            ActionKind::Webhook => triggers::ActionForm::Webhook(self.take_webhook()?),
            ActionKind::Message => triggers::ActionForm::Message(self.take_message()?),
            ActionKind::Mail => triggers::ActionForm::Mail(self.take_mail()?),
        })
    }

    fn take_workload(&mut self) -> Result<triggers::WorkloadDraft, Refusal> {
        let action = &mut self.action;
        let (cluster, namespace) = (action.cluster.take(), action.cluster_namespace.take());
        let (kind, name) = (action.workload_kind.take(), action.workload.take());
        let (container, init) = (action.container.take(), action.init.take());
        let (rollback, timeout) = (action.rollback.take(), action.timeout_seconds.take());
        Ok(triggers::WorkloadDraft {
            cluster: self.require("cluster", cluster)?,
            namespace: self.require("cluster_namespace", namespace)?,
            workload: self.require("workload_kind", kind)?.into(),
            name: self.require("workload", name)?,
            container: self.require("container", container)?,
            init: init.unwrap_or_default(),
            timeout_seconds: timeout,
            rollback: rollback.unwrap_or_default(),
        })
    }

    fn take_webhook(&mut self) -> Result<triggers::WebhookDraft, Refusal> {
        let signing = self.take_signing()?;
        let action = &mut self.action;
        let headers = action.headers.take().unwrap_or_default();
        let headers = headers.into_iter().map(|header| triggers::HeaderDraft {
            name: header.name,
            value: header.value.map(SecretText::new),
        });
        Ok(triggers::WebhookDraft {
            url: action.url.take().map(SecretText::new),
            method: action.method.take().unwrap_or_else(|| "POST".to_owned()),
            headers: headers.collect(),
            signing,
            payload: action.payload.take().unwrap_or_default().into(),
            template: action.template.take(),
        })
    }

    fn take_message(&mut self) -> Result<triggers::MessageDraft, Refusal> {
        let signing = self.take_signing()?;
        let service = self.action.service.take();
        let chat = self.require("service", service)?.into();
        let action = &mut self.action;
        Ok(triggers::MessageDraft {
            chat,
            url: action.url.take().map(SecretText::new),
            signing,
            language: action.language.take().unwrap_or_default().into(),
            template: action.template.take(),
        })
    }

    fn take_mail(&mut self) -> Result<triggers::MailDraft, Refusal> {
        let recipients = self.action.recipients.take();
        let recipients = self.require("recipients", recipients)?;
        Ok(triggers::MailDraft {
            recipients,
            language: self.action.language.take().unwrap_or_default().into(),
            template: self.action.template.take(),
        })
    }

    /// Refuses the first field that the kind does not have.
    fn check_rest(&self) -> Result<(), Refusal> {
        let action = &self.action;
        let rest = [
            ("url", action.url.is_some()),
            ("method", action.method.is_some()),
            ("headers", action.headers.is_some()),
            ("secret", action.secret.is_some()),
            ("make_secret", action.make_secret),
            ("payload", action.payload.is_some()),
            ("template", action.template.is_some()),
            ("service", action.service.is_some()),
            ("language", action.language.is_some()),
            ("recipients", action.recipients.is_some()),
            ("cluster", action.cluster.is_some()),
            ("cluster_namespace", action.cluster_namespace.is_some()),
            ("workload_kind", action.workload_kind.is_some()),
            ("workload", action.workload.is_some()),
            ("container", action.container.is_some()),
            ("init", action.init.is_some()),
            ("rollback", action.rollback.is_some()),
            ("timeout_seconds", action.timeout_seconds.is_some()),
        ];
        match rest.iter().find(|(_, is_left)| *is_left) {
            Some((field, _)) => Err(self.refuse(field, "not_of_kind")),
            None => Ok(()),
        }
    }
}

/// Actions as the use cases take them.
pub(super) fn read_actions(actions: Vec<NewAction>) -> Result<Vec<triggers::ActionDraft>, Refusal> {
    let actions = actions.into_iter().enumerate();
    actions
        .map(|(place, action)| {
            let mut fields = Fields { place, action };
            let id = fields.action.id.map(|id| id.to_string());
            let id = id.map(|id| id.parse()).transpose();
            let form = fields.take_form()?;
            fields.check_rest()?;
            Ok(triggers::ActionDraft {
                id: id.map_err(|_| fields.refuse("id", "malformed"))?,
                form,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(action: serde_json::Value) -> Result<Vec<triggers::ActionDraft>, String> {
        let action = serde_json::from_value(action).map_err(|error| error.to_string())?;
        read_actions(vec![action]).map_err(|refusal| format!("{refusal:?}"))
    }

    #[test]
    fn what_is_not_of_its_kind_is_refused_by_name() {
        for (action, part) in [
            (json!({ "kind": "webhook", "cluster": "prod" }), "cluster"),
            (
                json!({ "kind": "mail", "recipients": [], "url": "https://h" }),
                "url",
            ),
            (json!({ "kind": "message" }), "service"),
            (
                json!({ "kind": "workload", "cluster": "prod" }),
                "cluster_namespace",
            ),
            (
                json!({ "kind": "webhook", "make_secret": true, "secret": "x" }),
                "make_secret",
            ),
            (
                json!({ "kind": "webhook", "address": "https://h" }),
                "address",
            ),
            (json!({ "kind": "teams" }), "teams"),
        ] {
            let refused = read(action).expect_err(part);
            assert!(refused.contains(part), "{refused}");
        }
    }

    #[test]
    fn a_secret_is_kept_given_or_taken_away() {
        let signing = |action| match read(action).expect("an action").remove(0).form {
            triggers::ActionForm::Webhook(draft) => draft.signing,
            _ => panic!("another kind"),
        };
        use triggers::SigningDraft::{Give, Keep, Make, Unsigned};
        assert!(matches!(signing(json!({ "kind": "webhook" })), Keep));
        assert!(matches!(
            signing(json!({ "kind": "webhook", "secret": null })),
            Unsigned
        ));
        assert!(matches!(
            signing(json!({ "kind": "webhook", "secret": "x" })),
            Give(_)
        ));
        assert!(matches!(
            signing(json!({ "kind": "webhook", "make_secret": true })),
            Make
        ));
    }
}
