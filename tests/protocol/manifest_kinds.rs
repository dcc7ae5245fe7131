//! Every kind of manifest that is taken, and the one that is not.

use serde_json::json;
use wharf_testkit::{
    Blob, ImageMaker, Manifest, Repository,
    image::{make_artifact, make_index, media_type},
};

use crate::fresh_repository;

/// Pushes and pulls, and checks type and bytes.
fn round_trip(repository: &Repository, manifest: &Manifest) {
    let digest = repository.push_manifest("round-trip", manifest);
    for reference in ["round-trip", &digest] {
        let answer = repository.get_manifest(reference).expect(200);
        assert_eq!(answer.body, manifest.bytes);
        assert_eq!(answer.header("content-type"), manifest.media_type);
    }
}

#[test]
fn an_oci_image_is_taken() {
    let repository = fresh_repository();
    let image = ImageMaker::new("oci image").layers(3).make();
    repository.push_image("v1", &image);
    round_trip(&repository, &image.manifest);
}

#[test]
fn a_docker_image_of_schema_2_is_taken() {
    let repository = fresh_repository();
    let image = ImageMaker::new("docker image").docker().layers(2).make();
    repository.push_image("v1", &image);
    assert_eq!(image.manifest.media_type, media_type::DOCKER_MANIFEST);
    round_trip(&repository, &image.manifest);
}

#[test]
fn an_oci_index_is_taken() {
    let repository = fresh_repository();
    let one = ImageMaker::new("index").make();
    let other = ImageMaker::new("index").architecture("arm64").make();
    repository.push_image("one", &one);
    repository.push_image("other", &other);
    let index = make_index(vec![
        one.manifest.platform_descriptor("linux", "amd64"),
        other.manifest.platform_descriptor("linux", "arm64"),
    ]);
    round_trip(&repository, &index);
}

#[test]
fn a_docker_manifest_list_is_taken() {
    let repository = fresh_repository();
    let image = ImageMaker::new("docker list").docker().make();
    repository.push_image("v1", &image);
    let list = Manifest::from_json(&json!({
        "schemaVersion": 2,
        "mediaType": media_type::DOCKER_LIST,
        "manifests": [image.manifest.platform_descriptor("linux", "amd64")],
    }));
    round_trip(&repository, &list);
}

#[test]
fn an_index_of_indexes_is_taken() {
    let repository = fresh_repository();
    let image = ImageMaker::new("nested").make();
    repository.push_image("v1", &image);
    let inner = make_index(vec![image.manifest.descriptor()]);
    repository.push_manifest("inner", &inner);
    let outer = make_index(vec![inner.descriptor(), image.manifest.descriptor()]);
    round_trip(&repository, &outer);
}

#[test]
fn an_index_of_nothing_is_taken() {
    round_trip(&fresh_repository(), &make_index(vec![]));
}

#[test]
fn an_oci_artifact_manifest_is_taken() {
    let repository = fresh_repository();
    let blob = Blob::new("text/plain", "the artifact's content");
    repository.push_blob(&blob);
    let artifact = Manifest::from_json(&json!({
        "mediaType": media_type::OCI_ARTIFACT,
        "artifactType": "application/vnd.example.sbom",
        "blobs": [blob.descriptor()],
        "annotations": { "org.example.key": "value" },
    }));
    round_trip(&repository, &artifact);
}

#[test]
fn an_image_without_layers_is_taken() {
    let repository = fresh_repository();
    let image = ImageMaker::new("no layers").layers(0).make();
    repository.push_image("v1", &image);
    round_trip(&repository, &image.manifest);
}

#[test]
fn an_artifact_with_the_empty_config_is_taken() {
    let repository = fresh_repository();
    repository.push_blob(&Blob::empty_config());
    round_trip(
        &repository,
        &make_artifact("application/vnd.example", &[Blob::empty_config()], None),
    );
}

#[test]
fn unknown_types_of_config_layer_and_artifact_are_kept() {
    let repository = fresh_repository();
    let config = Blob::new("application/vnd.unknown.config+toml", "a = 1");
    let layer = Blob::new("x-made/up.by-someone+else", "content");
    repository.push_blob(&config);
    repository.push_blob(&layer);
    let manifest = make_artifact("application/vnd.unknown.artifact", &[layer], None)
        .with_fields(json!({ "config": config.descriptor() }));
    round_trip(&repository, &manifest);
}

#[test]
fn unknown_fields_are_kept() {
    let repository = fresh_repository();
    let image = ImageMaker::new("unknown fields").make();
    repository.push_image("v1", &image);
    let manifest = image
        .manifest
        .with_fields(json!({ "x-extra": { "deep": [1, { "er": null }] }, "blobs": "not ours" }));
    round_trip(&repository, &manifest);
}

#[test]
fn data_fields_are_kept() {
    let repository = fresh_repository();
    let config = Blob::empty_config();
    repository.push_blob(&config);
    let mut descriptor = config.descriptor();
    descriptor["data"] = json!("e30=");
    let manifest = make_artifact("application/x-data", &[], None)
        .with_fields(json!({ "config": descriptor, "layers": [descriptor] }));
    round_trip(&repository, &manifest);
}

#[test]
fn annotations_are_kept() {
    let repository = fresh_repository();
    let image = ImageMaker::new("annotated")
        .annotations(json!({ "a": "ü", "b": "" }))
        .make();
    repository.push_image("v1", &image);
    round_trip(&repository, &image.manifest);
}

#[test]
fn a_document_that_is_image_and_index_at_once_is_refused() {
    let repository = fresh_repository();
    let image = ImageMaker::new("ambiguous").make();
    repository.push_image("v1", &image);
    let both = image.manifest.with_fields(json!({ "manifests": [] }));
    repository
        .put_manifest("both", &both)
        .expect_error(400, "MANIFEST_INVALID");
}

#[test]
fn schema_1_is_refused_with_a_way_out() {
    let repository = fresh_repository();
    let body = json!({
        "schemaVersion": 1, "name": repository.name(), "tag": "v1", "architecture": "amd64",
        "fsLayers": [{ "blobSum": wharf_testkit::image::compute_digest(b"x") }], "history": [{ "v1Compatibility": "{}" }],
    });
    let bytes = serde_json::to_vec(&body).expect("JSON");
    for media_type in [
        media_type::DOCKER_SCHEMA1,
        media_type::DOCKER_SCHEMA1_SIGNED,
        "application/json",
    ] {
        let answer = repository.put_manifest_bytes("v1", media_type, bytes.clone());
        let answer = answer.expect_error(400, "MANIFEST_INVALID");
        let message = answer.json()["errors"][0]["message"]
            .as_str()
            .expect("text")
            .to_owned();
        assert!(message.contains("schema 1"), "what is wrong: {message}");
        assert!(
            message.contains("push") || message.contains("rebuild"),
            "what to do: {message}"
        );
    }
}
