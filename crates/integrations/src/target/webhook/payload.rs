//! The shapes of bodies.

use super::{cloud_events, docker_hub, harbor};
use crate::target::error::TargetError;
use crate::target::facts::SpokenFacts;
use crate::target::template::{
    TemplateForm, check_json, check_template, escape_json, render_template,
};
use wharf_model::triggers::{EventFacts, EventKind};

/// What the body of a webhook looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayloadShape {
    /// CloudEvents 1.0 in structured JSON, for every kind of event.
    CloudEvents,
    /// What Docker Hub sends; it knows pushed tags alone.
    DockerHub,
    /// What Harbor sends; it knows pushed and deleted tags.
    Harbor,
    /// A person's own. JSON, unless a header `Content-Type` says otherwise.
    Template(String),
}

impl PayloadShape {
    /// The word in rows and in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            PayloadShape::CloudEvents => "cloud_events",
            PayloadShape::DockerHub => "docker_hub",
            PayloadShape::Harbor => "harbor",
            PayloadShape::Template(_) => "template",
        }
    }

    /// Whether it has words for this kind of event.
    pub fn supports(&self, kind: EventKind) -> bool {
        use EventKind::{TagChanged, TagCreated, TagDeleted};
        match self {
            PayloadShape::CloudEvents | PayloadShape::Template(_) => true,
            PayloadShape::DockerHub => matches!(kind, TagCreated | TagChanged),
            PayloadShape::Harbor => matches!(kind, TagCreated | TagChanged | TagDeleted),
        }
    }

    /// What is asked when a trigger is saved. `content_type` is the value of that header, if a person set it.
    ///
    /// # Errors
    /// [`TargetError::Unsupported`] for the first kind that it has no words for; [`TargetError::Template`].
    pub fn check(
        &self,
        kinds: &[EventKind],
        content_type: Option<&str>,
    ) -> Result<(), TargetError> {
        for kind in kinds {
            self.check_kind(*kind)?;
        }
        match self {
            PayloadShape::Template(text) => check_template(text, find_form(content_type), kinds),
            _ => Ok(()),
        }
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self {
            // CloudEvents, "HTTP Protocol Binding", section 3.2.
            PayloadShape::CloudEvents => "application/cloudevents+json",
            _ => "application/json",
        }
    }

    pub(super) fn render(
        &self,
        facts: &EventFacts,
        spoken: &SpokenFacts,
        content_type: Option<&str>,
    ) -> Result<String, TargetError> {
        self.check_kind(facts.kind)?;
        let body = match self {
            PayloadShape::CloudEvents => cloud_events::make_body(facts, spoken),
            PayloadShape::DockerHub => docker_hub::make_body(facts, spoken),
            PayloadShape::Harbor => harbor::make_body(facts, spoken),
            PayloadShape::Template(text) => {
                return render_body(text, find_form(content_type), spoken);
            }
        };
        Ok(body.to_string())
    }

    fn check_kind(&self, kind: EventKind) -> Result<(), TargetError> {
        match self.supports(kind) {
            true => Ok(()),
            false => Err(TargetError::Unsupported {
                shape: self.as_str(),
                kind,
            }),
        }
    }
}

fn render_body(
    text: &str,
    form: TemplateForm,
    spoken: &SpokenFacts,
) -> Result<String, TargetError> {
    match form {
        TemplateForm::Json => {
            let body = render_template(text, form, spoken, escape_json)?;
            check_json(&body)?;
            Ok(body)
        }
        // A line of a form or a text ends where the template ends it.
        TemplateForm::Text => render_template(text, form, spoken, |value| {
            value.replace(char::is_control, " ")
        }),
    }
}

fn find_form(content_type: Option<&str>) -> TemplateForm {
    let media_type = content_type.unwrap_or("application/json");
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    match media_type.ends_with("/json") || media_type.ends_with("+json") {
        true => TemplateForm::Json,
        false => TemplateForm::Text,
    }
}
