//! h68: requests that two servers could read differently are refused, or read once and the
//! connection ended, so that what is hidden in them is never answered.

use crate::client::Client;
use crate::server::{Server, Stage};

const HIDDEN: &str = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";

/// Sends `request` with a request hidden behind it, and returns the statuses of all answers.
fn send_with_hidden(request: &str) -> (Vec<u16>, Vec<String>) {
    let server = Server::start(Stage {
        body_idle: std::time::Duration::from_secs(5),
        ..Stage::default()
    });
    let mut client = Client::connect(server.address);
    client.send(format!("{request}{HIDDEN}"));
    let mut statuses = Vec::new();
    while let Some(head) = client.try_read_head() {
        client.read_exactly(head.content_length().unwrap_or(0) as usize);
        statuses.push(head.status);
    }
    (statuses, server.seen())
}

#[test]
fn h68_malformed_framing_is_answered_400_and_closed() {
    let start = "POST /upload HTTP/1.1\r\nhost: x\r\n";
    for headers in [
        "content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "content-length: 5, 6\r\n\r\nhello",
        "content-length: +5\r\n\r\nhello",
        "content-length: -1\r\n\r\n",
        "content-length: 0x5\r\n\r\nhello",
        "content-length: 18446744073709551616\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: identity\r\n\r\n",
        "transfer-encoding: chunked\r\n folded\r\n\r\n0\r\n\r\n",
        "x-one: 1\r\n\tfolded: 2\r\n\r\n",
        "content-length : 5\r\n\r\nhello",
        "x-nul: a\0b\r\n\r\n",
        "x-cr: a\rb\r\n\r\n",
        "transfer-encoding\x0b: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let (statuses, seen) = send_with_hidden(&format!("{start}{headers}"));
        assert_eq!((statuses, seen), (vec![400], vec![]), "{headers:?}");
    }
}

#[test]
fn h68_a_length_beside_chunks_is_read_once_and_the_rest_dropped() {
    let start = "POST /upload HTTP/1.1\r\nhost: x\r\n";
    for headers in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
    ] {
        let (statuses, seen) = send_with_hidden(&format!("{start}{headers}"));
        assert_eq!(
            (statuses, seen),
            (vec![200], vec!["/upload".to_owned()]),
            "{headers:?}"
        );
    }
}

#[test]
fn h68_a_broken_chunk_ends_the_connection() {
    let start = "POST /upload HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    for chunks in [
        "5\r\nhelloX",
        "zz\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
    ] {
        let (statuses, seen) = send_with_hidden(&format!("{start}{chunks}"));
        assert_eq!(
            (statuses, seen),
            (vec![400], vec!["/upload".to_owned()]),
            "{chunks:?}"
        );
    }
}

#[test]
fn h68_the_guard_matters_a_well_framed_hidden_request_is_answered() {
    let (statuses, seen) =
        send_two_then_close("POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello");
    assert_eq!(statuses, [200, 200]);
    assert_eq!(seen, ["/upload", "/smuggled"]);
}

fn send_two_then_close(request: &str) -> (Vec<u16>, Vec<String>) {
    let server = Server::start(Stage {
        body_idle: std::time::Duration::from_secs(5),
        ..Stage::default()
    });
    let mut client = Client::connect(server.address);
    client.send(format!("{request}{HIDDEN}"));
    let statuses = vec![client.read_response().0, client.read_response().0];
    (statuses, server.seen())
}

#[test]
fn h67_forwarding_headers_of_a_stranger_change_nothing() {
    let server = Server::start(Stage::default());
    let mut client = Client::connect(server.address);
    client.send(
        "GET /client HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 9.9.9.9\r\nx-forwarded-host: evil\r\n\
         x-forwarded-proto: https\r\nforwarded: for=9.9.9.9;host=evil\r\n\r\n",
    );
    assert_eq!(client.read_response().1, b"127.0.0.1 None None");
}
