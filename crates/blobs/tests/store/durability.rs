//! The barrier: what it promises, and what a failed sync does.

use std::os::unix::fs::MetadataExt;

use tempfile::tempdir;
use wharf_blobs::{BlobStat, Error, Store};

use crate::bytes_and_ids::{count_files, make_bytes, push, read, sha256, staged_path, stored_path};

#[tokio::test]
async fn a_durable_blob_lies_in_its_place_and_costs_nothing_again() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(1, 100_000);
    let digest = push(&store, &bytes).await;
    let size = 100_000;
    let before = BlobStat {
        size,
        durable: false,
    };
    assert_eq!(
        store.stat_blob(&digest).await.expect("a look"),
        Some(before)
    );
    assert!(staged_path(folder.path(), &digest).exists());

    store.make_durable(&[digest]).await.expect("durable");
    let after = BlobStat {
        size,
        durable: true,
    };
    assert_eq!(store.stat_blob(&digest).await.expect("a look"), Some(after));
    assert!(!staged_path(folder.path(), &digest).exists());
    assert!(stored_path(folder.path(), &digest).exists());

    store.faults().fail_sync(1);
    store
        .make_durable(&[digest, digest])
        .await
        .expect("still durable");
    assert!(read(&store, &digest).await.expect("present") == bytes);
}

#[tokio::test]
async fn blobs_that_are_not_there_are_lost() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let present = push(&store, &make_bytes(2, 1_000)).await;
    let absent = sha256(b"never uploaded");
    let error = store
        .make_durable(&[absent, present])
        .await
        .expect_err("one is missing");
    assert_eq!(error.lost, [absent]);
    assert!(matches!(error.source, Error::BlobMissing { digest } if digest == absent));
    store.make_durable(&[present]).await.expect("the other one");
    store.make_durable(&[]).await.expect("nothing to do");
}

#[tokio::test]
async fn a_failed_sync_forgets_the_blob_and_only_that() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(3, 50_000);
    let digest = push(&store, &bytes).await;
    store.faults().fail_sync(1);
    let error = store
        .make_durable(&[digest])
        .await
        .expect_err("a failed sync");
    assert_eq!(error.lost, [digest]);
    assert!(error.source.is_device_failure(), "{}", error.source);
    assert_eq!(store.stat_blob(&digest).await.expect("a look"), None);
    assert_eq!(read(&store, &digest).await, None);
    assert_eq!(count_files(&folder.path().join("staged")), 0);

    let error = store.make_durable(&[digest]).await.expect_err("it is gone");
    assert_eq!(error.lost, [digest]);

    push(&store, &bytes).await;
    store.make_durable(&[digest]).await.expect("the new bytes");
    assert!(read(&store, &digest).await.expect("present") == bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_sync_is_told_to_all_who_need_the_blob_and_to_nobody_else() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let mut digests = Vec::new();
    for seed in 0..20 {
        digests.push(push(&store, &make_bytes(100 + seed, 10_000)).await);
    }
    store.faults().fail_sync(7);
    let waits: Vec<_> = digests
        .iter()
        .flat_map(|digest| [*digest; 3])
        .map(|digest| {
            let store = store.clone();
            tokio::spawn(async move { (digest, store.make_durable(&[digest]).await) })
        })
        .collect();
    let mut lost = Vec::new();
    for wait in waits {
        let (digest, outcome) = wait.await.expect("no panic");
        if let Err(error) = outcome {
            assert_eq!(error.lost, [digest]);
            lost.push(digest);
        }
    }
    assert_eq!(
        lost.len(),
        3,
        "all who asked for it, and no other: {lost:?}"
    );
    assert!(lost.iter().all(|digest| *digest == lost[0]));
    for digest in digests {
        let present = store.stat_blob(&digest).await.expect("a look").is_some();
        assert_eq!(present, digest != lost[0]);
    }
}

#[tokio::test]
async fn a_blob_removed_before_its_barrier_is_lost() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let digest = push(&store, &make_bytes(4, 1_000)).await;
    store.remove_blob(&digest).expect("removed");
    store.remove_blob(&digest).expect("removing again is fine");
    assert_eq!(read(&store, &digest).await, None);
    let error = store.make_durable(&[digest]).await.expect_err("it is gone");
    assert_eq!(error.lost, [digest]);
}

#[tokio::test]
async fn a_staged_file_that_vanished_is_lost_and_can_be_uploaded_again() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let bytes = make_bytes(5, 1_000);
    let digest = push(&store, &bytes).await;
    std::fs::remove_file(staged_path(folder.path(), &digest)).expect("removed by hand");
    let error = store.make_durable(&[digest]).await.expect_err("it is gone");
    assert_eq!(error.lost, [digest]);
    push(&store, &bytes).await;
    store.make_durable(&[digest]).await.expect("durable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_gives_up_does_not_stop_the_others() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    for seed in 0..50 {
        let digest = push(&store, &make_bytes(200 + seed, 1_000)).await;
        let digests = [digest];
        let given_up = store.make_durable(&digests);
        tokio::select! {
            biased;
            () = std::future::ready(()), if seed % 2 == 0 => {}
            _ = given_up => {}
            () = tokio::task::yield_now() => {}
        }
        store.make_durable(&[digest]).await.expect("durable");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pushes_without_manifests_do_not_use_up_descriptors() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let own = |fd: &std::fs::DirEntry| {
        std::fs::read_link(fd.path()).is_ok_and(|target| target.starts_with(folder.path()))
    };
    let mut most = 0;
    for seed in 0..1_500 {
        push(&store, &make_bytes(1_000 + seed, 100)).await;
        if seed % 100 == 0 {
            let open = std::fs::read_dir("/proc/self/fd").expect("descriptors");
            most = most.max(open.flatten().filter(own).count());
        }
    }
    assert!(most < 1_000, "{most} descriptors");
}

#[tokio::test]
async fn a_reader_keeps_its_bytes_when_the_blob_is_removed() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let digest = push(&store, &make_bytes(6, 1_000)).await;
    store.make_durable(&[digest]).await.expect("durable");
    let blob = store
        .open_blob(&digest)
        .await
        .expect("a look")
        .expect("present");
    store.remove_blob(&digest).expect("removed");
    assert_eq!(store.stat_blob(&digest).await.expect("a look"), None);
    assert_eq!(blob.file.metadata().expect("metadata").size(), 1_000);
}
