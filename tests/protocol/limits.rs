//! Sizes beyond which a push is refused, exactly at their edges.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Method;
use serde_json::json;
use wharf_testkit::{
    Blob, Manifest, Repository,
    image::{make_artifact, make_index, media_type},
};

use crate::fresh_repository;

/// The largest manifest.
const MANIFEST_BYTES: usize = 4 * 1024 * 1024;
/// The deepest JSON.
const JSON_DEPTH: usize = 64;

/// A manifest padded to exactly this many bytes.
fn make_manifest_of(size: usize) -> Manifest {
    let plain =
        make_artifact("application/x-large", &[], None).with_fields(json!({ "x-padding": [] }));
    let missing = size - plain.bytes.len();
    // Many strings, not one: some limits are about a single value.
    let mut padding = String::new();
    while padding.len() < missing {
        let left = missing - padding.len();
        let length = left.min(1000);
        let text = if length < 4 {
            " ".repeat(length)
        } else {
            format!("\"{}\",", "x".repeat(length - 3))
        };
        padding.push_str(&text);
    }
    // The last comma of a list is one too many; a space keeps the length.
    if let Some(comma) = padding.rfind(',') {
        padding.replace_range(comma..=comma, " ");
    }
    let text = String::from_utf8(plain.bytes.to_vec()).expect("UTF-8");
    let bytes: Bytes = text
        .replace("\"x-padding\":[]", &format!("\"x-padding\":[{padding}]"))
        .into();
    assert_eq!(bytes.len(), size);
    Manifest { bytes, ..plain }
}

/// A manifest whose deepest value is this many levels down; the document itself is the first.
fn make_manifest_nested(depth: usize) -> Manifest {
    let plain = make_artifact("application/x-deep", &[], None).with_fields(json!({ "x-deep": 0 }));
    let nested = format!(
        "\"x-deep\":{}{}",
        "[".repeat(depth - 1),
        "]".repeat(depth - 1)
    );
    let text = String::from_utf8(plain.bytes.to_vec()).expect("UTF-8");
    Manifest {
        bytes: text.replace("\"x-deep\":0", &nested).into(),
        ..plain
    }
}

fn repository_with_empty_config() -> Repository {
    let repository = fresh_repository();
    repository.push_blob(&Blob::empty_config());
    repository
}

#[test]
fn a_manifest_of_4_mib_is_taken_end_7() {
    let repository = repository_with_empty_config();
    let manifest = make_manifest_of(MANIFEST_BYTES);
    repository.push_manifest("v1", &manifest);
    assert!(repository.get_manifest("v1").expect(200).body == manifest.bytes);
}

#[test]
fn a_manifest_of_one_byte_more_answers_413_end_7() {
    let repository = repository_with_empty_config();
    let answer = repository
        .put_manifest("v1", &make_manifest_of(MANIFEST_BYTES + 1))
        .expect(413);
    answer.error_codes();
    repository.get_manifest("v1").expect(404);
}

#[test]
fn a_manifest_of_unknown_length_is_cut_at_the_limit_end_7() {
    let repository = repository_with_empty_config();
    let piece = Bytes::from(vec![b' '; 1024 * 1024]);
    let answer = repository
        .request(Method::PUT, "manifests/v1")
        .header("content-type", media_type::OCI_MANIFEST)
        .chunked(vec![piece; 6])
        .send();
    answer.expect(413).error_codes();
}

#[test]
fn json_of_64_levels_is_taken_and_of_65_refused_end_7() {
    let repository = repository_with_empty_config();
    repository.push_manifest("v1", &make_manifest_nested(JSON_DEPTH));
    repository
        .put_manifest("v2", &make_manifest_nested(JSON_DEPTH + 1))
        .expect_error(400, "MANIFEST_INVALID");
}

#[test]
fn a_hundred_thousand_levels_are_refused_at_once_end_7() {
    let repository = repository_with_empty_config();
    let started = Instant::now();
    repository
        .put_manifest("v1", &make_manifest_nested(100_000))
        .expect_error(400, "MANIFEST_INVALID");
    let body = "[".repeat(1_000_000);
    repository
        .put_manifest_bytes("v1", media_type::OCI_MANIFEST, body)
        .expect_error(400, "MANIFEST_INVALID");
    assert!(started.elapsed() < Duration::from_secs(5));
    repository.list_tags("").expect(200);
}

#[test]
fn an_index_of_a_thousand_children_is_taken_end_7() {
    let repository = fresh_repository();
    let children = (0..1000_u32).map(|number| {
        json!({
            "mediaType": media_type::OCI_MANIFEST,
            "digest": wharf_testkit::image::compute_digest(&number.to_le_bytes()),
            "size": 4,
        })
    });
    let index = make_index(children.collect());
    let digest = repository.push_manifest("v1", &index);
    repository.delete_manifest(&digest).expect(202);
}
