use std::io::{Read, Write};
use std::time::Duration;

use wharf_oci::{Descriptor, Platform, media_type};

use super::*;
use crate::{ImageName, SelectPlatform};

fn open_store() -> (tempfile::TempDir, LocalStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LocalStore::open(folder.path().join("images")).expect("a store");
    (folder, store)
}

fn name(text: &str) -> ImageName {
    text.parse().expect("a name")
}

/// An image of one layer, and its configuration.
fn put_image(store: &LocalStore, text: &str) -> Descriptor {
    let layer = store
        .put("application/vnd.oci.image.layer.v1.tar", text.as_bytes())
        .expect("a layer");
    let config = serde_json::json!({"os": "linux", "rootfs": {"type": "layers", "diff_ids": [layer.digest]}});
    let config = store
        .put(media_type::OCI_CONFIG, config.to_string().as_bytes())
        .expect("a configuration");
    let manifest = serde_json::json!({"schemaVersion": 2, "mediaType": media_type::OCI_IMAGE, "config": config, "layers": [layer]});
    store
        .put(media_type::OCI_IMAGE, manifest.to_string().as_bytes())
        .expect("a manifest")
}

#[test]
fn a_blob_appears_whole_or_not_at_all() {
    let (_folder, store) = open_store();
    let digest = Digest::of(Algorithm::Sha512, b"whole");
    let mut blob = store.create().expect("a place");
    blob.file.write_all(b"who").expect("room");
    assert!(store.open(&digest).expect("a look").is_none());
    assert!(
        store.commit(blob, &digest, 5).is_err(),
        "two bytes are missing"
    );
    assert!(store.open(&digest).expect("a look").is_none());

    for _ in 0..2 {
        let mut blob = store.create().expect("a place");
        blob.file.write_all(b"whole").expect("room");
        store
            .commit(blob, &digest, 5)
            .expect("the same twice is fine");
    }
    let mut text = String::new();
    let mut file = store.open(&digest).expect("a look").expect("there");
    file.read_to_string(&mut text).expect("readable");
    assert_eq!(text, "whole");
}

#[test]
fn a_blob_of_another_size_is_replaced() {
    let (_folder, store) = open_store();
    let digest = Digest::of(Algorithm::Sha256, b"whole");
    std::fs::write(layout::blob_path(store.folder(), &digest), b"who")
        .expect("another tool's crash");
    store.put("text/plain", b"whole").expect("kept");
    assert_eq!(
        store.read_document(&digest).expect("undamaged"),
        Some(b"whole".to_vec())
    );
}

#[test]
fn names_are_set_together_moved_and_removed() {
    let (_folder, store) = open_store();
    let (one, two) = (put_image(&store, "1"), put_image(&store, "2"));
    store.tag(&[name("a"), name("b:1")], &one).expect("named");
    store
        .tag(&[name("docker.io/library/a")], &two)
        .expect("moved");
    let found = |text: &str| {
        store
            .find(&name(text))
            .expect("a look")
            .map(|found| found.digest)
    };
    assert_eq!(found("a:latest"), Some(two.digest));
    assert_eq!(found("b:1"), Some(one.digest));
    assert_eq!(found(&format!("whatever@{}", one.digest)), Some(one.digest));
    assert_eq!(found("c"), None);
    assert_eq!(store.list().expect("a list").len(), 2);
    assert!(store.untag(&name("a")).expect("removed"));
    assert!(!store.untag(&name("a")).expect("gone"));
    assert_eq!(found("a"), None);
}

#[test]
fn an_image_that_is_not_here_gets_no_name() {
    let (_folder, store) = open_store();
    let mut elsewhere = put_image(&store, "1");
    elsewhere.digest = Digest::of(Algorithm::Sha256, b"elsewhere");
    assert!(store.tag(&[name("a")], &elsewhere).is_err());
    assert_eq!(store.list().expect("a list"), []);
}

#[test]
fn an_image_is_resolved_through_its_index() {
    let (_folder, store) = open_store();
    let image = put_image(&store, "1");
    let index = serde_json::json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": [image]});
    let index = store
        .put(media_type::OCI_INDEX, index.to_string().as_bytes())
        .expect("an index");
    store.tag(&[name("a")], &index).expect("named");
    let resolve = |select: &SelectPlatform<'_>| {
        store
            .resolve(&name("a"), &Platform::default(), select)
            .expect("readable")
    };
    let found = resolve(&|entries, _| Some(entries[0].digest)).expect("here");
    assert_eq!(found.digest, image.digest);
    assert_eq!(found.name, "docker.io/library/a:latest");
    assert_eq!(found.layers.len(), 1);
    assert_eq!(found.layers[0].diff_id, found.layers[0].descriptor.digest);
    assert!(resolve(&|_, _| None).is_none());
    assert_eq!(store.list_missing(&index.digest).expect("readable"), []);
    std::fs::remove_file(layout::blob_path(store.folder(), &found.layers[0].diff_id))
        .expect("removed");
    assert_eq!(
        store.list_missing(&index.digest).expect("readable"),
        [found.layers[0].diff_id]
    );
    assert!(
        resolve(&|entries, _| Some(entries[0].digest)).is_some(),
        "its layer may be elsewhere"
    );
}

