//! Listing referrers (end-12).

use serde_json::{Value, json};
use wharf_testkit::{
    Blob, ImageMaker, Manifest, Repository,
    image::{compute_digest, make_artifact, make_index, media_type},
};

use crate::fresh_repository;

/// The descriptors of the answer, after a look at everything that an answer of this endpoint has.
fn list(repository: &Repository, digest: &str, query: &str) -> Vec<Value> {
    let answer = repository.list_referrers(digest, query).expect(200);
    assert_eq!(answer.header("content-type"), media_type::OCI_INDEX);
    let body = answer.json();
    assert_eq!(body["schemaVersion"], 2);
    assert_eq!(body["mediaType"], media_type::OCI_INDEX);
    body["manifests"]
        .as_array()
        .expect("`manifests` is a list")
        .clone()
}

/// A pushed image that other things can be attached to.
fn push_subject() -> (Repository, Manifest) {
    let repository = fresh_repository();
    let image = ImageMaker::new("a subject").make();
    repository.push_image("v1", &image);
    repository.push_blob(&Blob::empty_config());
    (repository, image.manifest)
}

#[test]
fn referrers_of_something_without_any_is_an_empty_index_end_12a() {
    let (repository, subject) = push_subject();
    assert_eq!(
        list(&repository, &subject.digest(), ""),
        Vec::<Value>::new()
    );
}

#[test]
fn referrers_of_an_unknown_digest_is_an_empty_index_end_12a() {
    let (repository, _) = push_subject();
    assert_eq!(
        list(&repository, &compute_digest(b"unknown"), ""),
        Vec::<Value>::new()
    );
}

#[test]
fn referrers_in_a_repository_that_does_not_exist_is_an_empty_index_end_12a() {
    assert_eq!(
        list(&fresh_repository(), &compute_digest(b"unknown"), ""),
        Vec::<Value>::new()
    );
}

#[test]
fn referrers_of_a_malformed_digest_answers_400_end_12a() {
    let (repository, _) = push_subject();
    for digest in [
        "sha256:abc",
        "sha256",
        "latest",
        "md5:00000000000000000000000000000000",
        "sha256:%00",
    ] {
        repository
            .list_referrers(digest, "")
            .expect_error(400, "DIGEST_INVALID");
    }
}

#[test]
fn referrers_are_described_with_type_size_digest_and_annotations_end_12a() {
    let (repository, subject) = push_subject();
    let artifact = make_artifact("application/x-sbom", &[], Some(&subject.descriptor()))
        .with_fields(json!({ "annotations": { "org.example.format": "json", "empty": "" } }));
    repository.push_manifest(&artifact.digest(), &artifact);
    assert_eq!(
        list(&repository, &subject.digest(), ""),
        [json!({
            "mediaType": media_type::OCI_MANIFEST,
            "digest": artifact.digest(),
            "size": artifact.bytes.len(),
            "artifactType": "application/x-sbom",
            "annotations": { "org.example.format": "json", "empty": "" },
        })]
    );
}

#[test]
fn an_image_without_artifact_type_is_listed_by_its_configs_type_end_12a() {
    let (repository, subject) = push_subject();
    let image = ImageMaker::new("attached")
        .subject(subject.descriptor())
        .make();
    repository.push_image(&image.digest(), &image);
    let listed = list(&repository, &subject.digest(), "");
    assert_eq!(listed[0]["artifactType"], media_type::OCI_CONFIG);
}

#[test]
fn an_empty_artifact_type_counts_as_missing_end_12a() {
    let (repository, subject) = push_subject();
    let artifact = make_artifact("", &[], Some(&subject.descriptor()));
    repository.push_manifest(&artifact.digest(), &artifact);
    assert_eq!(
        list(&repository, &subject.digest(), "")[0]["artifactType"],
        media_type::OCI_EMPTY
    );
}

#[test]
fn an_index_is_listed_with_its_artifact_type_or_none_end_12a() {
    let (repository, subject) = push_subject();
    let typed = make_index(vec![]).with_fields(
        json!({ "subject": subject.descriptor(), "artifactType": "application/x-set" }),
    );
    let plain = make_index(vec![]).with_fields(json!({ "subject": subject.descriptor() }));
    repository.push_manifest(&typed.digest(), &typed);
    repository.push_manifest(&plain.digest(), &plain);
    let listed = list(&repository, &subject.digest(), "");
    let find = |digest: String| {
        listed
            .iter()
            .find(|entry| entry["digest"] == json!(digest))
            .expect("listed")
    };
    assert_eq!(find(typed.digest())["artifactType"], "application/x-set");
    assert_eq!(find(typed.digest())["mediaType"], media_type::OCI_INDEX);
    assert_eq!(find(plain.digest()).get("artifactType"), None);
}

