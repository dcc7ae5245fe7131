//! Measures how long one client waits for a manifest while four others push blobs of 100 MB.
//! Called by the entry point.

use std::thread;

use anyhow::{Context, Result};

use super::{Bench, describe_latencies, rotate};
use crate::content::{MANIFEST_TYPE, Mold};
use crate::contestant::Entry;
use crate::crew::{Shift, run_crew};
use crate::ledger::{Quantity, Section};
use crate::scale::MEGABYTE;
use crate::seed::{SmallImage, TAG};
use crate::server::{Door, Server};
use crate::upload::{push_blob, put_manifest};
use crate::warm::prepare_memory;
use crate::wire::{ClosedLoop, Connection, Requests, write_head};
use crate::work_dir::Home;

const REPOSITORY: &str = "bench/latency";
const ROW: &str = "manifest GET, 1 connection, under 4 pushes of 100 MB";
const PUSHERS: usize = 4;

/// A gigabyte and a half of writes at most.
const MOST_PUSHES: usize = 16;

/// More than one connection can ask in the longest window.
const MOST_REQUESTS: usize = 500_000;

pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let mold = Mold::new(100 * MEGABYTE);
    for round in (0..).take_while(|round| bench.scale.allows(*round)) {
        for entry in rotate(bench.entries, round) {
            let home = bench.work.make_home()?;
            let values = ask_under_pushes(bench, entry, &home, &mold)
                .with_context(|| format!("{}: {ROW}", entry.contestant.name()))?;
            bench
                .ledger
                .record(Section::Latency, ROW, entry.contestant, &values);
            home.release()?;
        }
    }
    Ok(())
}

fn ask_under_pushes(
    bench: &Bench<'_>,
    entry: &Entry,
    home: &Home,
    mold: &Mold,
) -> Result<Vec<(Quantity, f64)>> {
    let server = Server::start_fresh(entry, home, Door::Open)?;
    let headers = server.log_in(&[&format!("repository:{REPOSITORY}:pull,push")])?;
    let image = SmallImage::new();
    let mut connection = Connection::open(server.address)?;
    push_blob(&mut connection, &headers, REPOSITORY, &image.config)?;
    push_blob(&mut connection, &headers, REPOSITORY, &image.layer)?;
    put_manifest(&mut connection, &headers, REPOSITORY, TAG, &image.manifest)?
        .expect("tag the image", 201)?;
    let accepting = headers.clone().with("Accept", MANIFEST_TYPE);
    let path = format!("/v2/{REPOSITORY}/manifests/{TAG}");
    let requests = Requests {
        requests: vec![write_head(server.address, "GET", &path, &accepting, None)],
        bodiless: false,
        expected: 200,
    };
    let mut closed_loop = ClosedLoop::connect(server.address, 1, requests)?;
    prepare_memory(bench.work.path(), MOST_PUSHES as u64 * mold.size())?;
    let window = bench.scale.latency_window;
    let shift = Shift {
        clients: PUSHERS,
        window,
        least: PUSHERS,
        most: MOST_PUSHES,
    };
    let mut outcome = thread::scope(|scope| {
        let asking = scope.spawn(|| closed_loop.run(window, MOST_REQUESTS));
        run_crew(
            server.pid(),
            shift,
            || Connection::open(server.address),
            |connection, number| {
                let blob = mold.cast(number as u64);
                push_blob(connection, &headers, REPOSITORY, &blob)?;
                Ok(blob.size())
            },
        )?;
        asking
            .join()
            .map_err(|_| anyhow::anyhow!("the asking thread panicked"))?
    })?;
    server.stop()?;
    Ok(describe_latencies(&mut outcome.latencies))
}
