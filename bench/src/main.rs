//! `wharf-bench`: measures wharf against Debian's docker-registry and the current CNCF distribution, and its builder
//! against docker, buildah and BuildKit, in one run.
//! It prints a table per subject and one line per target, and it ends with 0 whether they are met or not.
//! Refuses to touch anything but loopback and its own work folder. Called by `make bench`.

mod base_image;
mod builder;
mod content;
mod contestant;
mod crew;
mod ledger;
mod measures;
mod meter;
mod options;
mod proc_stat;
mod process_tree;
mod random;
mod remove;
mod report;
mod scale;
mod seed;
mod server;
mod statistics;
mod upload;
mod warm;
mod wire;
mod work_dir;
mod workload;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use base_image::BaseImage;
use builder::{BuilderEntry, Yard, find_builders};
use contestant::{Contestant, find_build_registry, find_entries, find_in_path};
use ledger::{Ledger, Section};
use measures::{
    Bench, BuildBench, build, latency, lists, manifests, memory, mounts, password, pull, push,
    requests, service, start, steps, triggers,
};
use options::Options;
use scale::Scale;
use seed::Seeded;
use server::Server;
use work_dir::WorkDir;
use workload::Workload;

/// A measure that needs the seeded servers.
type FleetMeasure = fn(&mut Bench<'_>, &[&Server]) -> Result<()>;

/// A measure that starts servers of its own.
type OwnMeasure = fn(&mut Bench<'_>) -> Result<()>;

/// A measure of builds.
type BuildMeasure = fn(&mut BuildBench<'_>) -> Result<()>;

const FLEET_MEASURES: [(Section, FleetMeasure); 5] = [
    (Section::Requests, requests::measure),
    (Section::Lists, lists::measure),
    (Section::Mounts, mounts::measure),
    (Section::Manifests, manifests::measure),
    (Section::Pull, pull::measure),
];

/// The bulky pushes come last: if time is short, they are the ones to get fewer rounds.
const OWN_MEASURES: [(Section, OwnMeasure); 5] = [
    (Section::Memory, memory::measure),
    (Section::Password, password::measure),
    (Section::Latency, latency::measure),
    (Section::Push, push::measure),
    (Section::Triggers, triggers::measure),
];

const BUILD_MEASURES: [(Section, BuildMeasure); 2] = [
    (Section::Steps, steps::measure),
    (Section::Build, build::measure),
];

fn main() -> Result<()> {
    let options = Options::parse();
    let (entries, mut remarks) = find_entries(&options)?;
    ensure!(!entries.is_empty(), "nobody to measure");
    let work = WorkDir::claim(&options.work_folder()?)?;
    let machine = report::describe_machine(work.path());
    let scale = if options.quick {
        remarks.push("quick run: fewer sizes, shorter windows, noisier numbers".to_owned());
        Scale::quick()
    } else {
        Scale::full()
    };
    let scale = match options.rounds {
        Some(rounds) => scale.with_rounds(rounds.into()),
        None => scale,
    };
    let mut ledger = Ledger::default();
    let mut bench = Bench {
        scale: &scale,
        work: &work,
        entries: &entries,
        ledger: &mut ledger,
    };
    let stored = measure_fleet(&mut bench, &options)?;
    for (section, measure) in OWN_MEASURES {
        if options.wants(section) {
            announce(&scale, &format!("{section:?}"));
            measure(&mut bench)?;
        }
    }
    if options.wants(Section::Service) {
        announce(&scale, "Service");
        if let Some(remark) = service::measure(&mut bench)? {
            remarks.push(remark);
        }
    }
    let builders = measure_builds(&scale, &work, &mut ledger, &mut remarks, &options)?;
    let asked = report::list_targets(stored);
    let report = report::write_report(
        &ledger,
        (&entries, &builders),
        &remarks,
        &scale,
        &asked,
        &machine,
    );
    print!("{report}");
    announce(&scale, "remove the data");
    Ok(())
}

/// Seeds everyone, takes the measures that need it, and returns how many manifests wharf held when it was started again.
fn measure_fleet(bench: &mut Bench<'_>, options: &Options) -> Result<usize> {
    let sections = FLEET_MEASURES.iter().map(|(section, _)| *section);
    let wanted = sections
        .chain([Section::Start])
        .any(|section| options.wants(section));
    if !wanted {
        return Ok(0);
    }
    let mut fleet: Vec<Seeded> = Vec::new();
    for entry in bench.entries {
        announce(bench.scale, &format!("seed {}", entry.contestant.name()));
        fleet.push(seed::seed(entry, bench.work, bench.scale)?);
    }
    let stored = fleet
        .iter()
        .find(|seeded| seeded.entry.contestant == Contestant::Wharf)
        .map_or(0, |seeded| seeded.manifests);
    let servers: Vec<&Server> = fleet.iter().map(|seeded| &seeded.server).collect();
    for (section, measure) in FLEET_MEASURES {
        if options.wants(section) {
            announce(bench.scale, &format!("{section:?}"));
            measure(bench, &servers)?;
        }
    }
    if options.wants(Section::Start) {
        announce(bench.scale, "Start");
        start::measure(bench, fleet)?;
    }
    Ok(stored)
}

/// Measures builds if they are wanted and possible, and returns who took part.
fn measure_builds(
    scale: &Scale,
    work: &WorkDir,
    ledger: &mut Ledger,
    remarks: &mut Vec<String>,
    options: &Options,
) -> Result<Vec<BuilderEntry>> {
    let wanted = BUILD_MEASURES
        .iter()
        .any(|(section, _)| options.wants(*section));
    if !wanted {
        return Ok(Vec::new());
    }
    let parts = find_build_registry(options)?.zip(find_in_path("busybox"));
    let Some((registry, busybox)) = parts else {
        remarks.push(
            "builds were NOT MEASURED: they need docker-registry and busybox-static (apt install docker-registry busybox-static)"
                .to_owned(),
        );
        return Ok(Vec::new());
    };
    let (found, missing) = find_builders(options)?;
    remarks.extend(missing);
    process_tree::adopt_orphans()?;
    let folder = work.path().join("workloads");
    let yard = Yard {
        registry,
        base: BaseImage::make(&busybox).context("make the base image")?,
        primer: Workload::write_primer(&folder)?,
        folder,
    };
    let mut builders = found.clone();
    let mut bench = BuildBench {
        scale,
        work,
        yard: &yard,
        builders: &mut builders,
        ledger,
        remarks,
    };
    for (section, measure) in BUILD_MEASURES {
        if options.wants(section) {
            announce(scale, &format!("{section:?}"));
            measure(&mut bench)?;
        }
    }
    Ok(found)
}

/// Tells the person who waits what is going on; the report itself goes to standard output.
fn announce(scale: &Scale, what: &str) {
    eprintln!("[{:>4} s] {what}", scale.elapsed().as_secs());
}
