//! F56: the clock jumps under the running server, and is wrong when it starts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use reqwest::Method;
use serde_json::Value;
use wharf_testkit::{
    Image, Login, Server, encode_segment,
    image::{compute_digest, make_random_bytes},
};

use crate::{
    client::Client,
    place::{describe_server, make_image, need, run_fsck},
};

const REPOSITORY: &str = "clock/app";

/// As libfaketime reads them: how far off, or another moment altogether.
const CLOCKS: [&str; 5] = [
    "+1h",
    "-1h",
    "@1970-01-02 00:00:00",
    "@2040-01-01 00:00:00",
    "+0",
];

/// The library that tells a program another time.
fn find_faketime() -> Result<PathBuf, String> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .find(|library| library.exists())
        .ok_or_else(|| "faketime is not installed (make test-deps)".to_owned())
}

/// A server whose clock follows a file.
fn start_with_clock(library: &Path, clock: &Path) -> Server {
    describe_server()
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", clock)
        .env("FAKETIME_NO_CACHE", "1")
        // A clock that is set jumps; the one that only ever counts does not.
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .start()
}

/// Signs in as docker does and pulls with the token.
fn pull_with_token(server: &Server, client: &Client, tag: &str, clock: &str) {
    let scope = format!("repository:{REPOSITORY}:pull");
    let issued = client.get(&format!("/auth/token?service=wharf&scope={scope}"));
    let issued: Value = serde_json::from_slice(&issued.expect("an answer").body).expect("JSON");
    let token = issued["token"].as_str().expect("a token").to_owned();
    let answer = server
        .registry(&Login::Bearer(token))
        .request(Method::GET, &format!("/v2/{REPOSITORY}/manifests/{tag}"))
        .send();
    assert_eq!(answer.status, 200, "{clock}: {}", answer.describe());
}

/// Another moment altogether shows in what the server writes down.
fn check_clock(client: &Client, tag: &str, clock: &str) {
    let Some(year) = clock.strip_prefix('@').map(|moment| &moment[..4]) else {
        return;
    };
    let repository = encode_segment(REPOSITORY);
    let tag = client.get(&format!("/api/v1/repositories/{repository}/tags/{tag}"));
    let tag: Value = serde_json::from_slice(&tag.expect("an answer").body).expect("JSON");
    let pushed_at = tag["pushed_at"].as_str().expect("a time");
    assert!(pushed_at.starts_with(year), "{clock}: {pushed_at}");
}

#[test]
fn f56_a_clock_that_jumps_stops_no_push_no_pull_and_no_upload() {
    let library = need!(find_faketime());
    let folder = tempfile::tempdir().expect("a folder");
    let clock = folder.path().join("clock");
    fs::write(&clock, "+0\n").expect("a clock");
    let mut server = start_with_clock(&library, &clock);
    let client = Client::new(&server);
    let bytes = make_random_bytes(7, 60_000 * CLOCKS.len());
    let mut location = client.begin(REPOSITORY).expect("a healthy server");
    let mut images: Vec<(String, Image)> = Vec::new();
    for (number, time) in CLOCKS.into_iter().enumerate() {
        fs::write(&clock, format!("{time}\n")).expect("another time");
        let (tag, image) = (format!("v{number}"), make_image(number as u64, &[20_000]));
        client
            .push_image(REPOSITORY, &tag, &image)
            .unwrap_or_else(|failed| panic!("{time}: {failed:?}"));
        check_clock(&client, &tag, time);
        pull_with_token(&server, &client, &tag, time);
        images.push((tag, image));
        let chunk = bytes.slice(number * 60_000..(number + 1) * 60_000);
        location = client
            .patch(&location, &chunk)
            .unwrap_or_else(|failed| panic!("{time}: {failed:?}"));
    }
    client
        .finish(&location, &compute_digest(&bytes), &bytes.slice(..0))
        .expect("the upload outlived all of it");

    for time in CLOCKS {
        fs::write(&clock, format!("{time}\n")).expect("another time");
        server.restart();
        let client = Client::new(&server);
        for (tag, image) in &images {
            client.expect_image(REPOSITORY, tag, image);
        }
        pull_with_token(&server, &client, "v0", time);
        client
            .push_image(REPOSITORY, "again", &images[0].1)
            .unwrap_or_else(|failed| panic!("{time}: {failed:?}"));
    }
    run_fsck(&server);
}
