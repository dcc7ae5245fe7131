//! `wharf trigger`: what happens when a tag is pushed or a build ends, and what became of it.

mod action_arguments;
mod actions;
mod arguments;
mod changes;
mod delivery;
mod log;
mod options;
mod path;
mod show;

use serde_json::{Value, json};

use super::outcome::print_outcome;
use super::request::set_given;
use crate::arguments::Options;
use crate::client::{ApiClient, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_json, print_table, show_text, show_yes_no};
use crate::session::{Format, Session};

pub(crate) use arguments::TriggerArguments;
use arguments::{RunArguments, TriggerCommand, WhichTrigger};
use path::{OwnerPath, TriggerPath, delivery_path};

const COLUMNS: [Column; 5] = [
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.enabled", |session, item| {
        show_yes_no(session, &item["enabled"])
    }),
    Column::text("cli.column.condition", show::show_condition),
    Column::text("cli.column.events", show::show_events),
    Column::text("cli.column.actions", show::show_actions),
];

pub(crate) async fn run(
    arguments: TriggerArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = &ApiClient::connect(session, options)?;
    match arguments.command {
        TriggerCommand::List(arguments) => {
            let path = OwnerPath::of(client, &arguments.owner).with(&["triggers"]);
            let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        TriggerCommand::Show(arguments) => {
            let path = TriggerPath::of(client, &arguments.trigger).with(&[]);
            let trigger = client.get(&path, &[]).await?;
            show::print_trigger(session, &trigger)
        }
        TriggerCommand::Create(arguments) => changes::create(session, client, *arguments).await,
        TriggerCommand::Edit(arguments) => changes::edit(session, client, *arguments).await,
        TriggerCommand::Try(arguments) => changes::try_condition(session, client, arguments).await,
        TriggerCommand::Action(arguments) => actions::run(session, client, *arguments).await,
        TriggerCommand::Delete(arguments) => {
            let name = arguments.trigger.trigger.as_str();
            arguments.confirmation.obtain(session, name)?;
            let path = TriggerPath::of(client, &arguments.trigger).with(&[]);
            let answer = client.delete(&path).await?;
            print_outcome(session, &answer, "cli.trigger.deleted", &[("name", name)])
        }
        TriggerCommand::Enable(arguments) => {
            switch(session, client, &arguments.trigger, true).await
        }
        TriggerCommand::Disable(arguments) => {
            switch(session, client, &arguments.trigger, false).await
        }
        TriggerCommand::Run(arguments) => run_now(session, client, arguments).await,
        TriggerCommand::Log(arguments) => log::show_log(session, client, arguments).await,
        TriggerCommand::ShowDelivery(arguments) => delivery::show(session, client, arguments).await,
        TriggerCommand::Redeliver(arguments) => {
            delivery::redeliver(session, client, arguments).await
        }
        TriggerCommand::Cancel(arguments) => {
            let path = delivery_path(client, &arguments.delivery, &["cancel"]);
            let answer = client.post(&path, &json!({})).await?;
            print_outcome(session, &answer, "cli.trigger.canceled", &[])
        }
    }
}

async fn switch(
    session: &Session,
    client: &ApiClient<'_>,
    which: &WhichTrigger,
    enabled: bool,
) -> Result<(), Failure> {
    let path = TriggerPath::of(client, which);
    let answer = client
        .patch(&path.with(&[]), &json!({ "enabled": enabled }))
        .await?;
    let key = match enabled {
        true => "cli.trigger.enabled",
        false => "cli.trigger.disabled",
    };
    print_outcome(session, &answer, key, &[("name", path.trigger)])
}

async fn run_now(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: RunArguments,
) -> Result<(), Failure> {
    let path = TriggerPath::of(client, &arguments.trigger);
    let mut body = json!({ "tag": arguments.tag });
    set_given(&mut body, "repository", arguments.repository);
    let answer = client.post(&path.with(&["run"]), &body).await?;
    let deliveries = answer["deliveries"].as_array();
    let count = deliveries.map_or(0, Vec::len).to_string();
    let parameters = [
        ("name", path.trigger),
        ("tag", arguments.tag.as_str()),
        ("count", &count),
    ];
    session.say("cli.trigger.run", &parameters);
    let items: Vec<Value> = deliveries.cloned().unwrap_or_default();
    if arguments.follow {
        let ids: Vec<_> = items.iter().map(|item| show_text(&item["id"])).collect();
        let repository = show_text(&answer["repository"]);
        return log::follow_deliveries(session, client, &repository, &ids).await;
    }
    if session.format == Format::Json {
        return print_json(session, &answer);
    }
    for item in &items {
        log::print_line(session, item)?;
    }
    Ok(())
}
