//! Pushes: one request where that works, chunks where it does not, again from the front when it breaks.

use crate::fake::{Answer, Asked, Registry};
use crate::setup::{
    Setup, descriptor, digest, image, make_bytes, make_manifest, open_for, password, repository,
};
use bytes::Bytes;
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use wharf_client::{BlobBytes, BlobSource, ClientError, FileSource, Opening, Progress};
use wharf_oci::media_type;

/// Opens uploads, and answers what follows by `then`.
async fn start(then: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Registry {
    Registry::start(
        move |asked, count| match asked.is("POST", "/blobs/uploads/") {
            true => Answer::new(202).with(
                "location",
                format!("/v2/app/blobs/uploads/u{count}?state=a%3Db"),
            ),
            false => then(asked, count),
        },
    )
    .await
}

async fn push(
    registry: &Registry,
    bytes: &[u8],
    source: &dyn BlobSource,
) -> Result<Vec<u64>, ClientError> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let progress = Progress::new(move |position| keep.lock().push(position));
    let (repository, wanted) = (repository(registry, "app"), descriptor(bytes));
    open_for(registry)
        .push_blob(&repository, &wanted, source, &progress)
        .await?;
    let told = told.lock().clone();
    Ok(told)
}

#[tokio::test]
async fn a_blob_goes_out_in_one_request() {
    let bytes = make_bytes(400_000);
    let wanted = digest(&bytes);
    let registry = start(move |_, _| Answer::new(201).with("docker-content-digest", wanted)).await;
    let told = push(&registry, &bytes, &Bytes::from(bytes.clone()))
        .await
        .expect("pushed");
    let asked = registry.asked();
    assert_eq!(asked.len(), 2);
    let ending = format!(
        "PUT /v2/app/blobs/uploads/u0?state=a%3Db&digest={}",
        wanted.to_string().replace(':', "%3A")
    );
    assert_eq!(asked[1].line(), ending);
    assert_eq!(asked[1].body, bytes);
    assert_eq!(asked[1].header("content-length"), Some("400000"));
    assert_eq!(
        asked[1].header("content-type"),
        Some("application/octet-stream")
    );
    assert!(
        told.is_sorted() && told.last() == Some(&400_000),
        "{told:?}"
    );
}

#[tokio::test]
async fn an_upload_elsewhere_is_sent_without_the_credentials_for_the_registry() {
    let store = Registry::start(|_, _| Answer::new(201)).await;
    let elsewhere = format!("http://store.test:{}/up?signature=x", store.port);
    let registry = Registry::start(move |asked, _| match asked.header("authorization") {
        None => Answer::new(401).with("www-authenticate", "Basic realm=\"r\""),
        Some(_) => Answer::new(202).with("location", &elsewhere),
    })
    .await;
    let host = registry.host("reg.test");
    let client = Setup::new()
        .insecure(&host)
        .login(&host, password("me", "hush"))
        .open();
    let (repository, wanted) = (repository(&registry, "app"), descriptor(b"abc"));
    client
        .push_blob(&repository, &wanted, &Bytes::from("abc"), &Progress::none())
        .await
        .expect("pushed");
    let asked = store.asked().remove(0);
    assert!(asked.path.starts_with("/up?signature=x&digest=sha256%3A"));
    assert_eq!(
        (asked.header("authorization"), asked.body.as_slice()),
        (None, &b"abc"[..])
    );
}

#[tokio::test]
async fn a_push_that_fails_starts_over_in_a_new_session() {
    let bytes = make_bytes(10_000);
    // The first session breaks without an answer, the second is lost, the third has an outage.
    let registry = start(|asked, _| match asked.path.split(['?', '/']).nth(5) {
        Some("u0") => Answer::hang_up(),
        Some("u2") => Answer::new(416),
        Some("u4") => Answer::new(503),
        _ => Answer::new(201),
    })
    .await;
    push(&registry, &bytes, &Bytes::from(bytes.clone()))
        .await
        .expect("pushed");
    let puts: Vec<_> = registry
        .asked()
        .into_iter()
        .filter(|asked| asked.method == "PUT")
        .collect();
    assert_eq!(puts.len(), 4);
    assert!(
        puts.iter().all(|asked| asked.body == bytes),
        "each is whole"
    );
}

