//! Keeps transfers from filling a log: a line for each twentieth but none within a second, or for each five seconds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wharf_builder::progress::StepId;

use crate::progress::transfers::Transfer;
use crate::progress::units::measure_seconds;

/// A line for each twentieth of the whole, as BuildKit has it.
const SMALLEST_SHARE: f64 = 0.05;
/// Not more often than this, however fast it goes: a log is read afterwards.
const SHORTEST_SILENCE_SECONDS: f64 = 1.0;
/// A line at least this often while something moves.
const LONGEST_SILENCE_SECONDS: f64 = 5.0;

/// What was written last of each transfer.
#[derive(Debug, Default)]
pub(super) struct Throttle(BTreeMap<(StepId, String), (u64, Timestamp)>);

impl Throttle {
    /// Whether this state of a transfer deserves a line; then it is taken as written.
    pub(super) fn lets_pass(&mut self, step: StepId, transfer: &Transfer) -> bool {
        let key = (step, transfer.item.clone());
        let passes = match self.0.get(&key) {
            None => true,
            Some((current, _)) if transfer.is_complete() => *current != transfer.current,
            Some((current, at)) => {
                let moved = transfer.current.saturating_sub(*current) as f64;
                let share = transfer
                    .total
                    .map_or(0.0, |total| moved / total.max(1) as f64);
                let silence = measure_seconds(*at, transfer.updated);
                silence >= LONGEST_SILENCE_SECONDS
                    || (share >= SMALLEST_SHARE && silence >= SHORTEST_SILENCE_SECONDS)
            }
        };
        if passes {
            self.0.insert(key, (transfer.current, transfer.updated));
        }
        passes
    }
}
