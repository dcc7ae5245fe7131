use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use super::*;

#[test]
fn addresses_are_those_of_docker_host() {
    for (text, shown) in [
        ("unix:///run/d.sock", Some("unix:///run/d.sock")),
        ("tcp://127.0.0.1:2375", Some("tcp://127.0.0.1:2375")),
        ("tcp://docker/", Some("tcp://docker:2375")),
        ("unix://relative", None),
        ("tcp://", None),
        ("tcp://a/b", None),
        ("ssh://a", None),
        ("", None),
    ] {
        let read = text.parse::<DaemonAddress>();
        assert_eq!(
            read.as_ref().ok().map(ToString::to_string).as_deref(),
            shown,
            "{text}"
        );
        assert!(read.is_ok() || read.is_err_and(|error| error.hint().is_some()));
    }
}

/// An engine that answers once: at the end of the body, or at its beginning.
async fn answer(
    socket: &Path,
    reads_all: bool,
    answer: &'static str,
) -> tokio::task::JoinHandle<Vec<u8>> {
    let listener = UnixListener::bind(socket).expect("a socket");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut request = Vec::new();
        loop {
            let mut piece = vec![0; 65_536];
            let count = stream.read(&mut piece).await.expect("bytes");
            request.extend_from_slice(&piece[..count]);
            if !reads_all || count == 0 || request.ends_with(b"\r\n0\r\n\r\n") {
                break;
            }
        }
        // Whoever broke off does not hear it.
        let _ = stream.write_all(answer.as_bytes()).await;
        request
    })
}

fn write_megabytes(output: &mut dyn Write) -> Result<(), ImageError> {
    let write = (0..64).try_for_each(|_| output.write_all(&[b'x'; 65_536]));
    write.map_err(|error| ImageError::new("cannot write").with_source(error))
}

#[tokio::test]
async fn an_archive_arrives_whole_and_the_answer_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let engine = answer(&socket, true, "HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n{\"stream\":\"Loaded image: a:latest\\n\"}\r\n").await;
    let loaded = load_archive(&DaemonAddress::Unix(socket), write_megabytes)
        .await
        .expect("loaded");
    assert_eq!(loaded, ["Loaded image: a:latest"]);
    let request = engine.await.expect("the engine");
    assert!(request.starts_with(b"POST /images/load?quiet=1 HTTP/1.1\r\n"));
    assert_eq!(
        request.iter().filter(|byte| **byte == b'x').count(),
        64 * 65_536 + 1,
        "one in x-tar"
    );
}

#[tokio::test]
async fn a_refusal_tells_the_engines_reason_even_when_it_stops_reading() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let refusal = "HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Length: 21\r\n\r\n{\"message\":\"bad tar\"}";
    let _engine = answer(&socket, false, refusal).await;
    let error = load_archive(&DaemonAddress::Unix(socket), write_megabytes)
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("bad tar"), "{error}");
}

#[tokio::test]
async fn a_writer_that_fails_breaks_the_archive_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let engine = answer(
        &socket,
        true,
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let failing = |output: &mut dyn Write| {
        output.write_all(b"half").expect("room");
        Err(ImageError::new("a layer is not here"))
    };
    let error = load_archive(&DaemonAddress::Unix(socket), failing)
        .await
        .expect_err("failed");
    assert_eq!(error.to_string(), "a layer is not here");
    let request = engine.await.expect("the engine");
    assert!(!request.ends_with(b"0\r\n\r\n"), "the body has no end");
}

#[tokio::test]
async fn no_engine_is_told_with_a_hint() {
    let nowhere = DaemonAddress::Unix("/nonexistent/socket".into());
    let error = load_archive(&nowhere, write_megabytes)
        .await
        .expect_err("nobody there");
    assert!(error.hint().is_some());
}
