//! Makes the mail about an event.

use super::recipient::{Recipient, check_recipients};
use super::server::MailServer;
use crate::target::error::TargetError;
use crate::target::exchange::{LONGEST_SHOWN, ShownRequest};
use crate::target::facts::SpokenFacts;
use crate::target::message::{MessageText, make_line};
use crate::target::template::{TemplateForm, check_template, render_template};
use crate::text::clip;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use std::time::{Duration, UNIX_EPOCH};
use wharf_messages::{Language, render};
use wharf_model::Timestamp;
use wharf_model::triggers::{EventFacts, EventKind};

/// The longest subject, in bytes. Mail programs show some hundred characters.
const LONGEST_SUBJECT: usize = 200;

/// Who gets a mail, and what it says.
#[derive(Debug, Clone)]
pub struct MailTarget {
    /// Each gets the same mail and sees the others.
    pub recipients: Vec<Recipient>,
    /// Of the subject, and of the text without a template.
    pub language: Language,
    /// The text instead.
    pub template: Option<String>,
}

impl MailTarget {
    /// What is asked when a trigger is saved.
    ///
    /// # Errors
    /// [`TargetError::Recipients`], [`TargetError::Template`].
    pub fn check(&self, kinds: &[EventKind]) -> Result<(), TargetError> {
        check_recipients(&self.recipients)?;
        match &self.template {
            Some(template) => check_template(template, TemplateForm::Text, kinds),
            None => Ok(()),
        }
    }
}

/// A mail that is ready to go.
#[derive(Debug, Clone)]
pub struct RenderedMail {
    pub(super) recipients: Vec<Recipient>,
    pub(super) bytes: Vec<u8>,
    shown: ShownRequest,
}

impl RenderedMail {
    /// What may be kept and shown: the mail without the operator's server.
    pub fn show(&self) -> ShownRequest {
        self.shown.clone()
    }
}

/// The mail about an event. `delivery` is the same at each attempt, `now` is the attempt's own time.
///
/// # Errors
/// [`TargetError::Template`] when the template fails or makes no text, [`TargetError::Recipients`], and
/// [`TargetError::Recipient`] for one that the operator does not allow.
pub fn render_mail(
    server: &MailServer,
    target: &MailTarget,
    facts: &EventFacts,
    delivery: &str,
    now: Timestamp,
) -> Result<RenderedMail, TargetError> {
    check_recipients(&target.recipients)?;
    server.check_allowed(target)?;
    let spoken = SpokenFacts::new(facts, delivery);
    let usual = MessageText::from_catalogue(target.language, facts.kind, &spoken, make_line);
    let title = usual.title.clone().unwrap_or_default();
    let text = match &target.template {
        Some(template) => {
            let text = render_template(template, TemplateForm::Text, &spoken, make_line)?;
            MessageText::from_template(&text)?.join()
        }
        None => usual.join(),
    };
    put_together(server, &target.recipients, title, &text, delivery, now)
}

/// A mail that says nothing but that it came. `sender` is the name of whoever asked for it, `id` no other mail has.
///
/// # Errors
/// [`TargetError::Recipient`] for one that the operator does not allow.
pub fn render_test_mail(
    server: &MailServer,
    recipient: Recipient,
    language: Language,
    sender: &str,
    id: &str,
    now: Timestamp,
) -> Result<RenderedMail, TargetError> {
    let target = MailTarget {
        recipients: vec![recipient],
        language,
        template: None,
    };
    server.check_allowed(&target)?;
    let title = render(language, "message.mail.test_title", &[]).into_owned();
    let text = render(language, "message.mail.test_text", &[("user", sender)]);
    put_together(server, &target.recipients, title, &text, id, now)
}

fn put_together(
    server: &MailServer,
    recipients: &[Recipient],
    title: String,
    text: &str,
    id: &str,
    now: Timestamp,
) -> Result<RenderedMail, TargetError> {
    let subject = clip(title, LONGEST_SUBJECT);
    let id = format!("<{id}@{}>", server.from.email.domain());
    let message = compose(server, recipients, &subject, &id, text, now)?;
    let to: Vec<_> = recipients.iter().map(Recipient::to_string).collect();
    let headers = [
        ("From", server.from.to_string()),
        ("To", to.join(", ")),
        ("Subject", subject),
        ("Message-ID", id),
    ];
    Ok(RenderedMail {
        recipients: recipients.to_vec(),
        bytes: message.formatted(),
        shown: ShownRequest {
            method: "MAIL".to_owned(),
            url: "smtp:".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: clip(text.to_owned(), LONGEST_SHOWN),
        },
    })
}

fn compose(
    server: &MailServer,
    recipients: &[Recipient],
    subject: &str,
    id: &str,
    text: &str,
    now: Timestamp,
) -> Result<Message, TargetError> {
    let seconds = u64::try_from(now.as_seconds()).unwrap_or(0);
    // RFC 3834, section 5: nobody's absence note answers.
    let automatic = HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    );
    let mut message = Message::builder()
        .from(server.from.clone())
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(id.to_owned()))
        .subject(subject)
        .raw_header(automatic)
        .header(ContentType::TEXT_PLAIN);
    for recipient in recipients {
        message = message.to(recipient.address().clone().into());
    }
    let text = format!("{text}\n").replace('\n', "\r\n");
    message.body(text).map_err(|_| TargetError::Recipients {
        reason: "recipients that make no mail",
    })
}
