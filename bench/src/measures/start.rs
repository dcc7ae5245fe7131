//! Measures the time from starting the program to its first 200, with everything that was seeded in its folder.
//! Wharf holds the distinct manifests; peers hold 100,000 tags, which they do not look at when they start.
//! Called by the entry point with the fleet, which it stops.

use anyhow::{Context, Result};

use super::{Bench, rotate};
use crate::ledger::{Quantity, Section};
use crate::seed::Seeded;
use crate::server::{Door, Server};

/// The row that the target is about.
pub(crate) const ROW: &str = "start to first 200";

/// A start takes so little time that five rounds cost nothing.
const ROUNDS: usize = 5;

/// Stops the fleet, starts each of it again and again, and gives up its data.
pub(crate) fn measure(bench: &mut Bench<'_>, fleet: Vec<Seeded>) -> Result<()> {
    let mut homes = Vec::new();
    for seeded in fleet {
        seeded.server.stop()?;
        homes.push((seeded.entry, seeded.home));
    }
    for round in 0..ROUNDS {
        for (entry, home) in rotate(&homes, round) {
            let server = Server::start(entry, home, Door::Open)
                .with_context(|| format!("{}: {ROW}", entry.contestant.name()))?;
            let milliseconds = server.ready_after.as_secs_f64() * 1e3;
            server.stop()?;
            bench.ledger.record(
                Section::Start,
                ROW,
                entry.contestant,
                &[(Quantity::Milliseconds, milliseconds)],
            );
        }
    }
    homes.into_iter().try_for_each(|(_, home)| home.release())
}
