//! Numbers over time: what went in and out, and how much is stored, for the pictures that people look at.
//!
//! Pulls and pushes only add to counters in memory (`counting`); the upkeep writes them every few seconds, so that a kill
//! loses no more than that. Once an hour it looks at what is stored (`recording`). Readers get a line with its gaps
//! (`reading`).

mod counting;
mod reading;
mod recording;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use counting::{RepositoryTraffic, TrafficCounters};
pub use reading::{Stats, StatsSubject};
