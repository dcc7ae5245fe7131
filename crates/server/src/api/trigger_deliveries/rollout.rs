//! How a rollout stands, in numbers and in one line.

use super::super::{
    reason::{About, say_reason},
    value::show_time,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use wharf_app::triggers;
use wharf_messages::{Language, render};

/// How a rollout stands.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct RolloutProgress {
    /// `patching`, `rolling_out`, `rolling_back`, `over`.
    phase: String,
    /// What the container gets: `HOST/repository:tag@sha256:…`.
    image: String,
    /// What it had before.
    #[schema(required)]
    previous: Option<String>,
    /// Whether that was put back, because the rollout failed.
    rolled_back: bool,
    since: Timestamp,
    /// When it is given up.
    deadline: Timestamp,
    looked_at: Timestamp,
    /// How many pods there shall be, how many are of the new revision, how many of those are available, and how many of
    /// earlier revisions are left.
    desired: i64,
    updated: i64,
    available: i64,
    old: i64,
    /// Why numbers do not move, or need not: `paused`, `on_delete`, `partition`, `suspended`, `no_replicas`, …
    #[schema(required)]
    note: Option<String>,
    /// What is in its way, and the last events about it, as the cluster tells them.
    #[schema(value_type = Option<Object>, required)]
    trouble: Option<Value>,
    /// All of this in one line, in the language that `Accept-Language` likes best.
    message: String,
}

impl RolloutProgress {
    pub(super) fn show(
        progress: triggers::Progress,
        delivery: &triggers::Delivery,
        language: Language,
    ) -> Self {
        let show = |micros| show_time(wharf_model::Timestamp::from_micros(micros));
        let phase = serde_json::to_value(progress.phase).ok();
        let phase = phase.and_then(|word| word.as_str().map(str::to_owned));
        let pods = &progress.rollout;
        let trouble = pods.trouble.as_ref();
        let trouble = trouble.and_then(|trouble| serde_json::to_value(trouble).ok());
        let note = pods.note.as_ref();
        let note = note.and_then(|note| serde_json::to_value(note).ok());
        let note = note.as_ref().map(read_note);
        // A failure is kept here only when the earlier image goes back, and it is the delivery's own once that is done.
        let put_back_for = progress.failure.as_ref().map(|(word, _)| word.as_str());
        let rolled_back = progress.phase == triggers::RolloutPhase::Over
            && put_back_for.is_some()
            && put_back_for == delivery.reason.as_deref();
        Self {
            message: say_rollout(&progress, note.as_ref(), trouble.as_ref(), language),
            note: note.map(|note| note.0),
            phase: phase.unwrap_or_default(),
            since: show(progress.since),
            deadline: show(progress.deadline),
            looked_at: show(progress.looked_at),
            desired: pods.desired,
            updated: pods.updated,
            available: pods.available,
            old: pods.old,
            trouble,
            image: progress.image,
            previous: progress.previous,
            rolled_back,
        }
    }
}

/// A note's word and what it is about: as it is kept, a text or an object of one.
fn read_note(note: &Value) -> (String, String) {
    match note.as_object().and_then(|note| note.iter().next()) {
        Some((word, about)) => match about.as_str() {
            Some(text) => (word.clone(), text.to_owned()),
            None => (word.clone(), about.to_string()),
        },
        None => (note.as_str().unwrap_or_default().to_owned(), String::new()),
    }
}

/// How a rollout stands, in one line.
fn say_rollout(
    progress: &triggers::Progress,
    note: Option<&(String, String)>,
    trouble: Option<&Value>,
    language: Language,
) -> String {
    let pods = &progress.rollout;
    let numbers = [pods.available, pods.updated, pods.desired].map(|number| number.to_string());
    let parameters = [
        ("available", numbers[0].as_str()),
        ("updated", &numbers[1]),
        ("desired", &numbers[2]),
    ];
    let key = match progress.phase {
        triggers::RolloutPhase::RollingBack => "rollout.rolling_back",
        _ => "rollout.rolling_out",
    };
    let mut message = render(language, key, &parameters).into_owned();
    if let Some((word, about)) = note {
        let key = format!("rollout_note.{word}");
        message = format!("{message}; {}", render(language, &key, &[("about", about)]));
    }
    if let Some((word, detail)) = progress.blind.as_ref().or(progress.failure.as_ref()) {
        let sentence = say_reason(About::Delivery, word, language);
        return format!("{message}; {sentence}: {detail}");
    }
    let text = |field: &str| {
        let text = trouble.and_then(|trouble| trouble[field].as_str());
        text.filter(|text| !text.is_empty())
    };
    if let (Some("stuck_pod"), Some(said)) = (text("reason"), text("said")) {
        let sentence = say_reason(About::Delivery, "stuck_pod", language);
        return format!("{message}; {sentence}: {said}");
    }
    match (text("word"), text("said")) {
        (Some(word), Some(said)) => format!("{message}; {word}: {said}"),
        (Some(one), None) | (None, Some(one)) => format!("{message}; {one}"),
        (None, None) => message,
    }
}
