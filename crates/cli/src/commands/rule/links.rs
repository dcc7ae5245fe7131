//! `wharf rule link`: which images a repository's builds stand on, so that they are built again when those change.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::ask::Confirmation;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::commands::outcome::print_outcome;
use crate::commands::repo::strip_host;
use crate::commands::request::set_given;
use crate::failure::Failure;
use crate::output::{Column, clean_text, print_table, show_text, show_yes_no};
use crate::session::Session;

/// Links to base images: when one changes in this registry, what stands on it is built again
///
/// wharf reads them from the FROM lines of each build; you can add some by hand, and switch any off.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule link list acme/web
  wharf rule link create acme/web acme/base:1
  wharf rule link disable acme/web acme/base:1")]
pub(super) struct LinkArguments {
    #[command(subcommand)]
    command: LinkCommand,
}

#[derive(Debug, Subcommand)]
enum LinkCommand {
    List(LinkListArguments),
    Create(LinkCreateArguments),
    Enable(LinkEnableArguments),
    Disable(LinkDisableArguments),
    Delete(LinkDeleteArguments),
}

/// List what a repository's builds stand on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule link list acme/web")]
struct LinkListArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    repository: String,
    #[command(flatten)]
    pages: PageOptions,
}

#[derive(Debug, Args)]
struct WhichLink {
    /// The repository that is built
    #[arg(value_name = "REPOSITORY")]
    repository: String,
    /// The image of this registry that it stands on: REPOSITORY or REPOSITORY:TAG
    #[arg(value_name = "BASE")]
    base: String,
}

/// Link a repository to an image by hand
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule link create acme/web acme/base
  wharf rule link create acme/web acme/base:1 --rule main")]
struct LinkCreateArguments {
    #[command(flatten)]
    link: WhichLink,
    /// Only this rule [default: all of the repository]
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
}

/// Switch a link on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule link enable acme/web acme/base:1")]
struct LinkEnableArguments {
    #[command(flatten)]
    link: WhichLink,
}

/// Switch a link off; one that a FROM line makes stays off
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule link disable acme/web acme/base:1")]
struct LinkDisableArguments {
    #[command(flatten)]
    link: WhichLink,
}

/// Delete a link that was made by hand
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf rule link delete acme/web acme/base:1 --yes")]
struct LinkDeleteArguments {
    #[command(flatten)]
    link: WhichLink,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: [Column; 5] = [
    Column::text("cli.column.base", |_, item| show_base(item)),
    Column::text("cli.column.rule", |_, item| show_text(&item["rule"])),
    Column::text("cli.column.kind", |_, item| show_text(&item["kind"])),
    Column::text("cli.column.active", |session, item| {
        show_yes_no(session, &item["active"])
    }),
    Column::text("cli.column.problem", |_, item| show_text(&item["problem"])),
];

pub(super) async fn run(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: LinkArguments,
) -> Result<(), Failure> {
    match arguments.command {
        LinkCommand::List(arguments) => {
            let repository = strip_host(client.address(), &arguments.repository);
            let path = ["repositories", repository, "links"];
            let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        LinkCommand::Create(arguments) => {
            let repository = strip_host(client.address(), &arguments.link.repository);
            let base = strip_host(client.address(), &arguments.link.base);
            let (name, tag) = split_base(base);
            let mut body = json!({ "base": name });
            set_given(&mut body, "tag", tag);
            set_given(&mut body, "rule", arguments.rule);
            let answer = client
                .post(&["repositories", repository, "links"], &body)
                .await?;
            print_outcome(session, &answer, "cli.rule.link_created", &[("base", base)])
        }
        LinkCommand::Enable(arguments) => switch(session, client, &arguments.link, true).await,
        LinkCommand::Disable(arguments) => switch(session, client, &arguments.link, false).await,
        LinkCommand::Delete(arguments) => {
            let base = arguments.link.base.clone();
            arguments.confirmation.obtain(session, &base)?;
            for id in find_links(session, client, &arguments.link).await? {
                let repository = strip_host(client.address(), &arguments.link.repository);
                client
                    .delete(&["repositories", repository, "links", &id])
                    .await?;
            }
            session.say("cli.rule.link_deleted", &[("base", &base)]);
            Ok(())
        }
    }
}

async fn switch(
    session: &Session,
    client: &ApiClient<'_>,
    link: &WhichLink,
    active: bool,
) -> Result<(), Failure> {
    let repository = strip_host(client.address(), &link.repository);
    for id in find_links(session, client, link).await? {
        let path = ["repositories", repository, "links", &id];
        client.patch(&path, &json!({ "active": active })).await?;
    }
    let key = if active {
        "cli.rule.link_enabled"
    } else {
        "cli.rule.link_disabled"
    };
    session.say(key, &[("base", &link.base)]);
    Ok(())
}

/// `REPOSITORY:TAG`, or the repository alone where any tag counts.
fn show_base(item: &Value) -> String {
    match item["tag"].as_str() {
        Some(tag) => format!("{}:{}", show_text(&item["base"]), clean_text(tag)),
        None => show_text(&item["base"]),
    }
}

fn split_base(base: &str) -> (&str, Option<&str>) {
    match base.rsplit_once(':') {
        Some((name, tag)) => (name, Some(tag)),
        None => (base, None),
    }
}

/// The ids of the links of a repository to `base`: one for each rule that has it.
async fn find_links(
    session: &Session,
    client: &ApiClient<'_>,
    link: &WhichLink,
) -> Result<Vec<String>, Failure> {
    let repository = strip_host(client.address(), &link.repository);
    let base = strip_host(client.address(), &link.base);
    let path = ["repositories", repository, "links"];
    let page = list_pages(session, client, &path, &[], &PageOptions::default()).await?;
    let ids: Vec<String> = page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|item| show_base(item) == base)
        .filter_map(|item| item["id"].as_str().map(str::to_owned))
        .collect();
    if ids.is_empty() {
        let parameters = [("repository", repository), ("base", base)];
        return Err(Failure::new(session.text("cli.rule.no_link", &parameters)));
    }
    Ok(ids)
}
