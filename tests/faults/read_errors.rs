//! F08: stored bytes that can no longer be read.

use std::{fs::OpenOptions, path::Path, process::Command};

use reqwest::Method;
use wharf_tests::{
    disk::Disk,
    stored::{find_blob, make_damaged},
    storm::Broken,
};

use crate::{
    client::Client,
    place::{describe_server, describe_split_server, make_image, need, try_fsck},
};

const REPOSITORY: &str = "worn/app";

/// Where a file ends on its disk, in bytes: the end of its highest piece.
fn find_end(path: &Path) -> Result<u64, String> {
    let output = Command::new("filefrag")
        .args(["-b1", "-v"])
        .arg(path)
        .output()
        .map_err(|_| "filefrag is not installed (make test-deps)")?;
    let text = String::from_utf8_lossy(&output.stdout);
    // `number: first..last: first.. last: length: …`, the second pair on the disk.
    let ends = text.lines().filter_map(|line| {
        let place = line.split(':').nth(2)?;
        let (_, last) = place.split_once("..")?;
        last.trim().parse::<u64>().ok()
    });
    let end = ends.max();
    Ok(end.unwrap_or_else(|| panic!("no pieces in `{text}`")))
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

    let mut ends = Vec::new();
    for layer in &image.layers {
        let path = find_blob(server.data_dir(), &layer.digest());
        ends.push((need!(find_end(&path)), layer));
    }
    ends.sort_by_key(|(end, _)| *end);
    let (end, worn) = ends.pop().expect("some layers");
    let (last_whole, _) = ends.last().expect("some more");
    // The disk ends within the highest blob and above all others: reads beyond are EIO.
    let image_file = OpenOptions::new()
        .write(true)
        .open(disk.image())
        .expect("the image");
    image_file.set_len((last_whole + end) / 2).expect("cut");

    for _ in 0..2 {
        assert!(
            !pull(&client, &worn.digest(), worn.bytes.len()),
            "read error"
        );
        for (_, layer) in &ends {
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
