//! Measures resident memory: idle after a start, and at its peak while 64 clients pull 100 MB each.
//! The server is started anew after the blob was pushed, and its peak is reset after the login:
//! checking a password takes memory on purpose, and that memory is not what pulls need.
//! Called by the entry point.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Bench, rotate};
use crate::content::write_manifest;
use crate::contestant::Entry;
use crate::crew::{Shift, run_crew};
use crate::ledger::{Quantity, Section};
use crate::proc_stat::{read_memory, reset_peak};
use crate::seed::{SmallImage, pull_blob};
use crate::server::{Door, Server};
use crate::upload::{push_blob, put_manifest};
use crate::warm::prepare_memory;
use crate::wire::Connection;
use crate::work_dir::Home;

const REPOSITORY: &str = "bench/memory";

/// The row that the target is about.
pub(crate) const ROW: &str = "idle, and at the peak of 64 pulls of 100 MB";
const CLIENTS: usize = 64;
const SIZE_MB: u64 = 100;

/// What a start leaves to be done in the background is done after this.
const SETTLE: Duration = Duration::from_millis(500);

pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let mut homes = Vec::new();
    for entry in bench.entries {
        let home = bench.work.make_home()?;
        fill(bench, entry, &home)
            .with_context(|| format!("{}: fill for {ROW}", entry.contestant.name()))?;
        homes.push((entry, home));
    }
    for round in (0..).take_while(|round| bench.scale.allows(*round)) {
        for (entry, home) in rotate(&homes, round) {
            let values =
                pull(entry, home).with_context(|| format!("{}: {ROW}", entry.contestant.name()))?;
            bench
                .ledger
                .record(Section::Memory, ROW, entry.contestant, &values);
        }
    }
    homes.into_iter().try_for_each(|(_, home)| home.release())
}

fn fill(bench: &Bench<'_>, entry: &Entry, home: &Home) -> Result<()> {
    let server = Server::start_fresh(entry, home, Door::Open)?;
    let headers = server.log_in(&[&format!("repository:{REPOSITORY}:pull,push")])?;
    let mut connection = Connection::open(server.address)?;
    let (config, blob) = (SmallImage::new().config, pull_blob(SIZE_MB));
    prepare_memory(bench.work.path(), blob.size())?;
    push_blob(&mut connection, &headers, REPOSITORY, &config)?;
    push_blob(&mut connection, &headers, REPOSITORY, &blob)?;
    let manifest = write_manifest(&config, &[&blob], "memory");
    put_manifest(&mut connection, &headers, REPOSITORY, "large", &manifest)?
        .expect("tag the image", 201)?;
    server.stop()
}

fn pull(entry: &Entry, home: &Home) -> Result<[(Quantity, f64); 2]> {
    let server = Server::start(entry, home, Door::Open)?;
    thread::sleep(SETTLE);
    let idle = read_memory(server.pid())?.now;
    let headers = server.log_in(&[&format!("repository:{REPOSITORY}:pull")])?;
    let blob = pull_blob(SIZE_MB);
    let path = format!("/v2/{REPOSITORY}/blobs/{}", blob.digest().as_str());
    reset_peak(server.pid())?;
    let shift = Shift {
        clients: CLIENTS,
        window: Duration::ZERO,
        least: CLIENTS,
        most: CLIENTS,
    };
    run_crew(
        server.pid(),
        shift,
        || Connection::open(server.address),
        |connection, _| connection.download(&path, &headers),
    )?;
    let peak = read_memory(server.pid())?.peak;
    server.stop()?;
    Ok([
        (Quantity::IdleMegabytes, idle as f64 / 1e6),
        (Quantity::PeakMegabytes, peak as f64 / 1e6),
    ])
}
