//! `wharf trigger log`: what triggers did, as a list, or as it happens.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::arguments::{LogArguments, LogFilter};
use super::path::OwnerPath;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{
    Column, clean_text, print_table, print_text, show_day_time, show_text, show_word,
};
use crate::session::{Format, Session};

/// Between two looks at what is under way: a person sees it as at once, and the server has little to do.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Deliveries that are looked at again and again; older ones have ended, or are seen in the list.
const FOLLOWED: u64 = 100;

const COLUMNS: [Column; 8] = [
    Column::text("cli.column.time", |session, item| {
        show_day_time(session, &item["created_at"])
    }),
    Column::text("cli.column.trigger", |_, item| show_text(&item["trigger"])),
    Column::text("cli.column.event", |session, item| {
        show_word(session, "trigger_event", &item["event"])
    }),
    Column::text("cli.column.tag", |_, item| show_text(&item["tag"])),
    Column::text("cli.column.action", show_target),
    Column::text("cli.column.state", show_state),
    Column::text("cli.column.reason", show_reason),
    Column::text("cli.column.id", |_, item| show_text(&item["id"])),
];

pub(super) fn show_target(session: &Session, item: &Value) -> String {
    let kind = show_word(session, "trigger_action", &item["kind"]);
    format!("{kind} {}", show_text(&item["target"]))
}

pub(super) fn show_state(session: &Session, item: &Value) -> String {
    show_word(session, "delivery_state", &item["state"])
}

/// Why it is as it is, and what the other side said about it.
pub(super) fn show_reason(_: &Session, item: &Value) -> String {
    let text = |field: &str| item[field].as_str().filter(|text| !text.is_empty());
    match (text("message"), text("detail")) {
        (Some(message), Some(detail)) => clean_text(&format!("{message}: {detail}")),
        (Some(one), None) | (None, Some(one)) => clean_text(one),
        (None, None) => show_text(&item["reason"]),
    }
}

pub(super) async fn show_log(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: LogArguments,
) -> Result<(), Failure> {
    let owner = OwnerPath::of(client, &arguments.owner);
    let query = read_filter(arguments.filter);
    let path = owner.with(&["trigger-deliveries"]);
    if !arguments.follow {
        let page = list_pages(session, client, &path, &query, &arguments.pages).await?;
        return print_table(session, &COLUMNS, &page);
    }
    let mut seen = BTreeMap::new();
    loop {
        let pages = PageOptions {
            limit: Some(FOLLOWED),
            after: None,
        };
        let page = list_pages(session, client, &path, &query, &pages).await?;
        for item in find_news(&mut seen, &page) {
            print_line(session, &item)?;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn read_filter(filter: LogFilter) -> Vec<(&'static str, String)> {
    let given = [
        ("trigger", filter.trigger),
        ("state", filter.state),
        ("tag", filter.tag),
    ];
    given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// What is new or stands otherwise than when it was last seen, oldest first.
fn find_news(seen: &mut BTreeMap<String, String>, page: &Value) -> Vec<Value> {
    let items = page["items"].as_array().into_iter().flatten().rev();
    let news: Vec<Value> = items
        .filter(|item| {
            let (id, stand) = (show_text(&item["id"]), describe_stand(item));
            seen.get(&id) != Some(&stand)
        })
        .cloned()
        .collect();
    for item in &news {
        seen.insert(show_text(&item["id"]), describe_stand(item));
    }
    news
}

/// What makes a line worth showing again.
pub(super) fn describe_stand(item: &Value) -> String {
    let (attempts, progress) = (&item["attempt_count"], &item["progress"]);
    format!(
        "{} {attempts} {} {}",
        item["state"], item["reason"], progress["message"]
    )
}

/// One line about how a delivery stands.
pub(super) fn print_line(session: &Session, item: &Value) -> Result<(), Failure> {
    if session.format == Format::Json {
        return print_text(session, &format!("{item}\n"));
    }
    let progress = item["progress"]["message"].as_str().map(clean_text);
    let reason = match item["state"] == "running" {
        true => progress.unwrap_or_default(),
        false => show_reason(session, item),
    };
    let line = [
        show_day_time(session, &item["created_at"]),
        show_text(&item["trigger"]),
        show_text(&item["tag"]),
        show_target(session, item),
        show_state(session, item),
        reason,
    ];
    print_text(session, &format!("{}\n", line.join("  ").trim_end()))
}

/// Waits until these deliveries of a repository are over, and says how each stands as it changes. Fails when one did.
pub(super) async fn follow_deliveries(
    session: &Session,
    client: &ApiClient<'_>,
    repository: &str,
    ids: &[String],
) -> Result<(), Failure> {
    let mut stands: BTreeMap<&String, String> = BTreeMap::new();
    loop {
        let mut open = 0;
        let mut failed = 0;
        for id in ids {
            let path = ["repositories", repository, "trigger-deliveries", id];
            let delivery = client.get(&path, &[]).await?;
            let stand = describe_stand(&delivery);
            if stands.insert(id, stand.clone()).as_ref() != Some(&stand) {
                print_line(session, &delivery)?;
            }
            match delivery["state"].as_str() {
                Some("waiting" | "running") => open += 1,
                Some("failed") => failed += 1,
                _ => {}
            }
        }
        if open == 0 && failed > 0 {
            let count = failed.to_string();
            return Err(Failure::new(
                session.text("cli.trigger.some_failed", &[("count", &count)]),
            ));
        }
        if open == 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_did_not_change_is_not_told_again() {
        let mut seen = BTreeMap::new();
        let page = |state: &str, attempts: u32| {
            json!({ "items": [
                { "id": "2", "state": state, "attempt_count": attempts },
                { "id": "1", "state": "succeeded", "attempt_count": 1 },
            ] })
        };
        let first = find_news(&mut seen, &page("waiting", 1));
        assert_eq!(first.len(), 2);
        assert_eq!(first[0]["id"], "1", "the oldest first");
        assert!(find_news(&mut seen, &page("waiting", 1)).is_empty());
        assert_eq!(find_news(&mut seen, &page("waiting", 2)).len(), 1);
        let news = find_news(&mut seen, &page("failed", 2));
        assert_eq!(news.len(), 1);
        assert_eq!(news[0]["id"], "2");
    }

    #[test]
    fn a_reason_is_a_sentence_with_what_was_heard() {
        let session = Session::for_test(&[]);
        let item =
            json!({ "reason": "status", "message": "It answered 500", "detail": "oops\u{1b}[2J" });
        assert_eq!(
            show_reason(&session, &item),
            "It answered 500: oops\u{fffd}[2J"
        );
        assert_eq!(show_reason(&session, &json!({})), "-");
    }
}
