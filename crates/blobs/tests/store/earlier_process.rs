//! What a process finds that an earlier one left behind.

use std::os::unix::fs::FileExt;
use std::path::Path;

use tempfile::tempdir;
use wharf_blobs::Store;
use wharf_oci::Digest;

use crate::bytes_and_ids::{count_files, make_bytes, push, read, reopen, staged_path, stored_path};

const SIZE: usize = 200_000;

/// Stages a blob, closes the store, and shows where the file is.
async fn leave_staged(root: &Path, seed: u64) -> (Digest, std::path::PathBuf) {
    let store = reopen(root).await;
    let digest = push(&store, &make_bytes(seed, SIZE)).await;
    (digest, staged_path(root, &digest))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_staged_blob_is_there_for_everybody() {
    let folder = tempdir().expect("a folder");
    let (digest, _) = leave_staged(folder.path(), 1).await;
    let store = reopen(folder.path()).await;
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { read(&store, &digest).await })
        })
        .collect();
    for reader in readers {
        let found = reader.await.expect("no panic").expect("present");
        assert!(found == make_bytes(1, SIZE));
    }
    store.make_durable(&[digest]).await.expect("durable");
    assert!(stored_path(folder.path(), &digest).exists());
}

#[tokio::test]
async fn an_unread_staged_blob_can_be_made_durable() {
    let folder = tempdir().expect("a folder");
    let (digest, _) = leave_staged(folder.path(), 2).await;
    let store = reopen(folder.path()).await;
    store.make_durable(&[digest]).await.expect("durable");
    assert!(read(&store, &digest).await.expect("present") == make_bytes(2, SIZE));
}

#[tokio::test]
async fn a_staged_blob_that_lost_its_bytes_is_absent() {
    let damages: [fn(&std::fs::File) -> std::io::Result<()>; 3] = [
        |file| file.set_len(0),
        |file| file.set_len(SIZE as u64 - 1),
        |file| file.write_all_at(&[0; 4096], 8192),
    ];
    for (seed, damage) in damages.into_iter().enumerate() {
        for question in ["stat", "open", "barrier"] {
            let folder = tempdir().expect("a folder");
            let (digest, path) = leave_staged(folder.path(), 10 + seed as u64).await;
            let file = std::fs::File::options().write(true).open(&path);
            damage(&file.expect("the staged file")).expect("damaged");
            let store = reopen(folder.path()).await;
            match question {
                "stat" => assert_eq!(store.stat_blob(&digest).await.expect("a look"), None),
                "open" => assert!(store.open_blob(&digest).await.expect("a look").is_none()),
                _ => {
                    let error = store.make_durable(&[digest]).await.expect_err("lost");
                    assert_eq!(error.lost, [digest]);
                }
            }
            assert!(!path.exists(), "{question} {seed}");
            assert_eq!(read(&store, &digest).await, None);
        }
    }
}

#[tokio::test]
async fn a_staged_blob_whose_late_sync_fails_is_absent() {
    let folder = tempdir().expect("a folder");
    let (digest, path) = leave_staged(folder.path(), 3).await;
    let store = reopen(folder.path()).await;
    store.faults().fail_sync(1);
    assert_eq!(read(&store, &digest).await, None);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_new_upload_replaces_doubtful_bytes() {
    let folder = tempdir().expect("a folder");
    let (digest, path) = leave_staged(folder.path(), 4).await;
    std::fs::write(&path, b"damaged").expect("damaged");
    let store = reopen(folder.path()).await;
    push(&store, &make_bytes(4, SIZE)).await;
    assert!(read(&store, &digest).await.expect("present") == make_bytes(4, SIZE));
    store.make_durable(&[digest]).await.expect("durable");
    assert!(store.verify_blob(&digest).expect("readable"));
}

#[tokio::test]
async fn a_second_name_that_a_crash_left_goes_away() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let digest = push(&store, &make_bytes(5, SIZE)).await;
    store.make_durable(&[digest]).await.expect("durable");
    drop(store);
    std::fs::write(staged_path(folder.path(), &digest), b"half a file").expect("written");
    let store = reopen(folder.path()).await;
    assert_eq!(count_files(&folder.path().join("staged")), 0);
    assert!(read(&store, &digest).await.expect("present") == make_bytes(5, SIZE));
}

#[tokio::test]
async fn a_stored_blob_counts_as_durable_only_after_the_first_barrier() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let digest = push(&store, &make_bytes(6, SIZE)).await;
    store.make_durable(&[digest]).await.expect("durable");
    drop(store);
    let store = reopen(folder.path()).await;
    let stat = store.stat_blob(&digest).await.expect("a look");
    assert!(
        !stat.expect("present").durable,
        "its directory may not be synced"
    );
    store.make_durable(&[digest]).await.expect("durable");
    let stat = store.stat_blob(&digest).await.expect("a look");
    assert!(stat.expect("present").durable);
}
