//! Fills every contestant with the same repositories before anything is measured.
//! Wharf gets all of it by HTTP, as it has no other way in; peers get most of it written into their storage folder.
//! Refuses to measure a server whose answers differ from what was seeded. Called by the entry point.

mod peer;
mod wharf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::content::{Blob, MANIFEST_TYPE, Mold, write_manifest};
use crate::contestant::{Contestant, Entry};
use crate::scale::{MEGABYTE, Scale};
use crate::server::{Door, Server};
use crate::upload::{push_blob, put_manifest};
use crate::wire::{Connection, Payload};
use crate::work_dir::{Home, WorkDir};

/// The repository with the small image and the large blobs.
pub(crate) const IMAGES: &str = "bench/images";
/// The tag of the small image.
pub(crate) const TAG: &str = "latest";
/// The repository whose blobs are mounted.
pub(crate) const MOUNT_SOURCE: &str = "bench/mount-source";
pub(crate) const MOUNT_BLOBS: u64 = 600;
/// Repositories with this many tags each.
pub(crate) const TAG_COUNTS: [usize; 3] = [10, 1000, 100_000];
/// Repositories for the catalog.
pub(crate) const CATALOG: usize = 1000;
/// Wharf's repository of distinct manifests.
const MANIFESTS: &str = "bench/many";

/// A seeded contestant: running, or waiting in its home to be started again.
pub(crate) struct Seeded {
    pub(crate) entry: Entry,
    pub(crate) home: Home,
    pub(crate) server: Server,
    /// Distinct manifests that it holds, for the start-up measure.
    pub(crate) manifests: usize,
}

/// The image of every small request: a config of 512 bytes and a layer of 4 KiB.
pub(crate) struct SmallImage {
    pub(crate) config: Blob,
    pub(crate) layer: Blob,
    pub(crate) manifest: Vec<u8>,
}

impl SmallImage {
    pub(crate) fn new() -> SmallImage {
        let (config, layer) = (Mold::new(512).cast(0), Mold::new(4096).cast(0));
        let manifest = write_manifest(&config, &[&layer], "small");
        SmallImage {
            config,
            layer,
            manifest,
        }
    }

    /// A manifest of the same blobs that no other number gives.
    pub(crate) fn write_variant(&self, number: usize) -> Vec<u8> {
        write_manifest(&self.config, &[&self.layer], &number.to_string())
    }
}

pub(crate) fn tags_repository(count: usize) -> String {
    format!("bench/tags-{count}")
}

pub(crate) fn tag_name(number: usize) -> String {
    format!("t{number:06}")
}

pub(crate) fn catalog_repository(number: usize) -> String {
    format!("bench/catalog/r{number:06}")
}

/// The blob that is pulled.
pub(crate) fn pull_blob(megabytes: u64) -> Blob {
    Mold::new(megabytes * MEGABYTE).cast(0)
}

/// Starts and fills a contestant, and checks what it answers.
///
/// # Errors
/// It cannot be started, refuses content, or answers with something else.
pub(crate) fn seed(entry: &Entry, work: &WorkDir, scale: &Scale) -> Result<Seeded> {
    let home = work.make_home()?;
    let image = SmallImage::new();
    let (server, manifests) = match entry.contestant {
        Contestant::Wharf => {
            let server = Server::start_fresh(entry, &home, Door::Open)?;
            let manifests = wharf::seed(&server, scale, &image)?;
            (server, manifests)
        }
        Contestant::Debian | Contestant::Cncf => {
            peer::write(&home, &image)?;
            (Server::start_fresh(entry, &home, Door::Open)?, 1)
        }
    };
    push_pull_blobs(&server, scale)?;
    for count in TAG_COUNTS {
        check_tags(&server, count)
            .with_context(|| format!("{} with {count} tags", entry.contestant.name()))?;
    }
    Ok(Seeded {
        entry: entry.clone(),
        home,
        server,
        manifests,
    })
}

/// Pushes the blobs of the pull measure into [`IMAGES`], named by a manifest, so that they are durable and stay.
fn push_pull_blobs(server: &Server, scale: &Scale) -> Result<()> {
    let headers = server.log_in(&[&format!("repository:{IMAGES}:pull,push")])?;
    let mut connection = Connection::open(server.address)?;
    let mut sizes: Vec<_> = scale.pulls.iter().map(|pull| pull.megabytes).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let blobs: Vec<_> = sizes.into_iter().map(pull_blob).collect();
    for blob in &blobs {
        push_blob(&mut connection, &headers, IMAGES, blob)?;
    }
    let layers: Vec<_> = blobs.iter().collect();
    let manifest = write_manifest(&SmallImage::new().config, &layers, "large");
    put_manifest(&mut connection, &headers, IMAGES, "large", &manifest)?
        .expect("tag the large blobs", 201)?;
    Ok(())
}

/// Asks for the page behind the middle tag, and for the last manifest.
fn check_tags(server: &Server, count: usize) -> Result<()> {
    let repository = tags_repository(count);
    let headers = server.log_in(&[&format!("repository:{repository}:pull")])?;
    let mut connection = Connection::open(server.address)?;
    let middle = count / 2;
    let path = format!("/v2/{repository}/tags/list?n=3&last={}", tag_name(middle));
    let answer = connection
        .exchange("GET", &path, &headers, &Payload::None)?
        .expect("list tags", 200)?;
    let mut page: Value = serde_json::from_slice(&answer.body).context("read a page of tags")?;
    let page: Vec<String> = serde_json::from_value(page["tags"].take()).context("read the tags")?;
    let expected: Vec<_> = (1..=3).map(|step| tag_name(middle + step)).collect();
    let right = match server.contestant {
        // Version 2.8 pages no tags: it sends all of them, in no order.
        Contestant::Debian => page.len() == count && expected.iter().all(|tag| page.contains(tag)),
        Contestant::Wharf | Contestant::Cncf => page == expected,
    };
    ensure!(
        right,
        "GET {path} answered {:?}",
        &page[..page.len().min(5)]
    );
    let path = format!("/v2/{repository}/manifests/{}", tag_name(count - 1));
    let headers = headers.with("Accept", MANIFEST_TYPE);
    let answer = connection
        .exchange("GET", &path, &headers, &Payload::None)?
        .expect("get a manifest by tag", 200)?;
    ensure!(
        answer.body == SmallImage::new().manifest,
        "GET {path} answered other bytes"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_their_numbers() {
        assert!(tag_name(9) < tag_name(10));
        assert!(tag_name(99_999) < tag_name(100_000));
        assert!(catalog_repository(99) < catalog_repository(100));
    }

    #[test]
    fn small_image_is_the_same_every_time() {
        assert_eq!(SmallImage::new().manifest, SmallImage::new().manifest);
        let image = SmallImage::new();
        assert_ne!(image.write_variant(1), image.write_variant(2));
    }
}
