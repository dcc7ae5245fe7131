//! Measures manifest GETs that carry a password instead of a token: wharf against its own users, peers against an htpasswd file.
//! Called by the entry point.

use anyhow::Result;

use super::Bench;
use super::small::{self, Access, SmallRequest};
use crate::ledger::Section;
use crate::seed::{SmallImage, TAG};
use crate::server::{Door, Server, password_headers};
use crate::upload::{push_blob, put_manifest};
use crate::wire::Connection;

const REPOSITORY: &str = "bench/password";
const CONNECTIONS: usize = 4;

pub(crate) fn measure(bench: &mut Bench<'_>) -> Result<()> {
    let image = SmallImage::new();
    let headers = password_headers();
    let (mut homes, mut servers) = (Vec::new(), Vec::new());
    for entry in bench.entries {
        let home = bench.work.make_home()?;
        let server = Server::start_fresh(entry, &home, Door::Password)?;
        let mut connection = Connection::open(server.address)?;
        push_blob(&mut connection, &headers, REPOSITORY, &image.config)?;
        push_blob(&mut connection, &headers, REPOSITORY, &image.layer)?;
        put_manifest(&mut connection, &headers, REPOSITORY, TAG, &image.manifest)?
            .expect("tag the image", 201)?;
        homes.push(home);
        servers.push(server);
    }
    let small = SmallRequest {
        section: Section::Password,
        name: format!("manifest GET by tag, {CONNECTIONS} connections"),
        method: "GET",
        paths: vec![format!("/v2/{REPOSITORY}/manifests/{TAG}")],
        expected: 200,
        connections: CONNECTIONS,
        access: Access::Password,
    };
    let borrowed: Vec<_> = servers.iter().collect();
    small::measure(bench, &borrowed, &small)?;
    for server in servers {
        server.stop()?;
    }
    homes
        .into_iter()
        .try_for_each(crate::work_dir::Home::release)
}
