//! Measures pulls of one blob by several clients at once, from the page cache.
//! Called by the entry point with the seeded fleet.

use anyhow::Result;

use super::{Bench, describe_bytes, rotate};
use crate::crew::{Shift, run_crew};
use crate::ledger::Section;
use crate::scale::{Transfer, count};
use crate::seed::{IMAGES, pull_blob};
use crate::server::Server;
use crate::wire::Connection;

/// Keeps a pull of small blobs from running on when the clock stands still; windows end long before.
const MOST: usize = 100_000;

pub(crate) fn row(transfer: Transfer) -> String {
    let clients = count(transfer.clients, "client");
    format!("pull {} MB, {clients}", transfer.megabytes)
}

pub(crate) fn measure(bench: &mut Bench<'_>, servers: &[&Server]) -> Result<()> {
    for transfer in bench.scale.pulls.clone() {
        let blob = pull_blob(transfer.megabytes);
        let path = format!("/v2/{IMAGES}/blobs/{}", blob.digest().as_str());
        for round in (0..).take_while(|round| bench.scale.allows(*round)) {
            for server in rotate(servers, round) {
                let headers = server.log_in(&[&format!("repository:{IMAGES}:pull")])?;
                // Not counted: brings the blob back into the page cache if it had to go.
                Connection::open(server.address)?.download(&path, &headers)?;
                let shift = Shift {
                    clients: transfer.clients,
                    window: bench.scale.transfer_window,
                    least: transfer.clients,
                    most: MOST,
                };
                let tally = run_crew(
                    server.pid(),
                    shift,
                    || Connection::open(server.address),
                    |connection, _| connection.download(&path, &headers),
                )?;
                bench.ledger.record(
                    Section::Pull,
                    &row(transfer),
                    server.contestant,
                    &describe_bytes(&tally),
                );
            }
        }
    }
    Ok(())
}
