use wharf_oci::Manifest;

use super::*;

fn layer(media_type: &str, text: &str) -> BuiltLayer {
    let mut descriptor = describe(media_type, text.as_bytes().to_vec()).descriptor;
    for key in [
        "containerd.io/uncompressed",
        "containerd.io/distribution.source.docker.io",
        "stays",
    ] {
        descriptor
            .annotations
            .insert(key.to_owned(), "x".to_owned());
    }
    BuiltLayer {
        descriptor,
        diff_id: Digest::of(Algorithm::Sha256, b"tar"),
    }
}

fn image(architecture: &str, layers: Vec<BuiltLayer>) -> BuiltImage {
    BuiltImage {
        platform: Platform {
            os: "linux".into(),
            architecture: architecture.into(),
            ..Platform::default()
        },
        config: format!(r#"{{"os":"linux","architecture":"{architecture}"}}"#).into_bytes(),
        layers,
        tree: Vec::new(),
        annotations: [("of".to_owned(), "the manifest".to_owned())].into(),
    }
}

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn read(document: &Document) -> Manifest {
    Manifest::parse(Some(&document.descriptor.media_type), &document.bytes).expect("a manifest")
}

#[test]
fn one_platform_is_a_manifest_with_its_keys_in_order() {
    let built = Built {
        images: vec![image("amd64", vec![layer(GZIP, "1")])],
    };
    let assembled = assemble(&built, &AssembleOptions::default()).expect("documents");
    assert!(!assembled.is_index());
    assert_eq!(
        assembled.id(),
        Digest::of(Algorithm::Sha256, &built.images[0].config)
    );
    assert_eq!(
        assembled.root.platform,
        Some(built.images[0].platform.clone())
    );
    let text = String::from_utf8(assembled.documents[1].bytes.clone()).expect("text");
    let keys = [
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
        "annotations",
    ];
    let places: Vec<_> = keys
        .iter()
        .map(|key| text.find(&format!("\n  \"{key}\"")).expect(key))
        .collect();
    assert!(places.is_sorted(), "{text}");
    let manifest = read(&assembled.documents[1]);
    assert_eq!(
        manifest.layers[0].annotations.keys().collect::<Vec<_>>(),
        ["stays"]
    );
    assert_eq!(manifest.annotations["of"], "the manifest");
    assert_eq!(
        assemble(&built, &AssembleOptions::default()).expect("again"),
        assembled
    );
}

#[test]
fn several_platforms_are_an_index_in_their_order() {
    let shared = layer(GZIP, "1");
    let built = Built {
        images: vec![
            image("arm64", vec![shared.clone()]),
            image("amd64", vec![shared]),
        ],
    };
    let mut options = AssembleOptions::default();
    options
        .annotations
        .index
        .insert("of".into(), "the index".into());
    options
        .annotations
        .index_descriptor
        .insert("beside".into(), "the index".into());
    options
        .annotations
        .manifest_descriptor
        .insert("beside".into(), "the manifest".into());
    let assembled = assemble(&built, &options).expect("documents");
    assert!(assembled.is_index());
    assert_eq!(assembled.id(), assembled.root.digest);
    assert_eq!(assembled.layers().len(), 1);
    assert_eq!(assembled.root.annotations["beside"], "the index");
    let index = read(assembled.documents.last().expect("an index"));
    assert_eq!(index.annotations["of"], "the index");
    let platforms: Vec<_> = index
        .children
        .iter()
        .map(|child| child.platform.clone().expect("one").to_string())
        .collect();
    assert_eq!(platforms, ["linux/arm64", "linux/amd64"]);
    assert!(
        index
            .children
            .iter()
            .all(|child| child.annotations["beside"] == "the manifest")
    );
}

#[test]
fn docker_has_other_types_for_all_of_it() {
    let built = Built {
        images: vec![image("amd64", vec![layer(GZIP, "1")])],
    };
    let options = AssembleOptions {
        docker_media_types: true,
        always_index: true,
        ..Default::default()
    };
    let assembled = assemble(&built, &options).expect("documents");
    let types: Vec<_> = assembled
        .documents
        .iter()
        .map(|document| document.descriptor.media_type.as_str())
        .collect();
    assert_eq!(
        types,
        [
            media_type::DOCKER_CONFIG,
            media_type::DOCKER_IMAGE,
            media_type::DOCKER_LIST
        ]
    );
    let layers = read(&assembled.documents[1]).layers;
    assert_eq!(
        layers[0].media_type,
        "application/vnd.docker.image.rootfs.diff.tar.gzip"
    );
    assert!(layers[0].annotations.is_empty());
}

#[test]
fn layers_of_a_docker_base_get_the_types_of_oci() {
    let docker = layer("application/vnd.docker.image.rootfs.diff.tar.gzip", "1");
    let unknown = layer("application/x-of-tomorrow", "2");
    let built = Built {
        images: vec![image("amd64", vec![docker, unknown])],
    };
    let assembled = assemble(&built, &AssembleOptions::default()).expect("documents");
    let types: Vec<_> = assembled
        .layers()
        .iter()
        .map(|layer| layer.descriptor.media_type.clone())
        .collect();
    assert_eq!(types, [GZIP, "application/x-of-tomorrow"]);
}

#[test]
fn what_has_no_place_is_refused_with_a_hint() {
    let zstd = layer("application/vnd.oci.image.layer.v1.tar+zstd", "1");
    let built = Built {
        images: vec![image("amd64", vec![zstd])],
    };
    let docker = AssembleOptions {
        docker_media_types: true,
        ..Default::default()
    };
    let mut annotated = AssembleOptions::default();
    annotated
        .annotations
        .index
        .insert("of".into(), "no index".into());
    let mut both = docker.clone();
    both.annotations
        .manifest_descriptor
        .insert("beside".into(), "a docker manifest".into());
    for options in [docker, annotated, both] {
        assert!(
            assemble(&built, &options)
                .expect_err("refused")
                .hint()
                .is_some()
        );
    }
    assert!(assemble(&Built { images: Vec::new() }, &AssembleOptions::default()).is_err());
}

#[test]
fn an_image_from_nothing_has_an_empty_list_of_layers() {
    let built = Built {
        images: vec![image("amd64", Vec::new())],
    };
    let assembled = assemble(&built, &AssembleOptions::default()).expect("documents");
    let text = String::from_utf8(assembled.documents[1].bytes.clone()).expect("text");
    assert!(text.contains("\"layers\": []"), "{text}");
}

/// Digests and sizes of what BuildKit 0.33 made of `FROM scratch` and one COPY, for one platform and for two.
#[test]
fn documents_are_byte_for_byte_those_of_buildkit() {
    let describe = |media_type: &str, hex: &str, size: u64| Descriptor {
        digest: format!("sha256:{hex}").parse().expect("a digest"),
        size,
        ..describe(media_type, Vec::new()).descriptor
    };
    let config = describe(
        media_type::OCI_CONFIG,
        "0020febad58cb44ba07e6cb8df8d7c141040feaac5add62b56faee55c7b1d49e",
        426,
    );
    let layer = describe(
        GZIP,
        "0bb830e111238f574277515a9e89801092f3bd37b6be753ad41b6770599b49d9",
        98,
    );
    let layer = BuiltLayer {
        diff_id: layer.digest,
        descriptor: layer,
    };
    let manifest = documents::render_manifest(
        media_type::OCI_IMAGE,
        &config,
        &[layer],
        &Default::default(),
    );
    let amd64 = describe(
        media_type::OCI_IMAGE,
        "794fb2ca5c29645890d24ab6b28c42a729a556c5103aa62c457a0cbcb7b6174a",
        475,
    );
    assert_eq!(Digest::of(Algorithm::Sha256, &manifest), amd64.digest);

    let arm64 = describe(
        media_type::OCI_IMAGE,
        "1e2a5b0df666831ce94b59abd74cf61050a8016abc9eee6f28b6f66e3d71c74e",
        475,
    );
    let entries =
        [(amd64, "amd64"), (arm64, "arm64")].map(|(descriptor, architecture)| Descriptor {
            annotations: [("d".to_owned(), "e".to_owned())].into(),
            platform: Some(image(architecture, Vec::new()).platform),
            ..descriptor
        });
    let own = [("k".to_owned(), "v".to_owned())].into();
    let index = documents::render_index(media_type::OCI_INDEX, &[&entries[0], &entries[1]], &own);
    let digest = Digest::of(Algorithm::Sha256, &index).hex();
    assert_eq!(
        digest,
        "ab4419239196178063dc2c0fd52d32b5d27387d23d7b88911da1c5928a1481b9"
    );
}
