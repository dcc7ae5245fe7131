//! Which scheme is spoken where both are possible.

use crate::setup::{Setup, digest};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wharf_client::{ClientError, ImageName};

/// The first byte of a TLS connection (RFC 8446 §5.1: a record of type handshake).
const HANDSHAKE: u8 = 22;

/// A server that gives every plain request this answer and hangs up on TLS; what each connection began with.
async fn start_server(answer: &'static str) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let begun = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&begun);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = [0; 4096];
            let count = stream.read(&mut bytes).await.unwrap_or_default();
            if count > 0 {
                seen.lock().push(bytes[0]);
            }
            if count > 0 && bytes[0] != HANDSHAKE {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    (port, begun)
}

async fn ask(host: &str, port: u16, setup: Setup) -> Result<bool, ClientError> {
    let name: ImageName = format!("{host}:{port}/app:1").parse().expect("a name");
    let client = setup.open();
    client.has_blob(&name.repository, &digest(b"x")).await
}

const FOUND: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
/// What Go's server says.
const WANTS_TLS: &str =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

#[tokio::test]
async fn a_plain_server_on_this_machine_is_asked_without_any_handshake() {
    let (port, begun) = start_server(FOUND).await;
    assert!(
        ask("127.0.0.1", port, Setup::new())
            .await
            .expect("an answer")
    );
    assert!(!begun.lock().contains(&HANDSHAKE));
}

#[tokio::test]
async fn a_server_on_this_machine_that_wants_tls_gets_it() {
    for answer in [WANTS_TLS, ""] {
        let (port, begun) = start_server(answer).await;
        let _ = ask("127.0.0.1", port, Setup::new()).await;
        let begun = begun.lock();
        assert!(begun.first() != Some(&HANDSHAKE) && begun.contains(&HANDSHAKE));
    }
}

#[tokio::test]
async fn elsewhere_tls_is_tried_first() {
    let (port, begun) = start_server(FOUND).await;
    let host = format!("reg.test:{port}");
    let setup = Setup::new().insecure(&host);
    assert!(ask("reg.test", port, setup).await.expect("an answer"));
    assert_eq!(begun.lock().first(), Some(&HANDSHAKE));
}
