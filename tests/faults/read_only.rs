//! F12: the file system turns read-only under the running server.

use wharf_tests::disk::Disk;

use crate::{
    client::Client,
    place::{
        describe_server_in, describe_split_server, make_image, need, run_fsck, wait_until_ready_is,
    },
};

const REPOSITORY: &str = "frozen/app";

#[test]
fn f12_a_read_only_disk_refuses_pushes_serves_pulls_and_heals() {
    let disk = need!(Disk::ext4(64));
    // Rows elsewhere: a file that is open for writing keeps an operator from making its disk read-only.
    let rows = tempfile::tempdir().expect("a folder");
    let server = describe_split_server(&disk.path(), rows.path()).start();
    let client = Client::new(&server);
    let kept = make_image(1, &[500_000]);
    client
        .push_image(REPOSITORY, "kept", &kept)
        .expect("a healthy server");
    let location = client.begin(REPOSITORY).expect("a healthy server");

    disk.remount("ro");
    wait_until_ready_is(&client, 503);
    assert_eq!(client.get_status("/healthz"), 200, "it lives");
    client.expect_image(REPOSITORY, "kept", &kept);
    let new = make_image(2, &[500_000]);
    let refused = client.push_image(REPOSITORY, "new", &new);
    refused.expect_err("read-only").expect_unavailable();
    let refused = client.patch(&location, &new.layers[0].bytes);
    refused.expect_err("read-only").expect_unavailable();

    disk.remount("rw");
    wait_until_ready_is(&client, 200);
    client
        .finish(&location, &new.layers[0].digest(), &new.layers[0].bytes)
        .expect("the session goes on");
    client
        .push_image(REPOSITORY, "new", &new)
        .expect("healed without a restart");
    client.expect_image(REPOSITORY, "new", &new);
    run_fsck(&server);
}

/// What ext4 does by itself after an error, with rows and bytes on it.
#[test]
fn f12_a_disk_that_turns_itself_read_only_refuses_pushes_and_serves_pulls() {
    let mut disk = need!(Disk::ext4(64));
    let mut server = describe_server_in(&disk.path()).start();
    let client = Client::new(&server);
    let kept = make_image(1, &[500_000]);
    client
        .push_image(REPOSITORY, "kept", &kept)
        .expect("a healthy server");

    disk.report_error();
    wait_until_ready_is(&client, 503);
    assert_eq!(client.get_status("/healthz"), 200, "it lives");
    let refused = client.push_image(REPOSITORY, "new", &make_image(2, &[500_000]));
    refused.expect_err("read-only").expect_unavailable();
    let refused = client.put_manifest(REPOSITORY, "another", &kept.manifest);
    refused.expect_err("read-only").expect_unavailable();
    client.expect_image(REPOSITORY, "kept", &kept);
    assert_eq!(
        client.get_status(&format!("/v2/{REPOSITORY}/tags/list")),
        200
    );

    // Only a repair makes it writable again, and for that it has to be unmounted.
    server.kill();
    disk.unmount();
    disk.repair();
    disk.mount();
    server.restart();
    let client = Client::new(&server);
    client.expect_image(REPOSITORY, "kept", &kept);
    client
        .push_image(REPOSITORY, "new", &make_image(2, &[500_000]))
        .expect("healed");
    run_fsck(&server);
}
