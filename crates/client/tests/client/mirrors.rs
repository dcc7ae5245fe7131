//! Mirrors stand in for a registry, and the registry for them.

use crate::fake::{Answer, Registry};
use crate::setup::{
    Setup, descriptor, digest, image, make_bytes, make_manifest, manifest_answer, password,
    repository,
};
use bytes::Bytes;
use http::StatusCode;
use wharf_client::{ClientError, Progress};
use wharf_oci::media_type;

/// A registry that serves one manifest.
async fn serve_manifest(bytes: &[u8]) -> Registry {
    let answer = manifest_answer(bytes);
    Registry::start(move |_, _| answer.clone()).await
}

fn url(mirror: &Registry) -> String {
    format!("http://mirror.test:{}", mirror.port)
}

#[tokio::test]
async fn a_mirror_is_asked_first_and_the_registry_not_at_all() {
    let bytes = make_manifest(b"{}", &[]);
    let (mirror, registry) = (serve_manifest(&bytes).await, serve_manifest(&bytes).await);
    let mirrors = [format!("{}/hub", url(&mirror))];
    let client = Setup::new()
        .registry(&registry.host("reg.test"), &mirrors)
        .open();
    client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("a manifest");
    assert_eq!(mirror.lines(), ["GET /v2/hub/app/manifests/1"]);
    assert!(registry.asked().is_empty());
}

#[tokio::test]
async fn a_mirror_that_is_down_lacks_it_or_sends_something_else_is_passed_over() {
    let bytes = make_manifest(b"{}", &[]);
    let wanted = format!("app@{}", digest(&bytes));
    let registry = serve_manifest(&bytes).await;
    let forged = serve_manifest(&make_manifest(b"evil", &[])).await;
    let lacking = Registry::start(|_, _| Answer::new(404)).await;
    let busy = Registry::start(|_, _| Answer::new(429).with("retry-after", 1)).await;
    let down = "http://mirror.test:1".to_owned();
    let mirrors = [down, url(&lacking), url(&busy), url(&forged)];
    let client = Setup::new()
        .registry(&registry.host("reg.test"), &mirrors)
        .open();
    let found = client
        .resolve(&image(&registry, &wanted))
        .await
        .expect("a manifest");
    assert_eq!(found.descriptor.digest, digest(&bytes));
    let counts = || [&lacking, &busy, &forged, &registry].map(|server| server.asked().len());
    assert_eq!(counts(), [1, 1, 1, 1]);
    // Only the one that lacked something is worth another question so soon.
    client
        .resolve(&image(&registry, &wanted))
        .await
        .expect("a manifest");
    assert_eq!(counts(), [2, 1, 1, 2]);
}

#[tokio::test]
async fn a_blob_that_breaks_off_at_a_mirror_goes_on_at_the_registry() {
    let bytes = make_bytes(50_000);
    let (first, rest) = (bytes.clone(), bytes.clone());
    let mirror = Registry::start(move |_, _| Answer::ok(first.clone()).cut(20_000)).await;
    let registry = Registry::start(move |asked, _| {
        assert_eq!(asked.header("range"), Some("bytes=20000-"));
        Answer::new(206)
            .with_body(&rest[20_000..])
            .with("content-range", "bytes 20000-49999/50000")
    })
    .await;
    let client = Setup::new()
        .registry(&registry.host("reg.test"), &[url(&mirror)])
        .open();
    let got = client
        .fetch_bytes(&repository(&registry, "app"), &descriptor(&bytes), 50_000)
        .await;
    assert_eq!(got.expect("the blob"), bytes);
    assert_eq!((mirror.asked().len(), registry.asked().len()), (1, 1));
}

#[tokio::test]
async fn a_blob_of_another_size_at_a_mirror_is_fetched_from_the_registry() {
    let mirror = Registry::start(|_, _| Answer::ok("evil and longer")).await;
    let registry = Registry::start(|_, _| Answer::ok("good")).await;
    let client = Setup::new()
        .registry(&registry.host("reg.test"), &[url(&mirror)])
        .open();
    let got = client
        .fetch_bytes(&repository(&registry, "app"), &descriptor(b"good"), 10)
        .await;
    assert_eq!(got.expect("the blob"), "good");
}

#[tokio::test]
async fn credentials_for_a_registry_are_not_shown_to_its_mirror() {
    let mirror =
        Registry::start(|_, _| Answer::new(401).with("www-authenticate", "Basic realm=\"r\""))
            .await;
    let manifest = make_manifest(b"{}", &[]);
    let registry = Registry::start(move |asked, _| match asked.header("authorization") {
        None => Answer::new(401).with("www-authenticate", "Basic realm=\"r\""),
        Some(_) => manifest_answer(&manifest),
    })
    .await;
    let host = registry.host("reg.test");
    let client = Setup::new()
        .registry(&host, &[url(&mirror)])
        .login(&host, password("me", "hush"))
        .open();
    client
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("a manifest");
    assert!(
        mirror
            .asked()
            .iter()
            .all(|asked| asked.header("authorization").is_none())
    );
}

#[tokio::test]
async fn nothing_is_pushed_to_a_mirror() {
    let mirror = Registry::start(|_, _| Answer::new(500)).await;
    let registry = Registry::start(|_, _| Answer::new(StatusCode::CREATED.as_u16())).await;
    let client = Setup::new()
        .registry(&registry.host("reg.test"), &[url(&mirror)])
        .open();
    let bytes = Bytes::from(make_manifest(b"{}", &[]));
    let name = image(&registry, "app:1");
    client
        .push_manifest(&name, media_type::OCI_IMAGE, bytes)
        .await
        .expect("pushed");
    assert!(mirror.asked().is_empty());
}

#[tokio::test]
async fn a_registry_out_of_reach_names_its_mirrors_and_the_setting_for_them() {
    let down = "http://mirror.test:1".to_owned();
    let client = Setup::new().registry("docker.io", &[down]).open();
    let name = "alpine".parse().expect("an image name");
    let error = client.resolve(&name).await.expect_err("no such name");
    assert!(
        matches!(error, ClientError::Unreachable { .. }),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(
        text.starts_with("cannot reach the registry docker.io; mirrors tried: mirror.test:1 ("),
        "{text}"
    );
    let hint = error.hint().expect("a hint");
    assert!(
        hint.contains("[registries.\"docker.io\"] mirrors = ["),
        "{hint}"
    );
    let wanted = descriptor(b"x");
    let opened = client
        .fetch_blob(&name.repository, &wanted, Progress::none())
        .await;
    assert!(matches!(
        opened.map(|_| ()),
        Err(ClientError::Unreachable { .. })
    ));
}
