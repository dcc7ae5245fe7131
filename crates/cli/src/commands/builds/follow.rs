//! A build's log: all that is there, or until the build ends.
//!
//! A finished build that failed shows the failing step first: what went wrong should not have to be searched for.

use std::ops::ControlFlow;

use jiff::Timestamp;
use serde_json::Value;

use super::log_view::LogView;
use super::show;
use super::which::Build;
use crate::client::{ApiClient, ServerEvent, follow_events};
use crate::failure::Failure;
use crate::output::{clean_text, print_text, show_text};
use crate::session::{Format, Session};

/// Follows a build to its end. Succeeds when the build did.
pub(super) async fn follow_build(
    session: &Session,
    client: &ApiClient<'_>,
    build: &Build,
) -> Result<(), Failure> {
    let before = client.get(&build.path(&[]), &[]).await?;
    if is_over(&before) {
        return print_record(session, client, build, &before).await;
    }
    if before["state"] == "queued" {
        say_waiting(session, &before);
    }
    follow_log(session, client, build).await?;
    let after = client.get(&build.path(&[]), &[]).await?;
    finish(session, build, &after)
}

/// Prints what is there of a log. Fails when the build came to no image.
pub(super) async fn print_log(
    session: &Session,
    client: &ApiClient<'_>,
    build: &Build,
) -> Result<(), Failure> {
    let record = client.get(&build.path(&[]), &[]).await?;
    print_record(session, client, build, &record).await
}

async fn print_record(
    session: &Session,
    client: &ApiClient<'_>,
    build: &Build,
    record: &Value,
) -> Result<(), Failure> {
    if session.format == Format::Table {
        print_text(session, &render_failing_step(record))?;
    }
    // A build that was stopped before it began wrote nothing, and the log of an old one is gone.
    if matches!(record["log"].as_str(), Some("open" | "kept")) {
        read_log(session, client, build).await?;
    } else {
        session.say("cli.builds.no_log", &[]);
    }
    finish(session, build, record)
}

/// Says where a build waits, once: the log begins when it does.
fn say_waiting(session: &Session, record: &Value) {
    if let Some(position) = record["position"].as_u64() {
        let position = position.to_string();
        session.say("cli.builds.waiting", &[("position", &position)]);
    }
}

/// Shows the log from its beginning to the end of the build, across dropped connections.
async fn follow_log(
    session: &Session,
    client: &ApiClient<'_>,
    build: &Build,
) -> Result<(), Failure> {
    let mut view = LogView::new(session);
    let take = |event: ServerEvent| {
        if event.kind == "end" {
            return Ok(ControlFlow::Break(()));
        }
        show_record(session, &mut view, &event.data)?;
        Ok(ControlFlow::Continue(()))
    };
    follow_events(client, &build.path(&["log", "stream"]), take).await?;
    finish_view(session, &mut view)
}

/// Shows what is written of the log.
async fn read_log(session: &Session, client: &ApiClient<'_>, build: &Build) -> Result<(), Failure> {
    let format = [("format", "jsonl".to_owned())];
    let text = client.get_text(&build.path(&["log"]), &format).await?;
    let mut view = LogView::new(session);
    for line in text.lines() {
        show_record(session, &mut view, line)?;
    }
    finish_view(session, &mut view)
}

fn show_record(session: &Session, view: &mut LogView<'_>, record: &str) -> Result<(), Failure> {
    let text = match session.format {
        // One document a line, as the server numbered them.
        Format::Json => format!("{record}\n"),
        Format::Table => match serde_json::from_str(record) {
            Ok(record) => view.show(&record),
            Err(_) => String::new(),
        },
    };
    print_text(session, &text)
}

fn finish_view(session: &Session, view: &mut LogView<'_>) -> Result<(), Failure> {
    match session.format {
        Format::Table => print_text(session, &view.finish(Timestamp::now())),
        Format::Json => Ok(()),
    }
}

fn is_over(record: &Value) -> bool {
    !matches!(record["state"].as_str(), Some("queued" | "running"))
}

/// The step in which a build failed, with its last lines, as `wharf build` shows it.
fn render_failing_step(record: &Value) -> String {
    let failure = &record["failure"];
    let Some(step) = failure["step"]
        .as_str()
        .filter(|_| record["state"] == "failed")
    else {
        return String::new();
    };
    let mut text = format!("------\n > {}:\n", clean_text(step));
    for line in failure["last_lines"].as_str().unwrap_or_default().lines() {
        text += &format!("{}\n", clean_text(line));
    }
    text += "------\n";
    text
}

/// How it ended, on stderr; the command fails when the build did.
fn finish(session: &Session, build: &Build, record: &Value) -> Result<(), Failure> {
    let [repository, number] = build.names();
    let state = show::show_state(session, record);
    match record["state"].as_str() {
        Some("queued" | "running") => Ok(()),
        Some("succeeded") => {
            let tags = show_text(&record["tags"]);
            let duration = show::show_duration(session, record);
            let parameters = [repository, number, ("tags", &tags), ("duration", &duration)];
            session.say("cli.builds.succeeded", &parameters);
            Ok(())
        }
        _ => {
            let reason = show::show_reason(record);
            let parameters = [repository, number, ("state", &state), ("reason", &reason)];
            let failure = Failure::new(session.text("cli.builds.failed", &parameters));
            Err(match record["failure"]["hint"].as_str() {
                Some(hint) if !hint.is_empty() => failure.with_hint(clean_text(hint)),
                _ => failure,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_failing_step_stands_before_the_log() {
        let record = json!({
            "state": "failed",
            "failure": {"step": "[2/2] RUN make", "last_lines": "cc x.c\nx.c:1: error\u{1b}[2J"},
        });
        assert_eq!(
            render_failing_step(&record),
            "------\n > [2/2] RUN make:\ncc x.c\nx.c:1: error\u{fffd}[2J\n------\n"
        );
        assert_eq!(render_failing_step(&json!({"state": "succeeded"})), "");
    }

    #[test]
    fn a_build_without_an_image_ends_the_command_with_a_failure() {
        let session = Session::for_test(&[]);
        let build = Build::of("acme/web", "7".into());
        let end = |state: &str| finish(&session, &build, &json!({"state": state, "tags": ["a"]}));
        assert!(end("succeeded").is_ok() && end("running").is_ok());
        for state in ["failed", "canceled", "superseded"] {
            let shown = end(state).unwrap_err().render();
            assert!(shown.contains("acme/web") && shown.contains('7'), "{shown}");
        }
    }
}
