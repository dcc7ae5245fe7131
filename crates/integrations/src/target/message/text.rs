//! What a message says, before a product's form is put around it.

use crate::target::error::TargetError;
use crate::target::facts::SpokenFacts;
use crate::target::template::Escape;
use wharf_messages::{Language, render};
use wharf_model::triggers::EventKind;

/// A text in lines; every fact in it is escaped already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MessageText {
    /// The first line; none in a text that somebody else wrote.
    pub(crate) title: Option<String>,
    pub(crate) lines: Vec<String>,
    /// A page of ours about it.
    pub(crate) url: Option<String>,
}

impl MessageText {
    /// The catalogue's words.
    pub(crate) fn from_catalogue(
        language: Language,
        kind: EventKind,
        facts: &SpokenFacts,
        escape: Escape,
    ) -> MessageText {
        let build = facts.build.as_ref();
        let say = |text: Option<&str>| escape(text.unwrap_or_default());
        let number = build.map(|build| build.number.to_string());
        let parameters = [
            ("image", say(Some(&facts.image))),
            ("tag", say(facts.tag.as_deref())),
            ("number", number.unwrap_or_default()),
        ];
        let parameters = parameters.each_ref().map(|(name, value)| (*name, &**value));
        let title = render(language, &format!("message.{}", kind.as_str()), &parameters);
        let tags = build.map(|build| build.tags.join(", "));
        let said = [
            ("digest", facts.digest.as_deref()),
            ("previous_digest", facts.previous_digest.as_deref()),
            ("rule", build.and_then(|build| build.rule.as_deref())),
            ("ref", build.and_then(|build| build.reference.as_deref())),
            ("commit", build.and_then(|build| build.commit.as_deref())),
            ("tags", tags.as_deref().filter(|tags| !tags.is_empty())),
            ("reason", build.and_then(|build| build.reason.as_deref())),
            ("actor", Some(&*facts.actor)),
            ("time", Some(&*facts.time)),
        ];
        let lines = said.into_iter().filter_map(|(word, value)| {
            let value = escape(value?);
            let key = format!("message.line.{word}");
            Some(render(language, &key, &[("value", &value)]).into_owned())
        });
        let mut lines: Vec<_> = lines.collect();
        if facts.is_by_hand {
            lines.push(render(language, "message.by_hand", &[]).into_owned());
        }
        MessageText {
            title: Some(title.into_owned()),
            lines,
            url: Some(facts.url.clone()),
        }
    }

    /// What a template made.
    ///
    /// # Errors
    /// [`TargetError::Template`] when there is nothing in it.
    pub(crate) fn from_template(text: &str) -> Result<MessageText, TargetError> {
        let is_kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        let text: String = text.chars().filter(is_kept).collect();
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Template {
                line: 1,
                reason: "it makes an empty text".to_owned(),
            });
        }
        Ok(MessageText {
            title: None,
            lines: text.lines().map(str::to_owned).collect(),
            url: None,
        })
    }

    /// All of it, a line each.
    pub(crate) fn join(&self) -> String {
        let parts = self.title.iter().chain(&self.lines).chain(&self.url);
        parts.map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
