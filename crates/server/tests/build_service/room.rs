//! What waits is bounded, whoever asks at once.

use futures_util::{StreamExt, future::join_all, stream};
use reqwest::Method;
use serde_json::{Value, json};
use wharf_app::Settings;

use crate::site::{Place, Site, wait_for};

const BUILDS: &str = "/repositories/team%2Fapp/builds";
const CONTEXTS: &str = "/repositories/team%2Fapp/build-contexts";

async fn paste(site: &Site) -> (u16, Value) {
    let body = json!({ "dockerfile": "FROM scratch\nCOPY a /\n", "version": "v1" });
    site.post(BUILDS, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_and_says_what_to_do_however_many_ask_at_once() {
    let settings = Settings {
        namespace_queue: 3,
        ..Settings::default()
    };
    let place = Place::new();
    let site = place.start_waiting(settings).await;
    site.make_repository("team/app").await;
    let other = site.make_repository("other/app").await;
    let answers = join_all((0..8).map(|_| paste(&site))).await;
    let started = answers.iter().filter(|(status, _)| *status == 201);
    assert_eq!(started.count(), 3, "{answers:?}");
    let refused = answers.iter().find(|(status, _)| *status == 409).unwrap();
    assert_eq!(refused.1["code"], "limit_reached");
    assert_eq!(refused.1["params"]["limit"], "queued_builds");
    let said = refused.1.to_string();
    assert!(said.contains("namespace_queue"), "{said}");
    // Another namespace has room of its own.
    site.queue(crate::site::script(&other, "log x", &["v1"]))
        .await;
    let cancel = format!("{BUILDS}/1/cancel");
    assert_eq!(site.post(&cancel, Value::Null).await.0, 200);
    assert_eq!(paste(&site).await.0, 201);
    let retry = format!("{BUILDS}/1/retry");
    let (status, answer) = site.post(&retry, Value::Null).await;
    assert_eq!((status, &answer["code"]), (409, &json!("limit_reached")));
}

fn upload(site: &Site) -> reqwest::RequestBuilder {
    let request = site.request(Method::POST, &format!("/api/v1{CONTEXTS}"));
    request.header("Content-Type", "application/x-tar")
}

async fn count_waiting(site: &Site) -> i64 {
    let counted = site.db.read(|tx| {
        let row = tx.query_first("SELECT COUNT(*) FROM build_contexts", &[])?;
        row.map_or(Ok(0), |mut row| row.take(0))
    });
    let counted: Result<i64, wharf_db::DbError> = counted.await;
    counted.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_at_once_do_not_pass_the_limit_together() {
    let place = Place::new();
    let site = place.start_waiting(Settings::default()).await;
    site.make_repository("team/app").await;
    // Bodies that begin and never end: all of them are under way.
    let mut open = stream::FuturesUnordered::new();
    for _ in 0..7 {
        let begun = stream::once(async { Ok::<_, std::io::Error>(bytes::Bytes::from("tar")) });
        let body = reqwest::Body::wrap_stream(begun.chain(stream::pending()));
        open.push(upload(&site).body(body).send());
    }
    for _ in 0..3 {
        let refused = open.next().await.unwrap().unwrap();
        let status = refused.status().as_u16();
        let answer: Value = refused.json().await.unwrap();
        assert_eq!(status, 409, "{answer}");
        assert_eq!(answer["params"]["limit"], "build_contexts");
    }
    assert_eq!(count_waiting(&site).await, 4);
    // What did not come counts no more, and leaves nothing behind.
    drop(open);
    wait_for(|| async { (count_waiting(&site).await == 0).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_count_from_before_they_come_until_their_build_is_over() {
    let settings = Settings {
        context_bytes: 3000,
        ..Settings::default()
    };
    let place = Place::new();
    let site = place.start_waiting(settings).await;
    site.make_repository("team/app").await;
    let send = async |size: usize| {
        let answer = upload(&site).body(vec![0_u8; size]).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap())
    };
    let (status, kept) = send(2000).await;
    assert_eq!(status, 201, "{kept}");
    let (status, answer) = send(2000).await;
    assert_eq!(status, 409, "{answer}");
    assert_eq!(answer["params"]["limit"], "context_bytes");
    assert!(
        answer.to_string().contains("[build] context_bytes"),
        "{answer}"
    );
    // Without a length the rest of the room is the bound.
    let pieces = stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 100])));
    let body = reqwest::Body::wrap_stream(pieces);
    let refused = upload(&site).body(body).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 409);
    // The build that took it holds the bytes.
    let start = json!({ "context": kept["id"], "version": "v1" });
    let (status, build) = site.post(BUILDS, start.clone()).await;
    assert_eq!(status, 201, "{build}");
    assert_eq!(send(2000).await.0, 409);
    let (status, _) = site.post(BUILDS, start).await;
    assert_eq!(status, 400, "an archive is taken once");
    let cancel = format!("{BUILDS}/{}/cancel", build["number"]);
    assert_eq!(site.post(&cancel, Value::Null).await.0, 200);
    // What is kept of a build that is over makes room for what comes.
    let id = build["id"].as_str().unwrap();
    let kept = place.path().join("builds").join(format!("{id}.context"));
    std::fs::write(&kept, [0_u8; 2000]).unwrap();
    assert_eq!(send(2000).await.0, 201);
    let left = std::fs::read_dir(place.path().join("builds")).unwrap();
    let left: Vec<_> = left
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".context") || name.ends_with(".uploading"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_a_build_that_is_repeated_count_for_both_and_are_asked_for_before() {
    let settings = Settings {
        context_bytes: 3000,
        ..Settings::default()
    };
    let place = Place::new();
    let site = place.start_waiting(settings).await;
    site.make_repository("team/app").await;
    let kept = upload(&site).body(vec![0_u8; 1400]).send().await.unwrap();
    let kept: Value = kept.json().await.unwrap();
    let start = json!({ "context": kept["id"], "version": "v1" });
    assert_eq!(site.post(BUILDS, start).await.0, 201);
    let cancel = format!("{BUILDS}/1/cancel");
    assert_eq!(site.post(&cancel, Value::Null).await.0, 200);
    let retry = async || {
        let (status, answer) = site.post(&format!("{BUILDS}/1/retry"), Value::Null).await;
        (status, answer["params"].clone())
    };
    for _ in 0..2 {
        let (status, answer) = retry().await;
        assert_eq!(status, 201, "{answer}");
    }
    // Both are open. The first, which is over, went to make room; its bytes are those of the others.
    let count = count_waiting(&site).await;
    assert_eq!(count, 2);
    let refused = upload(&site).body(vec![0_u8; 1400]).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 409);
    let (status, answer) = retry().await;
    assert_eq!((status, &answer["what"]), (409, &json!("context_gone")));
    let cancel = format!("{BUILDS}/2/cancel");
    assert_eq!(site.post(&cancel, Value::Null).await.0, 200);
    let again = format!("{BUILDS}/2/retry");
    assert_eq!(site.post(&again, Value::Null).await.0, 201);
}
