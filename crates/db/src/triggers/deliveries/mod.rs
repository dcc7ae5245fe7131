//! Deliveries: one for each event, trigger and action, with one id over all its attempts.
//!
//! A delivery is made by whoever reads events ([`insert_deliveries`]: reading twice makes none twice), claimed by one server
//! at a time ([`claim_delivery`]: a lease with a fence that every later change names), and settled: over, due again, or a
//! rollout to be looked at again. Of one target, repository and tag only the oldest that is not over is ever claimed.
//! A delivery is over when it has no `next_at`.

mod change;
mod claim;
mod forget;
mod insert;
mod line;
mod list;
mod put_off;
mod row;
mod settle;

pub use change::{
    Whose, cancel_deliveries, cancel_delivery, fail_waiting_of_action, hasten_older, redeliver,
    redeliver_dead_of_action,
};
pub use claim::{
    Claim, Claimed, Due, Full, claim_delivery, holds_lease, is_overtaken, list_due, list_leases,
    list_owned, release_delivery, renew_leases,
};
pub use forget::forget_deliveries;
pub use insert::{MOST_OPEN, NewDelivery, insert_deliveries};
pub use line::{list_asleep, wake};
pub(crate) use list::list_where;
pub use list::{
    DeliveryFilter, OpenCounts, count_open, find_delivery, find_delivery_by_id, find_details,
    list_deliveries, list_last_deliveries, list_of_digest,
};
pub use put_off::{PutOff, put_off_deliveries};
pub use row::Delivery;
pub use settle::{End, end_delivery, follow_rollout, note_progress, wait_again};
