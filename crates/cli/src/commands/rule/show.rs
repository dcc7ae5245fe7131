//! A rule as people read it.

use serde_json::Value;

use wharf_messages::has_message;

use crate::failure::Failure;
use crate::output::{
    print_json, print_record, show_day_time, show_size, show_text, show_word, show_yes_no,
};
use crate::session::{Format, Session};

/// What starts a build: `tags v*; branches main`.
pub(super) fn show_trigger(session: &Session, definition: &Value) -> String {
    let naming = &definition["naming"];
    if naming["form"] == "docker_hub" {
        let lines = naming["lines"].as_array().map_or(0, Vec::len).to_string();
        return session
            .text("cli.rule.by_lines", &[("count", &lines)])
            .into_owned();
    }
    let trigger = &definition["trigger"];
    let boxes: Vec<String> = [
        ("branches", "branch_patterns", "cli.rule.branches"),
        ("tags", "tag_patterns", "cli.rule.tags"),
    ]
    .into_iter()
    .filter(|(name, _, _)| trigger[name] == true)
    .map(|(_, patterns, key)| {
        let chosen = match &trigger[patterns] {
            Value::Array(list) if !list.is_empty() => show_text(&trigger[patterns]),
            _ => session.text("cli.rule.all", &[]).into_owned(),
        };
        session.text(key, &[("chosen", &chosen)]).into_owned()
    })
    .collect();
    if boxes.is_empty() {
        return session.text("cli.rule.by_hand", &[]).into_owned();
    }
    boxes.join("; ")
}

/// What images are called, as a template of each tag.
pub(super) fn show_naming(session: &Session, definition: &Value) -> String {
    let naming = &definition["naming"];
    let mut tags: Vec<String> = match naming["form"].as_str() {
        Some("templates") => list(&naming["templates"]),
        Some("docker_hub") => naming["lines"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|line| show_text(&line["tags"]))
            .collect(),
        _ => vec![show_parts(session, naming)],
    };
    tags.extend(list(&naming["also"]));
    tags.join(", ")
}

fn list(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .map(show_text)
        .collect()
}

fn show_parts(session: &Session, naming: &Value) -> String {
    let prefix = naming["prefix"].as_str().map(str::to_owned);
    let parts = [
        ("reference", "cli.rule.part_ref"),
        ("time", "cli.rule.part_time"),
        ("commit", "cli.rule.part_commit"),
    ];
    let on = parts
        .into_iter()
        .filter(|(field, _)| naming[field] == true)
        .map(|(_, key)| format!("<{}>", session.text(key, &[])));
    prefix.into_iter().chain(on).collect::<Vec<_>>().join("-")
}

/// Why a push is not built, in a few words.
pub(super) fn show_reason(session: &Session, reason: &Value) -> String {
    show_word(session, "decision", reason)
}

/// What keeps the rule's code host from telling its branches and tags.
fn show_watch_problem(session: &Session, rule: &Value) -> Option<String> {
    let word = rule["watch"]["problem"].as_str()?;
    let address = show_text(&rule["source"]["address"]);
    let host = address
        .split_once("://")
        .map_or(&*address, |(_, host)| host);
    let known = ["upstream", "conflict"].map(|group| format!("{group}.{word}"));
    let key = known.iter().find(|key| has_message(key));
    Some(match key {
        Some(key) => session.text(key, &[("host", host)]).into_owned(),
        None => word.to_owned(),
    })
}

/// Enough of a commit to find it.
pub(super) fn shorten_commit(value: &Value) -> String {
    let text = show_text(value);
    match text.get(..12) {
        Some(short) if text.len() >= 40 => short.to_owned(),
        _ => text,
    }
}

