//! Redirects: each target is judged as if it were asked for directly.

use crate::fake::{Names, Server, ok, open, redirect, server_policy};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method};
use wharf_egress::{EgressError, Policy, Request};

#[tokio::test]
async fn a_redirect_to_a_denied_address_is_refused() {
    let inner = Server::start(|_| ok("secret")).await;
    let target = inner.url("http", "inner.test", "/").to_string();
    let outer = Server::start(move |_| redirect(302, &target)).await;
    let names = || {
        Names::default()
            .with("outer.test", &["127.0.0.1"])
            .with("inner.test", &["127.0.0.1"])
    };
    let url = outer.url("http", "outer.test", "/");
    let answer = open(Policy::operator(), names())
        .send(Request::get(url.clone()))
        .await;
    assert_eq!(
        answer
            .expect("no guard")
            .read_all(100)
            .await
            .expect("a body"),
        "secret"
    );

    let policy = server_policy(&[format!("outer.test:{}", outer.port())]);
    let error = open(policy, names())
        .send(Request::get(url))
        .await
        .expect_err("refused");
    assert!(
        matches!(&error, EgressError::Refused { host, .. } if host == "inner.test"),
        "{error:?}"
    );
    assert_eq!(inner.heads().len(), 1, "the refused request did not go out");
}

#[tokio::test]
async fn secrets_go_to_the_same_origin_and_no_further() {
    let target = Server::start(|_| ok("blob")).await;
    let elsewhere = format!("http://me:hush@127.0.0.1:{}/blob", target.port());
    let server = Server::start(move |head| {
        if head.starts_with("GET /first") {
            redirect(307, "/second")
        } else {
            redirect(307, &elsewhere)
        }
    })
    .await;
    let request = Request::get(server.url("http", "127.0.0.1", "/first"))
        .with_header(AUTHORIZATION, HeaderValue::from_static("Bearer hush"));
    let answer = open(Policy::operator(), Names::default())
        .send(request)
        .await
        .expect("followed");
    assert_eq!(answer.url().path(), "/blob");
    let heads = server.heads();
    assert_eq!(heads.len(), 2);
    assert!(
        heads
            .iter()
            .all(|head| head.contains("authorization: Bearer hush")),
        "{heads:?}"
    );
    let heads = target.heads();
    assert!(
        heads.iter().all(|head| !head.contains("authorization")),
        "{heads:?}"
    );
}

#[tokio::test]
async fn a_loop_of_redirects_ends() {
    let server = Server::start(|_| redirect(302, "/")).await;
    let url = server.url("http", "127.0.0.1", "/");
    let error = open(Policy::operator(), Names::default())
        .send(Request::get(url))
        .await
        .expect_err("a loop");
    assert!(
        matches!(error, EgressError::Redirects { limit: 5, .. }),
        "{error:?}"
    );
    assert_eq!(server.heads().len(), 6);
}

#[tokio::test]
async fn a_redirect_to_something_else_than_http_is_refused() {
    for location in ["file:///etc/passwd", "ftp://a/", "http://"] {
        let server = Server::start(move |_| redirect(302, location)).await;
        let url = server.url("http", "127.0.0.1", "/");
        let outcome = open(Policy::operator(), Names::default())
            .send(Request::get(url))
            .await;
        let error = outcome.expect_err(location);
        assert!(
            matches!(
                error,
                EgressError::Url { .. } | EgressError::Location { .. }
            ),
            "{location}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_to_anything_but_get_and_head_is_given_back_as_it_is() {
    let server = Server::start(|_| redirect(307, "/other")).await;
    let request = Request::new(Method::PUT, server.url("http", "127.0.0.1", "/")).with_bytes("x");
    let answer = open(Policy::operator(), Names::default())
        .send(request)
        .await
        .expect("an answer");
    assert_eq!((answer.status().as_u16(), server.heads().len()), (307, 1));
}

#[tokio::test]
async fn a_request_for_one_server_alone_brings_its_redirect_back() {
    let elsewhere = Server::start(|_| ok("elsewhere")).await;
    let target = elsewhere.url("http", "a.test", "/").to_string();
    let server = Server::start(move |_| redirect(307, &target)).await;
    let names = Names::default().with("a.test", &["127.0.0.1"]);
    let request = Request::get(server.url("http", "a.test", "/")).without_redirects();
    let answer = open(Policy::operator(), names).send(request).await;
    assert_eq!(answer.expect("an answer").status().as_u16(), 307);
    assert_eq!(elsewhere.heads().len(), 0);
}