#[tokio::test]
async fn a_registry_that_never_takes_it_is_given_up() {
    let registry = start(|_, _| Answer::new(500)).await;
    let error = push(&registry, b"abc", &Bytes::from("abc"))
        .await
        .expect_err("never");
    assert!(
        matches!(error, ClientError::Status { status: 500, .. }),
        "{error:?}"
    );
    assert_eq!(registry.asked().len(), 8, "four attempts of two requests");
}

#[tokio::test]
async fn a_blob_too_large_for_one_request_goes_in_chunks() {
    let bytes = make_bytes(33 * 1024 * 1024);
    let registry = start(|asked, count| match asked.method.as_str() {
        "PUT" if asked.body.is_empty() => Answer::new(201),
        "PUT" => Answer::new(413),
        _ => Answer::new(202).with("location", format!("u{count}?state=next")),
    })
    .await;
    push(&registry, &bytes, &Bytes::from(bytes.clone()))
        .await
        .expect("pushed");
    let asked = registry.asked();
    let patches: Vec<_> = asked
        .iter()
        .filter(|asked| asked.method == "PATCH")
        .collect();
    let ranges: Vec<_> = patches
        .iter()
        .filter_map(|asked| asked.header("content-range"))
        .collect();
    assert_eq!(ranges, ["0-33554431", "33554432-34603007"]);
    let sent = [patches[0].body.as_slice(), &patches[1].body].concat();
    assert!(sent == bytes, "the chunks make the blob");
    assert!(
        patches[1].path.contains("?state=next"),
        "{}",
        patches[1].path
    );
}

#[tokio::test]
async fn a_registry_that_keeps_something_else_is_caught() {
    let registry =
        start(|_, _| Answer::new(201).with("docker-content-digest", digest(b"other"))).await;
    let error = push(&registry, b"abc", &Bytes::from("abc"))
        .await
        .expect_err("other content");
    assert!(
        matches!(error, ClientError::WrongDigest { .. }),
        "{error:?}"
    );
}

/// Fails after some bytes.
struct Faulty;

impl BlobSource for Faulty {
    fn open(&self, _: u64) -> Opening {
        let bytes = make_faulty_reader();
        Box::pin(async move { Ok(bytes) })
    }
}

fn make_faulty_reader() -> BlobBytes {
    struct Reader(bool);
    impl tokio::io::AsyncRead for Reader {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            if std::mem::replace(&mut self.0, true) {
                return std::task::Poll::Ready(Err(io::Error::other("the disk is gone")));
            }
            buffer.put_slice(b"ab");
            std::task::Poll::Ready(Ok(()))
        }
    }
    Box::new(Reader(false))
}