pub(super) fn print_rule(session: &Session, rule: &Value) -> Result<(), Failure> {
    if session.format == Format::Json {
        return print_json(session, rule);
    }
    let definition = &rule["definition"];
    let text = |value: &Value| (!value.is_null()).then(|| show_text(value));
    let flag = |field: &str| Some(show_yes_no(session, &definition[field]));
    let limits = &definition["limits"];
    let arguments = definition["build_args"]
        .as_object()
        .filter(|all| !all.is_empty());
    let arguments = arguments.map(|all| {
        let pairs = all
            .iter()
            .map(|(name, value)| format!("{name}={}", show_text(value)));
        pairs.collect::<Vec<_>>().join(", ")
    });
    let pushes = definition["push_also"]
        .as_array()
        .filter(|all| !all.is_empty());
    let pushes = pushes.map(|all| {
        all.iter()
            .map(|push| match list(&push["tags"]).join(",") {
                tags if tags.is_empty() => show_text(&push["image"]),
                tags => format!("{}:{tags}", show_text(&push["image"])),
            })
            .collect::<Vec<_>>()
            .join(", ")
    });
    let secrets = rule["secrets"].as_array().filter(|all| !all.is_empty());
    let secrets = secrets.map(|all| {
        let names = all.iter().map(|secret| show_text(&secret["name"]));
        names.collect::<Vec<_>>().join(", ")
    });
    print_record(
        session,
        &[
            ("cli.column.name", text(&rule["name"])),
            (
                "cli.column.enabled",
                Some(show_yes_no(session, &rule["enabled"])),
            ),
            (
                "cli.column.problem",
                text(&rule["stopped"]).map(|_| show_reason(session, &rule["stopped"])),
            ),
            ("cli.column.source", text(&rule["source"]["address"])),
            ("cli.column.source_owner", text(&rule["source"]["owner"])),
            ("cli.column.remote", text(&rule["remote"])),
            ("cli.column.hears_by", text(&rule["watch"]["mode"])),
            ("cli.column.webhook", text(&rule["watch"]["webhook"])),
            (
                "cli.column.watch_problem",
                show_watch_problem(session, rule),
            ),
            ("cli.column.builds", Some(show_trigger(session, definition))),
            ("cli.column.skip_ci", flag("skip_ci")),
            (
                "cli.column.image_tags",
                Some(show_naming(session, definition)),
            ),
            ("cli.column.dockerfile", text(&definition["dockerfile"])),
            ("cli.column.directory", text(&definition["directory"])),
            ("cli.column.build_args", arguments),
            ("cli.column.secrets", secrets),
            ("cli.column.target_stage", text(&definition["target"])),
            ("cli.column.cache", flag("cache")),
            ("cli.column.network", text(&definition["network"])),
            (
                "cli.column.timeout",
                limits["timeout_seconds"].as_u64().map(show_span),
            ),
            (
                "cli.column.cpus",
                limits["cpu_millis"]
                    .as_f64()
                    .map(|millis| (millis / 1000.0).to_string()),
            ),
            (
                "cli.column.memory",
                limits["memory_bytes"].as_u64().map(show_size),
            ),
            (
                "cli.column.disk",
                limits["disk_bytes"].as_u64().map(show_size),
            ),
            (
                "cli.column.log_size",
                limits["log_bytes"].as_u64().map(show_size),
            ),
            ("cli.column.push_also", pushes),
            ("cli.column.readme", flag("readme")),
            ("cli.column.created_by", text(&rule["created_by"])),
            (
                "cli.column.created",
                Some(show_day_time(session, &rule["created_at"])),
            ),
        ],
    )
}

fn show_span(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (minutes, 0) => format!("{minutes} min"),
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_says_in_a_line_what_it_builds_and_how_it_is_called() {
        let session = Session::for_test(&[]);
        let definition = json!({
            "trigger": {"tags": true, "tag_patterns": ["v*"], "branches": true, "branch_patterns": []},
            "naming": {"form": "parts", "prefix": "v-${VERSION}", "reference": true, "commit": true, "also": ["latest"]},
        });
        assert_eq!(
            show_trigger(&session, &definition),
            "branches: all; tags: v*"
        );
        assert_eq!(
            show_naming(&session, &definition),
            "v-${VERSION}-<branch or tag>-<commit>, latest"
        );
        let manual =
            json!({"trigger": {}, "naming": {"form": "templates", "templates": ["{tag}"]}});
        assert_eq!(show_trigger(&session, &manual), "by hand only");
        assert_eq!(show_naming(&session, &manual), "{tag}");
        let hub = json!({"naming": {"form": "docker_hub", "lines": [{"tags": "latest"}, {"tags": "{\\1}"}]}});
        assert_eq!(show_trigger(&session, &hub), "2 lines of Docker Hub's form");
        assert_eq!(show_naming(&session, &hub), "latest, {\\1}");
    }

    #[test]
    fn reasons_are_words_for_people_as_far_as_they_are_known() {
        let session = Session::for_test(&[]);
        let shown = show_reason(&session, &json!("no_pattern_matches"));
        assert_eq!(shown, "no pattern of the rule matches its name");
        assert_eq!(show_reason(&session, &json!("of_tomorrow")), "of_tomorrow");
        assert_eq!(show_reason(&session, &Value::Null), "-");
        for reason in wharf_model::builds::SkipReason::ALL {
            assert!(has_message(&format!("decision.{reason}")), "{reason}");
        }
        let rule = json!({"source": {"address": "https://git.example"}, "watch": {"problem": "unauthorized"}});
        assert_eq!(
            show_watch_problem(&session, &rule).as_deref(),
            Some("git.example does not accept the credentials")
        );
    }

    #[test]
    fn commits_are_shortened() {
        assert_eq!(shorten_commit(&json!("a".repeat(40))), "a".repeat(12));
        assert_eq!(shorten_commit(&Value::Null), "-");
    }
}
