//! A build's record as people read it.

use jiff::{Timestamp, Unit};
use serde_json::Value;

use crate::failure::Failure;
use crate::output::{
    Column, clean_lines, clean_text, print_json, print_record, print_rows, print_text,
    show_day_time, show_size, show_text, show_word,
};
use crate::session::{Format, Session};

/// The state in the reader's language.
pub(super) fn show_state(session: &Session, item: &Value) -> String {
    show_word(session, "build_state", &item["state"])
}

/// `main`, `v1.2`: the branch or tag without what every ref has in front.
pub(super) fn show_ref(item: &Value) -> String {
    let text = show_text(&item["ref"]);
    let short = ["refs/heads/", "refs/tags/"]
        .into_iter()
        .find_map(|prefix| text.strip_prefix(prefix).map(str::to_owned));
    short.unwrap_or(text)
}

/// Enough of a commit to find it.
pub(super) fn shorten(value: &Value) -> String {
    let text = show_text(value);
    match text.get(..12) {
        Some(short) if text.len() >= 40 => short.to_owned(),
        _ => text,
    }
}

/// How long it ran, or has run.
pub(super) fn show_duration(session: &Session, item: &Value) -> String {
    let time = |field: &str| {
        item[field]
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok())
    };
    let Some(begin) = time("started_at") else {
        return show_text(&Value::Null);
    };
    let end = time("ended_at").unwrap_or(session.now);
    show_seconds((end - begin).total(Unit::Second).unwrap_or(0.0))
}

fn show_seconds(seconds: f64) -> String {
    match seconds {
        short if short < 59.95 => format!("{short:.1} s"),
        long => format!("{} min {:02.0} s", (long / 60.0).floor(), long % 60.0),
    }
}

/// Why a build came to no image, in one line: the first of several, the others are in its log.
pub(super) fn show_reason(item: &Value) -> String {
    let field = |name: &str| {
        let text = item["failure"][name].as_str()?;
        text.lines().next().filter(|text| !text.is_empty())
    };
    match (field("message"), field("detail")) {
        (Some(message), Some(detail)) => clean_text(&format!("{message}: {detail}")),
        (Some(one), None) | (None, Some(one)) => clean_text(one),
        // The word of a server that has no sentence for it.
        (None, None) => field("reason").map_or_else(|| show_text(&Value::Null), clean_text),
    }
}

const PHASE_COLUMNS: [Column; 3] = [
    Column::text("cli.column.phase", |session, item| {
        match item["kind"].as_str() {
            Some("step") => format!("  {}", show_text(&item["name"])),
            _ => show_word(session, "build_phase", &item["kind"]),
        }
    }),
    Column::number("cli.column.duration", show_duration),
    Column::text("cli.column.result", |_, item| {
        match (&item["error"], &item["cached"]) {
            (Value::String(error), _) => clean_text(error),
            (_, Value::Bool(true)) => "CACHED".to_owned(),
            _ => String::new(),
        }
    }),
];

const PUSH_COLUMNS: [Column; 5] = [
    Column::text("cli.column.push_also", |_, item| show_text(&item["image"])),
    Column::text("cli.column.state", |_, item| show_text(&item["state"])),
    Column::text("cli.column.overtaken_tags", |_, item| {
        show_text(&item["overtaken_tags"])
    }),
    Column::number("cli.column.attempts", |_, item| {
        show_text(&item["attempts"])
    }),
    Column::text("cli.column.problem", |_, item| show_text(&item["error"])),
];

pub(super) fn print_build(session: &Session, build: &Value) -> Result<(), Failure> {
    if session.format == Format::Json {
        return print_json(session, build);
    }
    let text = |field: &str| (!build[field].is_null()).then(|| show_text(&build[field]));
    let time =
        |field: &str| (!build[field].is_null()).then(|| show_day_time(session, &build[field]));
    let failed = |field: &str| {
        let value = &build["failure"][field];
        (!value.is_null()).then(|| show_text(value))
    };
    let steps = build["steps"].as_u64().map(|steps| {
        let cached = show_text(&build["cached_steps"]);
        let parameters = [("steps", &*steps.to_string()), ("cached", &*cached)];
        session.text("cli.builds.steps", &parameters).into_owned()
    });
    print_record(
        session,
        &[
            ("cli.column.number", text("number")),
            ("cli.column.state", Some(show_state(session, build))),
            // What went wrong, before everything else.
            ("cli.column.failing_step", failed("step")),
            ("cli.column.reason", failed("message").or(failed("reason"))),
            (
                "cli.column.detail",
                build["failure"]["detail"].as_str().map(clean_lines),
            ),
            ("cli.column.hint", failed("hint")),
            ("cli.column.stopping", text("stopping")),
            ("cli.column.stopped_by", text("stopped_by")),
            (
                "cli.column.phase",
                (build["state"] == "running")
                    .then(|| show_word(session, "build_phase", &build["phase"])),
            ),
            ("cli.column.position", text("position")),
            ("cli.column.expected", time("expected_start")),
            ("cli.column.rule", text("rule")),
            (
                "cli.column.cause",
                Some(show_word(session, "build_cause", &build["cause"])),
            ),
            ("cli.column.started_by", text("started_by")),
            (
                "cli.column.ref",
                build["ref"].is_string().then(|| show_ref(build)),
            ),
            ("cli.column.commit", text("commit")),
            (
                "cli.column.author",
                text("author").filter(|author| author != "-"),
            ),
            (
                "cli.column.message",
                text("message").filter(|message| message != "-"),
            ),
            ("cli.column.image_tags", text("tags")),
            ("cli.column.overtaken_tags", text("overtaken_tags")),
            ("cli.column.digest", text("digest")),
            (
                "cli.column.size",
                build["size_bytes"].as_u64().map(show_size),
            ),
            ("cli.column.steps", steps),
            ("cli.column.created", time("created_at")),
            ("cli.column.duration", Some(show_duration(session, build))),
            (
                "cli.column.attempt",
                text("attempt").filter(|attempt| attempt != "1" && attempt != "0"),
            ),
        ],
    )?;
    print_part(session, &PHASE_COLUMNS, &build["phases"])?;
    print_part(session, &PUSH_COLUMNS, &build["pushes"])
}

fn print_part(session: &Session, columns: &[Column], items: &Value) -> Result<(), Failure> {
    match items.as_array() {
        Some(items) if !items.is_empty() => {
            print_text(session, "\n")?;
            print_rows(session, columns, items)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refs_commits_and_spans_read_as_people_write_them() {
        assert_eq!(
            show_ref(&json!({"ref": "refs/heads/feature/x"})),
            "feature/x"
        );
        assert_eq!(show_ref(&json!({"ref": "refs/tags/v1"})), "v1");
        assert_eq!(show_ref(&json!({})), "-");
        assert_eq!(shorten(&json!("b".repeat(40))), "b".repeat(12));
        let session = Session::for_test(&[]);
        let ran = |end: Option<&str>| {
            show_duration(
                &session,
                &json!({"started_at": "2026-03-04T05:05:00Z", "ended_at": end}),
            )
        };
        assert_eq!(ran(Some("2026-03-04T05:05:01.25Z")), "1.2 s");
        // Until now: the session's clock stands at 05:06:07.
        assert_eq!(ran(None), "1 min 07 s");
    }
}
