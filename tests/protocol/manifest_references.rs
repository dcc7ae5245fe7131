//! What a manifest names, and whether it has to be there.

use serde_json::json;
use wharf_testkit::{
    Blob, ImageMaker, Manifest,
    image::{compute_digest, make_artifact, make_index, media_type},
};

use crate::fresh_repository;

#[test]
fn an_image_that_names_a_missing_layer_is_refused_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("missing layer").layers(2).make();
    repository.push_blob(&image.config);
    repository.push_blob(&image.layers[0]);
    let answer = repository
        .put_manifest("v1", &image.manifest)
        .expect_error(400, "MANIFEST_BLOB_UNKNOWN");
    assert!(
        answer.text().contains(&image.layers[1].digest()),
        "{}",
        answer.describe()
    );
    repository.get_manifest("v1").expect(404);
    repository.get_manifest(&image.digest()).expect(404);

    repository.push_blob(&image.layers[1]);
    repository.push_manifest("v1", &image.manifest);
}

#[test]
fn an_image_that_names_a_missing_config_is_refused_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("missing config").make();
    repository.push_blob(&image.layers[0]);
    let answer = repository
        .put_manifest("v1", &image.manifest)
        .expect_error(400, "MANIFEST_BLOB_UNKNOWN");
    assert!(
        answer.text().contains(&image.config.digest()),
        "{}",
        answer.describe()
    );
}

#[test]
fn every_missing_blob_is_named_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("all missing").layers(3).make();
    let answer = repository
        .put_manifest("v1", &image.manifest)
        .expect_error(400, "MANIFEST_BLOB_UNKNOWN");
    for blob in image.blobs() {
        assert!(
            answer.text().contains(&blob.digest()),
            "{}",
            answer.describe()
        );
    }
}

#[test]
fn a_blob_of_another_repository_counts_as_missing_end_7() {
    let (mine, other) = (fresh_repository(), fresh_repository());
    let image = ImageMaker::new("elsewhere").make();
    other.push_image("v1", &image);
    mine.put_manifest("v1", &image.manifest)
        .expect_error(400, "MANIFEST_BLOB_UNKNOWN");
    mine.head_blob(&image.config.digest()).expect(404);
}

#[test]
fn a_missing_blob_of_an_artifact_manifest_is_refused_end_7() {
    let repository = fresh_repository();
    let artifact = Manifest::from_json(&json!({
        "mediaType": media_type::OCI_ARTIFACT,
        "artifactType": "application/vnd.example",
        "blobs": [Blob::new("text/plain", "never pushed").descriptor()],
    }));
    repository
        .put_manifest("v1", &artifact)
        .expect_error(400, "MANIFEST_BLOB_UNKNOWN");
}

#[test]
fn a_foreign_layer_may_be_missing_end_7() {
    for foreign in [
        media_type::DOCKER_FOREIGN_LAYER,
        media_type::OCI_FOREIGN_LAYER,
    ] {
        let repository = fresh_repository();
        let image = ImageMaker::new("foreign layer").docker().make();
        image.blobs().for_each(|blob| repository.push_blob(blob));
        let layer = json!({
            "mediaType": foreign,
            "digest": compute_digest(b"kept by its maker"),
            "size": 17,
            "urls": ["https://example.com/layer"],
        });
        let manifest = image
            .manifest
            .with_fields(json!({ "layers": [layer, image.layers[0].descriptor()] }));
        repository.push_manifest("v1", &manifest);
        assert_eq!(
            repository.get_manifest("v1").expect(200).body,
            manifest.bytes
        );
    }
}

#[test]
fn urls_alone_make_no_foreign_layer_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("urls alone").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let mut layer = Blob::new(media_type::OCI_LAYER, "not pushed").descriptor();
    layer["urls"] = json!(["https://example.com/layer"]);
    let manifest = image.manifest.with_fields(json!({ "layers": [layer] }));
    repository
        .put_manifest("v1", &manifest)
        .expect_error(400, "MANIFEST_BLOB_UNKNOWN");
}

#[test]
fn an_index_may_name_missing_children_end_7() {
    let repository = fresh_repository();
    let missing = ImageMaker::new("missing child").make();
    let index = make_index(vec![missing.manifest.platform_descriptor("linux", "amd64")]);
    repository.push_manifest("v1", &index);
    repository
        .get_manifest(&missing.digest())
        .expect_error(404, "MANIFEST_UNKNOWN");
    repository.push_image(&missing.digest(), &missing);
    repository.get_manifest(&missing.digest()).expect(200);
}

#[test]
fn an_index_may_have_blobs_as_entries_end_7() {
    let repository = fresh_repository();
    let cached = Blob::new(media_type::OCI_LAYER, "a layer of a build cache");
    let config = Blob::new("application/vnd.buildkit.cacheconfig.v0", "{}");
    repository.push_blob(&cached);
    repository.push_blob(&config);
    let index = make_index(vec![cached.descriptor(), config.descriptor()]);
    let digest = repository.push_manifest("cache", &index);

    let answer = repository.delete_blob(&cached.digest()).expect(405);
    assert!(answer.text().contains(&digest), "{}", answer.describe());
    repository.delete_manifest(&digest).expect(202);
    repository.delete_blob(&cached.digest()).expect(202);
}

#[test]
fn a_child_of_another_repository_is_not_made_visible_by_an_index_end_7() {
    let (mine, other) = (fresh_repository(), fresh_repository());
    let image = ImageMaker::new("child elsewhere").make();
    other.push_image("v1", &image);
    mine.push_manifest("v1", &make_index(vec![image.manifest.descriptor()]));
    mine.get_manifest(&image.digest())
        .expect_error(404, "MANIFEST_UNKNOWN");
    mine.head_blob(&image.config.digest()).expect(404);
}

#[test]
fn the_same_blob_may_be_named_many_times_end_7() {
    let repository = fresh_repository();
    let layer = Blob::new("text/plain", "named again and again");
    repository.push_blob(&layer);
    repository.push_blob(&Blob::empty_config());
    let layers = vec![layer.clone(); 20];
    repository.push_manifest("v1", &make_artifact("application/x-repeat", &layers, None));
}

#[test]
fn a_mounted_blob_counts_as_there_end_7() {
    let (source, target) = (fresh_repository(), fresh_repository());
    let image = ImageMaker::new("mounted").make();
    source.push_image("v1", &image);
    for blob in image.blobs() {
        target
            .mount_blob(&blob.digest(), Some(source.name()))
            .expect(201);
    }
    target.push_manifest("v1", &image.manifest);
}
