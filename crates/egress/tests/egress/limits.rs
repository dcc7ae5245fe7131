//! Bounds of time and size.

use crate::fake::{Names, Server, ok, open, settings};
use bytes::Bytes;
use futures_util::stream;
use http::Method;
use std::io;
use std::time::Duration;
use wharf_egress::{Egress, EgressError, Policy, Request};

#[tokio::test]
async fn no_more_is_read_than_the_caller_allows_whatever_was_announced() {
    let server = Server::start(|head| match head.starts_with("GET /open") {
        true => format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
            "x".repeat(1000)
        ),
        false => ok(&"x".repeat(1000)),
    })
    .await;
    let egress = open(Policy::operator(), Names::default());
    for path in ["/known", "/open"] {
        let send = || egress.send(Request::get(server.url("http", "127.0.0.1", path)));
        let whole = send().await.expect("an answer").read_all(1000).await;
        assert_eq!(whole.expect("it fits").len(), 1000);
        let error = send()
            .await
            .expect("an answer")
            .read_all(999)
            .await
            .expect_err("too large");
        assert!(
            matches!(error, EgressError::TooLarge { limit: 999, .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_stands_still_is_given_up_in_head_and_body() {
    let server = Server::start(|head| match head.starts_with("GET /body") {
        true => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nHOLD".to_owned(),
        false => "HTTP/1.1 200 OK\r\nx-hold: HOLD\r\n".to_owned(),
    })
    .await;
    let mut settings = settings(Policy::operator(), Names::default());
    settings.idle_timeout = Duration::from_millis(50);
    let egress = Egress::new(settings).expect("an egress");
    let send = |path| egress.send(Request::get(server.url("http", "127.0.0.1", path)));
    let error = send("/head").await.expect_err("no head");
    assert!(matches!(error, EgressError::Stalled { .. }), "{error:?}");
    let error = send("/body")
        .await
        .expect("a head")
        .read_all(100)
        .await
        .expect_err("no body");
    assert!(matches!(error, EgressError::Stalled { .. }), "{error:?}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn an_answer_that_ends_too_early_is_broken() {
    let server =
        Server::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc".to_owned()).await;
    let egress = open(Policy::operator(), Names::default());
    let answer = egress
        .send(Request::get(server.url("http", "127.0.0.1", "/")))
        .await;
    let error = answer
        .expect("a head")
        .read_all(100)
        .await
        .expect_err("three bytes are not 100");
    assert!(matches!(error, EgressError::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_of_another_length_than_announced_is_an_error() {
    // It reads no body: what it would answer must not count.
    let server = Server::start(|_| "HOLD".to_owned()).await;
    let egress = open(Policy::operator(), Names::default());
    for pieces in [vec!["ab"], vec!["ab", "cd"], vec!["abcdef"]] {
        let pieces = pieces.into_iter().map(|piece| Ok(Bytes::from(piece)));
        let request = Request::new(Method::PUT, server.url("http", "127.0.0.1", "/"))
            .with_stream(3, stream::iter(pieces.collect::<Vec<io::Result<Bytes>>>()));
        let error = egress.send(request).await.expect_err("another length");
        assert!(matches!(error, EgressError::Broken { .. }), "{error:?}");
    }
}
