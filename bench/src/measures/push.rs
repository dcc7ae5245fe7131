//! Measures durable pushes: each step is POST, PUT of a new blob and PUT of a manifest that names it.
//! The manifest is part of it because only its 201 promises that the blob survives power loss.
//! Each run has a server with an empty folder, so that no contestant pays for what others left.
//! Called by the entry point.

use anyhow::{Context, Result};

use super::{Bench, describe_bytes, rotate};
use crate::content::{Mold, write_manifest};
use crate::contestant::Entry;
use crate::crew::{Shift, Tally, run_crew};
use crate::ledger::Section;
use crate::scale::{MEGABYTE, Transfer, count};
use crate::seed::{SmallImage, tag_name};
use crate::server::{Door, Server};
use crate::upload::{push_blob, put_manifest};
use crate::warm::prepare_memory;
use crate::wire::Connection;
use crate::work_dir::WorkDir;

const REPOSITORY: &str = "bench/push";

/// One run writes at most about this much: more would take the slowest peer half a minute.
const MOST_BYTES: u64 = 1_000 * MEGABYTE;

/// And at most this many small blobs, which is more than a window holds.
const MOST_BLOBS: u64 = 300;

pub(crate) fn row(transfer: Transfer) -> String {
    let clients = count(transfer.clients, "client");
    format!("push {} MB, {clients}", transfer.megabytes)
}

pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    for transfer in bench.scale.pushes.clone() {
        let mold = Mold::new(transfer.megabytes * MEGABYTE);
        for round in (0..).take_while(|round| bench.scale.allows(*round)) {
            for entry in rotate(bench.entries, round) {
                let shift = plan(transfer, bench.scale.transfer_window);
                let tally = push(bench.work, entry, &mold, transfer, shift)
                    .with_context(|| format!("{}: {}", entry.contestant.name(), row(transfer)))?;
                bench.ledger.record(
                    Section::Push,
                    &row(transfer),
                    entry.contestant,
                    &describe_bytes(&tally),
                );
            }
        }
    }
    Ok(())
}

/// At least one push per client, at most what the bounds allow.
fn plan(transfer: Transfer, window: std::time::Duration) -> Shift {
    let size = transfer.megabytes * MEGABYTE;
    let most = (MOST_BYTES / size).min(MOST_BLOBS) as usize;
    Shift {
        clients: transfer.clients,
        window,
        least: transfer.clients,
        most: most.next_multiple_of(transfer.clients),
    }
}

fn push(
    work: &WorkDir,
    entry: &Entry,
    mold: &Mold,
    transfer: Transfer,
    shift: Shift,
) -> Result<Tally> {
    let home = work.make_home()?;
    let server = Server::start_fresh(entry, &home, Door::Open)?;
    let headers = server.log_in(&[&format!("repository:{REPOSITORY}:pull,push")])?;
    let image = SmallImage::new();
    push_blob(
        &mut Connection::open(server.address)?,
        &headers,
        REPOSITORY,
        &image.config,
    )?;
    let bytes = shift.most as u64 * transfer.megabytes * MEGABYTE;
    prepare_memory(work.path(), bytes)?;
    let tally = run_crew(
        server.pid(),
        shift,
        || Connection::open(server.address),
        |connection, number| {
            let blob = mold.cast(number as u64);
            push_blob(connection, &headers, REPOSITORY, &blob)?;
            let manifest = write_manifest(&image.config, &[&blob], "push");
            let tag = tag_name(number);
            put_manifest(connection, &headers, REPOSITORY, &tag, &manifest)?
                .expect("put the manifest of a push", 201)?;
            Ok(blob.size())
        },
    )?;
    server.stop()?;
    home.release()?;
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_client_pushes_and_the_disk_is_spared() {
        let shift = |megabytes, clients| plan(Transfer { megabytes, clients }, Duration::ZERO);
        assert_eq!(shift(100, 1).most, 10);
        assert_eq!(shift(100, 8).most, 16);
        assert_eq!(shift(100, 32).most, 32);
        assert_eq!(shift(1, 1).most, 300);
        assert_eq!(shift(1, 32).least, 32);
    }
}
