//! Measures what clients ask most: manifests and blob heads.
//! Called by the entry point with the seeded fleet.

use anyhow::Result;

use super::Bench;
use super::small::{self, Access, SmallRequest};
use crate::content::Digest;
use crate::ledger::Section;
use crate::scale::count;
use crate::seed::{IMAGES, SmallImage, TAG};
use crate::server::Server;

/// As many as a cluster node's runtime and a build keep open together; enough to keep two cores busy.
const CONNECTIONS: usize = 16;

/// The row that the target is about.
pub(crate) fn manifest_get_row() -> String {
    name("manifest GET by tag", CONNECTIONS)
}

fn name(what: &str, connections: usize) -> String {
    format!("{what}, {}", count(connections, "connection"))
}

pub(crate) fn measure(bench: &mut Bench<'_>, servers: &[&Server]) -> Result<()> {
    let image = SmallImage::new();
    let by_tag = format!("/v2/{IMAGES}/manifests/{TAG}");
    let by_digest = format!(
        "/v2/{IMAGES}/manifests/{}",
        Digest::of(&image.manifest).as_str()
    );
    let blob = format!("/v2/{IMAGES}/blobs/{}", image.layer.digest().as_str());
    let absent = format!("/v2/{IMAGES}/blobs/{}", Digest::of(b"absent").as_str());
    let mut kinds = vec![
        ("manifest GET by tag", "GET", &by_tag, 200, CONNECTIONS),
        ("manifest HEAD by tag", "HEAD", &by_tag, 200, CONNECTIONS),
        ("blob HEAD", "HEAD", &blob, 200, CONNECTIONS),
    ];
    let pinged = "/v2/".to_owned();
    if bench.scale.thorough {
        kinds.extend([
            ("blob HEAD, absent", "HEAD", &absent, 404, CONNECTIONS),
            ("blob GET of 4 KiB", "GET", &blob, 200, CONNECTIONS),
            (
                "manifest GET by digest",
                "GET",
                &by_digest,
                200,
                CONNECTIONS,
            ),
            ("manifest GET by tag", "GET", &by_tag, 200, 1),
            ("GET /v2/", "GET", &pinged, 200, CONNECTIONS),
        ]);
    }
    for (what, method, path, expected, connections) in kinds {
        let small = SmallRequest {
            section: Section::Requests,
            name: name(what, connections),
            method,
            paths: vec![path.clone()],
            expected,
            connections,
            access: Access::Token(format!("repository:{IMAGES}:pull")),
        };
        small::measure(bench, servers, &small)?;
    }
    Ok(())
}
