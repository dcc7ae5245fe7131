//! Bytes in, blob out.

use bytes::Bytes;
use tempfile::tempdir;
use wharf_blobs::{Error, FinishError, Store};
use wharf_oci::{Algorithm, Digest};

use crate::bytes_and_ids::{count_files, make_bytes, new_id, push, read, sha256};

/// Around the sizes where hashing changes its ways: inline, first job, queue full.
const SIZES: [usize; 8] = [0, 1, 65_535, 65_536, 65_537, 131_072, 2_097_153, 9_000_000];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_of_every_size_and_frame_are_readable_at_once() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    for algorithm in Algorithm::ALL {
        for (seed, size) in SIZES.into_iter().enumerate() {
            for frame in [16_384, 262_144, 3_000_000] {
                let bytes = make_bytes((seed * 10 + frame) as u64, size);
                let digest = Digest::of(algorithm, &bytes);
                let mut upload = store.create_upload(new_id(), algorithm).expect("upload");
                for part in bytes.chunks(frame) {
                    upload
                        .write(Bytes::copy_from_slice(part))
                        .await
                        .expect("written");
                }
                assert_eq!(upload.offset(), size as u64);
                let blob = upload.finish(&digest).await.expect("finished");
                assert_eq!(blob.size, size as u64);
                let found = read(&store, &digest).await.expect("present");
                assert!(found == bytes, "{algorithm} {size} in {frame}");
            }
        }
    }
    assert_eq!(count_files(&folder.path().join("uploads")), 0);
}

#[tokio::test]
async fn a_blob_of_no_bytes_is_a_blob() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let digest = sha256(b"");
    let upload = store
        .create_upload(new_id(), Algorithm::Sha256)
        .expect("upload");
    upload.finish(&digest).await.expect("finished");
    store.make_durable(&[digest]).await.expect("durable");
    assert_eq!(read(&store, &digest).await, Some(Vec::new()));
}

#[tokio::test]
async fn another_algorithm_at_the_end_is_computed_from_the_file() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(1, 700_000);
    for (first, last) in [
        (Algorithm::Sha256, Algorithm::Sha512),
        (Algorithm::Sha512, Algorithm::Sha256),
    ] {
        let digest = Digest::of(last, &bytes);
        let mut upload = store.create_upload(new_id(), first).expect("upload");
        upload.write(bytes.clone()).await.expect("written");
        upload.finish(&digest).await.expect("finished");
        assert!(read(&store, &digest).await.expect("present") == bytes);
    }
}

#[tokio::test]
async fn a_wrong_digest_names_both_and_leaves_nothing() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(2, 100_000);
    for algorithm in Algorithm::ALL {
        let wrong = Digest::of(algorithm, b"something else");
        let mut upload = store
            .create_upload(new_id(), Algorithm::Sha256)
            .expect("upload");
        upload.write(bytes.clone()).await.expect("written");
        match upload.finish(&wrong).await {
            Err(FinishError::DigestMismatch { expected, actual }) => {
                assert_eq!(expected, wrong);
                assert_eq!(actual, Digest::of(algorithm, &bytes));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(read(&store, &wrong).await, None);
        assert_eq!(
            store.stat_blob(&sha256(&bytes)).await.expect("a look"),
            None
        );
    }
    assert_eq!(count_files(&folder.path().join("uploads")), 0);
    assert_eq!(count_files(&folder.path().join("staged")), 0);
}

#[tokio::test]
async fn an_announced_size_changes_nothing_but_the_disk_blocks() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(3, 5_000_000);
    for announced in [0, 1, 5_000_000, 5_000_001, 1 << 40] {
        let digest = sha256(&bytes);
        let mut upload = store
            .create_upload(new_id(), Algorithm::Sha256)
            .expect("upload");
        upload.expect_size(announced);
        for part in bytes.chunks(1_000_000) {
            upload
                .write(Bytes::copy_from_slice(part))
                .await
                .expect("written");
        }
        upload.finish(&digest).await.expect("finished");
        let blob = store.open_blob(&digest).await.expect("a look");
        let metadata = blob.expect("present").file.metadata().expect("metadata");
        assert_eq!(metadata.len(), 5_000_000);
        let on_disk = std::os::unix::fs::MetadataExt::blocks(&metadata) * 512;
        assert!(on_disk <= 5_100_000, "{on_disk} bytes kept for {announced}");
        store.remove_blob(&digest).expect("removed");
    }
}

#[tokio::test]
async fn known_bytes_are_not_kept_twice() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(4, 1_000);
    let digest = push(&store, &bytes).await;
    push(&store, &bytes).await;
    store.make_durable(&[digest]).await.expect("durable");
    push(&store, &bytes).await;
    assert_eq!(count_files(&folder.path().join("staged")), 0);
    assert_eq!(count_files(&folder.path().join("uploads")), 0);
    assert!(read(&store, &digest).await.expect("present") == bytes);
}

#[tokio::test]
async fn a_stored_file_of_the_wrong_length_is_healed_by_the_next_upload() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(5, 1_000);
    let digest = push(&store, &bytes).await;
    store.make_durable(&[digest]).await.expect("durable");
    let stored = crate::bytes_and_ids::stored_path(folder.path(), &digest);
    std::fs::write(&stored, b"short").expect("damaged");
    assert!(!store.verify_blob(&digest).expect("readable"));
    push(&store, &bytes).await;
    assert!(read(&store, &digest).await.expect("present") == bytes);
    store.make_durable(&[digest]).await.expect("durable");
    assert!(store.verify_blob(&digest).expect("readable"));
}

#[tokio::test]
async fn an_upload_that_was_discarded_under_a_request_does_not_become_a_blob() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(6, 10);
    let digest = sha256(&bytes);
    let id = new_id();
    let mut upload = store.create_upload(id, Algorithm::Sha256).expect("upload");
    upload.write(bytes).await.expect("written");
    store.discard_upload(id).expect("discarded");
    store.discard_upload(id).expect("discarding again is fine");
    match upload.finish(&digest).await {
        Err(FinishError::Store(Error::UploadMissing { id: missing })) => assert_eq!(missing, id),
        other => panic!("{other:?}"),
    }
    assert_eq!(read(&store, &digest).await, None);
}
