//! Messages to chat rooms: WeCom, DingTalk, Feishu and Lark, Slack and what takes Slack's messages (Mattermost).
//!
//! The text is the catalogue's, in Chinese or English, or a person's template. Every fact in it is only text: no name
//! mentions anybody, becomes a link or markup, or begins a line. Rendering is pure; sending reads the product's own error
//! code, which most of them answer with status 200. Called by `wharf-app`.

mod cut;
mod dingtalk;
mod escape;
mod feishu;
mod kind;
mod slack;
#[cfg(test)]
mod tests;
mod text;
mod verdict;
mod wecom;

pub(super) use escape::make_line;
pub use kind::MessageKind;
pub(super) use text::MessageText;

use super::error::TargetError;
use super::exchange::Exchange;
use super::facts::SpokenFacts;
use super::send::{RenderedRequest, send_and_judge};
use super::target_url::TargetUrl;
use super::template::{TemplateForm, check_template, render_template};
use crate::Secret;
use escape::Dialect;
use wharf_egress::Egress;
use wharf_messages::Language;
use wharf_model::Timestamp;
use wharf_model::triggers::{EventFacts, EventKind};

/// A chat room's robot.
#[derive(Debug, Clone)]
pub struct MessageTarget {
    /// The product.
    pub kind: MessageKind,
    /// The robot's own URL. Hosts other than the product's usual one are good too: its international one, an
    /// installation of one's own, a relay.
    pub url: TargetUrl,
    /// What DingTalk and Feishu sign with.
    pub secret: Option<Secret>,
    /// Of the text that is sent without a template.
    pub language: Language,
    /// The text instead.
    pub template: Option<String>,
}

impl MessageTarget {
    /// What is asked when a trigger is saved.
    ///
    /// # Errors
    /// [`TargetError::SigningSecret`] for a secret where nothing is signed, [`TargetError::Template`].
    pub fn check(&self, kinds: &[EventKind]) -> Result<(), TargetError> {
        let refuse = |reason| Err(TargetError::SigningSecret { reason });
        match &self.secret {
            Some(_) if !self.kind.signs() => return refuse("this product signs nothing"),
            Some(secret) if secret.expose().trim().is_empty() => return refuse("it is empty"),
            _ => {}
        }
        match &self.template {
            Some(template) => check_template(template, TemplateForm::Text, kinds),
            None => Ok(()),
        }
    }
}

/// The request for an event. `delivery` is the same at each attempt, `now` is the attempt's own time.
///
/// # Errors
/// [`TargetError::Template`] when the template fails, or makes no text at all.
pub fn render_message(
    target: &MessageTarget,
    facts: &EventFacts,
    delivery: &str,
    now: Timestamp,
) -> Result<RenderedRequest, TargetError> {
    let dialect = Dialect::of(target.kind, &target.url);
    let spoken = SpokenFacts::new(facts, delivery);
    let text = match &target.template {
        Some(template) => {
            let form = TemplateForm::Text;
            let text = render_template(template, form, &spoken, dialect.escape())?;
            MessageText::from_template(&text)?
        }
        None => MessageText::from_catalogue(target.language, facts.kind, &spoken, dialect.escape()),
    };
    let secret = target.secret.as_ref();
    let request = match target.kind {
        MessageKind::Wecom => wecom::make_request(&target.url, &text),
        MessageKind::Dingtalk => dingtalk::make_request(&target.url, secret, &text, now),
        MessageKind::Feishu => {
            feishu::make_request(&target.url, secret, target.language, &text, now)
        }
        MessageKind::Slack => slack::make_request(&target.url, &text),
    };
    Ok(match secret {
        Some(secret) => request.hiding(secret),
        None => request,
    })
}

/// Sends it once and reads what the product says about it.
pub async fn send_message(
    egress: &Egress,
    kind: MessageKind,
    request: &RenderedRequest,
) -> Exchange {
    let exchange = send_and_judge(egress, request, |_, body| {
        Some(match kind {
            MessageKind::Wecom => wecom::judge_body(body),
            MessageKind::Dingtalk => dingtalk::judge_body(body),
            MessageKind::Feishu => feishu::judge_body(body),
            MessageKind::Slack => slack::judge_body(body),
        })
    });
    let exchange = exchange.await;
    match kind {
        MessageKind::Slack => slack::judge_status(exchange),
        MessageKind::Feishu => feishu::judge_status(exchange),
        _ => exchange,
    }
}
