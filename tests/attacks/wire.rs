//! Bytes that no library sends, and what comes back.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use wharf_testkit::Server;

/// A refusal comes at once; this is for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Everything that came back on one connection.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) text: String,
    /// Whether the server ended the connection.
    pub(crate) closed: bool,
}

impl Exchange {
    /// The statuses of all answers, in their order.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        self.text
            .split("HTTP/1.1 ")
            .skip(1)
            .filter_map(|rest| rest.get(..3)?.parse().ok())
            .collect()
    }
}

/// Sends these bytes on a connection of their own and reads until the server closes or stays silent for `silence`.
pub(crate) fn exchange(server: &Server, bytes: &[u8], silence: Duration) -> Exchange {
    exchange_with(server.authority(), bytes, silence)
}

/// The same with a server that another hand started.
pub(crate) fn exchange_with(address: &str, bytes: &[u8], silence: Duration) -> Exchange {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(silence))
        .expect("a socket option");
    // A server that refuses early closes while the rest is being sent.
    let _ = stream.write_all(bytes);
    let mut received = Vec::new();
    let closed = read_to_end(&mut stream, &mut received);
    Exchange {
        text: String::from_utf8_lossy(&received).into_owned(),
        closed,
    }
}

/// The one answer to a request that a library would not send, on a connection that ends with it.
#[track_caller]
pub(crate) fn ask(server: &Server, head: &str) -> Exchange {
    let request = format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n");
    let exchange = exchange(server, request.as_bytes(), PATIENCE);
    assert!(exchange.closed, "no end after {head}");
    exchange
}

/// Whether the end came, as opposed to silence.
fn read_to_end(stream: &mut TcpStream, received: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 16 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(read) => received.extend_from_slice(&buffer[..read]),
            Err(error) => {
                return error.kind() == std::io::ErrorKind::ConnectionReset;
            }
        }
    }
}
