//! Many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::tempdir;
use wharf_blobs::Store;
use wharf_oci::Algorithm;

use crate::bytes_and_ids::{count_files, make_bytes, new_id, push, read, sha256};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_uploads_of_the_same_bytes_make_one_blob() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(1, 150_000);
    let digest = sha256(&bytes);
    let mut uploads = Vec::new();
    for _ in 0..100 {
        let mut upload = store
            .create_upload(new_id(), Algorithm::Sha256)
            .expect("upload");
        upload.write(bytes.clone()).await.expect("written");
        uploads.push(upload);
    }
    let pushes: Vec<_> = uploads
        .into_iter()
        .map(|upload| {
            let store = store.clone();
            tokio::spawn(async move {
                upload.finish(&digest).await.expect("finished");
                assert!(read(&store, &digest).await.is_some(), "visible after 201");
                store.make_durable(&[digest]).await.expect("durable");
            })
        })
        .collect();
    for push in pushes {
        push.await.expect("no panic");
    }
    assert_eq!(count_files(&folder.path().join("uploads")), 0);
    assert_eq!(count_files(&folder.path().join("staged")), 0);
    assert!(store.verify_blob(&digest).expect("readable"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_never_miss_a_blob_that_is_on_its_way_to_its_place() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    for seed in 0..150 {
        let bytes = make_bytes(1_000 + seed, 2_000);
        let digest = push(&store, &bytes).await;
        let moved = Arc::new(AtomicBool::new(false));
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let (store, moved) = (store.clone(), Arc::clone(&moved));
                tokio::spawn(async move {
                    let mut looks = 0;
                    while looks < 3 || !moved.load(Ordering::SeqCst) {
                        let stat = store.stat_blob(&digest).await.expect("a look");
                        assert_eq!(stat.expect("stat sees it").size, 2_000);
                        assert!(read(&store, &digest).await.is_some(), "open sees it");
                        looks += 1;
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        store.make_durable(&[digest]).await.expect("durable");
        moved.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.await.expect("no panic");
        }
    }
}

/// Uploads, barriers and removals of one digest in every order: whatever happens, an acknowledged barrier that no
/// removal followed means that the bytes are there, and no operation gets stuck.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn removal_against_upload_and_barrier_ends_in_one_of_two_states() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(2, 3_000);
    let digest = sha256(&bytes);
    for _ in 0..100 {
        let pusher = {
            let (store, bytes) = (store.clone(), bytes.clone());
            tokio::spawn(async move {
                push(&store, &bytes).await;
                let outcome = store.make_durable(&[digest]).await;
                outcome.err().map(|error| error.lost)
            })
        };
        let remover = {
            let store = store.clone();
            tokio::task::spawn_blocking(move || store.remove_blob(&digest).expect("removed"))
        };
        remover.await.expect("no panic");
        if let Some(lost) = pusher.await.expect("no panic") {
            assert_eq!(lost, [digest]);
        }
        if let Some(found) = read(&store, &digest).await {
            assert!(found == bytes);
        }
    }
    push(&store, &bytes).await;
    store.make_durable(&[digest]).await.expect("durable");
    assert!(store.verify_blob(&digest).expect("readable"));
    assert_eq!(count_files(&folder.path().join("staged")), 0);
}
