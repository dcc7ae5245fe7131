//! Documents that are taken, and what they name.

use super::*;

fn list_references(manifest: &Manifest) -> Vec<(ReferenceKind, String, bool)> {
    manifest
        .references()
        .map(|r| (r.kind, r.descriptor.digest.to_string(), r.required))
        .collect()
}

#[test]
fn an_image_names_its_config_layers_and_subject() {
    let subject = descriptor(media_type::OCI_IMAGE, "subject");
    let manifest = parse_ok(&with(oci_image(), "/subject", subject));
    assert_eq!(manifest.kind, ManifestKind::OciImage);
    assert_eq!(manifest.media_type(), media_type::OCI_IMAGE);
    assert_eq!(
        manifest.artifact_type.as_deref(),
        Some(media_type::OCI_CONFIG)
    );
    assert_eq!(
        manifest.layers[1].media_type,
        "application/vnd.example.unknown"
    );
    assert_eq!(manifest.annotations["a"], "1");
    assert_eq!(
        list_references(&manifest),
        [
            (ReferenceKind::Config, digest_of("config"), true),
            (ReferenceKind::Layer, digest_of("one"), true),
            (ReferenceKind::Layer, digest_of("two"), true),
            (ReferenceKind::Subject, digest_of("subject"), false),
        ]
    );
}

#[test]
fn an_index_names_children_that_may_be_missing_or_blobs() {
    let manifest = parse_ok(&oci_index());
    assert_eq!(
        (manifest.kind, &manifest.artifact_type),
        (ManifestKind::OciIndex, &None)
    );
    let platform = manifest.children[0].platform.as_ref().expect("a platform");
    assert_eq!(platform.to_string(), "linux/arm64/v8");
    assert_eq!(platform.os_version.as_deref(), Some("1"));
    assert_eq!(
        list_references(&manifest),
        [
            (ReferenceKind::Child, digest_of("m"), false),
            (ReferenceKind::Child, digest_of("a blob"), false),
        ]
    );
}

#[test]
fn docker_and_artifact_manifests_are_taken() {
    let image = with(oci_image(), "/mediaType", json!(media_type::DOCKER_IMAGE));
    assert_eq!(parse_ok(&image).kind, ManifestKind::DockerImage);
    let list = with(oci_index(), "/mediaType", json!(media_type::DOCKER_LIST));
    assert_eq!(parse_ok(&list).kind, ManifestKind::DockerList);
    let artifact = json!({
        "mediaType": media_type::OCI_ARTIFACT,
        "artifactType": "application/vnd.example.sbom",
        "blobs": [descriptor("text/plain", "blob")],
        "subject": descriptor(media_type::OCI_IMAGE, "subject"),
    });
    let manifest = parse_ok(&artifact);
    assert_eq!(manifest.kind, ManifestKind::OciArtifact);
    assert_eq!(
        manifest.artifact_type.as_deref(),
        Some("application/vnd.example.sbom")
    );
    assert_eq!(
        list_references(&manifest),
        [
            (ReferenceKind::Blob, digest_of("blob"), true),
            (ReferenceKind::Subject, digest_of("subject"), false),
        ]
    );
}

#[test]
fn the_artifact_type_shown_is_the_declared_one_else_the_config_type_of_an_image() {
    let declared = json!("application/vnd.example");
    let empty = json!("");
    for (document, expected) in [
        (
            with(oci_image(), "/artifactType", declared.clone()),
            Some("application/vnd.example"),
        ),
        (
            with(oci_image(), "/artifactType", empty.clone()),
            Some(media_type::OCI_CONFIG),
        ),
        (
            with(oci_image(), "/artifactType", Value::Null),
            Some(media_type::OCI_CONFIG),
        ),
        (
            with(oci_index(), "/artifactType", declared),
            Some("application/vnd.example"),
        ),
        (with(oci_index(), "/artifactType", empty), None),
    ] {
        assert_eq!(
            parse_ok(&document).artifact_type.as_deref(),
            expected,
            "{document}"
        );
    }
}

