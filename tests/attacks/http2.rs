//! HTTP/2 by hand: floods of what the protocol allows a client to send for nothing.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use wharf_testkit::Server;

use crate::{
    measure::{Memory, expect_healthy},
    world::World,
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Longest that the server may think about a flood before the connection ends.
const PATIENCE: Duration = Duration::from_secs(15);

struct Frame {
    kind: u8,
    stream: u32,
    payload: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
}

fn make_frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// A text of HPACK without Huffman coding; its length is a number with a prefix of seven bits (RFC 7541, 5.1 and 5.2).
fn make_text(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if text.len() < 127 {
        bytes.push(text.len() as u8);
    } else {
        bytes.push(127);
        let mut rest = text.len() - 127;
        while rest >= 128 {
            bytes.push((rest % 128 + 128) as u8);
            rest /= 128;
        }
        bytes.push(rest as u8);
    }
    bytes.extend_from_slice(text);
    bytes
}

/// Asks for `path` over HTTP/2 with this `authorization`, and waits for the answer.
pub(crate) fn get_with(server: &Server, path: &str, authorization: &str) {
    let mut connection = Connection::open(server);
    let mut head = make_head(GET, path);
    head.push(0);
    head.extend(make_text(b"authorization"));
    head.extend(make_text(authorization.as_bytes()));
    connection.send(&make_frame(HEADERS, END_STREAM | END_HEADERS, 1, &head));
    connection.read_until(|frame| frame.kind == HEADERS && frame.stream == 1);
}

/// `METHOD path` over http, as HPACK: fields of the static table, and texts that are not remembered.
fn make_head(method: u8, path: &str) -> Vec<u8> {
    let mut head = vec![method, 0x86, 0x01];
    head.extend(make_text(b"x"));
    head.push(0x04);
    head.extend(make_text(path.as_bytes()));
    head
}

const GET: u8 = 0x82;
const POST: u8 = 0x83;

impl Connection {
    fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.authority()).expect("a connection");
        stream.set_nodelay(true).expect("a socket option");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket option");
        stream
            .set_write_timeout(Some(PATIENCE))
            .expect("a socket option");
        let mut connection = Self { stream };
        connection.send(PREFACE);
        connection.send(&make_frame(SETTINGS, 0, 0, &[]));
        connection
    }

    /// Whether the bytes could be sent.
    fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// All frames until the server ends the connection; panics when it does not.
    #[track_caller]
    fn read_to_end(&mut self) -> Vec<Frame> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 * 1024];
        let started = Instant::now();
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => bytes.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                Err(error) => panic!("the connection lives on: {error}"),
            }
            assert!(started.elapsed() < PATIENCE, "the connection lives on");
        }
        parse_frames(&bytes)
    }

    /// Frames until one satisfies `wanted`; panics when the connection ends before.
    #[track_caller]
    fn read_until(&mut self, wanted: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).expect("a frame");
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let mut payload = vec![0; length];
            self.stream.read_exact(&mut payload).expect("a whole frame");
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            let frame = Frame {
                kind: head[3],
                stream,
                payload,
            };
            if wanted(&frame) {
                return frame;
            }
        }
    }
}

fn parse_frames(bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut rest = bytes;
    while let [a, b, c, kind, _, d, e, f, g, tail @ ..] = rest {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let (payload, next) = tail.split_at(length.min(tail.len()));
        frames.push(Frame {
            kind: *kind,
            stream: u32::from_be_bytes([*d, *e, *f, *g]),
            payload: payload.to_vec(),
        });
        rest = next;
    }
    frames
}

#[track_caller]
fn expect_goaway(frames: &[Frame]) {
    let last = frames.iter().rfind(|frame| frame.kind == GOAWAY);
    let last = last.expect("GOAWAY before the end");
    let code = u32::from_be_bytes(last.payload[4..8].try_into().expect("a code"));
    assert_ne!(code, 0, "the server blames nobody");
}

/// Sends the flood, piece by piece, until the server has had enough or it is over.
fn flood(connection: &mut Connection, pieces: usize, piece: impl Fn(u32) -> Vec<u8>) {
    for number in 0..pieces {
        if !connection.send(&piece(u32::try_from(number).expect("a number"))) {
            return;
        }
    }
}

/// Runs an attack and asserts what every one of them must leave as it was.
fn attack(memory: u64, run: impl FnOnce(&Server)) {
    let server = World::get().server;
    let watch = Memory::watch(server);
    expect_healthy(server, || run(server));
    watch.expect_growth_below(memory);
    // The protocol itself goes on for others.
    let mut client = Connection::open(server);
    let head = make_head(GET, "/healthz");
    client.send(&make_frame(HEADERS, END_STREAM | END_HEADERS, 1, &head));
    let answer = client.read_until(|frame| frame.kind == DATA && frame.stream == 1);
    assert_eq!(answer.payload, b"ok\n");
}

