//! Referrers are of one repository, come in pages, and are told by manifests alone; digests of two algorithms are two.

use serde_json::{Value, json};
use wharf_testkit::{
    Repository,
    image::{compute_digest, compute_sha512, make_artifact, make_index},
    unique_name,
};

use crate::world::World;

fn list_all(repository: &Repository, digest: &str, query: &str) -> Vec<Value> {
    let answer = repository.list_referrers(digest, query).expect(200);
    answer.json()["manifests"]
        .as_array()
        .expect("`manifests`")
        .clone()
}

#[test]
fn m86_referrers_are_of_their_own_repository() {
    let world = World::get();
    let (repository, image) = world.push_secret();
    let subject = image.manifest.descriptor();
    let digest = image.digest();
    let genuine = make_artifact("application/x-genuine", &[], Some(&subject));
    repository.push_bytes("{}");
    repository.push_manifest(&genuine.digest(), &genuine);
    let forged = make_artifact("application/x-forged", &[], Some(&subject));
    let mine = world.attacker_repository();
    mine.push_bytes("{}");
    mine.push_manifest(&forged.digest(), &forged);

    let types = |repository: &Repository| -> Vec<Value> {
        let list = list_all(repository, &digest, "");
        list.iter()
            .map(|entry| entry["artifactType"].clone())
            .collect()
    };
    assert_eq!(types(&repository), ["application/x-genuine"]);
    assert_eq!(types(&mine), ["application/x-forged"]);
    let deleted = mine.delete_manifest(&forged.digest());
    deleted.expect(202);
    assert_eq!(types(&repository), ["application/x-genuine"]);
}

#[test]
fn m86_a_tag_of_the_fallback_scheme_changes_no_answer_of_the_api() {
    let world = World::get();
    let (repository, image) = world.push_secret();
    let digest = image.digest();
    let genuine = make_artifact(
        "application/x-genuine",
        &[],
        Some(&image.manifest.descriptor()),
    );
    repository.push_bytes("{}");
    repository.push_manifest(&genuine.digest(), &genuine);
    let before = repository.list_referrers(&digest, "").expect(200).body;
    let spoof = make_artifact("application/x-spoof", &[], None);
    repository.push_manifest("spoof", &spoof);
    let index = make_index(vec![spoof.descriptor()]);
    let fallback = digest.replace(':', "-");
    repository.push_manifest(&fallback, &index);
    repository.get_manifest(&fallback).expect(200);
    assert_eq!(
        repository.list_referrers(&digest, "").expect(200).body,
        before
    );
}

#[test]
fn m88_the_same_bytes_under_two_algorithms_are_two_blobs() {
    let world = World::get();
    let repository = world.attacker_repository();
    let bytes = format!("twice {}", repository.name());
    let sha256 = compute_digest(bytes.as_bytes());
    let sha512 = compute_sha512(bytes.as_bytes());
    repository.post_blob(&sha256, bytes.clone()).expect(201);
    repository.head_blob(&sha512).expect(404);
    repository
        .post_blob(&sha512, "other bytes")
        .expect_error(400, "DIGEST_INVALID");
    repository.post_blob(&sha512, bytes.clone()).expect(201);
    for digest in [&sha256, &sha512] {
        let answer = repository.get_blob(digest).expect(200);
        assert_eq!(answer.text(), bytes);
        assert_eq!(answer.header("docker-content-digest"), digest);
    }
    repository.delete_blob(&sha256).expect(202);
    repository
        .get_blob(&sha256)
        .expect_error(404, "BLOB_UNKNOWN");
    assert_eq!(repository.get_blob(&sha512).expect(200).text(), bytes);

    // Rights come by the link of each, not by the bytes.
    let (private, _) = world.push_secret();
    private.post_blob(&sha256, bytes.clone()).expect(201);
    repository
        .get_blob(&sha256)
        .expect_error(404, "BLOB_UNKNOWN");
    let manifest = make_artifact("application/x-two", &[], None);
    repository.push_bytes("{}");
    let by_sha512 = compute_sha512(&manifest.bytes);
    repository.push_manifest(&manifest.digest(), &manifest);
    repository.get_manifest(&by_sha512).expect(404);
    repository.put_manifest(&by_sha512, &manifest).expect(201);
    repository.delete_manifest(&manifest.digest()).expect(202);
    repository.get_manifest(&manifest.digest()).expect(404);
    repository.get_manifest(&by_sha512).expect(200);
}

#[test]
fn the_type_of_a_manifest_is_what_its_own_repository_was_told() {
    let world = World::get();
    // No `mediaType` in the document: the request alone says what it is.
    let list = json!({ "schemaVersion": 2, "manifests": [], "annotations": { "a": unique_name("typeless") } });
    let bytes = serde_json::to_vec(&list).expect("JSON");
    let digest = compute_digest(&bytes);
    let docker = "application/vnd.docker.distribution.manifest.list.v2+json";
    let oci = "application/vnd.oci.image.index.v1+json";
    let mine = world.attacker_repository();
    mine.put_manifest_bytes("v1", docker, bytes.clone())
        .expect(201);
    let (repository, _) = world.push_secret();
    repository
        .put_manifest_bytes("index", oci, bytes)
        .expect(201);
    for reference in ["index", &digest] {
        let answer = repository.get_manifest(reference).expect(200);
        assert_eq!(answer.header("content-type"), oci);
    }
    let answer = mine.get_manifest("v1").expect(200);
    assert_eq!(answer.header("content-type"), docker);
}
