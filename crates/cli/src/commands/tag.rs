//! `wharf repo tags` and `wharf repo tag`: what a repository offers, and what is inside.

mod detail;

use clap::{Args, Subcommand};

use super::outcome::print_outcome;
use super::repo::{split_reference, strip_host};
use crate::ask::Confirmation;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{Column, print_table, show_day_time, show_size, show_text};
use crate::session::Session;

/// List the tags of a repository
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo tags acme/web
  wharf repo tags acme/web --search 1. --limit 20")]
pub(super) struct ListArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    name: String,
    /// Only those that contain this
    #[arg(long, short, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    pages: PageOptions,
}

/// One tag of a repository
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo tag show acme/web:1.0
  wharf repo tag delete acme/web:1.0")]
pub(super) struct TagArguments {
    #[command(subcommand)]
    command: TagCommand,
}

#[derive(Debug, Subcommand)]
enum TagCommand {
    Show(ShowArguments),
    Delete(DeleteArguments),
}

/// Show a tag with its layers and history
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo tag show acme/web:1.0
  wharf repo tag show acme/web:1.0 --format json | jq .config")]
struct ShowArguments {
    /// REPOSITORY:TAG
    #[arg(value_name = "IMAGE")]
    reference: String,
}

/// Delete a tag; what it names stays under its digest
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo tag delete acme/web:1.0
  wharf repo tag delete acme/web:1.0 --yes Without asking, for scripts")]
struct DeleteArguments {
    /// REPOSITORY:TAG
    #[arg(value_name = "IMAGE")]
    reference: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: [Column; 7] = [
    Column::text("cli.column.tag", |_, item| show_text(&item["name"])),
    Column::text("cli.column.digest", |_, item| {
        shorten_digest(&show_text(&item["digest"]))
    }),
    Column::text("cli.column.platforms", |_, item| {
        show_text(&item["platforms"])
    }),
    Column::number("cli.column.size", |_, item| {
        show_size(item["size_bytes"].as_u64().unwrap_or(0))
    }),
    Column::text("cli.column.pushed", |session, item| {
        show_day_time(session, &item["pushed_at"])
    }),
    Column::text("cli.column.pushed_by", |_, item| {
        show_text(&item["pushed_by"])
    }),
    Column::number("cli.column.pulls", |_, item| show_text(&item["pull_count"])),
];

pub(super) async fn list(
    arguments: ListArguments,
    client: &ApiClient<'_>,
    session: &Session,
) -> Result<(), Failure> {
    let name = strip_host(client.address(), &arguments.name);
    let query: Vec<(&str, String)> = arguments
        .search
        .map(|text| ("q", text))
        .into_iter()
        .collect();
    let path = ["repositories", name, "tags"];
    let page = list_pages(session, client, &path, &query, &arguments.pages).await?;
    print_table(session, &COLUMNS, &page)
}

pub(super) async fn run(
    arguments: TagArguments,
    client: &ApiClient<'_>,
    session: &Session,
) -> Result<(), Failure> {
    match arguments.command {
        TagCommand::Show(arguments) => {
            let (name, tag) = read_reference(session, client, &arguments.reference)?;
            let path = ["repositories", name, "tags", tag];
            let answer = client.get(&path, &[]).await?;
            detail::print_detail(session, &answer)
        }
        TagCommand::Delete(arguments) => {
            let (name, tag) = read_reference(session, client, &arguments.reference)?;
            let image = format!("{name}:{tag}");
            arguments.confirmation.obtain(session, &image)?;
            let path = ["repositories", name, "tags", tag];
            let answer = client.delete(&path).await?;
            print_outcome(session, &answer, "cli.tag.deleted", &[("name", &image)])
        }
    }
}

fn read_reference<'a>(
    session: &Session,
    client: &ApiClient<'_>,
    reference: &'a str,
) -> Result<(&'a str, &'a str), Failure> {
    split_reference(client.address(), reference).ok_or_else(|| {
        Failure::usage(session.text("cli.tag.bad_reference", &[("value", reference)]))
            .with_hint(session.text("cli.tag.bad_reference_hint", &[]))
    })
}

/// Enough of a digest to tell two apart, as docker shortens image ids.
fn shorten_digest(digest: &str) -> String {
    match digest.split_once(':') {
        Some((algorithm, hex)) if hex.len() > 12 && hex.is_ascii() => {
            format!("{algorithm}:{}", &hex[..12])
        }
        _ => digest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_shortened_as_docker_does() {
        assert_eq!(
            shorten_digest("sha256:0123456789abcdef"),
            "sha256:0123456789ab"
        );
        assert_eq!(shorten_digest("-"), "-");
    }
}
