//! `wharf trigger create`, `edit` and `try`: one way from options to the JSON of a trigger.

use std::path::Path;

use serde_json::{Value, json};

use super::actions::{new_action, no_action, read_file};
use super::arguments::{CreateArguments, EditArguments, TryArguments};
use super::options::{ConditionOptions, EventOptions};
use super::path::{OwnerPath, TriggerPath};
use super::show;
use crate::client::ApiClient;
use crate::commands::outcome::print_outcome;
use crate::commands::request::set_given;
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_rows, show_day_time, show_text, show_word, show_yes_no,
};
use crate::session::{Format, Session};

const TAG_COLUMNS: [Column; 3] = [
    Column::text("cli.column.tag", |_, item| show_text(&item["tag"])),
    Column::text("cli.column.fires", |session, item| {
        show_yes_no(session, &item["matches"])
    }),
    Column::text("cli.column.pushed", |session, item| {
        show_day_time(session, &item["at"])
    }),
];

const PUSH_COLUMNS: [Column; 4] = [
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["at"])
    }),
    Column::text("cli.column.tag", |_, item| show_text(&item["tag"])),
    Column::text("cli.column.event", |session, item| {
        show_word(session, "trigger_event", &item["event"])
    }),
    Column::text("cli.column.fires", |session, item| {
        show_yes_no(session, &item["matches"])
    }),
];

pub(super) async fn create(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: CreateArguments,
) -> Result<(), Failure> {
    let path = TriggerPath::of(client, &arguments.trigger);
    let mut body = read_definition(session, arguments.definition.as_deref())?;
    body["name"] = path.trigger.into();
    if arguments.disabled {
        body["enabled"] = false.into();
    }
    set_given(&mut body, "condition", read_condition(arguments.condition));
    set_events(&mut body, arguments.events);
    if let Some(action) = new_action(session, arguments.action)? {
        match body["actions"].as_array_mut() {
            Some(actions) => actions.push(action),
            None => body["actions"] = json!([action]),
        }
    }
    if body["actions"].as_array().is_none_or(Vec::is_empty) {
        return Err(no_action(session));
    }
    let answer = client.post(&path.owner.with(&["triggers"]), &body).await?;
    let parameters = [
        ("name", path.trigger),
        ("owner", arguments.trigger.owner.as_str()),
    ];
    print_outcome(session, &answer, "cli.trigger.created", &parameters)?;
    show::print_saved(session, &answer)
}

pub(super) async fn edit(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: EditArguments,
) -> Result<(), Failure> {
    let path = TriggerPath::of(client, &arguments.trigger);
    let mut body = read_definition(session, arguments.definition.as_deref())?;
    set_given(&mut body, "name", arguments.rename);
    set_given(&mut body, "condition", read_condition(arguments.condition));
    set_events(&mut body, arguments.events);
    if body == json!({}) {
        return Err(Failure::usage(session.text("cli.nothing_to_change", &[]))
            .with_hint(session.text("cli.nothing_to_change_hint", &[])));
    }
    let answer = client.patch(&path.with(&[]), &body).await?;
    let parameters = [("name", path.trigger)];
    print_outcome(session, &answer, "cli.trigger.changed", &parameters)?;
    show::print_saved(session, &answer)
}

pub(super) async fn try_condition(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: TryArguments,
) -> Result<(), Failure> {
    let owner = OwnerPath::of(client, &arguments.repository);
    let mut body = json!({});
    set_given(&mut body, "trigger", arguments.trigger);
    set_given(&mut body, "condition", read_condition(arguments.condition));
    let answer = client.post(&owner.with(&["trigger-trials"]), &body).await?;
    if session.format == Format::Json {
        return print_json(session, &answer);
    }
    let list = |field: &str| answer[field].as_array().cloned().unwrap_or_default();
    for (items, heading, columns) in [
        (list("tags"), "cli.trigger.try_tags", &TAG_COLUMNS[..]),
        (list("pushes"), "cli.trigger.try_pushes", &PUSH_COLUMNS[..]),
    ] {
        let chosen = items.iter().filter(|item| item["matches"] == true).count();
        let parameters = [
            ("chosen", &*chosen.to_string()),
            ("total", &*items.len().to_string()),
        ];
        session.say(heading, &parameters);
        if !items.is_empty() {
            print_rows(session, columns, &items)?;
        }
    }
    if answer["more"] == true {
        session.say("cli.trigger.try_more", &[]);
    }
    Ok(())
}

fn read_definition(session: &Session, path: Option<&Path>) -> Result<Value, Failure> {
    let Some(path) = path else {
        return Ok(json!({}));
    };
    let text = read_file(session, path)?;
    serde_json::from_str(&text).map_err(|error| {
        let shown = path.display().to_string();
        Failure::new(session.text("cli.file_unreadable", &[("path", &shown)])).caused_by(&error)
    })
}

fn read_condition(options: ConditionOptions) -> Option<Value> {
    let ConditionOptions {
        all,
        tags,
        regex,
        glob,
        semver,
    } = options;
    let given = [
        ("tags", tags),
        ("regex", regex),
        ("glob", glob),
        ("semver", semver),
    ];
    let chosen = given
        .into_iter()
        .find_map(|(kind, text)| Some(json!({ "kind": kind, "text": text? })));
    chosen.or(all.then(|| json!({ "kind": "all" })))
}

fn set_events(body: &mut Value, options: EventOptions) {
    if !options.events.is_empty() {
        body["events"] = options.events.into();
    }
    if !options.rules.is_empty() {
        body["rules"] = options.rules.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        condition: ConditionOptions,
        #[command(flatten)]
        events: EventOptions,
    }

    #[test]
    fn one_condition_is_chosen_and_events_are_a_list() {
        let line = |words: &[&str]| {
            Line::try_parse_from(std::iter::once("trigger").chain(words.iter().copied()))
        };
        let semver = line(&["--semver", ">=1"]).expect("options");
        assert_eq!(
            read_condition(semver.condition),
            Some(json!({ "kind": "semver", "text": ">=1" }))
        );
        let all = line(&["--all"]).expect("options");
        assert_eq!(
            read_condition(all.condition),
            Some(json!({ "kind": "all" }))
        );
        assert_eq!(read_condition(line(&[]).expect("nothing").condition), None);
        assert!(line(&["--all", "--glob", "v*"]).is_err());
        let mut body = json!({});
        let events = line(&["--event", "build_failed", "--rule", "main"]).expect("options");
        set_events(&mut body, events.events);
        assert_eq!(
            body,
            json!({ "events": ["build_failed"], "rules": ["main"] })
        );
    }
}
