//! From an action and an event to what is sent: the one place for attempts, and for what is checked when an action is saved.

use super::{
    definition::{
        ActionSecret, ActionSpec, ChatText, LanguageText, MailSpec, MessageSpec, PayloadText,
        WebhookSpec,
    },
    reasons,
    settle::Why,
};
use wharf_egress::Egress;
use wharf_integrations::{
    Secret,
    target::{
        Exchange, Language, RenderedRequest, TargetError, TargetUrl,
        mail::{MailServer, MailTarget, Recipient, RenderedMail, render_mail, send_mail},
        message::{MessageKind, MessageTarget, render_message, send_message},
        send_request,
        webhook::{
            PayloadShape, SigningKey, TargetHeader, WebhookMethod, WebhookTarget, render_webhook,
        },
    },
};
use wharf_model::{Timestamp, triggers::EventFacts};

/// What is sent for an event.
pub(super) enum Rendered {
    /// A webhook.
    Request(RenderedRequest),
    /// A message to a chat.
    Message(MessageKind, RenderedRequest),
    /// An e-mail.
    Mail(Box<MailServer>, RenderedMail),
}

impl Rendered {
    /// Sends it once.
    pub(super) async fn send(&self, egress: &Egress) -> Exchange {
        match self {
            Self::Request(request) => send_request(egress, request).await,
            Self::Message(kind, request) => send_message(egress, *kind, request).await,
            Self::Mail(server, mail) => send_mail(egress, server, mail).await,
        }
    }
}

/// What an action other than a workload's sends for an event.
///
/// # Errors
/// What cannot be sent, as a word with its detail.
pub(super) fn render(
    spec: &ActionSpec,
    secret: &ActionSecret,
    mail: Option<&MailServer>,
    facts: &EventFacts,
    delivery: &str,
    now: Timestamp,
) -> Result<Rendered, Why> {
    match spec {
        ActionSpec::Webhook(spec) => {
            let target = make_webhook(spec, secret).map_err(refuse)?;
            let request = render_webhook(&target, facts, delivery, now).map_err(refuse)?;
            Ok(Rendered::Request(request))
        }
        ActionSpec::Message(spec) => {
            let target = make_message(spec, secret).map_err(refuse)?;
            let request = render_message(&target, facts, delivery, now).map_err(refuse)?;
            Ok(Rendered::Message(target.kind, request))
        }
        ActionSpec::Mail(spec) => {
            let server = mail.ok_or_else(|| Why::new(reasons::NO_MAIL_SERVER, ""))?;
            let target = make_mail(spec).map_err(refuse)?;
            let mail = render_mail(server, &target, facts, delivery, now).map_err(refuse)?;
            Ok(Rendered::Mail(Box::new(server.clone()), mail))
        }
        ActionSpec::Workload(_) => Err(Why::new(reasons::UNREADABLE, "")),
    }
}

fn refuse(error: TargetError) -> Why {
    Why::new(error.word(), error)
}

/// A webhook's target, as it is checked when it is saved and used when it is sent.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn make_webhook(
    spec: &WebhookSpec,
    secret: &ActionSecret,
) -> Result<WebhookTarget, TargetError> {
    let method: Option<WebhookMethod> = spec.method.parse().ok();
    let headers = spec.headers.iter().map(|name| {
        let value = secret.headers.get(name).cloned().unwrap_or_default();
        TargetHeader::parse(name, &Secret::new(value))
    });
    let signing = secret.signing.as_ref().filter(|_| spec.signed);
    Ok(WebhookTarget {
        method: method.ok_or(TargetError::Url {
            reason: "there is no such method",
        })?,
        url: TargetUrl::parse(&Secret::new(&*secret.url))?,
        headers: headers.collect::<Result<_, _>>()?,
        signing: signing
            .map(|key| SigningKey::parse(&Secret::new(&**key)))
            .transpose()?,
        payload: match spec.payload {
            PayloadText::CloudEvents => PayloadShape::CloudEvents,
            PayloadText::DockerHub => PayloadShape::DockerHub,
            PayloadText::Harbor => PayloadShape::Harbor,
            PayloadText::Template => PayloadShape::Template(spec.template.clone()),
        },
    })
}

/// A message's target, as it is checked when it is saved and used when it is sent.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn make_message(
    spec: &MessageSpec,
    secret: &ActionSecret,
) -> Result<MessageTarget, TargetError> {
    let signing = secret.signing.as_ref().filter(|_| spec.signed);
    Ok(MessageTarget {
        kind: match spec.chat {
            ChatText::Wecom => MessageKind::Wecom,
            ChatText::Dingtalk => MessageKind::Dingtalk,
            ChatText::Feishu => MessageKind::Feishu,
            ChatText::Slack => MessageKind::Slack,
        },
        url: TargetUrl::parse(&Secret::new(&*secret.url))?,
        secret: signing.map(|key| Secret::new(&**key)),
        language: read_language(spec.language),
        template: spec.template.clone(),
    })
}

/// A mail's target, as it is checked when it is saved and used when it is sent.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn make_mail(spec: &MailSpec) -> Result<MailTarget, TargetError> {
    let recipients = spec.recipients.iter().map(|text| Recipient::parse(text));
    Ok(MailTarget {
        recipients: recipients.collect::<Result<_, _>>()?,
        language: read_language(spec.language),
        template: spec.template.clone(),
    })
}

fn read_language(language: LanguageText) -> Language {
    match language {
        LanguageText::En => Language::En,
        LanguageText::Zh => Language::Zh,
    }
}
