//! Actions as drafts again, so that what is kept is checked by the same rules as what is new.

use super::{
    definition::ActionSpec,
    draft::{
        ActionDraft, ActionForm, HeaderDraft, MailDraft, MessageDraft, SigningDraft, WebhookDraft,
        WorkloadDraft,
    },
    page::TriggerPage,
};
use crate::Error;

/// A trigger's actions, each naming itself, with all secrets kept.
///
/// # Errors
/// [`Error::Conflict`] when a newer program wrote one of them: what is not understood is not written again.
pub(super) fn redraft_actions(page: &TriggerPage) -> Result<Vec<ActionDraft>, Error> {
    let drafts = page.actions.iter().map(|action| {
        Some(ActionDraft {
            id: Some(action.action.id),
            form: redraft(action.spec.as_ref()?)?,
        })
    });
    drafts.collect::<Option<_>>().ok_or(Error::Conflict {
        what: "trigger_broken",
    })
}

fn redraft(spec: &ActionSpec) -> Option<ActionForm> {
    Some(match spec {
        ActionSpec::Workload(spec) => ActionForm::Workload(WorkloadDraft {
            cluster: spec.cluster_name.clone(),
            namespace: spec.namespace.clone(),
            workload: spec.workload_kind()?,
            name: spec.name.clone(),
            container: spec.container.clone(),
            init: spec.init,
            timeout_seconds: Some(spec.timeout_seconds),
            rollback: spec.rollback,
        }),
        ActionSpec::Webhook(spec) => ActionForm::Webhook(WebhookDraft {
            url: None,
            method: spec.method.clone(),
            headers: spec
                .headers
                .iter()
                .map(|name| HeaderDraft {
                    name: name.clone(),
                    value: None,
                })
                .collect(),
            signing: SigningDraft::Keep,
            payload: spec.payload,
            template: Some(spec.template.clone()).filter(|text| !text.is_empty()),
        }),
        ActionSpec::Message(spec) => ActionForm::Message(MessageDraft {
            chat: spec.chat,
            url: None,
            signing: SigningDraft::Keep,
            language: spec.language,
            template: spec.template.clone(),
        }),
        ActionSpec::Mail(spec) => ActionForm::Mail(MailDraft {
            recipients: spec.recipients.clone(),
            language: spec.language,
            template: spec.template.clone(),
        }),
    })
}
