//! Measures whole builds: a tiny image of five steps, and a large one of 300 MB in 13,905 files; cold, and again unchanged.
//! Each run has empty storage, a fresh registry and the base already pulled, so that no contestant gains or pays by
//! what others left. Refuses to delete much just before it measures. Called by the entry point.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{BuildBench, rotate};
use crate::builder::{Builder, BuilderEntry, Network, Site};
use crate::ledger::{Quantity, Section};
use crate::meter::Cost;
use crate::scale::count;
use crate::warm::prepare_memory;
use crate::work_dir::Home;
use crate::workload::{Workload, large};

pub(crate) const TINY_COLD: &str = "tiny, cold";
pub(crate) const TINY_CACHED: &str = "tiny, cached";
pub(crate) const LARGE_COLD: &str = "large, cold";
pub(crate) const LARGE_CACHED: &str = "large, cached";

/// ext4 does not give out an inode again within 5 s of its deletion and looks longer for a free one meanwhile
/// (`recently_deleted` in fs/ext4/ialloc.c), which would make the next build slower than it is.
const INODE_REST: Duration = Duration::from_secs(6);

/// A workload and how it is measured.
struct Plan {
    cold: &'static str,
    cached: &'static str,
    workload: Workload,
    /// What a build writes at most: context, snapshots, layers, and the registry's copy of them.
    bytes: u64,
    /// Whether the folders are emptied after each round, as there is not room for all.
    is_bulky: bool,
}

pub(crate) fn measure(bench: &mut BuildBench<'_>) -> Result<()> {
    let mut plans = vec![Plan {
        cold: TINY_COLD,
        cached: TINY_CACHED,
        workload: Workload::write_tiny(&bench.yard.folder)?,
        bytes: 64 << 20,
        is_bulky: false,
    }];
    if bench.scale.large_build {
        plans.push(Plan {
            cold: LARGE_COLD,
            cached: LARGE_CACHED,
            workload: Workload::write_large(&bench.yard.folder)?,
            bytes: 4 * large::BYTES as u64,
            is_bulky: true,
        });
    }
    for plan in plans {
        for round in (0..).take_while(|round| bench.scale.allows(*round)) {
            measure_round(bench, &plan, round)?;
        }
    }
    Ok(())
}

fn measure_round(bench: &mut BuildBench<'_>, plan: &Plan, round: usize) -> Result<()> {
    let mut homes = Vec::new();
    let builders = bench.builders.clone();
    for entry in rotate(&builders, round) {
        match build_twice(bench, plan, entry) {
            Ok(([cold, cached], left)) => {
                record(bench, plan.cold, entry.builder, cold);
                record(bench, plan.cached, entry.builder, cached);
                homes.extend(left);
            }
            Err(error) => bench.give_up(entry, plan.cold, error)?,
        }
    }
    if plan.is_bulky {
        for home in homes {
            home.remove()?;
        }
        thread::sleep(INODE_REST);
    }
    Ok(())
}

fn build_twice(
    bench: &BuildBench<'_>,
    plan: &Plan,
    entry: &BuilderEntry,
) -> Result<([Cost; 2], [Home; 2])> {
    let site = Site::open(bench.work, bench.yard, entry)?;
    prepare_memory(bench.work.path(), plan.bytes)?;
    let build = || site.build(&plan.workload, "image", Network::Usual);
    let cold = build()?;
    let cached = build().context("the same again")?;
    Ok(([cold, cached], site.close()?))
}

fn record(bench: &mut BuildBench<'_>, row: &str, builder: Builder, cost: Cost) {
    let values = [
        (Quantity::CpuSeconds, cost.cpu),
        (Quantity::WallSeconds, cost.wall),
    ];
    bench.ledger.record(Section::Build, row, builder, &values);
}

/// What the large workload is, for the report.
pub(crate) fn describe_large() -> String {
    format!(
        "{} MB in {}",
        large::BYTES / 1_000_000,
        count(large::FILES, "file")
    )
}
