//! Measures what a RUN step costs beside its own work: the difference between images of N and 2N steps that do nothing,
//! by N. Start, base, export and push cancel out. Called by the entry point.

use anyhow::{Context, Result};

use super::{BuildBench, rotate};
use crate::builder::{BuilderEntry, Network, Site};
use crate::ledger::{Quantity, Section};
use crate::warm::prepare_memory;
use crate::workload::Workload;

pub(crate) const NONE: &str = "RUN true, no network";
pub(crate) const USUAL: &str = "RUN true, usual network";

const ROWS: [(&str, Network); 2] = [(NONE, Network::None), (USUAL, Network::Usual)];

/// As much as the images of steps write, and daemons need.
const BYTES: u64 = 64 << 20;

pub(crate) fn measure(bench: &mut BuildBench<'_>) -> Result<()> {
    let steps = bench.scale.steps;
    let few = Workload::write_steps(&bench.yard.folder, steps)?;
    let many = Workload::write_steps(&bench.yard.folder, 2 * steps)?;
    for round in (0..).take_while(|round| bench.scale.allows(*round)) {
        let builders = bench.builders.clone();
        // Pushing adds nothing to a step.
        let builders: Vec<_> = builders
            .iter()
            .filter(|entry| entry.builder != crate::builder::Builder::WharfPush)
            .collect();
        for entry in rotate(&builders, round) {
            for (row, network) in ROWS {
                match measure_step(bench, entry, [&few, &many], network) {
                    Ok(seconds) => {
                        let values = [(Quantity::Milliseconds, seconds / steps as f64 * 1e3)];
                        bench
                            .ledger
                            .record(Section::Steps, row, entry.builder, &values);
                    }
                    Err(error) => {
                        bench.give_up(entry, error.context(row))?;
                        break;
                    }
                }
            }
        }
    }
    Ok(())
}

/// How many seconds longer the larger build takes.
fn measure_step(
    bench: &BuildBench<'_>,
    entry: &BuilderEntry,
    [few, many]: [&Workload; 2],
    network: Network,
) -> Result<f64> {
    let site = Site::open(bench.work, bench.yard, entry)?;
    prepare_memory(bench.work.path(), BYTES)?;
    let less = site.build(few, "few", network)?;
    let more = site.build(many, "many", network).context("more steps")?;
    site.close()?;
    Ok(more.wall - less.wall)
}
