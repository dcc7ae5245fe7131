//! The folder itself: who may use it, who may look inside, what lies in it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::tempdir;
use wharf_blobs::{Error, ListedFile, Store};
use wharf_oci::{Algorithm, Digest};

use crate::bytes_and_ids::{make_bytes, new_id, push, sha256, stored_path};

#[test]
fn a_second_server_on_the_folder_is_refused_until_the_first_is_gone() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let clone = store.clone();
    drop(store);
    let Err(error) = Store::open(folder.path()) else {
        panic!("opened twice");
    };
    assert!(matches!(error, Error::Locked { .. }));
    let text = error.to_string();
    assert!(text.contains("another `wharf serve`"), "{text}");
    assert!(text.contains(&*folder.path().to_string_lossy()), "{text}");
    drop(clone);
    Store::open(folder.path()).expect("free again");
}

fn assert_private(path: &Path) {
    let metadata = std::fs::symlink_metadata(path).expect("metadata");
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    let mode = metadata.permissions().mode() & 0o777;
    assert_eq!(mode, expected, "{}", path.display());
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path).expect("a directory") {
            assert_private(&entry.expect("an entry").path());
        }
    }
}

#[tokio::test]
async fn nobody_else_may_look_inside() {
    let folder = tempdir().expect("a folder");
    let root = folder.path().join("a/b");
    let store = Store::open(&root).expect("a store");
    let digest = push(&store, &make_bytes(1, 10)).await;
    push(&store, &make_bytes(2, 10)).await;
    store.make_durable(&[digest]).await.expect("durable");
    let id = new_id();
    store.create_upload(id, Algorithm::Sha512).expect("upload");
    assert_private(&root);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, b"").expect("a file");
    let Err(error) = Store::open(file.join("data")) else {
        panic!("opened");
    };
    assert!(error.to_string().contains("file/data"), "{error}");
}

#[tokio::test]
async fn every_file_is_listed_with_its_size() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let mut expected = BTreeMap::new();
    for seed in 0..40 {
        let size = 10 + seed;
        let digest = push(&store, &make_bytes(seed, size as usize)).await;
        let staged = seed % 2 == 0;
        if !staged {
            store.make_durable(&[digest]).await.expect("durable");
        }
        expected.insert(digest, (size, staged));
    }
    let misplaced = stored_path(folder.path(), &sha256(b"x")).with_file_name("00");
    std::fs::create_dir_all(misplaced.parent().expect("a shard")).expect("a shard");
    std::fs::write(&misplaced, b"").expect("a foreign file");

    let (mut blobs, mut foreign) = (BTreeMap::new(), Vec::new());
    for file in store.list_blobs() {
        match file.expect("listed") {
            ListedFile::Blob {
                digest,
                size,
                staged,
            } => assert_eq!(blobs.insert(digest, (size, staged)), None),
            ListedFile::Foreign(path) => foreign.push(path),
        }
    }
    assert_eq!(blobs, expected);
    assert_eq!(foreign, [misplaced]);
}

#[tokio::test]
async fn damage_is_found_by_reading_everything() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let digest = push(&store, &make_bytes(3, 100_000)).await;
    assert!(store.verify_blob(&digest).expect("readable"), "staged");
    store.make_durable(&[digest]).await.expect("durable");
    assert!(store.verify_blob(&digest).expect("readable"), "stored");
    let path = stored_path(folder.path(), &digest);
    let mut bytes = std::fs::read(&path).expect("the file");
    bytes[50_000] ^= 1;
    std::fs::write(&path, bytes).expect("damaged");
    assert!(!store.verify_blob(&digest).expect("readable"), "one bit");
    let absent: Digest = sha256(b"absent");
    assert!(!store.verify_blob(&absent).expect("a look"));
}

#[test]
fn free_space_and_writability_are_told() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    assert!(store.free_space().expect("a look").bytes > 0);
    store.check_writable().expect("writable");
    assert!(!folder.path().join("write-check").exists());
}
