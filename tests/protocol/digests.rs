//! Digest algorithms, and blobs of no bytes.

use wharf_testkit::{
    Blob, ImageMaker,
    image::{compute_digest, compute_sha512, make_artifact, make_random_bytes},
};

use crate::fresh_repository;

#[test]
fn sha512_can_be_named_when_the_upload_starts_end_4c() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(3, 100_000);
    let digest = compute_sha512(&bytes);
    let location = repository
        .begin_upload("digest-algorithm=sha512")
        .expect(202)
        .location();
    let location = repository
        .patch_upload(&location, Some("0-49999"), bytes.slice(..50_000))
        .expect(202)
        .location();
    let answer = repository
        .put_upload(&location, &digest, bytes.slice(50_000..))
        .expect(201);
    assert_eq!(answer.header("docker-content-digest"), digest);
    let pulled = repository.get_blob(&digest).expect(200);
    assert_eq!(pulled.body, bytes);
    assert_eq!(pulled.header("docker-content-digest"), digest);
}

#[test]
fn sha512_can_be_named_when_the_upload_ends_end_6() {
    let repository = fresh_repository();
    let bytes = make_random_bytes(4, 100_000);
    let digest = compute_sha512(&bytes);
    let location = repository.begin_upload("").expect(202).location();
    let location = repository
        .patch_upload(&location, Some("0-49999"), bytes.slice(..50_000))
        .expect(202)
        .location();
    repository
        .put_upload(&location, &digest, bytes.slice(50_000..))
        .expect(201);
    assert_eq!(repository.get_blob(&digest).expect(200).body, bytes);
}

#[test]
fn sha512_works_in_a_single_post_end_4b() {
    let repository = fresh_repository();
    let digest = compute_sha512(b"posted at once");
    repository.post_blob(&digest, "posted at once").expect(201);
    assert_eq!(
        repository.get_blob(&digest).expect(200).text(),
        "posted at once"
    );
}

#[test]
fn sha256_can_end_an_upload_that_named_sha512_end_6() {
    let repository = fresh_repository();
    let location = repository
        .begin_upload("digest-algorithm=sha512")
        .expect(202)
        .location();
    let digest = compute_digest(b"another algorithm after all");
    repository
        .put_upload(&location, &digest, "another algorithm after all")
        .expect(201);
    repository.get_blob(&digest).expect(200);
}

#[test]
fn an_unknown_algorithm_is_refused_when_the_upload_starts_end_4c() {
    let repository = fresh_repository();
    for algorithm in ["md5", "sha1", "SHA256", "sha384"] {
        repository
            .begin_upload(&format!("digest-algorithm={algorithm}"))
            .expect_error(400, "DIGEST_INVALID");
    }
}

#[test]
fn the_same_bytes_under_two_algorithms_are_two_blobs() {
    let repository = fresh_repository();
    let bytes = b"under two names".as_slice();
    let (short, long) = (compute_digest(bytes), compute_sha512(bytes));
    repository.push_bytes(bytes);
    repository.head_blob(&long).expect(404);
    repository.post_blob(&long, bytes).expect(201);
    repository.delete_blob(&short).expect(202);
    assert_eq!(repository.get_blob(&long).expect(200).body, bytes);
    repository.head_blob(&short).expect(404);
}

#[test]
fn sha512_of_other_bytes_is_refused_end_6() {
    let repository = fresh_repository();
    let wrong = compute_sha512(b"these");
    repository
        .post_blob(&wrong, "others")
        .expect_error(400, "DIGEST_INVALID");
    repository.head_blob(&wrong).expect(404);
}

#[test]
fn a_manifest_can_be_pushed_and_pulled_by_sha512_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("under sha512").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let digest = compute_sha512(&image.manifest.bytes);
    let answer = repository
        .put_manifest(&digest, &image.manifest)
        .expect(201);
    assert_eq!(answer.header("docker-content-digest"), digest);

    let pulled = repository.get_manifest(&digest).expect(200);
    assert_eq!(pulled.body, image.manifest.bytes);
    assert_eq!(pulled.header("docker-content-digest"), digest);
    assert_eq!(
        repository
            .head_manifest(&digest)
            .expect(200)
            .header("docker-content-digest"),
        digest
    );
}

#[test]
fn a_manifest_may_name_blobs_and_a_subject_by_sha512() {
    let repository = fresh_repository();
    let content = b"a layer under sha512".as_slice();
    let digest = compute_sha512(content);
    repository.post_blob(&digest, content).expect(201);
    repository.push_blob(&Blob::empty_config());
    let subject = serde_json::json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": compute_sha512(b"a manifest that is not here"),
        "size": 27,
    });
    let manifest =
        make_artifact("application/x-note", &[], Some(&subject)).with_fields(serde_json::json!({
            "layers": [{ "mediaType": "text/plain", "digest": digest, "size": content.len() }],
        }));
    let answer = repository.put_manifest("v1", &manifest).expect(201);
    assert_eq!(answer.header("oci-subject"), subject["digest"]);
    let listed = repository
        .list_referrers(subject["digest"].as_str().expect("text"), "")
        .expect(200)
        .json();
    assert_eq!(listed["manifests"][0]["digest"], manifest.digest());
    repository.delete_blob(&digest).expect(405);
}

#[test]
fn a_blob_of_no_bytes_can_be_pushed_in_every_way() {
    let empty = compute_digest(b"");

    let posted = fresh_repository();
    posted.post_blob(&empty, "").expect(201);

    let put = fresh_repository();
    put.push_bytes("");

    let patched = fresh_repository();
    let location = patched.begin_upload("").expect(202).location();
    let location = patched
        .stream_upload(&location, vec![])
        .expect(202)
        .location();
    patched.put_upload(&location, &empty, "").expect(201);

    for repository in [posted, put, patched] {
        let answer = repository.get_blob(&empty).expect(200);
        assert_eq!(answer.header("content-length"), "0");
        assert_eq!(answer.header("docker-content-digest"), empty);
        assert_eq!(
            repository
                .head_blob(&empty)
                .expect(200)
                .header("content-length"),
            "0"
        );
        // No range of nothing exists, and no 206 could be written (RFC 9110, 15.3.7).
        repository
            .get_blob_with(&empty, "range", "bytes=0-0")
            .expect_one_of(&[200, 416]);
    }
}

#[test]
fn a_blob_of_no_bytes_can_be_a_layer() {
    let repository = fresh_repository();
    let layer = Blob::new("application/octet-stream", "");
    repository.push_blob(&layer);
    repository.push_blob(&Blob::empty_config());
    repository.push_manifest("v1", &make_artifact("application/x-empty", &[layer], None));
}
