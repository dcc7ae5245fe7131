//! `/repositories/{name}/tags/{tag}`: what is inside a version.

use serde_json::{Value, json};
use wharf_testkit::{
    Blob, Image, ImageMaker, Manifest,
    image::{make_artifact, make_index, media_type},
};

use crate::{admin, fresh_repository, repository_path};

fn read_detail(name: &str, tag: &str) -> Value {
    admin()
        .get(&repository_path(name, &format!("/tags/{tag}")))
        .expect(200)
        .json()
}

#[test]
fn the_detail_has_manifest_config_and_layers() {
    let repository = fresh_repository();
    let image = ImageMaker::new("detailed")
        .layers(3)
        .annotations(json!({ "org.example.note": "ü" }))
        .make();
    repository.push_image("v1", &image);
    let detail = read_detail(repository.name(), "v1");
    assert_eq!(detail["name"], "v1");
    assert_eq!(detail["digest"], image.digest());
    assert_eq!(detail["manifest"], image.manifest.json());
    let config: Value = serde_json::from_slice(&image.config.bytes).expect("JSON");
    assert_eq!(detail["config"], config);
    assert_eq!(detail["annotations"], json!({ "org.example.note": "ü" }));
    assert_eq!(detail["children"], json!([]));
    let layers: Vec<Value> = image
        .layers
        .iter()
        .map(|layer| json!({ "digest": layer.digest(), "media_type": layer.media_type, "size_bytes": layer.bytes.len() }))
        .collect();
    assert_eq!(detail["layers"], Value::from(layers));
}

#[test]
fn the_history_is_what_docker_history_shows() {
    let repository = fresh_repository();
    let image = ImageMaker::new("historic").layers(2).make();
    repository.push_image("v1", &image);
    let detail = read_detail(repository.name(), "v1");
    let mut history = detail["history"].as_array().expect("a list").clone();
    assert_eq!(history.len(), 3);
    // docker prints the newest first, a config has the oldest first; either order is one of the two.
    if history[0]["empty_layer"] == true {
        history.reverse();
    }
    for (step, layer) in history.iter().zip(&image.layers) {
        assert_eq!(step["empty_layer"], false);
        assert_eq!(step["size_bytes"], layer.bytes.len());
        assert_eq!(step["layer_digest"], layer.digest());
        assert_eq!(step["comment"], "made for a test");
    }
    assert_eq!(history[0]["created_by"], "COPY layer-0.txt /");
    assert!(
        history[0]["created"]
            .as_str()
            .is_some_and(|time| time.starts_with("2024-05-01T12:00:00"))
    );
    assert_eq!(history[2]["created_by"], "ENV SEED=…");
    assert_eq!(history[2]["empty_layer"], true);
    assert_eq!(history[2]["size_bytes"], 0);
    assert!(history[2].get("layer_digest").is_none_or(Value::is_null));
}

#[test]
fn a_docker_image_has_the_same_detail() {
    let repository = fresh_repository();
    let image = ImageMaker::new("docker detail").docker().layers(2).make();
    repository.push_image("v1", &image);
    let detail = read_detail(repository.name(), "v1");
    assert_eq!(detail["media_type"], media_type::DOCKER_MANIFEST);
    assert_eq!(detail["layers"].as_array().expect("a list").len(), 2);
    assert_eq!(detail["history"].as_array().expect("a list").len(), 3);
}

#[test]
fn an_index_has_children_and_no_config() {
    let repository = fresh_repository();
    let image = ImageMaker::new("a child").make();
    let missing = ImageMaker::new("a missing child").make();
    repository.push_image("child", &image);
    let index = make_index(vec![
        image.manifest.platform_descriptor("linux", "amd64"),
        missing.manifest.platform_descriptor("linux", "arm64"),
    ]);
    repository.push_manifest("multi", &index);
    let detail = read_detail(repository.name(), "multi");
    assert!(detail["config"].is_null());
    assert_eq!(detail["layers"], json!([]));
    assert_eq!(detail["history"], json!([]));
    let children = detail["children"].as_array().expect("a list");
    assert_eq!(children.len(), 2);
    assert_eq!(children[0]["digest"], image.digest());
    assert_eq!(children[0]["media_type"], media_type::OCI_MANIFEST);
    assert_eq!(children[0]["platform"], "linux/amd64");
    assert_eq!(children[1]["digest"], missing.digest());
    assert_eq!(children[1]["platform"], "linux/arm64");
}

#[test]
fn an_artifact_has_its_blobs_as_layers() {
    let repository = fresh_repository();
    let blob = Blob::new("text/plain", "the content");
    repository.push_blob(&blob);
    repository.push_blob(&Blob::empty_config());
    repository.push_manifest(
        "note",
        &make_artifact("application/x-note", std::slice::from_ref(&blob), None),
    );
    let detail = read_detail(repository.name(), "note");
    assert_eq!(detail["artifact_type"], "application/x-note");
    assert_eq!(detail["layers"][0]["digest"], blob.digest());
    assert_eq!(detail["layers"][0]["media_type"], "text/plain");
    assert_eq!(detail["history"], json!([]));
}

/// An image whose config is these bytes.
fn make_image_with_config(config: &str) -> Image {
    let mut image = ImageMaker::new("odd config").make();
    image.config = Blob::new(media_type::OCI_CONFIG, config.to_owned());
    let fields = json!({ "config": image.config.descriptor() });
    image.manifest = Manifest {
        ..image.manifest.with_fields(fields)
    };
    image
}

#[test]
fn an_odd_config_never_breaks_the_page() {
    let repository = fresh_repository();
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for (number, config) in [
        "",
        "not json",
        "[]",
        "null",
        "{}",
        "{\"history\":7}",
        "{\"history\":[null,7,{\"created_by\":[]}]}",
        "{\"history\":[{\"created\":\"yesterday\"},{},{},{}]}",
        "{\"os\":\"linux\"}",
        &deep,
    ]
    .into_iter()
    .enumerate()
    {
        let tag = format!("odd-{number}");
        let image = make_image_with_config(config);
        repository.push_image(&tag, &image);
        assert_eq!(
            read_detail(repository.name(), &tag)["digest"],
            image.digest(),
            "{config:.40}"
        );
    }
    admin()
        .get(&repository_path(repository.name(), "/tags"))
        .expect(200);
}
