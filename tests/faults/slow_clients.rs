//! Clients that are slow or silent: they get their time, and neither the server's memory nor anybody else's.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use wharf_testkit::{Image, Server};

use crate::{
    client::Client,
    memory::{open_request, read_memory, start_slow_pulls},
    place::{describe_server, make_image},
};

const REPOSITORY: &str = "slow/app";

/// Of each kind.
const CLIENTS: usize = 100;

/// What 200 slow clients may cost together: a connection's buffers start at 8 KiB and grow only while they are filled.
const COST: u64 = 40_000_000;

/// Pulls that are measured.
const PULLS: usize = 60;

/// Uploads that have begun and announced more than they send.
fn start_uploads(server: &Server, client: &Client, count: usize) -> Vec<TcpStream> {
    let upload = |_| {
        let location = client.begin(REPOSITORY).expect("a healthy server");
        let head = format!("PATCH {location} HTTP/1.1\r\ncontent-length: 100000000");
        let mut stream = open_request(server, &head);
        stream.write_all(b"first").expect("sent");
        stream
    };
    (0..count).map(upload).collect()
}

/// The slowest of the pulls but for one in twenty; `between` runs after each.
fn measure_pulls(client: &Client, image: &Image, mut between: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..PULLS)
        .map(|_| {
            let began = Instant::now();
            client.expect_image(REPOSITORY, "v1", image);
            let took = began.elapsed();
            between();
            took
        })
        .collect();
    times.sort();
    times[PULLS * 19 / 20]
}

#[test]
fn slow_clients_pin_no_memory_and_hold_nobody_up() {
    let server = describe_server().start();
    let client = Client::new(&server);
    let (image, large) = (make_image(1, &[30_000]), make_image(2, &[30_000_000]));
    for (tag, image) in [("v1", &image), ("large", &large)] {
        client
            .push_image(REPOSITORY, tag, image)
            .expect("a healthy server");
    }
    let alone = measure_pulls(&client, &image, || ());
    let before = read_memory(&server, "VmRSS");

    let target = format!("/v2/{REPOSITORY}/blobs/{}", large.layers[0].digest());
    let pulls = start_slow_pulls(&server, &target, CLIENTS);
    let mut uploads = start_uploads(&server, &client, CLIENTS);
    let mut most = 0;
    let among = measure_pulls(&client, &image, || {
        for upload in &mut uploads {
            upload.write_all(b".").expect("slow, and still served");
        }
        most = most.max(read_memory(&server, "VmRSS"));
    });
    drop((pulls, uploads));
    assert!(most < before + COST, "{most} bytes, {before} before");
    // Another machine's busy moment must not fail this; a client that waits for another one would take seconds.
    let allowed = alone * 4 + Duration::from_millis(100);
    assert!(
        among < allowed,
        "{among:?} among slow clients, {alone:?} alone"
    );
}

#[test]
fn silent_clients_are_given_up() {
    let server = describe_server()
        .config("[limits]\nheader_seconds = 2\nbody_idle_seconds = 2")
        .start();
    let client = Client::new(&server);
    client
        .push_image(REPOSITORY, "v1", &make_image(1, &[30_000]))
        .expect("a healthy server");
    let mut silent = start_uploads(&server, &client, CLIENTS);
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect(server.authority()).expect("a connection");
        stream
            .write_all(b"GET /v2/ HTTP/1.1\r\nhost: wh")
            .expect("sent");
        silent.push(stream);
    }
    let began = Instant::now();
    for mut stream in silent {
        let patience = Duration::from_secs(10).saturating_sub(began.elapsed());
        stream
            .set_read_timeout(Some(patience.max(Duration::from_millis(1))))
            .expect("a socket option");
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        let reset =
            matches!(&ended, Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset);
        assert!(ended.is_ok() || reset, "still open after 10 s: {ended:?}");
    }
}