#[test]
fn only_foreign_layers_with_a_source_may_be_missing() {
    let source = json!(["https://example.com/layer"]);
    for (media_type, urls, required) in [
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            source.clone(),
            false,
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            source.clone(),
            false,
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
            source.clone(),
            false,
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            json!([]),
            true,
        ),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
            Value::Null,
            true,
        ),
        ("application/vnd.oci.image.layer.v1.tar", source, true),
    ] {
        let mut layer = descriptor(media_type, "layer");
        layer["urls"] = urls;
        let manifest = parse_ok(&with(oci_image(), "/layers", json!([layer])));
        let found = manifest
            .references()
            .find(|r| r.kind == ReferenceKind::Layer);
        assert_eq!(found.map(|r| r.required), Some(required), "{layer}");
    }
}

#[test]
fn images_without_layers_and_empty_indexes_are_taken() {
    for layers in [json!([]), Value::Null] {
        assert!(
            parse_ok(&with(oci_image(), "/layers", layers))
                .layers
                .is_empty()
        );
    }
    assert!(parse_ok(&without(oci_image(), "layers")).layers.is_empty());
    for manifests in [json!([]), Value::Null] {
        assert!(
            parse_ok(&with(oci_index(), "/manifests", manifests))
                .children
                .is_empty()
        );
    }
}

#[test]
fn extra_fields_change_nothing() {
    for document in [oci_image(), oci_index()] {
        let mut extended = with(
            document.clone(),
            "/x-extra",
            json!({"deep": [1, {"a": null}]}),
        );
        extended["blobs"] = json!([descriptor("text/plain", "not an artifact")]);
        assert_eq!(parse_ok(&extended), parse_ok(&document));
    }
}

#[test]
fn the_format_is_told_by_header_field_or_shape() {
    let bare = |document: Value| without(document, "mediaType").to_string();
    let docker_config = descriptor(media_type::DOCKER_CONFIG, "config");
    let artifact = json!({"artifactType": "x/y", "blobs": []}).to_string();
    for (content_type, document, expected) in [
        (None, oci_image().to_string(), ManifestKind::OciImage),
        (Some(""), oci_image().to_string(), ManifestKind::OciImage),
        (None, bare(oci_image()), ManifestKind::OciImage),
        (None, bare(oci_index()), ManifestKind::OciIndex),
        (
            None,
            bare(with(oci_image(), "/config", docker_config)),
            ManifestKind::DockerImage,
        ),
        (None, artifact, ManifestKind::OciArtifact),
        (
            Some(media_type::DOCKER_IMAGE),
            bare(oci_image()),
            ManifestKind::DockerImage,
        ),
        (
            Some(media_type::OCI_IMAGE),
            bare(oci_image()),
            ManifestKind::OciImage,
        ),
        (
            Some("Application/vnd.OCI.image.manifest.v1+json ; charset=utf-8"),
            oci_image().to_string(),
            ManifestKind::OciImage,
        ),
    ] {
        let manifest = Manifest::parse(content_type, document.as_bytes())
            .unwrap_or_else(|error| panic!("{content_type:?} {document}: {error}"));
        assert_eq!(manifest.kind, expected, "{content_type:?} {document}");
    }
}

#[test]
fn a_manifest_may_be_large_through_many_annotations() {
    let annotations: serde_json::Map<String, Value> = (0..390)
        .map(|n| (format!("large-{n}"), json!("A".repeat(10_000))))
        .collect();
    let manifest = parse_ok(&with(oci_image(), "/annotations", json!(annotations)));
    assert_eq!(manifest.annotations.len(), 390);
}

#[test]
fn a_descriptor_serializes_as_the_specification_writes_it() {
    let source = oci_index();
    let manifest = parse_ok(&source);
    assert_eq!(json!(manifest.children), source["manifests"]);
}
