//! Numbers of triggers for whoever watches the server.

use wharf_db::triggers::deliveries::Delivery;
use wharf_model::Timestamp;

/// Counts an attempt that was settled, and a delivery that is over with it.
pub(super) fn count_settled(delivery: &Delivery, now: Timestamp) {
    let kind = delivery.action_kind.as_str();
    let Some(ended) = delivery.ended_at else {
        if delivery.patched_at.is_none() {
            metrics::counter!("wharf_trigger_retries_total", "kind" => kind).increment(1);
        }
        return;
    };
    let state = delivery.state.as_str();
    metrics::counter!("wharf_trigger_deliveries_ended_total", "kind" => kind, "state" => state)
        .increment(1);
    // From the event's own delivery to its end: what people wait for.
    let took = delivery.created_at.until(ended.max(now));
    metrics::histogram!("wharf_trigger_delivery_seconds", "kind" => kind, "state" => state)
        .record(took.as_secs_f64());
}
