//! Deleting blobs (end-10).

use wharf_testkit::{
    Blob, ImageMaker,
    image::{compute_digest, make_artifact},
};

use crate::fresh_repository;

#[test]
fn delete_blob_answers_202_and_hides_it_end_10() {
    let repository = fresh_repository();
    let digest = repository.push_bytes("to be deleted");
    repository.delete_blob(&digest).expect(202);
    repository
        .get_blob(&digest)
        .expect_error(404, "BLOB_UNKNOWN");
    repository.head_blob(&digest).expect(404);
    repository
        .delete_blob(&digest)
        .expect_error(404, "BLOB_UNKNOWN");
}

#[test]
fn delete_blob_that_is_not_there_answers_404_end_10() {
    let repository = fresh_repository();
    repository.push_bytes("so that it exists");
    repository
        .delete_blob(&compute_digest(b"never pushed"))
        .expect_error(404, "BLOB_UNKNOWN");
}

#[test]
fn delete_blob_in_one_repository_leaves_it_in_the_others_end_10() {
    let (one, other) = (fresh_repository(), fresh_repository());
    let digest = one.push_bytes("in two repositories");
    other.push_bytes("in two repositories");
    one.delete_blob(&digest).expect(202);
    other.get_blob(&digest).expect(200);
}

#[test]
fn delete_blob_that_a_manifest_names_answers_405_naming_the_manifest_end_10() {
    let repository = fresh_repository();
    let image = ImageMaker::new("referenced").layers(2).make();
    let digest = repository.push_image("v1", &image);
    for blob in image.blobs() {
        let answer = repository.delete_blob(&blob.digest()).expect(405);
        answer.error_codes();
        assert!(answer.text().contains(&digest), "{}", answer.describe());
        repository.head_blob(&blob.digest()).expect(200);
    }
}

#[test]
fn delete_blob_works_once_no_live_manifest_names_it_end_10() {
    let repository = fresh_repository();
    let image = ImageMaker::new("released").make();
    let digest = repository.push_image("v1", &image);
    repository.delete_manifest(&digest).expect(202);
    repository.delete_blob(&image.config.digest()).expect(202);
}

#[test]
fn delete_blob_looks_at_manifests_of_its_own_repository_only_end_10() {
    let (one, other) = (fresh_repository(), fresh_repository());
    let image = ImageMaker::new("named elsewhere").make();
    one.push_image("v1", &image);
    other.push_blob(&image.config);
    other.delete_blob(&image.config.digest()).expect(202);
    one.get_blob(&image.config.digest()).expect(200);
}

#[test]
fn a_push_brings_a_deleted_blob_back_end_10() {
    let repository = fresh_repository();
    let digest = repository.push_bytes("deleted and pushed again");
    repository.delete_blob(&digest).expect(202);
    repository.push_bytes("deleted and pushed again");
    assert_eq!(
        repository.get_blob(&digest).expect(200).text(),
        "deleted and pushed again"
    );
}

#[test]
fn a_deleted_blob_cannot_be_named_by_a_new_manifest_end_10() {
    let repository = fresh_repository();
    let layer = Blob::new("text/plain", "deleted before the manifest came");
    repository.push_blob(&layer);
    repository.push_blob(&Blob::empty_config());
    repository.delete_blob(&layer.digest()).expect(202);
    let artifact = make_artifact("application/x-note", &[layer], None);
    repository
        .put_manifest("v1", &artifact)
        .expect_error(400, "MANIFEST_BLOB_UNKNOWN");
}
