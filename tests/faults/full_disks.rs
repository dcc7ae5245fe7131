//! F09, F10, F11: no room for bytes, for rows, for names. Writes are refused, reads go on, and it heals by itself.

use std::{fs, path::PathBuf, thread};

use bytes::Bytes;
use reqwest::Method;
use wharf_testkit::{Image, image::compute_digest};
use wharf_tests::{
    disk::Disk,
    storm::{Excuse, Loss, Mix, Scope, Storm},
    wait_until,
};

use crate::{
    client::{Client, Failed},
    place::{
        describe_server_in, describe_split_server, make_bytes, make_image, need, run_fsck,
        wait_until_ready_is,
    },
};

const REPOSITORY: &str = "full/app";

/// Eight uploads of this many bytes do not fit on the disk together, three do.
const LAYER: usize = 12_000_000;
const CHUNK: usize = 3_000_000;
const UPLOADS: u64 = 8;

/// An upload that went as far as there was room.
struct Attempt {
    bytes: Bytes,
    location: String,
    /// What the server acknowledged.
    received: usize,
    failed: Option<Failed>,
}

fn push_in_chunks(client: &Client, seed: u64) -> Attempt {
    let bytes = make_bytes(seed, LAYER);
    let location = client.begin(REPOSITORY).expect("a row needs no room here");
    let mut attempt = Attempt {
        bytes,
        location,
        received: 0,
        failed: None,
    };
    for start in (0..LAYER).step_by(CHUNK) {
        let chunk = attempt.bytes.slice(start..start + CHUNK);
        match client.patch(&attempt.location, &chunk) {
            Ok(location) => {
                attempt.location = location;
                attempt.received += CHUNK;
            }
            Err(failed) => {
                attempt.failed = Some(failed);
                break;
            }
        }
    }
    attempt
}

fn finish_attempt(client: &Client, attempt: &Attempt) {
    let received = client.stat(&attempt.location).expect("a session");
    assert!(
        received >= attempt.received,
        "{received} bytes are left of {} that were acknowledged",
        attempt.received
    );
    let digest = compute_digest(&attempt.bytes);
    client
        .finish(&attempt.location, &digest, &attempt.bytes.slice(received..))
        .unwrap_or_else(|failed| panic!("there is room again: {failed:?}"));
    let target = format!("/v2/{REPOSITORY}/blobs/{digest}");
    client.expect_bytes(&target, &attempt.bytes);
}

/// Nothing can be pushed, everything can be pulled.
fn check_refusals(client: &Client, kept: &Image) {
    let refused = client.push_image(REPOSITORY, "new", &make_image(9, &[200_000]));
    refused.expect_err("no room").expect_unavailable();
    client.expect_image(REPOSITORY, "kept", kept);
    assert_eq!(client.get_status("/healthz"), 200, "it lives");
}

#[test]
fn f09_a_full_blob_disk_refuses_pushes_serves_pulls_and_sessions_go_on_when_there_is_room() {
    let disk = need!(Disk::ext4(64));
    let rows = tempfile::tempdir().expect("a folder");
    let server = describe_split_server(&disk.path(), rows.path()).start();
    let client = Client::new(&server);
    let kept = make_image(1, &[200_000]);
    client
        .push_image(REPOSITORY, "kept", &kept)
        .expect("a healthy server");

    let attempts: Vec<Attempt> = thread::scope(|scope| {
        let client = &client;
        let threads: Vec<_> = (0..UPLOADS)
            .map(|number| scope.spawn(move || push_in_chunks(client, 100 + number)))
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join());
        ended.map(|attempt| attempt.expect("an upload")).collect()
    });
    let failed: Vec<&Failed> = attempts
        .iter()
        .filter_map(|attempt| attempt.failed.as_ref())
        .collect();
    assert!(!failed.is_empty(), "the disk was meant to be too small");
    for failed in failed {
        failed.expect_unavailable();
    }
    let ballast = disk.fill();
    wait_until_ready_is(&client, 503);
    check_refusals(&client, &kept);

    fs::remove_file(ballast).expect("some room");
    let (going_on, given_up) = attempts.split_at(3);
    for attempt in given_up {
        let cancelled = client.send(Method::DELETE, &attempt.location);
        assert_eq!(cancelled.expect("an answer").status, 204);
    }
    wait_until_ready_is(&client, 200);
    for attempt in going_on {
        finish_attempt(&client, attempt);
    }
    client
        .push_image(REPOSITORY, "new", &make_image(9, &[200_000]))
        .expect("healed");
    run_fsck(&server);
}

