//! F14, and clients that are slow or silent: what clients do may not fill the server's memory.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use serde_json::json;
use wharf_testkit::{
    Manifest, Server,
    image::{make_index, media_type},
};

use crate::{
    client::Client,
    place::{describe_server, make_image},
};

const REPOSITORY: &str = "memory/app";

/// A number from `/proc/PID/status`, in bytes.
pub(crate) fn read_memory(server: &Server, field: &str) -> u64 {
    let path = format!("/proc/{}/status", server.pid());
    let status = fs::read_to_string(path).expect("a running process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: u64 = number.and_then(|number| number.parse().ok()).expect(field);
    kilobytes * 1024
}

/// What the server may take at most for the work below, in bytes: some manifests at once, each parsed and on its way
/// into the database, the ones that are remembered, and one verification of a password (19 MB).
const LARGEST_PEAK: u64 = 200_000_000;

/// The most a manifest may have, less than one descriptor.
const LARGEST: usize = 4 * 1024 * 1024 - 400;

/// One large string, in a field that no specification knows.
fn make_long_manifest(number: usize) -> Manifest {
    let word = format!("{number:08}");
    let filler = word.repeat((LARGEST - 200) / word.len());
    let media_type = media_type::OCI_INDEX;
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{media_type}","manifests":[],"filler":"{filler}"}}"#
    );
    Manifest {
        media_type: media_type.to_owned(),
        bytes: text.into(),
    }
}

/// Nearly as many children as the server takes (8,192).
const CHILDREN: usize = 8_000;

/// An index that costs as many rows as can be.
fn make_wide_manifest(number: usize) -> Manifest {
    let child = |place: usize| {
        json!({
            "mediaType": media_type::OCI_MANIFEST,
            "digest": format!("sha256:{number:032x}{place:032x}"),
            "size": 1,
        })
    };
    make_index((0..CHILDREN).map(child).collect())
}

/// A request of the admin, as bytes, on a connection of its own.
pub(crate) fn open_request(server: &Server, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.authority()).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(40)))
        .expect("a socket option");
    let authorization = server.admin().authorization().expect("a login");
    let head = format!("{head}\r\nhost: wharf\r\nauthorization: {authorization}\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    stream
}

/// Starts pulls whose clients take what the kernel buffers and then wait.
pub(crate) fn start_slow_pulls(server: &Server, target: &str, count: usize) -> Vec<TcpStream> {
    let pull = |_| {
        let stream = open_request(server, &format!("GET {target} HTTP/1.1"));
        stream.peek(&mut [0]).expect("the answer has begun");
        stream
    };
    (0..count).map(pull).collect()
}

#[test]
fn f14_the_largest_manifests_and_pulls_stay_within_a_bound_of_memory() {
    const MANIFESTS: usize = 50;
    let server = describe_server().start();
    let client = Client::new(&server);
    let image = make_image(1, &[40_000_000]);
    client
        .push_image(REPOSITORY, "large", &image)
        .expect("a healthy server");
    let layer = &image.layers[0];
    let target = format!("/v2/{REPOSITORY}/blobs/{}", layer.digest());
    let pulls = start_slow_pulls(&server, &target, 10);
    thread::scope(|scope| {
        for thread in 0..4 {
            let client = &client;
            scope.spawn(move || {
                for number in (thread..MANIFESTS).step_by(4) {
                    let manifest = match number % 12 {
                        0 => make_wide_manifest(number),
                        _ => make_long_manifest(number),
                    };
                    let tag = format!("m{number}");
                    client
                        .put_manifest(REPOSITORY, &tag, &manifest)
                        .expect("a healthy server");
                    client.expect_bytes(
                        &format!("/v2/{REPOSITORY}/manifests/{tag}"),
                        &manifest.bytes,
                    );
                }
            });
        }
    });
    let mut received = vec![0; layer.bytes.len()];
    for mut pull in pulls {
        pull.read_exact(&mut received).expect("the rest comes");
    }
    let peak = read_memory(&server, "VmHWM");
    assert!(peak < LARGEST_PEAK, "{peak} bytes at the peak");
}
