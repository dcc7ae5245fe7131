//! What is asked of each kind of action, beside where it goes.

use super::{
    super::{
        definition::{
            ActionSecret, LONGEST_ROLLOUT_SECONDS, MailSpec, MessageSpec, PayloadText,
            ROLLOUT_SECONDS, WebhookSpec, WorkloadSpec,
        },
        draft::{HeaderDraft, MailDraft, MessageDraft, SigningDraft, WebhookDraft, WorkloadDraft},
        render::{make_mail, make_message, make_webhook},
    },
    Kept, Place, Sending,
};
use crate::Error;
use std::collections::BTreeMap;
use wharf_integrations::target::{
    kubernetes::{ContainerName, KubeNamespace, ObjectName},
    mail::{MailServer, Recipient},
    webhook::{MOST_HEADERS, WebhookMethod},
};
use wharf_model::{SecretText, triggers::EventKind};

/// Shortest and longest time for which a rollout is followed, in seconds. No rollout ends within less.
const ROLLOUT_BOUNDS: std::ops::RangeInclusive<u64> = 10..=LONGEST_ROLLOUT_SECONDS;

pub(super) fn check_webhook(
    at: &Place,
    draft: WebhookDraft,
    sending: Sending,
    events: &[EventKind],
) -> Result<(WebhookSpec, ActionSecret, Option<SecretText>), Error> {
    let method: WebhookMethod = draft
        .method
        .parse()
        .map_err(|_| at.refuse("method", "unknown_value", ""))?;
    let template = draft.template.filter(|text| !text.trim().is_empty());
    match (draft.payload, &template) {
        (PayloadText::Template, None) => return Err(at.refuse("template", "required", "")),
        (PayloadText::Template, Some(_)) | (_, None) => {}
        (_, Some(_)) => return Err(at.refuse("template", "template_without_payload", "")),
    }
    let headers = check_headers(at, &draft.headers, &sending.kept)?;
    let content_type = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map(|(_, value)| value.clone());
    let (signing, is_made) = sending.kept.signing(at, draft.signing)?;
    let made = signing.as_ref().filter(|_| is_made).map(SecretText::new);
    let spec = WebhookSpec {
        host: sending.url.host(),
        method: method.as_str().to_owned(),
        headers: draft
            .headers
            .into_iter()
            .map(|header| header.name)
            .collect(),
        payload: draft.payload,
        template: template.unwrap_or_default(),
        signed: signing.is_some(),
    };
    let secret = ActionSecret {
        url: sending.text,
        headers,
        signing,
    };
    let check = || {
        let target = make_webhook(&spec, &secret)?;
        target.payload.check(events, content_type.as_deref())
    };
    check().map_err(|error| at.refuse_target("url", &error))?;
    Ok((spec, secret, made))
}

fn check_headers(
    at: &Place,
    drafts: &[HeaderDraft],
    kept: &Kept,
) -> Result<BTreeMap<String, String>, Error> {
    if drafts.len() > MOST_HEADERS {
        return Err(at.refuse("headers", "too_many", MOST_HEADERS));
    }
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        let is_there = |name: &String| name.eq_ignore_ascii_case(&draft.name);
        if headers.keys().any(is_there) {
            return Err(at.refuse(&format!("headers[{place}].name"), "duplicate", ""));
        }
        let value = match &draft.value {
            Some(value) => value.expose().to_owned(),
            None => kept.header(at, place, &draft.name)?,
        };
        headers.insert(draft.name.clone(), value);
    }
    Ok(headers)
}

pub(super) fn check_chat(
    at: &Place,
    draft: MessageDraft,
    sending: Sending,
    events: &[EventKind],
) -> Result<(MessageSpec, ActionSecret), Error> {
    let (signing, _) = match draft.signing {
        // The chat's own page makes it, and has to know it.
        SigningDraft::Make => return Err(at.refuse("make_secret", "secret_of_the_chat", "")),
        other => sending.kept.signing(at, other)?,
    };
    let spec = MessageSpec {
        host: sending.url.host(),
        chat: draft.chat,
        language: draft.language,
        template: draft.template,
        signed: signing.is_some(),
    };
    let secret = ActionSecret {
        url: sending.text,
        headers: BTreeMap::new(),
        signing,
    };
    let check = || make_message(&spec, &secret)?.check(events);
    check().map_err(|error| at.refuse_target("template", &error))?;
    Ok((spec, secret))
}

pub(super) fn check_mail(
    at: &Place,
    draft: MailDraft,
    events: &[EventKind],
    server: Option<&MailServer>,
) -> Result<MailSpec, Error> {
    for (place, text) in draft.recipients.iter().enumerate() {
        let field = format!("recipients[{place}]");
        Recipient::parse(text).map_err(|error| at.refuse_target(&field, &error))?;
    }
    let spec = MailSpec {
        recipients: draft.recipients,
        language: draft.language,
        template: draft.template,
    };
    let check = || {
        let target = make_mail(&spec)?;
        target.check(events)?;
        server.map_or(Ok(()), |server| server.check_allowed(&target))
    };
    check().map_err(|error| at.refuse_target("recipients", &error))?;
    Ok(spec)
}

pub(super) fn check_workload(
    at: &Place,
    draft: WorkloadDraft,
    events: &[EventKind],
) -> Result<WorkloadSpec, Error> {
    // A build sets several tags or none, and a deleted one names nothing: only these say which image shall run.
    let can_roll =
        |event: &EventKind| matches!(event, EventKind::TagCreated | EventKind::TagChanged);
    if !events.iter().all(can_roll) {
        return Err(at.refuse("kind", "workload_needs_tag", ""));
    }
    let named = |field: &str, outcome: Result<(), String>| {
        outcome.map_err(|text| at.refuse(field, "refused_text", text))
    };
    let check = |error: wharf_integrations::target::kubernetes::ClusterError| error.to_string();
    named(
        "cluster_namespace",
        draft
            .namespace
            .parse::<KubeNamespace>()
            .map(drop)
            .map_err(check),
    )?;
    named(
        "workload",
        draft.name.parse::<ObjectName>().map(drop).map_err(check),
    )?;
    named(
        "container",
        draft
            .container
            .parse::<ContainerName>()
            .map(drop)
            .map_err(check),
    )?;
    let timeout_seconds = draft.timeout_seconds.unwrap_or(ROLLOUT_SECONDS);
    if !ROLLOUT_BOUNDS.contains(&timeout_seconds) {
        return Err(at.refuse("timeout_seconds", "out_of_range", ""));
    }
    Ok(WorkloadSpec {
        // Looked up in the transaction that keeps it.
        cluster: String::new(),
        cluster_name: draft.cluster,
        namespace: draft.namespace,
        workload: draft.workload.as_str().to_owned(),
        name: draft.name,
        container: draft.container,
        init: draft.init,
        timeout_seconds,
        rollback: draft.rollback,
    })
}
