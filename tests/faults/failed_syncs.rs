//! A sync that fails: what was not made durable is not acknowledged, is not believed in later, and can be pushed again.
//!
//! After a failed sync the kernel has dropped the bytes and reports the next one as done, so trying again without the
//! bytes would acknowledge what is not there.

use std::time::Duration;

use wharf_testkit::{Image, Server};
use wharf_tests::{
    storm::{Excuse, Loss, Mix, Scope, Storm},
    strace::Tracer,
};

use crate::{
    client::{Client, Failed},
    place::{describe_server, make_image, need, need_failpoints, run_fsck},
};

const REPOSITORY: &str = "sync/app";

/// Which blobs of the image the repository does not have.
fn list_missing(client: &Client, image: &Image) -> Vec<String> {
    let blobs = image.blobs().map(|blob| blob.digest());
    let missing = blobs.filter(|digest| {
        match client.get_status(&format!("/v2/{REPOSITORY}/blobs/{digest}")) {
            200 => false,
            404 => true,
            status => panic!("{digest}: {status}"),
        }
    });
    missing.collect()
}

/// The failed push was refused, its retry succeeds, and a restart finds it.
fn check_retry(server: &mut Server, client: &Client, image: &Image, failed: &Failed) {
    failed.expect_unavailable();
    assert_eq!(
        client.get_status(&format!("/v2/{REPOSITORY}/manifests/new")),
        404,
        "nothing of a refused manifest is visible"
    );
    client
        .push_image(REPOSITORY, "new", image)
        .unwrap_or_else(|failed| panic!("the retry failed: {failed:?}"));
    server.kill();
    server.restart();
    let client = Client::new(server);
    client.expect_image(REPOSITORY, "new", image);
    client.expect_image(REPOSITORY, "old", &make_image(1, &[1_000]));
    run_fsck(server);
}

fn push_blobs(client: &Client, image: &Image) {
    client
        .push_image(REPOSITORY, "old", &make_image(1, &[1_000]))
        .expect("a healthy server");
    for blob in image.blobs() {
        client
            .push_bytes(REPOSITORY, &blob.bytes)
            .expect("blobs need no sync");
    }
}

#[test]
fn a_failed_data_sync_forgets_the_blob_and_refuses_the_manifest() {
    need!(need_failpoints());
    // The first two syncs are those of the image that is there before.
    let mut server = describe_server().env("WHARF_FAIL_FSYNC", "3").start();
    let client = Client::new(&server);
    let image = make_image(2, &[300_000, 2_000]);
    push_blobs(&client, &image);
    let failed = client.put_manifest(REPOSITORY, "new", &image.manifest);
    assert_eq!(list_missing(&client, &image).len(), 1);
    check_retry(&mut server, &client, &image, &failed.expect_err("refused"));
}

#[test]
fn a_failed_directory_sync_forgets_the_blob_and_refuses_the_manifest() {
    let mut server = describe_server().start();
    let client = Client::new(&server);
    let image = make_image(2, &[300_000]);
    push_blobs(&client, &image);
    let tracer = need!(Tracer::attach(
        server.pid(),
        "inject=fsync:error=EIO:when=1"
    ));
    let failed = client.put_manifest(REPOSITORY, "new", &image.manifest);
    drop(tracer);
    assert!(!list_missing(&client, &image).is_empty());
    check_retry(&mut server, &client, &image, &failed.expect_err("refused"));
}

#[test]
fn a_failed_sync_of_the_database_refuses_the_manifest() {
    let mut server = describe_server().start();
    let client = Client::new(&server);
    let image = make_image(2, &[300_000]);
    push_blobs(&client, &image);
    let tracer = need!(Tracer::attach_thread(
        server.pid(),
        "db-write",
        "inject=fsync,fdatasync:error=EIO:when=1"
    ));
    let failed = client.put_manifest(REPOSITORY, "new", &image.manifest);
    drop(tracer);
    check_retry(&mut server, &client, &image, &failed.expect_err("refused"));
}

/// One failed sync is waited for by many, and comes at any time.
#[test]
fn syncs_that_fail_now_and_then_under_load_take_nothing_that_was_acknowledged() {
    let mut server = describe_server().start();
    let mut storm = Storm::new(4, 2, Mix::IMAGES, 6);
    for _ in 0..3 {
        // The fourth sync of each thread, and every seventh after it.
        let tracer = need!(Tracer::attach(
            server.pid(),
            "inject=fsync,fdatasync:error=EIO:when=4+7"
        ));
        let met = storm.rage_through(&server, Excuse::Failing, Duration::from_secs(20));
        drop(tracer);
        assert!(met, "not every pusher met a failed sync");
        storm.check(&server, Loss::Process, Scope::Everything);
        server.kill();
        server.restart();
        storm.check(&server, Loss::Process, Scope::Everything);
    }
    run_fsck(&server);
}