#[test]
fn m77_streams_that_are_reset_at_once_end_the_connection() {
    attack(48, |server| {
        let mut connection = Connection::open(server);
        let head = make_head(GET, "/v2/a/b/manifests/v1");
        flood(&mut connection, 20_000, |number| {
            let stream = 2 * number + 1;
            let mut frames = make_frame(HEADERS, END_STREAM | END_HEADERS, stream, &head);
            frames.extend(make_frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
            frames
        });
        expect_goaway(&connection.read_to_end());
    });
}

#[test]
fn m77_streams_that_the_server_must_reset_end_the_connection() {
    attack(48, |server| {
        // CVE-2025-8671: each stream breaks a rule, so that the server resets it and goes on working.
        let mut connection = Connection::open(server);
        let head = make_head(GET, "/v2/a/b/manifests/v1");
        flood(&mut connection, 20_000, |number| {
            let stream = 2 * number + 1;
            let mut frames = make_frame(HEADERS, END_STREAM | END_HEADERS, stream, &head);
            frames.extend(make_frame(WINDOW_UPDATE, 0, stream, &[0; 4]));
            frames
        });
        expect_goaway(&connection.read_to_end());
    });
}

#[test]
fn m77_a_head_that_never_ends_ends_the_connection() {
    attack(48, |server| {
        let mut connection = Connection::open(server);
        let head = make_head(GET, "/v2/");
        connection.send(&make_frame(HEADERS, END_STREAM, 1, &head));
        // Each repeats a field of the table: one byte that stands for many.
        let field = make_frame(CONTINUATION, 0, 1, &[0x90; 16 * 1024]);
        flood(&mut connection, 20_000, |_| field.clone());
        let frames = connection.read_to_end();
        assert!(frames.iter().all(|frame| frame.kind != HEADERS));
    });
    attack(48, |server| {
        let mut connection = Connection::open(server);
        connection.send(&make_frame(HEADERS, END_STREAM, 1, &make_head(GET, "/v2/")));
        let empty = make_frame(CONTINUATION, 0, 1, &[]);
        flood(&mut connection, 200_000, |_| empty.clone());
        connection.read_to_end();
    });
}

#[test]
fn m77_pings_settings_and_priorities_cost_nothing_but_their_reading() {
    const PRIORITY: u8 = 2;
    for frame in [
        make_frame(PING, 0, 0, &[7; 8]),
        make_frame(SETTINGS, 0, 0, &[]),
        make_frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]),
        make_frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 255]),
        make_frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
        make_frame(0xbe, 0, 0, &[0; 64]),
    ] {
        attack(48, |server| {
            let mut connection = Connection::open(server);
            connection
                .stream
                .set_write_timeout(Some(Duration::from_millis(500)))
                .expect("a socket option");
            // Nobody reads the answers: what the server cannot send it must not collect.
            let many: Vec<u8> = frame.repeat(1000);
            flood(&mut connection, 100, |_| many.clone());
        });
    }
}

#[test]
fn m77_a_window_that_grows_by_nothing_is_an_error() {
    let server = World::get().server;
    let mut connection = Connection::open(server);
    connection.send(&make_frame(WINDOW_UPDATE, 0, 0, &[0; 4]));
    expect_goaway(&connection.read_to_end());
    // One that grows beyond all bounds too.
    let mut connection = Connection::open(server);
    for _ in 0..3 {
        connection.send(&make_frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]));
    }
    expect_goaway(&connection.read_to_end());
}

#[test]
fn m77_frames_without_a_byte_keep_no_body_alive() {
    let server = Server::builder()
        .config("[limits]\nbody_idle_seconds = 1")
        .start();
    let memory = Memory::watch(&server);
    let mut connection = Connection::open(&server);
    let head = make_head(POST, "/auth/token");
    connection.send(&make_frame(HEADERS, END_HEADERS, 1, &head));
    let empty = make_frame(DATA, 0, 1, &[]);
    flood(&mut connection, 1000, |_| empty.clone());
    // Now and then one more, as often as it takes to look alive.
    let writer = connection.stream.try_clone().expect("a second handle");
    let trickle = thread::spawn(move || {
        let mut writer = writer;
        for _ in 0..40 {
            thread::sleep(Duration::from_millis(200));
            if writer.write_all(&empty).is_err() {
                return;
            }
        }
    });
    let started = Instant::now();
    connection.read_until(|frame| {
        frame.stream == 1 && [HEADERS, RST_STREAM].contains(&frame.kind) || frame.kind == GOAWAY
    });
    let took = started.elapsed();
    assert!(took < Duration::from_secs(6), "given up after {took:?}");
    memory.expect_growth_below(32);
    trickle.join().expect("the trickle ends");
}

#[test]
fn h68_a_line_break_in_an_http2_field_is_refused() {
    let server = World::get().server;
    for (name, value) in [
        (&b"x-split"[..], &b"a\r\nGET /healthz HTTP/1.1"[..]),
        (b"x-split", b"a\nb"),
        (b"x-split", b"a\0b"),
        (b"x\r\nhost", b"b"),
        (b"X-Upper", b"a"),
        (b"transfer-encoding", b"chunked"),
        (b"connection", b"keep-alive"),
    ] {
        let mut connection = Connection::open(server);
        let mut head = make_head(GET, "/healthz");
        head.push(0);
        head.extend(make_text(name));
        head.extend(make_text(value));
        connection.send(&make_frame(HEADERS, END_STREAM | END_HEADERS, 1, &head));
        let answer =
            connection.read_until(|frame| [HEADERS, RST_STREAM, GOAWAY].contains(&frame.kind));
        // 0x8c is `:status: 400`; anything else than an answer of another kind ends stream or connection.
        assert!(
            answer.kind != HEADERS || answer.payload[0] == 0x8c,
            "{:?} was answered by {:?}",
            String::from_utf8_lossy(value),
            answer.payload
        );
    }
}
