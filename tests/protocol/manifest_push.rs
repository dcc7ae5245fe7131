//! Pushing manifests (end-7a).

use serde_json::json;
use wharf_testkit::{
    Blob, ImageMaker, Manifest,
    image::{compute_digest, make_artifact, media_type},
};

use crate::{admin, fresh_repository};

#[test]
fn push_manifest_by_tag_says_where_it_is_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("pushed by tag").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let answer = repository.put_manifest("v1", &image.manifest).expect(201);
    assert_eq!(answer.header("docker-content-digest"), image.digest());
    assert_eq!(
        admin().get(&answer.location()).expect(200).body,
        image.manifest.bytes
    );
}

#[test]
fn push_manifest_by_digest_sets_no_tag_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("pushed by digest").make();
    repository.push_image(&image.digest(), &image);
    repository.get_manifest(&image.digest()).expect(200);
    assert_eq!(repository.read_tags(""), Vec::<String>::new());
}

#[test]
fn push_manifest_by_another_digest_is_refused_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("wrong digest").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let wrong = compute_digest(b"another manifest");
    repository
        .put_manifest(&wrong, &image.manifest)
        .expect_error(400, "DIGEST_INVALID");
    repository.get_manifest(&wrong).expect(404);
    repository.get_manifest(&image.digest()).expect(404);
}

#[test]
fn push_manifest_keeps_its_exact_bytes_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("exact bytes").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let text = serde_json::to_string_pretty(&image.manifest.json()).expect("JSON");
    let odd = format!(
        "\n  {}\t\r\n\n",
        text.replace(
            "\"schemaVersion\"",
            "\"x-unknown\": [1, 2.50, \"ü\\u00fc\"],\"schemaVersion\""
        )
    );
    let manifest = Manifest {
        bytes: odd.clone().into(),
        ..image.manifest
    };
    let digest = repository.push_manifest("v1", &manifest);
    let answer = repository.get_manifest(&digest).expect(200);
    assert_eq!(answer.text(), odd);
    assert_eq!(answer.header("content-length"), odd.len().to_string());
}

#[test]
fn push_manifest_moves_a_tag_and_keeps_the_old_version_end_7() {
    let repository = fresh_repository();
    let old = repository.push_image("latest", &ImageMaker::new("old").make());
    let new = repository.push_image("latest", &ImageMaker::new("new").make());
    assert_ne!(old, new);
    assert_eq!(
        repository
            .get_manifest("latest")
            .expect(200)
            .header("docker-content-digest"),
        new
    );
    repository.get_manifest(&old).expect(200);
}

#[test]
fn push_manifest_again_changes_nothing_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("twice").make();
    let digest = repository.push_image("v1", &image);
    let answer = repository.put_manifest("v1", &image.manifest).expect(201);
    assert_eq!(answer.header("docker-content-digest"), digest);
    assert_eq!(repository.read_tags(""), ["v1"]);
}

#[test]
fn parameters_of_the_content_type_are_ignored_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("with parameters").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let with_parameters = format!("{}; charset=utf-8", media_type::OCI_MANIFEST);
    repository
        .put_manifest_bytes("v1", &with_parameters, image.manifest.bytes)
        .expect(201);
    assert_eq!(
        repository
            .get_manifest("v1")
            .expect(200)
            .header("content-type"),
        media_type::OCI_MANIFEST
    );
}

#[test]
fn a_content_type_other_than_the_media_type_inside_is_refused_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("two types").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    repository
        .put_manifest_bytes("v1", media_type::OCI_INDEX, image.manifest.bytes)
        .expect_error(400, "MANIFEST_INVALID");
    repository.get_manifest("v1").expect(404);
}

#[test]
fn a_manifest_without_a_media_type_inside_is_what_the_content_type_says_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("no media type").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let bare = image.manifest.with_fields(json!({ "mediaType": null }));
    repository.push_manifest("v1", &bare);
    assert_eq!(
        repository
            .get_manifest("v1")
            .expect(200)
            .header("content-type"),
        media_type::OCI_MANIFEST
    );
}

#[test]
fn what_is_no_manifest_is_refused_end_7() {
    let repository = fresh_repository();
    for body in [
        "",
        "not json",
        "{}",
        "[]",
        "null",
        "\"text\"",
        "{\"schemaVersion\":2",
        "{\"schemaVersion\":2}",
        "{\"schemaVersion\":2,\"config\":7,\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:abc\",\"size\":1},\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"size\":1},\"layers\":[]}",
    ] {
        repository
            .put_manifest_bytes("v1", media_type::OCI_MANIFEST, body)
            .expect_error(400, "MANIFEST_INVALID");
    }
    repository.get_manifest("v1").expect(404);
}

#[test]
fn a_descriptor_with_a_negative_or_absurd_size_is_refused_end_7() {
    let repository = fresh_repository();
    let config = Blob::empty_config();
    repository.push_blob(&config);
    let artifact = make_artifact("application/x-note", &[], None);
    for size in [
        json!(-1),
        json!(1.5),
        json!("2"),
        json!(18_446_744_073_709_551_615_u64),
    ] {
        let descriptor =
            json!({ "mediaType": config.media_type, "digest": config.digest(), "size": size });
        let manifest = artifact.with_fields(json!({ "config": descriptor }));
        repository
            .put_manifest("v1", &manifest)
            .expect_error(400, "MANIFEST_INVALID");
    }
}

#[test]
fn an_unknown_type_of_manifest_is_refused_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("unknown type").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    for media_type in [
        "application/json",
        "text/html",
        "application/vnd.example.manifest+json",
    ] {
        let bare = image.manifest.with_fields(json!({ "mediaType": null }));
        repository
            .put_manifest_bytes("v1", media_type, bare.bytes)
            .expect_error(400, "MANIFEST_INVALID");
    }
}

#[test]
fn push_manifest_by_a_malformed_reference_is_refused_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("malformed reference").make();
    let hex = "0".repeat(64);
    for reference in [
        "sha256:abc".to_owned(),
        format!("sha256:{}", hex.replace('0', "A")),
        format!("md5:{}", &hex[32..]),
        "sha256:..%2f..%2fx".to_owned(),
        format!("sha512:{hex}"),
    ] {
        repository
            .put_manifest(&reference, &image.manifest)
            .expect_error(400, "DIGEST_INVALID");
    }
}