#[test]
fn referrers_are_filtered_by_artifact_type_end_12b() {
    let (repository, subject) = push_subject();
    let mut wanted = Vec::new();
    for (kind, count) in [
        ("application/x-sbom+json", 3),
        ("application/x-signature", 2),
    ] {
        for number in 0..count {
            let artifact = make_artifact(kind, &[], Some(&subject.descriptor()))
                .with_fields(json!({ "annotations": { "number": number.to_string() } }));
            repository.push_manifest(&artifact.digest(), &artifact);
            if kind.ends_with("+json") {
                wanted.push(artifact.digest());
            }
        }
    }
    let answer = repository
        .list_referrers(
            &subject.digest(),
            "artifactType=application%2Fx-sbom%2Bjson",
        )
        .expect(200);
    assert_eq!(answer.list_header("oci-filters-applied"), ["artifactType"]);
    let body = answer.json();
    let mut found: Vec<&str> = body["manifests"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|entry| entry["digest"].as_str())
        .collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);

    assert_eq!(
        list(
            &repository,
            &subject.digest(),
            "artifactType=application/x-none"
        ),
        Vec::<Value>::new()
    );
    assert_eq!(list(&repository, &subject.digest(), "").len(), 5);
}

#[test]
fn the_filter_sees_the_configs_type_of_an_image_end_12b() {
    let (repository, subject) = push_subject();
    let image = ImageMaker::new("filtered by config")
        .subject(subject.descriptor())
        .make();
    repository.push_image(&image.digest(), &image);
    let listed = list(
        &repository,
        &subject.digest(),
        &format!("artifactType={}", media_type::OCI_CONFIG),
    );
    assert_eq!(listed.len(), 1);
}

#[test]
fn an_unfiltered_answer_names_no_filter_end_12a() {
    let (repository, subject) = push_subject();
    let answer = repository.list_referrers(&subject.digest(), "").expect(200);
    assert_eq!(answer.find_header("oci-filters-applied"), None);
}

#[test]
fn referrers_are_those_of_the_same_repository_end_12a() {
    let (one, subject) = push_subject();
    let (other, _) = push_subject();
    let artifact = make_artifact("application/x-sbom", &[], Some(&subject.descriptor()));
    one.push_manifest(&artifact.digest(), &artifact);
    assert_eq!(list(&one, &subject.digest(), "").len(), 1);
    assert_eq!(list(&other, &subject.digest(), ""), Vec::<Value>::new());
}

#[test]
fn a_referrer_without_a_tag_is_listed_like_one_with_tags_end_12a() {
    let (repository, subject) = push_subject();
    let artifact = make_artifact("application/x-sbom", &[], Some(&subject.descriptor()));
    repository.push_manifest("tagged", &artifact);
    assert_eq!(list(&repository, &subject.digest(), "").len(), 1);
    repository.delete_manifest("tagged").expect(202);
    assert_eq!(list(&repository, &subject.digest(), "").len(), 1);
}

#[test]
fn a_tag_of_the_fallback_scheme_changes_nothing_end_12a() {
    let (repository, subject) = push_subject();
    let artifact = make_artifact("application/x-sbom", &[], Some(&subject.descriptor()));
    repository.push_manifest(&artifact.digest(), &artifact);
    let forged = make_index(vec![json!({
        "mediaType": media_type::OCI_MANIFEST, "digest": compute_digest(b"forged"), "size": 6,
    })]);
    repository.push_manifest(&subject.digest().replace(':', "-"), &forged);
    let listed = list(&repository, &subject.digest(), "");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["digest"], artifact.digest());
}

#[test]
fn a_referrer_may_have_referrers_end_12a() {
    let (repository, subject) = push_subject();
    let sbom = make_artifact("application/x-sbom", &[], Some(&subject.descriptor()));
    repository.push_manifest(&sbom.digest(), &sbom);
    let signature = make_artifact("application/x-signature", &[], Some(&sbom.descriptor()));
    repository.push_manifest(&signature.digest(), &signature);
    assert_eq!(
        list(&repository, &sbom.digest(), "")[0]["digest"],
        signature.digest()
    );
    assert_eq!(list(&repository, &subject.digest(), "").len(), 1);
}
