//! HTTP/2: the same bytes, and the protocol's own attacks.

use std::time::Duration;

use futures_util::future::join_all;
use wharf_server::net::ConnectionLimits;

use crate::client::Client;
use crate::server::{Server, Stage, as_slice, make_bytes, stage_file};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const GOAWAY: u8 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// `GET /` in HPACK: three entries of the static table and an authority without indexing.
fn get_headers() -> Vec<u8> {
    vec![0x82, 0x84, 0x86, 0x01, 1, b'x']
}

fn open(server: &Server) -> Client {
    let mut client = Client::connect(server.address);
    client.send(PREFACE);
    client.send(frame(4, 0, 0, &[]));
    client
}

/// All frames up to the end of the connection, as kind, stream and payload.
fn read_frames(client: &mut Client) -> Vec<(u8, u32, Vec<u8>)> {
    let bytes = client.read_to_end();
    let mut rest = &bytes[..];
    let mut frames = Vec::new();
    while let [a, b, c, kind, _flags, d, e, f, g, tail @ ..] = rest {
        let len = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let (payload, next) = tail.split_at(len.min(tail.len()));
        frames.push((
            *kind,
            u32::from_be_bytes([*d, *e, *f, *g]),
            payload.to_vec(),
        ));
        rest = next;
    }
    frames
}

fn goaway_codes(client: &mut Client) -> Vec<u32> {
    read_frames(client)
        .into_iter()
        .filter(|(kind, ..)| *kind == GOAWAY)
        .map(|(.., payload)| u32::from_be_bytes(payload[4..8].try_into().expect("a code")))
        .collect()
}

#[test]
fn parallel_downloads_on_one_connection_arrive_unchanged() {
    let bytes = make_bytes(9 << 20);
    let server = Server::start(stage_file(&bytes, 9 << 20));
    let http = reqwest::Client::builder()
        .http2_prior_knowledge()
        .build()
        .expect("client");
    let url = format!("http://{}/file", server.address);
    let gets = (0..12_u64).map(|i| {
        let range = i * 100_003..(9 << 20) - i * 50_001;
        let get = http
            .get(&url)
            .header("range", format!("bytes={}-{}", range.start, range.end - 1));
        async move {
            (
                range,
                get.send()
                    .await
                    .expect("answer")
                    .bytes()
                    .await
                    .expect("body"),
            )
        }
    });
    for (range, body) in server.runtime.block_on(join_all(gets)) {
        assert!(body == as_slice(&bytes, &range), "{range:?}");
    }
}

#[test]
fn m77_rapid_reset_is_answered_by_goaway() {
    let server = Server::start(Stage::default());
    let mut client = open(&server);
    let mut attack = Vec::new();
    for stream in (1..4001).step_by(2) {
        attack.extend(frame(1, 0x4 | 0x1, stream, &get_headers()));
        attack.extend(frame(3, 0, stream, &8_u32.to_be_bytes()));
    }
    client.send(&attack);
    assert!(goaway_codes(&mut client).contains(&ENHANCE_YOUR_CALM));
    assert!(
        server.seen().len() < 1000,
        "{} requests were handled",
        server.seen().len()
    );
}

#[test]
fn m77_endless_continuation_is_ended() {
    let server = Server::start(Stage::default());
    let mut client = open(&server);
    let mut attack = frame(1, 0x1, 1, &get_headers());
    for _ in 0..200 {
        // One literal header of 16,000 bytes per frame, never the end of the head.
        let mut header = vec![0x00, 1, b'a', 0x7f, 0x81, 0x7c];
        header.resize(header.len() + 16_000, b'v');
        attack.extend(frame(9, 0, 1, &header));
    }
    let _ = std::io::Write::write_all(&mut client.stream, &attack);
    assert!(!goaway_codes(&mut client).is_empty());
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[test]
fn m77_a_frame_with_a_zero_window_update_ends_its_stream_or_connection() {
    let server = Server::start(Stage::default());
    let mut client = open(&server);
    client.send(frame(8, 0, 0, &0_u32.to_be_bytes()));
    assert!(!goaway_codes(&mut client).is_empty());
}

#[test]
fn h68_a_line_break_in_a_header_value_is_refused() {
    let server = Server::start(Stage::default());
    let mut client = open(&server);
    let mut headers = get_headers();
    headers.extend(b"\x00\x01a\x05b\r\nc:");
    client.send(frame(1, 0x4 | 0x1, 1, &headers));
    // A stream error keeps the connection open; ours is over when we say so.
    client.send(frame(7, 0, 0, &[0; 8]));
    let frames = read_frames(&mut client);
    assert!(
        frames
            .iter()
            .any(|(kind, ..)| *kind == 3 || *kind == GOAWAY),
        "{frames:?}"
    );
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[test]
fn pings_do_not_keep_an_unused_connection() {
    // The second limit is for a client that, like this one, does not answer GOAWAY.
    let limits = ConnectionLimits {
        idle: Duration::from_millis(200),
        header: Duration::from_millis(200),
        ..ConnectionLimits::default()
    };
    let server = Server::start_with(Stage::default(), limits, None);
    let mut client = open(&server);
    let mut pinging = client.stream.try_clone().expect("clone");
    let ping = std::thread::spawn(move || {
        while std::io::Write::write_all(&mut pinging, &frame(6, 0, 0, &[1; 8])).is_ok() {
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    assert!(!goaway_codes(&mut client).is_empty());
    ping.join()
        .expect("the connection broke for the sender as well");
}

#[test]
fn a_stream_whose_client_takes_nothing_ends_the_connection() {
    let limits = ConnectionLimits {
        stall: Duration::from_millis(200),
        ..ConnectionLimits::default()
    };
    let server = Server::start_with(stage_file(&vec![7; 8 << 20], 8 << 20), limits, None);
    let mut client = open(&server);
    let headers = [&[0x82, 0x04, 5][..], b"/file", &[0x86, 0x01, 1, b'x']].concat();
    client.send(frame(1, 0x4 | 0x1, 1, &headers));
    // The default window of 64 KiB is never raised.
    let frames = read_frames(&mut client);
    let sent: usize = frames
        .iter()
        .filter(|(kind, ..)| *kind == 0)
        .map(|(.., data)| data.len())
        .sum();
    assert_eq!(sent, 65_535);
}
