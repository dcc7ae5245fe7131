//! Clients that hold on to a connection and give nothing for it.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use wharf_testkit::{Server, SharedServer};

use crate::measure::{Memory, expect_healthy};

/// Short times, so that a test sees their end.
static IMPATIENT: SharedServer = SharedServer::new(|| {
    Server::builder().config("[limits]\nbody_idle_seconds = 1\nheader_seconds = 1")
});

/// Longer than the server waits for anything, with room for a busy machine.
const GIVEN_UP: Duration = Duration::from_secs(6);

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.authority()).expect("a connection");
    stream.set_nodelay(true).expect("a socket option");
    stream
}

/// Sends `start`, then one byte after the other, and answers how long the server put up with it.
#[track_caller]
fn trickle(server: &Server, start: &str, every: Duration) -> Duration {
    let mut stream = connect(server);
    stream
        .write_all(start.as_bytes())
        .expect("an open connection");
    stream
        .set_read_timeout(Some(every))
        .expect("a socket option");
    let started = Instant::now();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            // An answer or the end: either way the server waits no longer.
            Ok(_) => return started.elapsed(),
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {}
            Err(_) => return started.elapsed(),
        }
        assert!(
            started.elapsed() < GIVEN_UP,
            "the server still waits after {:?}",
            started.elapsed()
        );
        // Refused writes are seen by the next read.
        let _ = stream.write_all(b"x");
    }
}

#[test]
fn a_silent_or_slow_head_is_given_up() {
    let server = IMPATIENT.get().server();
    let memory = Memory::watch(server);
    expect_healthy(server, || {
        let mut silent: Vec<TcpStream> = (0..200).map(|_| connect(server)).collect();
        for (number, stream) in silent.iter_mut().enumerate() {
            let start = [
                "",
                "G",
                "GET /v2/ HTTP/1.1\r\nHost: x\r\n",
                "PRI * HTTP/2.0\r\n",
            ];
            stream
                .write_all(start[number % start.len()].as_bytes())
                .expect("an open connection");
        }
        let pause = Duration::from_millis(200);
        let waited = trickle(server, "GET /v2/ HTTP/1.1\r\nX-Slow: ", pause);
        assert!(waited < GIVEN_UP, "{waited:?}");
    });
    memory.expect_growth_below(48);
}

#[test]
fn a_form_that_trickles_in_is_given_up() {
    // Nobody has to sign in to send one, so a byte now and then must not hold a connection for days.
    let server = IMPATIENT.get().server();
    let head = "POST /auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n";
    let waited = trickle(server, head, Duration::from_millis(400));
    assert!(waited < GIVEN_UP, "{waited:?}");
}

#[test]
fn a_silent_body_is_given_up_by_every_route() {
    let server = IMPATIENT.get().server();
    let authorization = server.admin().authorization().expect("credentials");
    server.registry(&server.admin()).get("/v2/").expect(200);
    for (method, target, kind) in [
        (
            "PUT",
            "/v2/admin/app/manifests/v1",
            "application/vnd.oci.image.manifest.v1+json",
        ),
        ("POST", "/auth/token", "application/x-www-form-urlencoded"),
        ("POST", "/api/v1/namespaces", "application/json"),
        ("POST", "/api/v1/me/password", "application/json"),
        ("PATCH", "/api/v1/users/admin", "application/json"),
    ] {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n{{"
        );
        let mut stream = connect(server);
        stream
            .write_all(head.as_bytes())
            .expect("an open connection");
        stream
            .set_read_timeout(Some(GIVEN_UP))
            .expect("a socket option");
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer) {
            Ok(_) => {}
            Err(error) => panic!("{method} {target} still waits after {GIVEN_UP:?}: {error}"),
        }
    }
}
