//! F08: stored bytes that can no longer be read.

use std::{fs::OpenOptions, process::Command};

use reqwest::Method;
use wharf_tests::{
    disk::Disk,
    power::{find_blob, make_damaged},
    storm::Broken,
};

use crate::{
    client::Client,
    place::{describe_server, describe_split_server, make_image, need, try_fsck},
};

const REPOSITORY: &str = "worn/app";

/// Where a file begins on its disk, in bytes.
fn find_place(path: &std::path::Path) -> Result<u64, String> {
    let output = Command::new("filefrag")
        .args(["-b1", "-v"])
        .arg(path)
        .output()
        .map_err(|_| "filefrag is not installed (make test-deps)")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let extent = text
        .lines()
        .find(|line| line.trim_start().starts_with("0:"));
    let extent = extent.unwrap_or_else(|| panic!("no extents: {text}"));
    let place = extent
        .split(':')
        .nth(2)
        .and_then(|rest| rest.split("..").next());
    let place = place.and_then(|place| place.trim().parse().ok());
    Ok(place.unwrap_or_else(|| panic!("no place in `{extent}`")))
}

/// Whether the bytes came whole; anything but an error or a short body is a failure of its own.
fn pull(client: &Client, digest: &str, size: usize) -> bool {
    match client.get(&format!("/v2/{REPOSITORY}/blobs/{digest}")) {
        Ok(reply) if reply.status == 200 => {
            assert_eq!(reply.body.len(), size, "a short body without an error");
            true
        }
        Ok(reply) => {
            assert!(reply.status >= 500, "{}", reply.describe());
            false
        }
        // The body ended before its announced length.
        Err(Broken(_)) => false,
    }
}

#[test]
fn f08_a_blob_that_the_disk_cannot_read_fails_alone_and_fsck_names_it() {
    let mut disk = need!(Disk::ext4_without_journal(64));
    let rows = tempfile::tempdir().expect("a folder");
    let mut server = describe_split_server(&disk.path(), rows.path()).start();
    let image = make_image(1, &[4_000_000, 4_000_000, 4_000_000, 40_000]);
    Client::new(&server)
        .push_image(REPOSITORY, "v1", &image)
        .expect("a healthy server");
    // Away with everything that memory still holds.
    server.terminate();
    disk.unmount();
    disk.mount();
    server.restart();
    let client = Client::new(&server);

    let mut places = Vec::new();
    for layer in &image.layers[..3] {
        let path = find_blob(server.data_dir(), &layer.digest());
        places.push((need!(find_place(&path)), layer));
    }
    places.sort_by_key(|(place, _)| *place);
    let (place, worn) = places.pop().expect("three layers");
    // The disk ends in the middle of the last blob: reads beyond are EIO.
    let image_file = OpenOptions::new()
        .write(true)
        .open(disk.image())
        .expect("the image");
    image_file.set_len(place + 2_000_000).expect("cut");

    for _ in 0..2 {
        assert!(
            !pull(&client, &worn.digest(), worn.bytes.len()),
            "read error"
        );
        for (_, layer) in &places {
            assert!(pull(&client, &layer.digest(), layer.bytes.len()));
        }
    }
    let (code, output) = try_fsck(&server);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains(&worn.digest()), "{output}");
}

#[test]
fn f08_a_blob_that_lost_its_tail_is_not_served_and_fsck_names_it() {
    let server = describe_server().start();
    let client = Client::new(&server);
    let image = make_image(2, &[500_000, 3_000]);
    client
        .push_image(REPOSITORY, "v1", &image)
        .expect("a healthy server");
    for layer in &image.layers {
        // Remembered as whole, then damaged.
        assert!(pull(&client, &layer.digest(), layer.bytes.len()));
        make_damaged(server.data_dir(), &layer.digest());
        assert!(!pull(&client, &layer.digest(), layer.bytes.len()));
        let head = client.send(
            Method::HEAD,
            &format!("/v2/{REPOSITORY}/blobs/{}", layer.digest()),
        );
        let status = head.map(|reply| reply.status).expect("an answer");
        assert_ne!(status, 200, "a damaged blob is reported as there");
    }
    let (code, output) = try_fsck(&server);
    assert_eq!(code, Some(1), "{output}");
    for layer in &image.layers {
        assert!(output.contains(&layer.digest()), "{output}");
    }
}
