//! Measures what a RUN step costs beside its own work: the difference between images of N and 2N steps that do nothing,
//! by N. Start, base, export and push cancel out. Called by the entry point.

use anyhow::{Context, Result};

use super::{BuildBench, rotate};
use crate::builder::{Builder, BuilderEntry, Network, Site};
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
            .filter(|entry| entry.builder != Builder::WharfPush)
            .collect();
        for entry in rotate(&builders, round) {
            if let Err((row, error)) = measure_builder(bench, entry, [&few, &many]) {
                bench.give_up(entry, row, error)?;
            }
        }
    }
    Ok(())
}

/// All rows of one builder; if it fails, the row in which it did.
fn measure_builder(
    bench: &mut BuildBench<'_>,
    entry: &BuilderEntry,
    workloads: [&Workload; 2],
) -> Result<(), (&'static str, anyhow::Error)> {
    for (row, network) in ROWS {
        if !entry.builder.offers(network) {
            continue;
        }
        let seconds =
            measure_steps(bench, entry, workloads, network).map_err(|error| (row, error))?;
        let milliseconds = seconds / bench.scale.steps as f64 * 1e3;
        let values = [(Quantity::Milliseconds, milliseconds)];
        bench
            .ledger
            .record(Section::Steps, row, entry.builder, &values);
    }
    Ok(())
}

/// How many seconds longer the larger build takes.
fn measure_steps(
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
