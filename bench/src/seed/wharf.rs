//! Fills wharf through its own API, with a password, whose check it remembers.
//! Refuses to go on when a write is refused or the repositories are public. Called by `super`.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::{
    CATALOG, IMAGES, MANIFESTS, MOUNT_BLOBS, MOUNT_SOURCE, SmallImage, TAG, TAG_COUNTS,
    catalog_repository, tag_name, tags_repository,
};
use crate::content::{Digest, Mold};
use crate::crew::{Shift, run_crew};
use crate::scale::Scale;
use crate::server::{Server, password_headers, wharf::require_private};
use crate::upload::{mount_blob, push_blob, put_manifest};
use crate::wire::{Connection, Headers};

/// Clients that seed at once: enough that their commits are shared.
const CLIENTS: usize = 32;

/// How many tags are asked for in one PUT, the most first; a server need not take more than ten (spec, "Pushing Manifests").
const BATCHES: [usize; 3] = [100, 10, 1];

/// Returns the number of distinct manifests that were stored.
pub(super) fn seed(server: &Server, scale: &Scale, image: &SmallImage) -> Result<usize> {
    let headers = password_headers();
    let mut connection = Connection::open(server.address)?;
    push_blob(&mut connection, &headers, IMAGES, &image.config)?;
    push_blob(&mut connection, &headers, IMAGES, &image.layer)?;
    put_manifest(&mut connection, &headers, IMAGES, TAG, &image.manifest)?
        .expect("tag the small image", 201)?;
    require_private(server.address, IMAGES)?;
    for count in TAG_COUNTS {
        push_tags(&mut connection, &headers, image, count)?;
    }
    crew(server, CATALOG, &|connection, number| {
        let repository = catalog_repository(number);
        mount_image(connection, &headers, image, &repository)?;
        put_manifest(connection, &headers, &repository, TAG, &image.manifest)?
            .expect("fill the catalog", 201)?;
        Ok(0)
    })?;
    let mold = Mold::new(64);
    crew(server, MOUNT_BLOBS as usize, &|connection, number| {
        push_blob(
            connection,
            &headers,
            MOUNT_SOURCE,
            &mold.cast(number as u64),
        )?;
        Ok(0)
    })?;
    mount_image(&mut connection, &headers, image, MANIFESTS)?;
    push_manifests(server, scale, image)
}

/// Stores distinct manifests by digest until there are enough or time is over.
fn push_manifests(server: &Server, scale: &Scale, image: &SmallImage) -> Result<usize> {
    let headers = password_headers();
    let shift = Shift {
        clients: CLIENTS,
        window: scale.manifests_limit,
        least: 1,
        most: scale.manifests,
    };
    let tally = run_crew(
        server.pid(),
        shift,
        || Connection::open(server.address),
        |connection, number| {
            let manifest = image.write_variant(number);
            let digest = Digest::of(&manifest);
            put_manifest(connection, &headers, MANIFESTS, digest.as_str(), &manifest)?
                .expect("store a manifest", 201)?;
            Ok(0)
        },
    )?;
    Ok(tally.steps)
}

/// Pushes `count` tags of one manifest, many with each request.
fn push_tags(
    connection: &mut Connection,
    headers: &Headers,
    image: &SmallImage,
    count: usize,
) -> Result<()> {
    let repository = tags_repository(count);
    mount_image(connection, headers, image, &repository)?;
    let digest = Digest::of(&image.manifest);
    let mut batches = BATCHES.into_iter().peekable();
    let (mut first, started) = (0, Instant::now());
    while first < count {
        let Some(batch) = batches.peek() else {
            bail!("a PUT of a manifest with one tag is refused");
        };
        let tags: Vec<_> = (first..count.min(first + batch))
            .map(|number| format!("tag={}", tag_name(number)))
            .collect();
        let reference = format!("{}?{}", digest.as_str(), tags.join("&"));
        let answer = put_manifest(
            connection,
            headers,
            &repository,
            &reference,
            &image.manifest,
        )?;
        if matches!(answer.status, 400 | 414 | 431) {
            batches.next();
            continue;
        }
        answer.expect("tag a manifest", 201)?;
        first += tags.len();
        ensure!(
            started.elapsed() < Duration::from_secs(240),
            "only {first} of {count} tags in 4 minutes"
        );
    }
    Ok(())
}

fn mount_image(
    connection: &mut Connection,
    headers: &Headers,
    image: &SmallImage,
    repository: &str,
) -> Result<()> {
    mount_blob(
        connection,
        headers,
        IMAGES,
        repository,
        image.config.digest(),
    )?;
    mount_blob(
        connection,
        headers,
        IMAGES,
        repository,
        image.layer.digest(),
    )
}

/// Takes `count` steps with several clients.
fn crew(
    server: &Server,
    count: usize,
    step: &(impl Fn(&mut Connection, usize) -> Result<u64> + Sync),
) -> Result<()> {
    let shift = Shift {
        clients: CLIENTS,
        window: Duration::from_secs(120),
        least: count,
        most: count,
    };
    run_crew(
        server.pid(),
        shift,
        || Connection::open(server.address),
        step,
    )?;
    Ok(())
}
