//! F15: the server is asked to end while it works.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use bytes::Bytes;
use wharf_testkit::image::compute_digest;
use wharf_tests::{
    storm::{Excuse, Loss, Mix, Scope, Storm},
    wait_until,
};

use crate::{
    client::Client,
    memory::open_request,
    place::{describe_server, make_bytes, make_image, run_fsck},
};

const REPOSITORY: &str = "rolling/app";

/// More than socket buffers hold, so that a pull that is not read is a pull in flight.
const LARGE: usize = 40_000_000;

/// Reads one answer whose end is the connection's end or its `Content-Length`.
fn read_answer(mut stream: TcpStream) -> (String, Vec<u8>) {
    let mut received = Vec::new();
    // A server that drains closes after the answer; a broken connection shows as a body too short.
    let _ = stream.read_to_end(&mut received);
    let end = received.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.expect("a head");
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    (head, received.split_off(end + 4))
}

#[test]
fn f15_sigterm_lets_requests_in_flight_finish_and_takes_no_new_ones() {
    let mut server = describe_server().start();
    let client = Client::new(&server);
    let image = make_image(1, &[LARGE]);
    client
        .push_image(REPOSITORY, "v1", &image)
        .expect("a healthy server");
    let layer = &image.layers[0];
    let pull = open_request(
        &server,
        &format!("GET /v2/{REPOSITORY}/blobs/{} HTTP/1.1", layer.digest()),
    );
    let mut first = [0; 1];
    pull.peek(&mut first).expect("the answer has begun");

    let bytes = make_bytes(2, 1_000_000);
    let location = client.begin(REPOSITORY).expect("a healthy server");
    let head = format!(
        "PATCH {location} HTTP/1.1\r\ncontent-length: {}",
        bytes.len()
    );
    let mut push = open_request(&server, &head);
    push.write_all(&bytes[..400_000]).expect("sent");

    let authority = server.authority().to_owned();
    let ended = thread::scope(|scope| {
        let server = &mut server;
        let ending = scope.spawn(move || server.terminate());
        wait_until("a new connection is refused", || {
            TcpStream::connect(&authority).is_err()
        });
        push.write_all(&bytes[400_000..]).expect("still taken");
        let (head, _) = read_answer(push);
        assert!(head.starts_with("HTTP/1.1 202"), "{head}");
        let (head, body) = read_answer(pull);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(body == layer.bytes, "the pull came whole");
        ending.join().expect("an end in order")
    });
    assert!(ended < Duration::from_secs(30), "it took {ended:?}");

    server.restart();
    let client = Client::new(&server);
    assert_eq!(client.stat(&location).expect("a session"), bytes.len());
    client
        .finish(&location, &compute_digest(&bytes), &Bytes::new())
        .expect("the upload goes on");
    client.expect_image(REPOSITORY, "v1", &image);
    run_fsck(&server);
}

#[test]
fn f15_sigterm_under_load_takes_nothing_that_was_acknowledged() {
    let mut server = describe_server().start();
    let mut storm = Storm::new(4, 4, Mix::IMAGES, 15);
    for _ in 0..3 {
        storm.rage(&mut server, 60, Excuse::Gone, |server| {
            server.terminate();
        });
        server.restart();
        storm.check(&server, Loss::Process, Scope::Everything);
    }
    run_fsck(&server);
}

#[test]
fn f15_sigterm_ends_within_30_seconds_although_clients_hang_and_their_uploads_go_on() {
    let mut server = describe_server().start();
    let client = Client::new(&server);
    let image = make_image(1, &[LARGE]);
    client
        .push_image(REPOSITORY, "v1", &image)
        .expect("a healthy server");
    let pull = open_request(
        &server,
        &format!(
            "GET /v2/{REPOSITORY}/blobs/{} HTTP/1.1",
            image.layers[0].digest()
        ),
    );
    let bytes = make_bytes(2, 1_000_000);
    let begun = client.begin(REPOSITORY).expect("a healthy server");
    let location = client
        .patch(&begun, &bytes.slice(..300_000))
        .expect("a healthy server");
    let mut push = open_request(
        &server,
        &format!("PATCH {location} HTTP/1.1\r\ncontent-length: 700000"),
    );
    push.write_all(&bytes[300_000..500_000]).expect("sent");

    // Panics by itself after 30 seconds. Neither client moves meanwhile.
    server.terminate();
    drop((pull, push));

    server.restart();
    let client = Client::new(&server);
    let received = client.stat(&location).expect("a session");
    assert!(received >= 300_000, "what was acknowledged is kept");
    client
        .finish(&location, &compute_digest(&bytes), &bytes.slice(received..))
        .expect("the upload goes on");
    client.expect_image(REPOSITORY, "v1", &image);
    run_fsck(&server);
}
