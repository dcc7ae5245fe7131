//! How the findings of `wharf check` are printed.

use serde_json::{Value, json};

use crate::config::{Effective, Loaded, Place, Problem};
use crate::failure::Failure;
use crate::output::{Column, print_json, print_rows, print_text, show_text};
use crate::session::Session;

const SETTINGS: [Column; 3] = [
    Column::text("cli.column.setting", |_, item| show_text(&item["setting"])),
    Column::text("cli.column.value", |_, item| show_text(&item["value"])),
    Column::text("cli.column.origin", |session, item| {
        match item["origin"].as_str() {
            Some(origin) => origin.to_owned(),
            None => session.text("cli.check.default", &[]).into_owned(),
        }
    }),
];

pub(super) fn print_text_report(session: &Session, loaded: &Loaded) -> Result<(), Failure> {
    let mut text = String::new();
    for problem in &loaded.problems {
        text += &format!(
            "{}: {}\n",
            problem.severity.as_str(),
            problem.render_line(session.language)
        );
    }
    if !text.is_empty() {
        text.push('\n');
    }
    print_text(session, &text)?;
    let settings: Vec<Value> = loaded.effective.iter().map(describe_setting).collect();
    print_rows(session, &SETTINGS, &settings)
}

pub(super) fn print_json_report(session: &Session, loaded: &Loaded) -> Result<(), Failure> {
    let problems: Vec<Value> = loaded
        .problems
        .iter()
        .map(|problem| describe_problem(session, problem))
        .collect();
    let settings: Vec<Value> = loaded.effective.iter().map(describe_setting).collect();
    let report = json!({
        "ok": !loaded.has_errors(),
        "problems": problems,
        "settings": settings,
    });
    print_json(session, &report)
}

fn describe_problem(session: &Session, problem: &Problem) -> Value {
    let mut value = json!({
        "severity": problem.severity.as_str(),
        "code": problem.code(),
        "setting": problem.setting,
        "origin": problem.place.as_ref().map(Place::to_string),
        "message": problem.render_message(session.language),
    });
    if let Some(Place::File { line, column, .. }) = &problem.place {
        value["line"] = (*line).into();
        value["column"] = (*column).into();
    }
    value
}

fn describe_setting(setting: &Effective) -> Value {
    json!({
        "setting": setting.setting,
        "value": setting.value,
        "origin": setting.place.as_ref().map(Place::to_string),
    })
}
