//! Measures manifest PUTs: distinct manifests, each with a tag of its own, durable when answered.
//! Called by the entry point with the seeded fleet.

use anyhow::Result;

use super::{Bench, describe_steps, rotate};
use crate::crew::{Shift, run_crew};
use crate::ledger::Section;
use crate::scale::count;
use crate::seed::{IMAGES, SmallImage, tag_name};
use crate::server::Server;
use crate::upload::{mount_blob, put_manifest};
use crate::wire::Connection;

/// Far more than any contestant stores in a window; keeps the rounds' numbers apart.
const MOST: usize = 100_000;

pub(crate) fn row(clients: usize) -> String {
    format!("manifest PUT, {}", count(clients, "client"))
}

pub(crate) fn measure(bench: &mut Bench<'_>, servers: &[&Server]) -> Result<()> {
    let image = SmallImage::new();
    for clients in bench.scale.put_clients.clone() {
        let repository = format!("bench/puts-{clients}");
        for round in (0..).take_while(|round| bench.scale.allows(*round)) {
            for server in rotate(servers, round) {
                let headers = server.log_in(&[
                    &format!("repository:{IMAGES}:pull"),
                    &format!("repository:{repository}:pull,push"),
                ])?;
                let mut connection = Connection::open(server.address)?;
                for blob in [&image.config, &image.layer] {
                    let digest = blob.digest();
                    mount_blob(&mut connection, &headers, IMAGES, &repository, digest)?;
                }
                let shift = Shift {
                    clients,
                    window: bench.scale.transfer_window,
                    least: clients,
                    most: MOST,
                };
                let tally = run_crew(
                    server.pid(),
                    shift,
                    || Connection::open(server.address),
                    |connection, number| {
                        let number = round * MOST + number;
                        let manifest = image.write_variant(number);
                        let tag = tag_name(number);
                        put_manifest(connection, &headers, &repository, &tag, &manifest)?
                            .expect("put a manifest", 201)?;
                        Ok(0)
                    },
                )?;
                let values = describe_steps(tally);
                let (section, row) = (Section::Manifests, row(clients));
                bench
                    .ledger
                    .record(section, &row, server.contestant, &values);
            }
        }
    }
    Ok(())
}
