//! `wharf rule create`, `edit` and `try`: one way from options to a definition.

use serde_json::{Value, json};

use super::arguments::{CreateArguments, EditArguments, TryArguments};
use super::definition::change_definition;
use super::path::RulePath;
use super::show::{shorten_commit, show_reason};
use crate::client::ApiClient;
use crate::commands::outcome::print_outcome;
use crate::commands::source::find_source;
use crate::failure::Failure;
use crate::output::{Column, print_json, print_rows, show_text, show_yes_no};
use crate::session::{Format, Session};

const TRY_COLUMNS: [Column; 5] = [
    Column::text("cli.column.ref", |_, item| show_text(&item["ref"])),
    Column::text("cli.column.commit", |_, item| {
        shorten_commit(&item["commit"])
    }),
    Column::text("cli.column.built", |session, item| {
        show_yes_no(session, &item["built"])
    }),
    Column::text("cli.column.image_tags", |_, item| show_text(&item["tags"])),
    Column::text("cli.column.reason", |session, item| {
        // What is not built needs no name.
        match (&item["reason"], &item["problem"]) {
            (Value::Null, problem) => show_text(problem),
            (reason, _) => show_reason(session, reason),
        }
    }),
];

pub(super) async fn create(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: CreateArguments,
) -> Result<(), Failure> {
    let path = RulePath::of(client, &arguments.rule);
    let source = find_source(session, client, &arguments.source).await?;
    let mut definition = json!({});
    change_definition(session, &mut definition, arguments.definition)?;
    let body = json!({
        "name": path.rule,
        "source": source["id"],
        "remote": arguments.remote,
        "enabled": !arguments.disabled,
        "definition": definition,
    });
    let repository = ["repositories", path.repository];
    let answer = if client.has(&repository).await? {
        client
            .post(&[repository[0], repository[1], "rules"], &body)
            .await?
    } else {
        let both = json!({ "name": path.repository, "public": arguments.public, "rule": body });
        client.post(&["repositories-from-git"], &both).await?
    };
    let parameters = [("name", path.rule), ("repository", path.repository)];
    print_outcome(session, &answer, "cli.rule.created", &parameters)
}

pub(super) async fn edit(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: EditArguments,
) -> Result<(), Failure> {
    let path = RulePath::of(client, &arguments.rule);
    let rule = client.get(&path.with(&[]), &[]).await?;
    let mut definition = rule["definition"].clone();
    change_definition(session, &mut definition, arguments.definition)?;
    let mut body = json!({});
    if definition != rule["definition"] {
        body["definition"] = definition;
    }
    if let Some(name) = &arguments.rename {
        body["name"] = name.as_str().into();
    }
    if let Some(source) = &arguments.source {
        body["source"] = find_source(session, client, source).await?["id"].clone();
    }
    if let Some(remote) = &arguments.remote {
        body["remote"] = remote.as_str().into();
    }
    if body == json!({}) {
        return Err(Failure::usage(session.text("cli.nothing_to_change", &[]))
            .with_hint(session.text("cli.nothing_to_change_hint", &[])));
    }
    let answer = client.patch(&path.with(&[]), &body).await?;
    print_outcome(session, &answer, "cli.rule.changed", &[("name", path.rule)])
}

pub(super) async fn try_rule(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: TryArguments,
) -> Result<(), Failure> {
    let path = RulePath::of(client, &arguments.rule);
    let (mut definition, mut body) = match (&arguments.source, arguments.remote) {
        (Some(source), Some(remote)) => {
            let source = find_source(session, client, source).await?;
            (
                json!({}),
                json!({ "source": source["id"], "remote": remote }),
            )
        }
        _ => {
            let rule = client.get(&path.with(&[]), &[]).await?;
            (rule["definition"].clone(), json!({ "rule": path.rule }))
        }
    };
    change_definition(session, &mut definition, arguments.definition)?;
    body["definition"] = definition;
    let trials = ["repositories", path.repository, "rule-trials"];
    let answer = client.post(&trials, &body).await?;
    if session.format == Format::Json {
        return print_json(session, &answer);
    }
    let refs = answer["refs"].as_array().map_or(&[][..], Vec::as_slice);
    if !refs.is_empty() {
        print_rows(session, &TRY_COLUMNS, refs)?;
    }
    let (built, total) = (show_text(&answer["built"]), show_text(&answer["total"]));
    session.say("cli.rule.tried", &[("built", &built), ("total", &total)]);
    if answer["shared_tags"]
        .as_array()
        .is_some_and(|tags| !tags.is_empty())
    {
        let tags = show_text(&answer["shared_tags"]);
        session.say("cli.rule.shared_tags", &[("tags", &tags)]);
    }
    Ok(())
}
