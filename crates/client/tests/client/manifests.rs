//! Manifests are what their digests say.

use crate::fake::{Answer, Registry};
use crate::setup::{digest, image, make_manifest, manifest_answer, open_for};
use wharf_client::ClientError;
use wharf_oci::{ManifestKind, Platform, media_type};

#[tokio::test]
async fn a_tag_gives_the_manifest_with_the_digest_of_its_bytes() {
    let bytes = make_manifest(b"{}", &[b"layer"]);
    let answer = manifest_answer(&bytes);
    let registry = Registry::start(move |_, _| answer.clone()).await;
    let found = open_for(&registry)
        .resolve(&image(&registry, "app:1"))
        .await
        .expect("a manifest");
    assert_eq!(found.descriptor.digest, digest(&bytes));
    assert_eq!(found.descriptor.size, bytes.len() as u64);
    assert_eq!(found.descriptor.media_type, media_type::OCI_IMAGE);
    assert_eq!(
        (found.bytes.as_ref(), found.manifest.layers.len()),
        (bytes.as_slice(), 1)
    );
    let asked = registry.asked().remove(0);
    assert_eq!(asked.line(), "GET /v2/app/manifests/1");
    let accept = asked.header("accept").expect("an accept header");
    assert!(
        ManifestKind::ALL
            .iter()
            .all(|kind| accept.contains(kind.media_type())),
        "{accept}"
    );
}

#[tokio::test]
async fn other_content_than_the_digest_says_is_refused() {
    let bytes = make_manifest(b"{}", &[]);
    let other = digest(b"other");
    let answer = Answer::ok(bytes).with("content-type", media_type::OCI_IMAGE);
    let claimed = answer.clone().with("docker-content-digest", other);
    let registry = Registry::start(move |asked, _| match asked.path.ends_with("/tag") {
        true => claimed.clone(),
        false => answer.clone(),
    })
    .await;
    let client = open_for(&registry);
    assert!(
        client
            .resolve(&image(&registry, "app:unclaimed"))
            .await
            .is_ok()
    );
    for name in [
        "app:tag".to_owned(),
        format!("app@{other}"),
        format!("app:tag@{other}"),
    ] {
        let error = client
            .resolve(&image(&registry, &name))
            .await
            .expect_err(&name);
        match error {
            ClientError::WrongDigest { mismatch, .. } => assert_eq!(mismatch.expected, other),
            error => panic!("{name}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_no_manifest_or_too_large_is_refused() {
    let registry = Registry::start(|asked, _| match asked.path.rsplit('/').next() {
        Some("html") => Answer::ok("<html>log in</html>").with("content-type", "text/html"),
        Some("large") => Answer::ok(vec![b' '; 5 * 1024 * 1024]),
        _ => Answer::ok("{\"schemaVersion\":1}"),
    })
    .await;
    let client = open_for(&registry);
    for tag in ["html", "large", "old"] {
        let error = client
            .resolve(&image(&registry, &format!("app:{tag}")))
            .await
            .expect_err(tag);
        assert!(
            matches!(error, ClientError::BadAnswer { .. }),
            "{tag}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_index_is_followed_to_the_manifest_of_the_platform() {
    let image_bytes = make_manifest(b"{}", &[]);
    let child = digest(&image_bytes);
    let index = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_INDEX,
        "manifests": [{
            "mediaType": media_type::OCI_IMAGE, "digest": child, "size": image_bytes.len(),
            "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"},
        }],
    })
    .to_string();
    let registry = Registry::start(move |asked, _| match asked.path.contains("sha256") {
        true => manifest_answer(&image_bytes),
        false => Answer::ok(index.clone()).with("content-type", media_type::OCI_INDEX),
    })
    .await;
    let client = open_for(&registry);
    let platform = |architecture: &str| Platform {
        os: "linux".to_owned(),
        architecture: architecture.to_owned(),
        ..Platform::default()
    };
    let name = image(&registry, "app:1");
    let found = client
        .resolve_for(&name, &platform("arm64"))
        .await
        .expect("an image");
    assert_eq!(found.descriptor.digest, child);
    let error = client
        .resolve_for(&name, &platform("s390x"))
        .await
        .expect_err("not there");
    assert!(
        error
            .to_string()
            .ends_with("has no image for linux/s390x, only for linux/arm64/v8"),
        "{error}"
    );
}

#[tokio::test]
async fn a_peek_asks_by_head_and_only_where_that_tells_nothing_for_the_whole() {
    let bytes = make_manifest(b"{}", &[]);
    let (tells, silent) = (manifest_answer(&bytes), Answer::ok(bytes.clone()));
    let registry = Registry::start(move |asked, _| match asked.path.rsplit('/').next() {
        Some("tells") => tells.clone(),
        Some("old") if asked.method == "HEAD" => Answer::new(405),
        _ => silent.clone(),
    })
    .await;
    let client = open_for(&registry);
    for tag in ["tells", "silent", "old"] {
        let found = client
            .peek(&image(&registry, &format!("app:{tag}")))
            .await
            .expect(tag);
        assert_eq!(
            (found.digest, found.size),
            (digest(&bytes), bytes.len() as u64)
        );
    }
    let expected = [
        "HEAD /v2/app/manifests/tells",
        "HEAD /v2/app/manifests/silent",
        "GET /v2/app/manifests/silent",
        "HEAD /v2/app/manifests/old",
        "GET /v2/app/manifests/old",
    ];
    assert_eq!(registry.lines(), expected);
}