#[tokio::test]
async fn a_source_that_cannot_be_read_or_is_too_short_ends_the_push() {
    let registry = start(|_, _| Answer::new(201)).await;
    let sources: [&dyn BlobSource; 3] =
        [&Faulty, &Bytes::from("ab"), &FileSource("/nowhere".into())];
    for source in sources {
        let error = push(&registry, b"abcd", source)
            .await
            .expect_err("unreadable");
        assert!(matches!(error, ClientError::Source { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_blob_is_there_or_not() {
    let registry = Registry::start(|asked, _| {
        Answer::new(if asked.path.starts_with("/v2/has/") {
            200
        } else {
            404
        })
    })
    .await;
    let client = open_for(&registry);
    for (name, expected) in [("has", true), ("app", false)] {
        let there = client
            .has_blob(&repository(&registry, name), &digest(b"x"))
            .await;
        assert_eq!(there.expect("an answer"), expected);
    }
    assert!(registry.asked().iter().all(|asked| asked.method == "HEAD"));
}

#[tokio::test]
async fn a_mount_works_or_leaves_no_session_behind() {
    for (status, mounted, requests) in [
        (201, true, 1),
        (202, false, 2),
        (404, false, 1),
        (405, false, 1),
    ] {
        let registry = Registry::start(move |asked, _| match asked.method.as_str() {
            "DELETE" => Answer::new(204),
            _ => Answer::new(status).with("location", "/v2/app/blobs/uploads/u1"),
        })
        .await;
        let from = "other/app".parse().expect("a name");
        let outcome = open_for(&registry)
            .mount_blob(&repository(&registry, "app"), &digest(b"x"), &from)
            .await;
        assert_eq!(outcome.expect("an answer"), mounted, "{status}");
        let lines = registry.lines();
        let mount = "from=other%2Fapp";
        assert!(
            lines[0].starts_with("POST /v2/app/blobs/uploads/?mount=sha256%3A")
                && lines[0].ends_with(mount)
        );
        assert_eq!(lines.len(), requests, "{lines:?}");
    }
}

#[tokio::test]
async fn a_mount_asks_for_the_right_to_pull_from_the_other_repository() {
    let registry = Registry::start(|asked, _| {
        if asked.path.starts_with("/token") {
            return Answer::ok(r#"{"token":"t"}"#);
        }
        match asked.header("authorization") {
            Some(_) => Answer::new(201),
            None => {
                let host = asked.header("host").expect("a host");
                Answer::new(401).with(
                    "www-authenticate",
                    format!("Bearer realm=\"http://{host}/token\""),
                )
            }
        }
    })
    .await;
    let from = "other".parse().expect("a name");
    let outcome = open_for(&registry)
        .mount_blob(&repository(&registry, "app"), &digest(b"x"), &from)
        .await;
    assert!(outcome.expect("an answer"));
    let scopes = "scope=repository%3Aapp%3Apull%2Cpush&scope=repository%3Aother%3Apull";
    assert_eq!(registry.lines()[1], format!("GET /token?{scopes}"));
}

#[tokio::test]
async fn a_manifest_is_pushed_under_its_tag_or_digest_and_compared() {
    let bytes = Bytes::from(make_manifest(b"{}", &[]));
    let wanted = digest(&bytes);
    let registry = Registry::start(move |asked, _| {
        let kept = if asked.path.ends_with("/wrong") {
            digest(b"other")
        } else {
            wanted
        };
        Answer::new(201).with("docker-content-digest", kept)
    })
    .await;
    let client = open_for(&registry);
    let digest_name = format!("app@{wanted}");
    for (name, path) in [
        ("app:1", "1".to_owned()),
        (digest_name.as_str(), wanted.to_string()),
    ] {
        let name = image(&registry, name);
        let kept = client
            .push_manifest(&name, media_type::OCI_IMAGE, bytes.clone())
            .await;
        assert_eq!(kept.expect("pushed"), wanted);
        let asked = registry.asked().pop().expect("a request");
        assert_eq!(asked.line(), format!("PUT /v2/app/manifests/{path}"));
        assert_eq!(
            (asked.header("content-type"), asked.body.as_slice()),
            (Some(media_type::OCI_IMAGE), &bytes[..])
        );
    }
    let name = image(&registry, "app:wrong");
    let error = client
        .push_manifest(&name, media_type::OCI_IMAGE, bytes)
        .await
        .expect_err("other content");
    assert!(
        matches!(error, ClientError::WrongDigest { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_manifest_is_there_when_the_registry_says_so_by_its_digest() {
    let wanted = digest(b"wanted");
    let registry = Registry::start(move |asked, _| match asked.path.rsplit('/').next() {
        Some("same") => Answer::new(200).with("docker-content-digest", wanted),
        Some("other") => Answer::new(200).with("docker-content-digest", digest(b"other")),
        Some("silent") => Answer::new(200),
        Some("unasked") => Answer::new(405),
        _ => Answer::new(404),
    })
    .await;
    let client = open_for(&registry);
    for (tag, expected) in [
        ("same", true),
        ("other", false),
        ("silent", false),
        ("unasked", false),
        ("none", false),
    ] {
        let name = image(&registry, &format!("app:{tag}"));
        let there = client.has_manifest(&name, &wanted).await;
        assert_eq!(there.expect("an answer"), expected, "{tag}");
        let asked = registry.asked().pop().expect("a request");
        assert_eq!(asked.line(), format!("HEAD /v2/app/manifests/{tag}"));
    }
}
