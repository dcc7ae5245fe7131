//! Pulling manifests (end-3).

use wharf_testkit::{
    ImageMaker,
    image::{compute_digest, media_type},
};

use crate::fresh_repository;

#[test]
fn pull_manifest_by_tag_end_3() {
    let repository = fresh_repository();
    let image = ImageMaker::new("by tag").make();
    let digest = repository.push_image("v1", &image);
    let answer = repository.get_manifest("v1").expect(200);
    assert_eq!(answer.body, image.manifest.bytes);
    assert_eq!(answer.header("docker-content-digest"), digest);
    assert_eq!(answer.header("content-type"), media_type::OCI_MANIFEST);
}

#[test]
fn pull_manifest_by_digest_end_3() {
    let repository = fresh_repository();
    let image = ImageMaker::new("by digest").make();
    let digest = repository.push_image("v1", &image);
    let answer = repository.get_manifest(&digest).expect(200);
    assert_eq!(answer.body, image.manifest.bytes);
    assert_eq!(answer.header("docker-content-digest"), digest);
}

#[test]
fn head_manifest_gives_size_type_and_digest_without_a_body_end_3() {
    let repository = fresh_repository();
    let image = ImageMaker::new("headed").make();
    let digest = repository.push_image("v1", &image);
    for reference in ["v1", &digest] {
        let answer = repository.head_manifest(reference).expect(200);
        assert_eq!(
            answer.header("content-length"),
            image.manifest.bytes.len().to_string()
        );
        assert_eq!(answer.header("content-type"), media_type::OCI_MANIFEST);
        assert_eq!(answer.header("docker-content-digest"), digest);
        assert!(answer.body.is_empty());
    }
}

#[test]
fn pull_manifest_that_is_not_there_answers_404_end_3() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("there").make());
    repository
        .get_manifest("v2")
        .expect_error(404, "MANIFEST_UNKNOWN");
    repository
        .get_manifest(&compute_digest(b"never"))
        .expect_error(404, "MANIFEST_UNKNOWN");
    repository.head_manifest("v2").expect(404);
}

#[test]
fn pull_from_a_repository_that_does_not_exist_answers_404_end_3() {
    let repository = fresh_repository();
    let codes = repository.get_manifest("latest").expect(404).error_codes();
    assert!(
        codes == ["NAME_UNKNOWN"] || codes == ["MANIFEST_UNKNOWN"],
        "{codes:?}"
    );
}

#[test]
fn a_blob_is_no_manifest_end_3() {
    let repository = fresh_repository();
    let image = ImageMaker::new("not confused").make();
    let digest = repository.push_image("v1", &image);
    repository
        .get_manifest(&image.config.digest())
        .expect_error(404, "MANIFEST_UNKNOWN");
    repository
        .get_blob(&digest)
        .expect_error(404, "BLOB_UNKNOWN");
}

#[test]
fn a_manifest_is_bound_to_the_repository_it_was_pushed_to_end_3() {
    let (mine, other) = (fresh_repository(), fresh_repository());
    let digest = mine.push_image("v1", &ImageMaker::new("mine").make());
    other.push_image("v1", &ImageMaker::new("other").make());
    other
        .get_manifest(&digest)
        .expect_error(404, "MANIFEST_UNKNOWN");
}

#[test]
fn pull_manifest_that_the_client_has_answers_304_end_3() {
    let repository = fresh_repository();
    let digest = repository.push_image("v1", &ImageMaker::new("kept").make());
    let etag = format!("\"{digest}\"");
    assert_eq!(
        repository.get_manifest("v1").expect(200).header("etag"),
        etag
    );
    for reference in ["v1", &digest] {
        let answer = repository
            .get_manifest_with(reference, "if-none-match", &etag)
            .expect(304);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), etag);
    }
    let later = repository.push_image("v1", &ImageMaker::new("newer").make());
    let answer = repository
        .get_manifest_with("v1", "if-none-match", &etag)
        .expect(200);
    assert_eq!(answer.header("docker-content-digest"), later);
}

#[test]
fn accept_never_hides_or_changes_a_manifest_end_3() {
    let repository = fresh_repository();
    let image = ImageMaker::new("accepted").docker().make();
    repository.push_image("v1", &image);
    for accept in [
        media_type::DOCKER_MANIFEST,
        "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json",
        "*/*",
        media_type::OCI_INDEX,
    ] {
        let answer = repository
            .get_manifest_with("v1", "accept", accept)
            .expect(200);
        assert_eq!(answer.body, image.manifest.bytes);
        assert_eq!(answer.header("content-type"), media_type::DOCKER_MANIFEST);
    }
}

#[test]
fn pull_by_a_reference_that_is_none_finds_nothing_end_3() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("there").make());
    for reference in [
        "sha256:abc",
        "sha256:..%2f..%2fx",
        "md5:00",
        ".hidden",
        "a%00b",
        "a%2Fb",
        "sha256:%00",
    ] {
        repository
            .get_manifest(reference)
            .expect_one_of(&[400, 404])
            .error_codes();
    }
}

#[test]
fn pull_manifest_with_a_source_host_is_served_as_without_it() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("through a proxy's eyes").make());
    repository.get_manifest("v1?ns=docker.io").expect(200);
    repository.head_manifest("v1?ns=docker.io").expect(200);
}
