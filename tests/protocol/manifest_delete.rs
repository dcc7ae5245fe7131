//! Deleting tags and manifests (end-9).

use serde_json::json;
use wharf_testkit::{
    Blob, ImageMaker, Manifest,
    image::{compute_digest, make_artifact, make_index, media_type},
};

use crate::fresh_repository;

#[test]
fn delete_tag_answers_202_and_removes_that_tag_only_end_9() {
    let repository = fresh_repository();
    let image = ImageMaker::new("two tags").make();
    let digest = repository.push_image("one", &image);
    repository.push_manifest("two", &image.manifest);
    repository.delete_manifest("one").expect(202);
    repository
        .get_manifest("one")
        .expect_error(404, "MANIFEST_UNKNOWN");
    repository.get_manifest("two").expect(200);
    repository.get_manifest(&digest).expect(200);
    assert_eq!(repository.read_tags(""), ["two"]);
}

#[test]
fn delete_of_the_last_tag_keeps_the_manifest_end_9() {
    let repository = fresh_repository();
    let digest = repository.push_image("only", &ImageMaker::new("last tag").make());
    repository.delete_manifest("only").expect(202);
    repository.get_manifest(&digest).expect(200);
    assert_eq!(repository.read_tags(""), Vec::<String>::new());
}

#[test]
fn delete_tag_that_is_not_there_answers_404_end_9() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("there").make());
    repository
        .delete_manifest("v2")
        .expect_error(404, "MANIFEST_UNKNOWN");
    repository.delete_manifest("v1").expect(202);
    repository
        .delete_manifest("v1")
        .expect_error(404, "MANIFEST_UNKNOWN");
}

#[test]
fn delete_manifest_of_hundreds_of_tags_leaves_the_others_which_may_come_back_end_9() {
    let repository = fresh_repository();
    let index = make_index(Vec::new());
    let tags: Vec<String> = (0..290).map(|number| format!("t{number}")).collect();
    for some in tags.chunks(58) {
        let query: Vec<String> = some.iter().map(|tag| format!("tag={tag}")).collect();
        let target = format!("{}?{}", index.digest(), query.join("&"));
        repository.put_manifest(&target, &index).expect(201);
    }
    repository.push_image("other", &ImageMaker::new("not that one").make());
    repository.delete_manifest(&index.digest()).expect(202);
    assert_eq!(repository.read_tags(""), ["other"]);
    // Their histories go on, deletion included.
    for _ in 0..2 {
        let back = format!("{}?tag=t0&tag=t289", index.digest());
        repository.put_manifest(&back, &index).expect(201);
        assert_eq!(repository.read_tags(""), ["other", "t0", "t289"]);
        repository.delete_manifest("t0").expect(202);
        repository.delete_manifest(&index.digest()).expect(202);
        assert_eq!(repository.read_tags(""), ["other"]);
    }
}

#[test]
fn delete_manifest_removes_it_with_all_its_tags_end_9() {
    let repository = fresh_repository();
    let image = ImageMaker::new("all tags").make();
    let digest = repository.push_image("one", &image);
    repository.push_manifest("two", &image.manifest);
    let other = repository.push_image("three", &ImageMaker::new("stays").make());
    repository.delete_manifest(&digest).expect(202);
    for reference in ["one", "two", &digest] {
        repository
            .get_manifest(reference)
            .expect_error(404, "MANIFEST_UNKNOWN");
        repository.head_manifest(reference).expect(404);
    }
    assert_eq!(repository.read_tags(""), ["three"]);
    repository.get_manifest(&other).expect(200);
    repository
        .delete_manifest(&digest)
        .expect_error(404, "MANIFEST_UNKNOWN");
}

#[test]
fn delete_in_a_repository_that_does_not_exist_answers_404_end_9() {
    let repository = fresh_repository();
    repository.delete_manifest("v1").expect(404).error_codes();
    repository
        .delete_manifest(&compute_digest(b"any"))
        .expect(404)
        .error_codes();
    repository
        .delete_blob(&compute_digest(b"any"))
        .expect(404)
        .error_codes();
}

#[test]
fn delete_manifest_in_one_repository_leaves_it_in_the_others_end_9() {
    let (one, other) = (fresh_repository(), fresh_repository());
    let image = ImageMaker::new("in two repositories").make();
    let digest = one.push_image("v1", &image);
    other.push_image("v1", &image);
    one.delete_manifest(&digest).expect(202);
    other.get_manifest("v1").expect(200);
    other.get_blob(&image.config.digest()).expect(200);
}

