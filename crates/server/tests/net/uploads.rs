//! Request bodies arrive whole, or the client learns why not.

use std::time::Duration;

use crate::client::Client;
use crate::server::{Server, Stage, make_bytes};

fn start() -> Server {
    Server::start(Stage {
        body_idle: Duration::from_millis(200),
        ..Stage::default()
    })
}

fn checksum(bytes: &[u8]) -> String {
    let sum = bytes
        .iter()
        .fold(0_u64, |sum, &byte| sum.wrapping_mul(31) + u64::from(byte));
    format!("{} {sum}", bytes.len())
}

#[test]
fn an_upload_arrives_whole_with_a_length_and_in_chunks() {
    let server = start();
    let mut client = Client::connect(server.address);
    let bytes = make_bytes(5_000_001);
    client.send(format!(
        "PUT /upload HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        bytes.len()
    ));
    client.send(&bytes);
    assert_eq!(client.read_response().1, checksum(&bytes).as_bytes());

    client.send("PATCH /upload HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    for chunk in bytes.chunks(700_000) {
        client.send(format!("{:x}\r\n", chunk.len()));
        client.send(chunk);
        client.send("\r\n");
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.read_response().1, checksum(&bytes).as_bytes());
}

#[test]
fn a_client_that_falls_silent_in_its_upload_is_told() {
    let server = start();
    let mut client = Client::connect(server.address);
    client.send("PUT /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhello");
    assert_eq!(client.read_head().status, 408);
}

#[test]
fn a_body_over_the_limit_is_refused_announced_or_not() {
    let server = start();
    for (headers, status) in [
        (
            format!("content-length: 100\r\n\r\n{}", "a".repeat(100)),
            200,
        ),
        (
            format!("content-length: 101\r\n\r\n{}", "a".repeat(101)),
            413,
        ),
        (
            format!(
                "transfer-encoding: chunked\r\n\r\n65\r\n{}\r\n0\r\n\r\n",
                "a".repeat(101)
            ),
            413,
        ),
    ] {
        let mut client = Client::connect(server.address);
        client.send(format!("POST /limited HTTP/1.1\r\nhost: x\r\n{headers}"));
        assert_eq!(client.read_head().status, status);
    }
}

#[test]
fn a_refusal_reaches_a_client_that_goes_on_sending() {
    let server = start();
    let mut client = Client::connect(server.address);
    client.send("PUT /refuse HTTP/1.1\r\nhost: x\r\ncontent-length: 8388608\r\n\r\n");
    client.send(make_bytes(8 << 20));
    let (status, body) = client.read_response();
    assert_eq!((status, &body[..]), (413, &b"refused unread"[..]));
}
