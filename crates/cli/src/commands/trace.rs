//! `wharf trace`: where an image came from, what it set off, and where it runs now.

use clap::Args;
use serde_json::Value;

use super::repo::{split_reference, strip_host};
use crate::arguments::Options;
use crate::client::ApiClient;
use crate::failure::Failure;
use crate::output::{
    Column, print_json, print_record, print_rows, print_text, show_day_time, show_text, show_word,
};
use crate::session::{Format, Session};

/// Show the whole way of an image: commit, build, digest, tags, triggers, rollouts, and what runs where now
///
/// What runs is asked of the clusters at this moment; those that do not answer in time are named. Deliveries of
/// triggers and clusters are shown to maintainers.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf trace acme/web:v1.4.2
  wharf trace registry.example/acme/web@sha256:…
  wharf trace acme/web:v1.4.2 --format json")]
pub(crate) struct TraceArguments {
    /// The image: REPOSITORY:TAG or REPOSITORY@DIGEST, with or without the server in front
    #[arg(value_name = "IMAGE")]
    image: String,
}

const TAG_COLUMNS: [Column; 5] = [
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["at"])
    }),
    Column::text("cli.column.tag", |_, item| show_text(&item["tag"])),
    Column::text("cli.column.event", |session, item| {
        show_word(session, "tag_change", &item["change"])
    }),
    Column::text("cli.column.pushed_by", |_, item| show_text(&item["actor"])),
    Column::text("cli.column.digest", |_, item| shorten(&item["digest"])),
];

const DELIVERY_COLUMNS: [Column; 6] = [
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["created_at"])
    }),
    Column::text("cli.column.trigger", |_, item| show_text(&item["trigger"])),
    Column::text("cli.column.tag", |_, item| show_text(&item["tag"])),
    Column::text("cli.column.target", |_, item| show_text(&item["target"])),
    Column::text("cli.column.state", |session, item| {
        show_word(session, "delivery_state", &item["state"])
    }),
    Column::text("cli.column.id", |_, item| show_text(&item["id"])),
];

const RUNNING_COLUMNS: [Column; 6] = [
    Column::text("cli.column.cluster", |_, item| show_text(&item["cluster"])),
    Column::text("cli.column.kube_namespace", |_, item| {
        show_text(&item["cluster_namespace"])
    }),
    Column::text("cli.column.workload", |_, item| {
        let (kind, name) = (show_text(&item["kind"]), show_text(&item["workload"]));
        format!("{kind}/{name}")
    }),
    Column::text("cli.column.container", |_, item| {
        show_text(&item["container"])
    }),
    Column::number("cli.column.pods", |_, item| show_text(&item["pods"])),
    Column::text("cli.column.image", |_, item| show_text(&item["image"])),
];

pub(crate) async fn run(
    arguments: TraceArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = &ApiClient::connect(session, options)?;
    let image = strip_host(client.address(), &arguments.image);
    let (repository, reference) = match image.split_once('@') {
        // A tag before the digest says nothing more.
        Some((name, digest)) => {
            let name = split_reference(client.address(), name).map_or(name, |(name, _)| name);
            (name, digest)
        }
        None => split_reference(client.address(), image).ok_or_else(|| {
            Failure::usage(session.text("cli.trace.no_reference", &[("image", image)]))
                .with_hint(session.text("cli.trace.no_reference_hint", &[]))
        })?,
    };
    let path = ["repositories", repository, "trace", reference];
    let trace = client.get(&path, &[]).await?;
    match session.format {
        Format::Json => print_json(session, &trace),
        Format::Table => print_trace(session, &trace),
    }
}

fn shorten(value: &Value) -> String {
    let text = show_text(value);
    match text.get(..19) {
        Some(short) if text.starts_with("sha256:") => short.to_owned(),
        _ => text,
    }
}

fn print_trace(session: &Session, trace: &Value) -> Result<(), Failure> {
    let text = |value: &Value| (!value.is_null()).then(|| show_text(value));
    let build = &trace["build"];
    print_record(
        session,
        &[
            ("cli.column.repository", text(&trace["repository"])),
            ("cli.column.tag", text(&trace["tag"])),
            ("cli.column.digest", text(&trace["digest"])),
            ("cli.column.tags", text(&trace["tags"])),
            ("cli.column.build", text(&build["number"])),
            ("cli.column.rule", text(&build["rule"])),
            ("cli.column.ref", text(&build["ref"])),
            ("cli.column.commit", text(&build["commit"])),
            (
                "cli.column.message",
                text(&build["message"]).filter(|message| message != "-"),
            ),
            (
                "cli.column.author",
                text(&build["author"]).filter(|author| author != "-"),
            ),
        ],
    )?;
    for (heading, columns, items) in [
        ("cli.trace.history", &TAG_COLUMNS[..], &trace["history"]),
        (
            "cli.trace.deliveries",
            &DELIVERY_COLUMNS[..],
            &trace["deliveries"],
        ),
        ("cli.trace.running", &RUNNING_COLUMNS[..], &trace["running"]),
    ] {
        let Some(items) = items.as_array() else {
            continue;
        };
        print_text(session, "\n")?;
        print_text(session, &format!("{}\n", session.text(heading, &[])))?;
        if items.is_empty() {
            let nothing = session.text("cli.trace.nothing", &[]);
            print_text(session, &format!("{nothing}\n"))?;
        } else {
            print_rows(session, columns, items)?;
        }
    }
    for cluster in trace["silent_clusters"].as_array().into_iter().flatten() {
        let (name, message) = (
            show_text(&cluster["cluster"]),
            show_text(&cluster["message"]),
        );
        let parameters = [("name", name.as_str()), ("message", message.as_str())];
        session.say("cli.trace.silent", &parameters);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn digests_are_as_long_as_they_need_to_be() {
        let digest = json!(format!("sha256:{}", "a".repeat(64)));
        assert_eq!(shorten(&digest), format!("sha256:{}", "a".repeat(12)));
        assert_eq!(shorten(&Value::Null), "-");
    }
}