#[test]
fn delete_manifest_that_an_index_names_answers_405_naming_the_index_end_9() {
    let repository = fresh_repository();
    let image = ImageMaker::new("child").make();
    let child = repository.push_image("child", &image);
    let index = repository.push_manifest("index", &make_index(vec![image.manifest.descriptor()]));
    let answer = repository.delete_manifest(&child).expect(405);
    answer.error_codes();
    assert!(answer.text().contains(&index), "{}", answer.describe());
    repository.get_manifest(&child).expect(200);
    assert_eq!(repository.read_tags(""), ["child", "index"]);

    repository.delete_manifest("child").expect(202);
    repository.delete_manifest(&index).expect(202);
    repository.delete_manifest(&child).expect(202);
}

#[test]
fn delete_manifest_that_a_docker_list_names_answers_405_end_9() {
    let repository = fresh_repository();
    let image = ImageMaker::new("child of a list").docker().make();
    let child = repository.push_image("child", &image);
    let list = Manifest::from_json(&json!({
        "schemaVersion": 2, "mediaType": media_type::DOCKER_LIST, "manifests": [image.manifest.descriptor()],
    }));
    repository.push_manifest("list", &list);
    repository.delete_manifest(&child).expect(405);
}

#[test]
fn delete_manifest_that_only_an_index_elsewhere_names_works_end_9() {
    let (one, other) = (fresh_repository(), fresh_repository());
    let image = ImageMaker::new("child here and there").make();
    let child = one.push_image("v1", &image);
    other.push_image("v1", &image);
    other.push_manifest("index", &make_index(vec![image.manifest.descriptor()]));
    one.delete_manifest(&child).expect(202);
}

#[test]
fn delete_manifest_that_is_a_subject_works_end_9() {
    let repository = fresh_repository();
    let image = ImageMaker::new("subject").make();
    let subject = repository.push_image("v1", &image);
    repository.push_blob(&Blob::empty_config());
    let signature = make_artifact(
        "application/x-signature",
        &[],
        Some(&image.manifest.descriptor()),
    );
    let digest = repository.push_manifest("signature", &signature);
    repository.delete_manifest(&subject).expect(202);
    repository.get_manifest(&digest).expect(200);
    let listed = repository.list_referrers(&subject, "").expect(200).json();
    assert_eq!(listed["manifests"][0]["digest"], digest);
}

#[test]
fn a_push_brings_a_deleted_manifest_back_without_its_tags_end_9() {
    let repository = fresh_repository();
    let image = ImageMaker::new("revived").make();
    let digest = repository.push_image("v1", &image);
    repository.delete_manifest(&digest).expect(202);
    repository.push_manifest("v2", &image.manifest);
    assert_eq!(
        repository.get_manifest(&digest).expect(200).body,
        image.manifest.bytes
    );
    assert_eq!(repository.read_tags(""), ["v2"]);
    repository.get_manifest("v1").expect(404);
}

#[test]
fn a_deleted_tag_can_be_set_again_end_9() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("before").make());
    repository.delete_manifest("v1").expect(202);
    let digest = repository.push_image("v1", &ImageMaker::new("after").make());
    assert_eq!(
        repository
            .get_manifest("v1")
            .expect(200)
            .header("docker-content-digest"),
        digest
    );
}

#[test]
fn a_deleted_referrer_leaves_the_list_end_9() {
    let repository = fresh_repository();
    let image = ImageMaker::new("signed").make();
    let subject = repository.push_image("v1", &image);
    repository.push_blob(&Blob::empty_config());
    let signature = make_artifact(
        "application/x-signature",
        &[],
        Some(&image.manifest.descriptor()),
    );
    let digest = repository.push_manifest(&signature.digest(), &signature);
    repository.delete_manifest(&digest).expect(202);
    let listed = repository.list_referrers(&subject, "").expect(200).json();
    assert_eq!(listed["manifests"], json!([]));

    repository.push_manifest(&digest, &signature);
    let listed = repository.list_referrers(&subject, "").expect(200).json();
    assert_eq!(listed["manifests"][0]["digest"], digest);
}

#[test]
fn delete_by_a_malformed_reference_is_refused_end_9() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new("there").make());
    for reference in ["sha256:abc", "md5:00", ".hidden"] {
        repository
            .delete_manifest(reference)
            .expect_one_of(&[400, 404])
            .error_codes();
    }
}