#[test]
fn a_damaged_document_is_told_and_never_used() {
    let (_folder, store) = open_store();
    let image = put_image(&store, "1");
    store.tag(&[name("a")], &image).expect("named");
    std::fs::write(layout::blob_path(store.folder(), &image.digest), b"{}").expect("damaged");
    let error = store.find(&name("a")).expect_err("damaged");
    assert!(error.to_string().contains("damaged"), "{error}");
    assert!(error.hint().is_some());
    let removal =
        store.remove_unreferenced(Duration::ZERO, std::time::SystemTime::now(), &|_| false);
    assert!(
        removal.is_err(),
        "nothing is removed when it is unknown what is referred to"
    );
}

#[test]
fn a_layout_of_another_version_is_refused() {
    let (_folder, store) = open_store();
    std::fs::write(
        store.folder().join("oci-layout"),
        r#"{"imageLayoutVersion":"2.0.0"}"#,
    )
    .expect("written");
    let error = LocalStore::open(store.folder()).expect_err("another version");
    let source = std::error::Error::source(&error)
        .expect("a reason")
        .to_string();
    assert!(source.contains("2.0.0"), "{source}");
}

#[test]
fn unfinished_files_with_names_are_swept_once_their_writers_are_gone() {
    let (_folder, store) = open_store();
    let ingest = store.folder().join(layout::INGEST);
    let count = || std::fs::read_dir(&ingest).expect("a folder").count();
    let digest = Digest::of(Algorithm::Sha256, b"whole");
    let mut finished = content::create_named(&ingest).expect("a place");
    let dropped = content::create_named(&ingest).expect("a place");
    finished.file.write_all(b"whole").expect("room");
    LocalStore::open(store.folder()).expect("opened beside the writers");
    assert_eq!(count(), 2);
    store.commit(finished, &digest, 5).expect("renamed");
    drop(dropped);
    let mut twice = content::create_named(&ingest).expect("a place");
    twice.file.write_all(b"whole").expect("room");
    store
        .commit(twice, &digest, 5)
        .expect("the same twice is fine");
    assert_eq!(count(), 1);
    LocalStore::open(store.folder()).expect("opened after the writers");
    assert_eq!(count(), 0);
    assert_eq!(
        store.read_document(&digest).expect("readable"),
        Some(b"whole".to_vec())
    );
}

#[test]
fn using_a_blob_keeps_it_for_another_while() {
    let (_folder, store) = open_store();
    let hour = Duration::from_secs(3_600);
    let age = |text: &[u8]| {
        let digest = store.put("text/plain", text).expect("kept").digest;
        let file = std::fs::File::open(layout::blob_path(store.folder(), &digest)).expect("there");
        file.set_modified(std::time::SystemTime::now() - 2 * hour)
            .expect("its owner may");
        digest
    };
    let (opened, put_again, forgotten) = (age(b"1"), age(b"2"), age(b"333"));
    store.open(&opened).expect("a look").expect("there");
    store.put("text/plain", b"2").expect("kept");
    let removed = store
        .remove_unreferenced(hour, std::time::SystemTime::now(), &|_| false)
        .expect("removed");
    assert_eq!(removed, Removed { blobs: 1, bytes: 3 });
    let is_there = |digest| layout::blob_path(store.folder(), &digest).exists();
    assert!(is_there(opened) && is_there(put_again) && !is_there(forgotten));
}

/// Makes a blob look as if it was last used so many seconds ago.
fn age(store: &LocalStore, digest: &Digest, seconds: u64) {
    let file = std::fs::File::open(layout::blob_path(store.folder(), digest)).expect("there");
    let then = std::time::SystemTime::now() - Duration::from_secs(seconds);
    file.set_modified(then).expect("aged");
}

#[test]
fn a_cache_is_trimmed_from_what_was_used_least_recently_and_keeps_what_is_in_use() {
    let (_folder, store) = open_store();
    let put = |text: &str, seconds| {
        let digest = store
            .put("text/plain", text.as_bytes())
            .expect("kept")
            .digest;
        age(&store, &digest, seconds);
        digest
    };
    let (oldest, old) = (put("1234567890", 400), put("abcdefghij", 300));
    let (young, used) = (put("klmnopqrst", 200), put("0987654321", 20));
    let now = std::time::SystemTime::now();
    let ago = |seconds| now - Duration::from_secs(seconds);
    assert_eq!(store.measure().expect("a sum"), 40);
    let is_there = |digest| layout::blob_path(store.folder(), &digest).exists();
    let removed = store.trim(25, ago(1000), now).expect("trimmed");
    assert_eq!(
        removed,
        Removed {
            blobs: 2,
            bytes: 20
        }
    );
    assert!(!is_there(oldest) && !is_there(old) && is_there(young) && is_there(used));
    store.trim(0, ago(1000), ago(100)).expect("trimmed");
    assert!(!is_there(young) && is_there(used), "what is in use stays");
    store.trim(1000, ago(10), ago(100)).expect("trimmed");
    assert!(is_there(used), "whatever its age");
    store.trim(1000, ago(10), now).expect("trimmed");
    assert!(!is_there(used), "what nobody uses goes one day");
}

#[test]
fn a_name_does_not_keep_what_is_trimmed_and_goes_with_it() {
    let (_folder, store) = open_store();
    let named = store
        .put(wharf_oci::media_type::OCI_IMAGE, b"{}")
        .expect("kept");
    store.tag(&[name("a:1")], &named).expect("named");
    store
        .trim(0, std::time::UNIX_EPOCH, later())
        .expect("trimmed");
    assert!(store.list().expect("a list").is_empty());
}

/// A moment at which everything that is there was used before.
fn later() -> std::time::SystemTime {
    std::time::SystemTime::now() + Duration::from_secs(5)
}
