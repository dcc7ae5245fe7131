//! A shutdown lets what is in flight finish, and nothing else.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use wharf_server::net::{ConnectionLimits, Drained};

use crate::client::Client;
use crate::server::{Server, Stage, make_bytes, stage_file, wait_until};

#[test]
fn a_request_in_flight_is_answered_and_idle_connections_are_closed() {
    let mut server = Server::start(Stage::default());
    let mut idle = Client::connect(server.address);
    idle.get("/hello");
    assert_eq!(idle.read_response().0, 200);
    let mut unused = Client::connect(server.address);
    let mut busy = Client::connect(server.address);
    busy.get("/gate");
    wait_until("the request is being handled", || {
        server.seen().contains(&"/gate".to_owned())
    });

    server.begin_drain();
    assert!(idle.read_to_end().is_empty());
    assert!(unused.read_to_end().is_empty());
    wait_until("new clients are refused", || {
        TcpStream::connect(server.address).is_err()
    });
    server.stage.gate.notify_one();
    let head = busy.read_head();
    assert!(head.text.contains("connection: close"), "{}", head.text);
    assert_eq!(busy.read_to_end(), b"through");
    drop((busy, idle, unused));
    assert_eq!(server.wait_for_end(), Drained { cut_off: 0 });
}

#[test]
fn a_download_in_flight_is_finished() {
    let bytes = make_bytes(32 << 20);
    let mut server = Server::start(stage_file(&bytes, 32 << 20));
    let mut client = Client::connect(server.address);
    client.get("/file");
    client.read_head();
    let first = client.read_exactly(1 << 20);
    server.begin_drain();
    wait_until("the drain began", || {
        TcpStream::connect(server.address).is_err()
    });
    assert!([first, client.read_to_end()].concat() == bytes);
    drop(client);
    assert_eq!(server.wait_for_end(), Drained { cut_off: 0 });
}

#[test]
fn what_does_not_finish_in_time_is_cut_off() {
    let limits = ConnectionLimits {
        drain: Duration::from_millis(300),
        ..ConnectionLimits::default()
    };
    let mut server = Server::start_with(Stage::default(), limits, None);
    let mut client = Client::connect(server.address);
    client.get("/gate");
    wait_until("the request is being handled", || {
        server.seen().contains(&"/gate".to_owned())
    });
    let begun = Instant::now();
    server.begin_drain();
    assert_eq!(server.wait_for_end(), Drained { cut_off: 1 });
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert!(client.read_to_end().is_empty());
}
