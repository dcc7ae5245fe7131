//! Blobs arrive whole or not at all.

use crate::fake::{Answer, Asked, Registry};
use crate::setup::{Setup, descriptor, drain, make_bytes, open_for, password, repository};
use parking_lot::Mutex;
use std::sync::Arc;
use wharf_client::{ClientError, Progress};

/// The first byte that a request asks for.
fn range_start(asked: &Asked) -> Option<usize> {
    let range = asked.header("range")?.strip_prefix("bytes=")?;
    range.strip_suffix('-')?.parse().ok()
}

/// The rest of a content from where it was asked for, as a server that knows ranges sends it.
fn part(bytes: &[u8], asked: &Asked) -> Answer {
    match range_start(asked) {
        Some(start) => Answer::new(206).with_body(&bytes[start..]).with(
            "content-range",
            format!("bytes {start}-{}/{}", bytes.len() - 1, bytes.len()),
        ),
        None => Answer::ok(bytes),
    }
}

#[tokio::test]
async fn a_blob_arrives_with_its_progress() {
    let bytes = make_bytes(300_000);
    let sent = bytes.clone();
    let registry = Registry::start(move |_, _| Answer::ok(sent.clone())).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let progress = Progress::new(move |position| keep.lock().push(position));
    let (repository, wanted) = (repository(&registry, "app"), descriptor(&bytes));
    let client = open_for(&registry);
    let reader = client
        .fetch_blob(&repository, &wanted, progress)
        .await
        .expect("a reader");
    assert_eq!(drain(reader).await.expect("the blob"), bytes);
    let told = told.lock().clone();
    assert!(
        told.is_sorted() && told.last() == Some(&300_000),
        "{told:?}"
    );
    assert_eq!(
        registry.lines(),
        [format!("GET /v2/app/blobs/{}", wanted.digest)]
    );
    let empty = client.fetch_bytes(&repository, &descriptor(b""), 0).await;
    assert!(
        matches!(empty, Err(ClientError::WrongSize { .. })),
        "300,000 bytes are not empty"
    );
}

#[tokio::test]
async fn a_broken_transfer_goes_on_where_it_broke() {
    let bytes = make_bytes(100_000);
    let sent = bytes.clone();
    let registry = Registry::start(move |asked, count| {
        let answer = part(&sent, asked);
        if count < 3 {
            answer.cut(20_000)
        } else {
            answer
        }
    })
    .await;
    let client = open_for(&registry);
    let reader = client
        .fetch_blob(
            &repository(&registry, "app"),
            &descriptor(&bytes),
            Progress::none(),
        )
        .await
        .expect("a reader");
    assert_eq!(drain(reader).await.expect("the blob"), bytes);
    let starts: Vec<_> = registry.asked().iter().map(range_start).collect();
    assert_eq!(starts, [None, Some(20_000), Some(40_000), Some(60_000)]);
}

#[tokio::test]
async fn a_server_without_ranges_starts_again_and_nothing_is_given_twice() {
    let bytes = make_bytes(50_000);
    let sent = bytes.clone();
    let registry = Registry::start(move |_, count| {
        let answer = Answer::ok(sent.clone());
        if count == 0 {
            answer.cut(30_001)
        } else {
            answer
        }
    })
    .await;
    let client = open_for(&registry);
    let reader = client
        .fetch_blob(
            &repository(&registry, "app"),
            &descriptor(&bytes),
            Progress::none(),
        )
        .await
        .expect("a reader");
    assert_eq!(drain(reader).await.expect("the blob"), bytes);
    assert_eq!(registry.asked().len(), 2);
}

#[tokio::test]
async fn a_transfer_that_breaks_again_and_again_ends() {
    let bytes = make_bytes(1_000);
    let sent = bytes.clone();
    let registry = Registry::start(move |asked, _| part(&sent, asked).cut(1)).await;
    let client = open_for(&registry);
    let reader = client
        .fetch_blob(
            &repository(&registry, "app"),
            &descriptor(&bytes),
            Progress::none(),
        )
        .await
        .expect("a reader");
    let error = drain(reader).await.expect_err("never whole");
    assert!(
        matches!(error, ClientError::Broken { failures: 4, .. }),
        "{error:?}"
    );
    assert_eq!(registry.asked().len(), 4);
}

