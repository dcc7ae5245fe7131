//! Templates that people write: a body or a text with the facts of an event in it.
//!
//! They are Jinja (minijinja) without loader, without globals that reach anywhere, and on a budget. Values are escaped
//! where they are written out, by the form of the whole text, and nothing turns that off: a fact is text wherever it
//! stands, never template code, JSON, a mention or markup. [`check_template`] is called when a trigger is saved, and
//! tries each kind of event with facts that would show a mistake; rendering is called by the rooms beside this one.

mod samples;

use super::error::TargetError;
use super::exchange::LONGEST_SHOWN;
use super::facts::SpokenFacts;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, UndefinedBehavior, Value};
use wharf_model::triggers::EventKind;

/// The longest template, in bytes. Bodies of a few kilobytes are long already; each one is read for every delivery.
pub const LONGEST_TEMPLATE: usize = 16 * 1024;

/// What one rendering may use up: about so many steps, or 64 times as many bytes. A loop over all tags of a build takes
/// some thousand; with a hundred times more, a template could keep a processor for seconds.
const FUEL: u64 = 50_000;

/// What stands around the values, and so how they are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateForm {
    /// JSON: values go between the quotes of a string, or anywhere by `tojson`.
    Json,
    /// Text for people.
    Text,
}

/// How values are made part of the text around them.
pub(super) type Escape = fn(&str) -> String;

/// Tries a template before it is kept.
///
/// # Errors
/// [`TargetError::Template`] with line and reason: for what is no Jinja, for names that no event has, for facts that one
/// of these kinds of events lacks, for values of JSON that are not between quotes, and for more work or text than is
/// allowed.
pub fn check_template(
    text: &str,
    form: TemplateForm,
    kinds: &[EventKind],
) -> Result<(), TargetError> {
    let escape = match form {
        TemplateForm::Json => escape_json,
        TemplateForm::Text => str::to_owned,
    };
    for facts in samples::make_samples(kinds) {
        let rendered = render_template(text, form, &facts, escape)?;
        if form == TemplateForm::Json {
            check_json(&rendered)?;
        }
    }
    Ok(())
}

/// The text of a template about an event.
///
/// # Errors
/// [`TargetError::Template`] as above, and when more than 64 KiB come out.
pub(super) fn render_template(
    text: &str,
    form: TemplateForm,
    facts: &SpokenFacts,
    escape: Escape,
) -> Result<String, TargetError> {
    if text.len() > LONGEST_TEMPLATE {
        return Err(TargetError::Template {
            line: 1,
            reason: format!("it has more than {LONGEST_TEMPLATE} bytes"),
        });
    }
    let environment = make_environment(form, escape);
    let rendered = environment
        .template_from_str(text)
        .and_then(|template| template.render(Value::from(Serde(facts))))
        .map_err(|error| describe(&error))?;
    if rendered.len() > LONGEST_SHOWN {
        return Err(TargetError::Template {
            line: 1,
            reason: format!("it makes more than {LONGEST_SHOWN} bytes"),
        });
    }
    Ok(rendered)
}

/// Whether a body is JSON, which every receiver of it will ask.
pub(super) fn check_json(body: &str) -> Result<(), TargetError> {
    match serde_json::from_str::<serde::de::IgnoredAny>(body) {
        Ok(_) => Ok(()),
        Err(error) => Err(TargetError::Template {
            line: error.line(),
            reason: format!(
                "what it makes is no JSON (column {}); write values between quotes, or as {{{{ value | tojson }}}}",
                error.column()
            ),
        }),
    }
}

/// A text as it stands between the quotes of a JSON string.
pub(super) fn escape_json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or_default()
        .to_owned()
}

fn make_environment(form: TemplateForm, escape: Escape) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // What a block of the template collected was escaped as it was written, and counts as safe then.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("value".into()));
    environment.set_formatter(move |out, _, value| write_value(out, value, escape));
    for name in ["safe", "escape", "e"] {
        environment.remove_filter(name);
    }
    if form == TemplateForm::Text {
        environment.remove_filter("tojson");
    }
    environment
}

fn write_value(
    out: &mut Output<'_>,
    value: &Value,
    escape: Escape,
) -> Result<(), minijinja::Error> {
    let written = match value.kind() {
        ValueKind::Undefined => return Err(ErrorKind::UndefinedError.into()),
        ValueKind::None => Ok(()),
        // As JSON has it, not as Python.
        ValueKind::Bool => out.write_str(if value.is_true() { "true" } else { "false" }),
        _ if value.is_safe() => write!(out, "{value}"),
        _ => out.write_str(&escape(&value.to_string())),
    };
    Ok(written?)
}

fn describe(error: &minijinja::Error) -> TargetError {
    let reason = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it takes too much work".to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    TargetError::Template {
        line: error.line().unwrap_or(1),
        reason,
    }
}

#[cfg(test)]
mod tests;
