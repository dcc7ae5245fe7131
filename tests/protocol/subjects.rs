//! Manifests with a subject (end-7, "Pushing Manifests with Subject").

use serde_json::json;
use wharf_testkit::{
    Blob, ImageMaker, Manifest,
    image::{make_artifact, make_index, media_type},
};

use crate::fresh_repository;

#[test]
fn push_with_a_subject_answers_oci_subject_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("subject").make();
    let subject = repository.push_image("v1", &image);
    repository.push_blob(&Blob::empty_config());
    let artifact = make_artifact(
        "application/x-sbom",
        &[],
        Some(&image.manifest.descriptor()),
    );
    let answer = repository
        .put_manifest(&artifact.digest(), &artifact)
        .expect(201);
    assert_eq!(answer.header("oci-subject"), subject);
}

#[test]
fn push_without_a_subject_answers_no_oci_subject_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("no subject").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let answer = repository.put_manifest("v1", &image.manifest).expect(201);
    assert_eq!(answer.find_header("oci-subject"), None);
}

#[test]
fn a_subject_may_be_missing_and_come_later_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("later").make();
    repository.push_blob(&Blob::empty_config());
    let artifact = make_artifact(
        "application/x-sbom",
        &[],
        Some(&image.manifest.descriptor()),
    );
    let answer = repository.put_manifest("sbom", &artifact).expect(201);
    assert_eq!(answer.header("oci-subject"), image.digest());
    repository.get_manifest(&image.digest()).expect(404);
    repository.push_image("v1", &image);
    let listed = repository
        .list_referrers(&image.digest(), "")
        .expect(200)
        .json();
    assert_eq!(listed["manifests"][0]["digest"], artifact.digest());
}

#[test]
fn every_kind_of_manifest_may_have_a_subject_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("for every kind").make();
    let subject = repository.push_image("v1", &image);
    let descriptor = image.manifest.descriptor();
    let attached = ImageMaker::new("an attached image")
        .subject(descriptor.clone())
        .make();
    attached.blobs().for_each(|blob| repository.push_blob(blob));
    let artifact = Manifest::from_json(&json!({
        "mediaType": media_type::OCI_ARTIFACT, "artifactType": "application/x-old", "blobs": [], "subject": descriptor,
    }));
    let index = make_index(vec![]).with_fields(json!({ "subject": descriptor }));
    for manifest in [&attached.manifest, &artifact, &index] {
        let answer = repository
            .put_manifest(&manifest.digest(), manifest)
            .expect(201);
        assert_eq!(answer.header("oci-subject"), subject);
    }
    let listed = repository.list_referrers(&subject, "").expect(200).json();
    assert_eq!(listed["manifests"].as_array().expect("a list").len(), 3);
}