#[tokio::test]
async fn wrong_bytes_of_the_right_size_are_refused_for_good() {
    let registry = Registry::start(|_, _| Answer::ok("evil")).await;
    let client = open_for(&registry);
    let mut reader = client
        .fetch_blob(
            &repository(&registry, "app"),
            &descriptor(b"good"),
            Progress::none(),
        )
        .await
        .expect("a reader");
    while let Ok(Some(_)) = reader.next_chunk().await {}
    for _ in 0..3 {
        let error = reader.next_chunk().await.expect_err("it stays wrong");
        assert!(
            matches!(error, ClientError::WrongDigest { .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn what_a_server_says_about_the_length_is_not_believed() {
    let good = make_bytes(1_000);
    let longer = [good.clone(), vec![0; 100_000]].concat();
    for (answer, expected) in [
        // Announced too long or too short, and sent accordingly.
        (Answer::ok(longer.clone()), "size"),
        (Answer::ok(&good[..900]), "size"),
        // The right bytes with a wrong announcement.
        (Answer::ok(good.clone()).announce(2_000), "size"),
        // Without an announcement: too long, too short, right.
        (
            Answer::ok(longer).with("transfer-encoding", "chunked"),
            "size",
        ),
        (
            Answer::ok(&good[..900]).with("transfer-encoding", "chunked"),
            "broken",
        ),
        (
            Answer::ok(good.clone()).with("transfer-encoding", "chunked"),
            "good",
        ),
    ] {
        let sent = answer.clone();
        let registry = Registry::start(move |_, _| sent.clone()).await;
        let client = open_for(&registry);
        let got = client
            .fetch_bytes(&repository(&registry, "app"), &descriptor(&good), 1_000)
            .await;
        let found = match got {
            Ok(bytes) if bytes == good => "good",
            Err(ClientError::WrongSize { .. }) => "size",
            Err(ClientError::Broken { .. }) => "broken",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{:?}", registry.lines());
    }
}

#[tokio::test]
async fn another_part_than_asked_for_is_refused() {
    let bytes = make_bytes(1_000);
    let sent = bytes.clone();
    let registry = Registry::start(move |_, count| match count {
        0 => Answer::ok(sent.clone()).cut(500),
        _ => Answer::new(206)
            .with_body(&sent[600..])
            .with("content-range", "bytes 600-999/1000"),
    })
    .await;
    let client = open_for(&registry);
    let got = client
        .fetch_bytes(&repository(&registry, "app"), &descriptor(&bytes), 1_000)
        .await;
    assert!(matches!(got, Err(ClientError::BadAnswer { .. })), "{got:?}");
}

#[tokio::test]
async fn a_blob_elsewhere_is_fetched_without_the_credentials_for_the_registry() {
    let store = Registry::start(|_, _| Answer::ok("layer")).await;
    let elsewhere = format!("http://store.test:{}/layer?signature=x", store.port);
    let registry = Registry::start(move |asked, _| match asked.header("authorization") {
        None => Answer::new(401).with("www-authenticate", "Basic realm=\"r\""),
        Some(_) => Answer::new(307).with("location", &elsewhere),
    })
    .await;
    let host = registry.host("reg.test");
    let client = Setup::new()
        .insecure(&host)
        .login(&host, password("me", "hush"))
        .open();
    let got = client
        .fetch_bytes(&repository(&registry, "app"), &descriptor(b"layer"), 100)
        .await;
    assert_eq!(got.expect("the blob"), "layer");
    assert!(registry.asked()[1].header("authorization").is_some());
    let asked = store.asked().remove(0);
    assert_eq!(asked.line(), "GET /layer?signature=x");
    assert_eq!(asked.header("authorization"), None);
}
