//! Slow, silent and greedy clients are ended; the others do not notice.

use std::io::Write;
use std::time::{Duration, Instant};

use wharf_server::net::ConnectionLimits;

use crate::client::Client;
use crate::server::{Server, Stage, stage_file};

const SHORT: Duration = Duration::from_millis(150);

fn start(change: impl FnOnce(&mut ConnectionLimits)) -> Server {
    let mut limits = ConnectionLimits::default();
    change(&mut limits);
    Server::start_with(Stage::default(), limits, None)
}

#[test]
fn a_client_that_says_nothing_is_closed() {
    let server = start(|limits| limits.handshake = SHORT);
    let mut client = Client::connect(server.address);
    assert!(client.read_to_end().is_empty());
}

#[test]
fn a_head_that_trickles_in_is_closed_on_a_new_and_on_a_used_connection() {
    let server = start(|limits| limits.header = SHORT);
    for used in [false, true] {
        let mut client = Client::connect(server.address);
        if used {
            client.get("/hello");
            assert_eq!(client.read_response().0, 200);
        }
        let begun = Instant::now();
        client.send("GET /hello HTTP/1.1\r\n");
        let mut trickle = client.stream.try_clone().expect("clone");
        let trickling = std::thread::spawn(move || {
            while trickle.write_all(b"x-a: b\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        assert!(client.read_to_end().is_empty());
        assert!(begun.elapsed() >= SHORT);
        trickling
            .join()
            .expect("the connection broke for the sender as well");
    }
}

#[test]
fn a_connection_without_requests_is_closed_after_the_idle_time_only() {
    let server = start(|limits| limits.idle = Duration::from_millis(300));
    let mut client = Client::connect(server.address);
    for _ in 0..4 {
        std::thread::sleep(Duration::from_millis(100));
        client.get("/hello");
        assert_eq!(client.read_response().0, 200);
    }
    assert!(client.read_to_end().is_empty());
}

#[test]
fn a_client_that_takes_nothing_is_closed() {
    let limits = ConnectionLimits {
        stall: SHORT,
        ..ConnectionLimits::default()
    };
    let server = Server::start_with(stage_file(&vec![7; 64 << 20], 64 << 20), limits, None);
    let mut client = Client::connect(server.address);
    client.get("/file");
    client.read_head();
    // More than any socket buffer stays behind, so the server has to wait for this client.
    std::thread::sleep(SHORT * 4);
    assert!(client.read_to_end().len() < 64 << 20);
}

#[test]
fn a_head_beyond_the_limit_is_refused() {
    let server = Server::start(Stage::default());
    let mut client = Client::connect(server.address);
    let huge = "a".repeat(70 * 1024);
    client.send(format!(
        "GET /hello HTTP/1.1\r\nhost: x\r\nx-huge: {huge}\r\n\r\n"
    ));
    assert_eq!(client.read_head().status, 431);
    let mut client = Client::connect(server.address);
    let many = "x-a: b\r\n".repeat(200);
    client.send(format!("GET /hello HTTP/1.1\r\nhost: x\r\n{many}\r\n"));
    assert_eq!(client.read_head().status, 431);
}

#[test]
fn beyond_the_connection_limit_clients_wait_for_a_slot() {
    let server = start(|limits| limits.connections = 2);
    let mut clients = [
        Client::connect(server.address),
        Client::connect(server.address),
    ];
    for client in &mut clients {
        client.get("/hello");
        assert_eq!(client.read_response().0, 200);
    }
    let mut third = Client::connect(server.address);
    third.get("/hello");
    third.stream.set_read_timeout(Some(SHORT)).expect("timeout");
    let waiting = std::io::Read::read(&mut third.stream, &mut [0]).expect_err("nobody answers yet");
    assert_eq!(waiting.kind(), std::io::ErrorKind::WouldBlock);
    drop(clients);
    third
        .stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("timeout");
    assert_eq!(third.read_response().0, 200);
}

#[test]
fn a_full_listener_ends_waiting_connections_for_new_clients() {
    let server = start(|limits| {
        limits.connections = 2;
        limits.header = Duration::from_millis(200);
    });
    let mut held: Vec<_> = (0..2).map(|_| Client::connect(server.address)).collect();
    for client in &mut held {
        client.get("/hello");
        assert_eq!(client.read_response().0, 200);
    }
    let mut third = Client::connect(server.address);
    third.get("/hello");
    assert_eq!(third.read_response().0, 200);
}

#[test]
fn a_panic_in_a_handler_ends_its_own_connection_only() {
    let server = Server::start(Stage::default());
    let mut other = Client::connect(server.address);
    other.get("/hello");
    assert_eq!(other.read_response().0, 200);
    let mut client = Client::connect(server.address);
    client.get("/panic");
    assert!(client.read_to_end().is_empty());
    other.get("/hello");
    assert_eq!(other.read_response().0, 200);
}