#[test]
fn f09_a_full_disk_with_everything_on_it_refuses_pushes_serves_pulls_and_heals() {
    let disk = need!(Disk::ext4(64));
    let server = describe_server_in(&disk.path()).start();
    let client = Client::new(&server);
    let kept = make_image(1, &[200_000]);
    client
        .push_image(REPOSITORY, "kept", &kept)
        .expect("a healthy server");
    let ballast = disk.fill();
    wait_until_ready_is(&client, 503);
    check_refusals(&client, &kept);
    assert_eq!(client.get_status("/auth/token?service=wharf"), 200);
    fs::remove_file(ballast).expect("room");
    wait_until_ready_is(&client, 200);
    client
        .push_image(REPOSITORY, "new", &make_image(9, &[200_000]))
        .expect("healed");
    client.expect_image(REPOSITORY, "kept", &kept);
    run_fsck(&server);
}

/// Pushes manifests until the database has no room for one more; answers the tags that were acknowledged.
fn push_until_refused(client: &Client, image: &Image) -> (Vec<String>, Failed) {
    let mut tags = Vec::new();
    // The log that SQLite has made already takes some more commits without growing.
    for number in 0..2_000 {
        let tag = format!("more-{number}");
        match client.put_manifest(REPOSITORY, &tag, &image.manifest) {
            Ok(()) => tags.push(tag),
            Err(failed) => return (tags, failed),
        }
    }
    panic!("a database without room took {} tags", tags.len());
}

#[test]
fn f10_a_full_database_disk_refuses_writes_serves_reads_and_heals() {
    let disk = need!(Disk::ext4(32));
    let blobs = tempfile::tempdir().expect("a folder");
    let server = describe_split_server(blobs.path(), &disk.path()).start();
    let client = Client::new(&server);
    let kept = make_image(1, &[200_000]);
    client
        .push_image(REPOSITORY, "kept", &kept)
        .expect("a healthy server");
    let ballast: PathBuf = disk.fill();

    let (tags, failed) = push_until_refused(&client, &kept);
    failed.expect_unavailable();
    check_refusals(&client, &kept);
    let deleted = client.send(Method::DELETE, &format!("/v2/{REPOSITORY}/manifests/kept"));
    assert_eq!(deleted.expect("an answer").status, 503);
    assert_eq!(
        client.get_status("/auth/token?service=wharf&scope=repository:full/app:pull"),
        200,
        "signing in is a read"
    );
    assert_eq!(
        client.get_status(&format!("/v2/{REPOSITORY}/tags/list")),
        200
    );

    fs::remove_file(ballast).expect("room");
    client
        .push_image(REPOSITORY, "new", &make_image(9, &[200_000]))
        .expect("healed without a restart");
    for tag in tags.iter().chain([&"kept".to_owned()]) {
        client.expect_image(REPOSITORY, tag, &kept);
    }
    run_fsck(&server);
}

/// Many commits share one: a failed one must not take or leave those of others.
#[test]
fn f10_a_storm_that_runs_into_a_full_disk_loses_nothing() {
    let disk = need!(Disk::ext4(64));
    let mut server = describe_server_in(&disk.path()).start();
    let mut storm = Storm::new(4, 2, Mix::ROWS, 10);
    for _ in 0..2 {
        let mut ballast = PathBuf::new();
        storm.rage(&mut server, 60, Excuse::Failing, |server| {
            ballast = disk.fill();
            let client = Client::new(server);
            wait_until("a write is refused", || client.begin(REPOSITORY).is_err());
        });
        fs::remove_file(ballast).expect("room");
        wait_until_ready_is(&Client::new(&server), 200);
        storm.check(&server, Loss::Process, Scope::Everything);
    }
    server.kill();
    server.restart();
    storm.check(&server, Loss::Process, Scope::Everything);
    run_fsck(&server);
}

#[test]
fn f11_a_disk_without_inodes_refuses_pushes_serves_pulls_and_heals() {
    let disk = need!(Disk::tmpfs("size=64m,nr_inodes=120"));
    let rows = tempfile::tempdir().expect("a folder");
    let server = describe_split_server(&disk.path(), rows.path()).start();
    let client = Client::new(&server);
    let kept = make_image(1, &[2_000]);
    client
        .push_image(REPOSITORY, "kept", &kept)
        .expect("a healthy server");
    let mut pushed = Vec::new();
    let failed = (1_000..1_200).find_map(|seed| {
        let bytes = make_bytes(seed, 50);
        match client.push_bytes(REPOSITORY, &bytes) {
            Ok(digest) => {
                pushed.push((digest, bytes));
                None
            }
            Err(failed) => Some(failed),
        }
    });
    failed.expect("inodes run out").expect_unavailable();
    wait_until_ready_is(&client, 503);
    check_refusals(&client, &kept);

    disk.remount("nr_inodes=5000");
    wait_until_ready_is(&client, 200);
    client
        .push_image(REPOSITORY, "new", &make_image(9, &[2_000]))
        .expect("healed");
    for (digest, bytes) in pushed {
        client.expect_bytes(&format!("/v2/{REPOSITORY}/blobs/{digest}"), &bytes);
    }
    run_fsck(&server);
}
