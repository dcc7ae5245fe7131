//! Referrers that do not fit into one answer (end-12).

use std::collections::BTreeSet;

use serde_json::json;
use wharf_testkit::{Blob, ImageMaker, Manifest, Repository, image::make_artifact};

use crate::{admin, fresh_repository};

/// With their annotations these are more than the largest manifest a client has to take.
const REFERRERS: usize = 600;
const ANNOTATION_BYTES: usize = 10_000;
const LARGEST_MANIFEST: usize = 4 * 1024 * 1024;

fn push_many() -> (Repository, Manifest) {
    let repository = fresh_repository();
    let image = ImageMaker::new("much signed").make();
    repository.push_image("v1", &image);
    repository.push_blob(&Blob::empty_config());
    let padding = "x".repeat(ANNOTATION_BYTES);
    wharf_tests::run_in_parallel(REFERRERS, |number| {
        let kind = if number % 3 == 0 {
            "application/x-third"
        } else {
            "application/x-other"
        };
        let artifact = make_artifact(kind, &[], Some(&image.manifest.descriptor())).with_fields(
            json!({ "annotations": { "number": number.to_string(), "padding": padding } }),
        );
        repository.push_manifest(&artifact.digest(), &artifact);
    });
    (repository, image.manifest)
}

/// Follows `Link` to the end; answers every digest seen and how many pages there were.
fn walk(repository: &Repository, digest: &str, query: &str) -> (BTreeSet<String>, usize) {
    let mut seen = BTreeSet::new();
    let mut pages = 0;
    let mut answer = repository.list_referrers(digest, query).expect(200);
    loop {
        pages += 1;
        assert!(
            answer.body.len() <= LARGEST_MANIFEST,
            "{} bytes in one page",
            answer.body.len()
        );
        if !query.is_empty() {
            assert_eq!(answer.list_header("oci-filters-applied"), ["artifactType"]);
        }
        for entry in answer.json()["manifests"].as_array().expect("a list") {
            let new = seen.insert(entry["digest"].as_str().expect("text").to_owned());
            assert!(new, "listed twice: {entry}");
        }
        match answer.next_link() {
            None => return (seen, pages),
            Some(next) => answer = admin().get(&next).expect(200),
        }
    }
}

#[test]
fn referrers_beyond_one_answer_are_linked_and_each_comes_once_end_12() {
    let (repository, subject) = push_many();
    let (all, pages) = walk(&repository, &subject.digest(), "");
    assert_eq!(all.len(), REFERRERS);
    assert!(pages > 1, "6 MB in one page");

    let (filtered, _) = walk(
        &repository,
        &subject.digest(),
        "artifactType=application/x-third",
    );
    assert_eq!(filtered.len(), REFERRERS / 3);
    assert!(filtered.is_subset(&all));
}
