//! Requests that two servers could read differently: refused, or read once and the connection ended.

use std::time::Duration;

use crate::{
    wire::{Exchange, exchange},
    world::World,
};

/// The request that nobody may answer when it hides in another one.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// What the hidden request would get.
const ANSWERED: &str = "\r\n\r\nok\n";

const SILENCE: Duration = Duration::from_millis(1500);

fn post(headers: &str, body: &str) -> Exchange {
    let request = format!("POST /v2/a/b/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}");
    exchange(World::get().server, request.as_bytes(), SILENCE)
}

#[test]
fn h68_a_request_after_a_whole_one_is_answered_when_nothing_is_odd() {
    // The guard below is what keeps this from happening where a proxy would have seen one request only.
    let last = HIDDEN.replace("Host: x", "Host: x\r\nConnection: close");
    let pair = post("Content-Length: 0\r\n", &last);
    assert_eq!(pair.statuses(), [401, 200], "{pair:?}");
    assert!(pair.text.contains(ANSWERED));
    let length = format!("Content-Length: {}\r\nConnection: close\r\n", HIDDEN.len());
    let single = post(&length, HIDDEN);
    assert_eq!(single.statuses(), [401], "{single:?}");
}

#[test]
fn h68_odd_framing_is_refused_and_the_connection_ends() {
    let length = HIDDEN.len();
    let chunked = format!("0\r\n\r\n{HIDDEN}");
    let hidden = HIDDEN.to_owned();
    for (headers, body) in [
        (
            format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
            &hidden,
        ),
        (
            format!("Content-Length: {length}\r\nContent-Length: 0\r\n"),
            &hidden,
        ),
        (format!("Content-Length: 0, {length}\r\n"), &hidden),
        (format!("Content-Length: +{length}\r\n"), &hidden),
        (format!("Content-Length: -{length}\r\n"), &hidden),
        ("Content-Length: 0x0\r\n".into(), &hidden),
        ("Content-Length: 18446744073709551616\r\n".into(), &hidden),
        ("Content-Length: \r\n".into(), &hidden),
        (format!("Content-Length : {length}\r\n"), &hidden),
        (format!("Content-Length\t: {length}\r\n"), &hidden),
        (format!("X: a\r\n Content-Length: {length}\r\n"), &hidden),
        (format!("X: a\rContent-Length: {length}\r\n"), &hidden),
        ("X: a\0b\r\n".into(), &hidden),
        ("Transfer-Encoding: xchunked\r\n".into(), &chunked),
        (
            format!("Transfer-Encoding: xchunked\r\nContent-Length: {length}\r\n"),
            &chunked,
        ),
        ("Transfer-Encoding: chunked, identity\r\n".into(), &chunked),
        ("Transfer-Encoding: identity\r\n".into(), &chunked),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".into(),
            &chunked,
        ),
        ("Transfer-Encoding:\r\n chunked\r\n".into(), &chunked),
        ("Transfer-Encoding\x0b: chunked\r\n".into(), &chunked),
    ] {
        let refused = post(&headers, body);
        assert_eq!(refused.statuses(), [400], "{headers:?}: {refused:?}");
        assert!(refused.closed, "{headers:?}: {refused:?}");
        assert!(!refused.text.contains(ANSWERED), "{headers:?}");
    }
}

#[test]
fn h68_a_length_beside_chunks_is_read_in_one_way_only() {
    let beside = HIDDEN.len() + 5;
    let ends_early = format!("0\r\n\r\n{HIDDEN}");
    let hides_in_chunk = format!("{:x}\r\n{HIDDEN}\r\n0\r\n\r\n", HIDDEN.len());
    for (headers, body) in [
        (
            format!("Content-Length: {beside}\r\nTransfer-Encoding: chunked\r\n"),
            &ends_early,
        ),
        (
            format!("Transfer-Encoding: chunked\r\nContent-Length: {beside}\r\n"),
            &ends_early,
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n".into(),
            &hides_in_chunk,
        ),
        (
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n".into(),
            &hides_in_chunk,
        ),
        (
            format!("Transfer-Encoding: identity, chunked\r\nContent-Length: {beside}\r\n"),
            &ends_early,
        ),
        (
            format!("transfer-encoding: CHUNKED\r\nContent-Length: {beside}\r\n"),
            &ends_early,
        ),
    ] {
        let read_once = post(&headers, body);
        let statuses = read_once.statuses();
        assert!(
            statuses == [401] || statuses == [400],
            "{headers:?}: {read_once:?}"
        );
        assert!(read_once.closed, "{headers:?}: {read_once:?}");
        assert!(!read_once.text.contains(ANSWERED), "{headers:?}");
    }
}

#[test]
fn h68_a_broken_chunk_hides_nothing() {
    for body in [
        format!("0\n\n{HIDDEN}"),
        format!("0;a=\n\r\n\r\n{HIDDEN}"),
        format!("0x0\r\n\r\n{HIDDEN}"),
        format!("-1\r\n\r\n{HIDDEN}"),
        format!("10000000000000000\r\n{HIDDEN}"),
        format!("ffffffffffffffffffffffff\r\n{HIDDEN}"),
        format!("2\r\nabXX\r\n0\r\n\r\n{HIDDEN}"),
        format!("1\r\na\r\n\r\n0\r\n\r\n{HIDDEN}"),
    ] {
        let broken = post("Transfer-Encoding: chunked\r\n", &body);
        assert!(broken.statuses().len() <= 1, "{body:?}: {broken:?}");
        assert!(broken.closed, "{body:?}: {broken:?}");
        assert!(!broken.text.contains(ANSWERED), "{body:?}");
    }
    // Chunks of HTTP/1.1 are unknown to HTTP/1.0.
    let request = format!(
        "POST /v2/a/b/blobs/uploads/ HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"
    );
    let old = exchange(World::get().server, request.as_bytes(), SILENCE);
    assert_eq!(old.statuses(), [400], "{old:?}");
    assert!(old.closed && !old.text.contains(ANSWERED), "{old:?}");
}

#[test]
fn h68_no_request_becomes_another_protocol_on_its_way() {
    // A proxy that lets this through would take what follows for the new protocol's, and look at none of it.
    let server = World::get().server;
    for upgrade in [
        "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
        "Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
    ] {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n");
        let plain = exchange(server, request.as_bytes(), SILENCE);
        assert_eq!(plain.statuses(), [200], "{plain:?}");
    }
    let request =
        format!("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n{HIDDEN}");
    let tunnel = exchange(server, request.as_bytes(), SILENCE);
    assert!((400..500).contains(&tunnel.statuses()[0]), "{tunnel:?}");
}
