//! The measures, one file each. Every measure takes the contestants in turn within each round, so that all see the same machine.
//! Refuses to keep going after a failed request. Called by the entry point.

mod api;
pub(crate) mod build;
pub(crate) mod latency;
pub(crate) mod lists;
pub(crate) mod manifests;
pub(crate) mod memory;
pub(crate) mod mounts;
pub(crate) mod password;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod requests;
pub(crate) mod service;
pub(crate) mod small;
pub(crate) mod start;
pub(crate) mod steps;
pub(crate) mod triggers;

use crate::builder::{BuilderEntry, Yard};
use crate::contestant::Entry;
use crate::crew::Tally;
use crate::ledger::{Ledger, Quantity};
use crate::scale::Scale;
use crate::statistics::find_percentile;
use crate::work_dir::WorkDir;

/// What every measure needs.
pub(crate) struct Bench<'a> {
    pub(crate) scale: &'a Scale,
    pub(crate) work: &'a WorkDir,
    pub(crate) entries: &'a [Entry],
    pub(crate) ledger: &'a mut Ledger,
}

/// What the measures of builds need.
pub(crate) struct BuildBench<'a> {
    pub(crate) scale: &'a Scale,
    pub(crate) work: &'a WorkDir,
    pub(crate) yard: &'a Yard,
    /// Those that failed are gone from it.
    pub(crate) builders: &'a mut Vec<BuilderEntry>,
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) remarks: &'a mut Vec<String>,
}

impl BuildBench<'_> {
    /// Goes on without a peer that failed in `row`, and says so in the report.
    ///
    /// # Errors
    /// It is wharf that failed.
    fn give_up(
        &mut self,
        entry: &BuilderEntry,
        row: &str,
        error: anyhow::Error,
    ) -> anyhow::Result<()> {
        let name = entry.builder.name();
        if !entry.builder.is_peer() {
            return Err(error.context(format!("{name}: {row}")));
        }
        eprintln!("{name}: {row}: {error:#}");
        self.remarks.push(format!(
            "peer {name} FAILED ({row}) and was left out from there on; standard error has its output"
        ));
        let builder = entry.builder;
        self.builders.retain(|other| other.builder != builder);
        Ok(())
    }
}

/// All items, each round beginning with another one, so that none is always the first after a pause.
fn rotate<T>(items: &[T], round: usize) -> impl Iterator<Item = &T> {
    let start = round % items.len().max(1);
    items[start..].iter().chain(&items[..start])
}

/// A crew's rate, CPU and latency per step.
fn describe_steps(mut tally: Tally) -> Vec<(Quantity, f64)> {
    let steps = tally.steps as f64;
    let mut values = vec![
        (Quantity::CpuMicros, tally.cpu_seconds * 1e6 / steps),
        (Quantity::PerSecond, steps / tally.elapsed.as_secs_f64()),
    ];
    values.extend(describe_latencies(&mut tally.latencies));
    values
}

/// A crew's throughput and CPU per byte, in units of 10^6 and 10^9 bytes.
fn describe_bytes(tally: &Tally) -> [(Quantity, f64); 2] {
    let bytes = tally.bytes as f64;
    [
        (
            Quantity::MegabytesPerSecond,
            bytes / 1e6 / tally.elapsed.as_secs_f64(),
        ),
        (
            Quantity::CpuSecondsPerGigabyte,
            tally.cpu_seconds / (bytes / 1e9),
        ),
    ]
}

fn describe_latencies(latencies: &mut [u32]) -> Vec<(Quantity, f64)> {
    let shares = [(Quantity::P50Micros, 0.5), (Quantity::P99Micros, 0.99)];
    let values = shares.into_iter().filter_map(|(quantity, share)| {
        find_percentile(latencies, share).map(|micros| (quantity, f64::from(micros)))
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn rounds_begin_with_another_item() {
        let order = |round| rotate(&[1, 2, 3], round).copied().collect::<Vec<_>>();
        assert_eq!(order(0), [1, 2, 3]);
        assert_eq!(order(1), [2, 3, 1]);
        assert_eq!(order(5), [3, 1, 2]);
        assert_eq!(rotate::<u8>(&[], 1).count(), 0);
    }

    #[test]
    fn tally_becomes_rates() {
        let tally = Tally {
            steps: 4,
            bytes: 2_000_000_000,
            elapsed: Duration::from_secs(2),
            cpu_seconds: 1.0,
            latencies: vec![1, 2, 3, 4],
        };
        assert_eq!(
            describe_bytes(&tally),
            [
                (Quantity::MegabytesPerSecond, 1000.0),
                (Quantity::CpuSecondsPerGigabyte, 0.5)
            ]
        );
        let steps = describe_steps(tally);
        assert_eq!(steps[0], (Quantity::CpuMicros, 250_000.0));
        assert_eq!(steps[1], (Quantity::PerSecond, 2.0));
        assert_eq!(steps[2], (Quantity::P50Micros, 2.0));
    }
}
