//! What the cluster tells about a pod or a workload, the newest first and a few of them.
//!
//! Pure. Events are of `v1` (API reference, "Event"): older reporters count in `count` and `lastTimestamp`, newer ones in
//! `series` and `eventTime`.

use super::super::wire::Event;
use super::state::RolloutEvent;
use crate::text::fold_line;

/// How many are kept: the last few tell the story, more of them repeat it.
const MOST_EVENTS: usize = 10;

/// Sorts, cuts and folds.
pub(super) fn choose_events(events: &[Event]) -> Vec<RolloutEvent> {
    let mut chosen: Vec<_> = events.iter().map(|event| (moment(event), event)).collect();
    chosen.sort_by(|(left, _), (right, _)| right.cmp(left));
    chosen.truncate(MOST_EVENTS);
    let describe = |(_, event): (Option<jiff::Timestamp>, &Event)| RolloutEvent {
        at: fold_line(time_text(event), &[]),
        is_warning: event.kind == "Warning",
        word: fold_line(&event.reason, &[]),
        said: fold_line(&event.message, &[]),
        count: event
            .series
            .as_ref()
            .and_then(|series| series.count)
            .or(event.count)
            .unwrap_or(1),
    };
    chosen.into_iter().map(describe).collect()
}

fn time_text(event: &Event) -> &str {
    let series = event.series.as_ref();
    series
        .and_then(|series| series.last_observed_time.as_deref())
        .or(event.last_timestamp.as_deref())
        .or(event.event_time.as_deref())
        .or(event.metadata.creation_timestamp.as_deref())
        .unwrap_or_default()
}

fn moment(event: &Event) -> Option<jiff::Timestamp> {
    time_text(event).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_newest_events_come_first_whoever_reported_them() {
        let mut events: Vec<Event> = serde_json::from_value(json!([
            {"type": "Normal", "reason": "Pulling", "message": "Pulling image",
             "count": 3, "lastTimestamp": "2026-11-29T20:00:01Z"},
            {"type": "Warning", "reason": "Failed", "message": "not\nfound",
             "lastTimestamp": null, "eventTime": "2026-11-29T20:00:00.500000Z",
             "series": {"count": 7, "lastObservedTime": "2026-11-29T20:00:03.000000Z"}},
            {"reason": "Scheduled", "metadata": {"creationTimestamp": "2026-11-29T19:59:00Z"}},
        ]))
        .expect("events");
        let found = choose_events(&events);
        let words: Vec<_> = found.iter().map(|event| event.word.as_str()).collect();
        assert_eq!(words, ["Failed", "Pulling", "Scheduled"]);
        assert!(found[0].is_warning && found[0].count == 7 && found[0].said == "not found");
        assert!(!found[1].is_warning && found[1].count == 3);
        events.extend(vec![events[0].clone(); 50]);
        assert_eq!(choose_events(&events).len(), MOST_EVENTS);
    }
}
