//! Measures mounts of blobs from another repository.
//! Called by the entry point with the seeded fleet.

use anyhow::Result;

use super::{Bench, describe_steps, rotate};
use crate::content::Mold;
use crate::crew::{Shift, run_crew};
use crate::ledger::Section;
use crate::seed::{MOUNT_BLOBS, MOUNT_SOURCE};
use crate::server::Server;
use crate::upload::mount_blob;
use crate::wire::Connection;

const CLIENTS: usize = 8;

pub(crate) fn measure(bench: &mut Bench<'_>, servers: &[&Server]) -> Result<()> {
    let mold = Mold::new(64);
    let blobs: Vec<_> = (0..MOUNT_BLOBS).map(|number| mold.cast(number)).collect();
    for round in (0..).take_while(|round| bench.scale.allows(*round)) {
        // Each round mounts into a repository that has none of the blobs yet.
        let target = format!("bench/mount-target-{round}");
        for server in rotate(servers, round) {
            let headers = server.log_in(&[
                &format!("repository:{MOUNT_SOURCE}:pull"),
                &format!("repository:{target}:pull,push"),
            ])?;
            let shift = Shift {
                clients: CLIENTS,
                window: bench.scale.transfer_window,
                least: CLIENTS,
                most: blobs.len(),
            };
            let tally = run_crew(
                server.pid(),
                shift,
                || Connection::open(server.address),
                |connection, number| {
                    let digest = blobs[number].digest();
                    mount_blob(connection, &headers, MOUNT_SOURCE, &target, digest)?;
                    Ok(0)
                },
            )?;
            bench.ledger.record(
                Section::Mounts,
                "mount, 8 clients",
                server.contestant,
                &describe_steps(tally),
            );
        }
    }
    Ok(())
}
