//! The full description of a repository as people read it: Markdown as harmless HTML.

use super::pages::{MAX_DESCRIPTION, parse_name};
use crate::{App, Context, Error, markdown::render_markdown, places::Asker};
use wharf_db::{repositories, rules};
use wharf_model::{Granted, rights::Pull};

/// A description as it is read.
#[derive(Debug, Clone)]
pub struct Readme {
    /// Harmless HTML.
    pub html: String,
    /// Whether builds of a rule replace it by the README of what they build.
    pub synced: bool,
}

impl App {
    /// The full description of a repository as HTML.
    pub async fn show_readme(&self, context: &Context, repository: &str) -> Result<Readme, Error> {
        let name = parse_name(repository)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let found = self.db.read(move |tx| {
            let found = repositories::load_repository(tx, &right, None)?.ok_or(Error::NotFound)?;
            let rules = rules::list_rules_of_repository(tx, right.repository())?;
            let synced = rules.iter().any(|rule| {
                let definition: Result<crate::rules::Definition, _> =
                    serde_json::from_str(&rule.definition);
                rule.enabled && definition.is_ok_and(|definition| definition.readme)
            });
            Ok::<_, Error>((found.description, synced))
        });
        let (text, synced) = found.await?;
        let html = self.render(context, text).await?;
        Ok(Readme { html, synced })
    }

    /// What a description would look like.
    pub async fn preview_markdown(&self, context: &Context, text: String) -> Result<String, Error> {
        if text.len() > MAX_DESCRIPTION {
            return Err(Error::invalid("markdown", "too_long"));
        }
        self.render(context, text).await
    }

    /// On a thread of its own: what is long takes milliseconds, which others do not wait for.
    async fn render(&self, context: &Context, text: String) -> Result<String, Error> {
        let places = &self.page_places;
        let rendered = places.run(Asker::Request(context), move || render_markdown(&text));
        rendered.await
    }
}
