//! A disk that is full, out of inodes, or read-only: writes say so, reads go on, and it heals by itself (F09, F11, F12).

use bytes::Bytes;
use wharf_blobs::{Error, FinishError, Store};
use wharf_oci::Algorithm;

use crate::bytes_and_ids::{make_bytes, new_id, push, read, sha256};
use crate::mounts::Mounted;

#[tokio::test]
async fn f09_a_full_disk_stops_an_upload_where_it_stands_and_it_goes_on_when_there_is_room() {
    let Some(disk) = Mounted::tmpfs("size=4m") else {
        return;
    };
    let store = Store::open(disk.path()).expect("a store");
    let small = push(&store, &make_bytes(1, 10_000)).await;
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![1; 2 << 20]).expect("ballast");

    let bytes = make_bytes(2, 3 << 20);
    let id = new_id();
    let mut upload = store.create_upload(id, Algorithm::Sha256).expect("upload");
    let mut failure = None;
    for part in bytes.chunks(300_000) {
        if let Err(error) = upload.write(Bytes::copy_from_slice(part)).await {
            failure = Some(error);
            break;
        }
    }
    let failure = failure.expect("no room for three megabytes");
    assert!(failure.is_out_of_space(), "{failure}");
    assert!(!failure.is_read_only() && !failure.is_device_failure());
    let offset = upload.offset();
    assert!(offset > 0 && offset.is_multiple_of(300_000));
    let saved = upload.save().await.expect("saving needs no room");
    assert_eq!(saved.offset, offset);
    drop(upload);
    assert!(read(&store, &small).await.is_some(), "reads go on");

    std::fs::remove_file(&ballast).expect("room again");
    let mut upload = store.resume_upload(id, &saved).await.expect("resumed");
    let rest = bytes.slice(usize::try_from(offset).expect("small")..);
    upload.write(rest).await.expect("written");
    let digest = sha256(&bytes);
    upload.finish(&digest).await.expect("finished");
    store.make_durable(&[digest, small]).await.expect("durable");
    assert!(read(&store, &digest).await.expect("present") == bytes);
}

#[tokio::test]
async fn f09_a_failed_write_gives_back_what_it_took() {
    let Some(disk) = Mounted::tmpfs("size=4m") else {
        return;
    };
    let store = Store::open(disk.path()).expect("a store");
    let mut upload = store
        .create_upload(new_id(), Algorithm::Sha256)
        .expect("upload");
    let error = upload
        .write(make_bytes(3, 8 << 20))
        .await
        .expect_err("too much");
    assert!(error.is_out_of_space(), "{error}");
    assert!(store.free_space().expect("a look").bytes > 3 << 20);
    store.check_writable().expect("room for others");
    let bytes = make_bytes(4, 1 << 20);
    upload.write(bytes.clone()).await.expect("less fits");
    upload.finish(&sha256(&bytes)).await.expect("finished");
}

#[tokio::test]
async fn f11_a_disk_without_inodes_takes_no_upload_but_serves_readers() {
    let Some(disk) = Mounted::tmpfs("size=4m,nr_inodes=60") else {
        return;
    };
    let store = Store::open(disk.path()).expect("a store");
    let known = push(&store, &make_bytes(5, 100)).await;
    let mut failure = None;
    for seed in 100..200 {
        match store.create_upload(new_id(), Algorithm::Sha256) {
            Err(error) => {
                failure = Some(error);
                break;
            }
            Ok(mut upload) => {
                let bytes = make_bytes(seed, 100);
                upload.write(bytes.clone()).await.expect("written");
                upload.finish(&sha256(&bytes)).await.expect("finished");
            }
        }
    }
    let failure = failure.expect("inodes run out");
    assert!(failure.is_out_of_space(), "{failure}");
    let probe = store.check_writable().expect_err("no inode for a probe");
    assert!(probe.is_out_of_space(), "{probe}");
    assert!(read(&store, &known).await.is_some());
    // Its shard cannot be made: that is no reason to forget the bytes.
    let error = store.make_durable(&[known]).await.expect_err("no inode");
    assert!(
        error.lost.is_empty() && error.source.is_out_of_space(),
        "{error}"
    );
    disk.remount("nr_inodes=2000");
    store.make_durable(&[known]).await.expect("healed");
    push(&store, &make_bytes(6, 100)).await;
}

#[tokio::test]
async fn f12_a_read_only_disk_serves_readers_and_heals() {
    let Some(disk) = Mounted::tmpfs("size=4m") else {
        return;
    };
    let store = Store::open(disk.path()).expect("a store");
    let known = push(&store, &make_bytes(7, 100)).await;
    store.make_durable(&[known]).await.expect("durable");
    disk.remount("ro");

    let Err(error) = store.create_upload(new_id(), Algorithm::Sha256) else {
        panic!("the disk is read-only");
    };
    assert!(error.is_read_only(), "{error}");
    let error = store.check_writable().expect_err("read-only");
    assert!(error.is_read_only(), "{error}");
    assert!(read(&store, &known).await.is_some());

    disk.remount("rw");
    store.check_writable().expect("writable");
    let digest = push(&store, &make_bytes(8, 100)).await;
    store.make_durable(&[digest]).await.expect("durable");
}

#[tokio::test]
async fn an_upload_that_cannot_be_named_can_be_finished_later() {
    let Some(disk) = Mounted::tmpfs("size=4m") else {
        return;
    };
    let store = Store::open(disk.path()).expect("a store");
    let (id, bytes) = (new_id(), make_bytes(9, 100));
    let digest = sha256(&bytes);
    let mut upload = store.create_upload(id, Algorithm::Sha256).expect("upload");
    upload.write(bytes.clone()).await.expect("written");
    let saved = upload.save().await.expect("saved");
    // A directory where the staged file should go stands for whatever may keep a rename from working.
    let obstacle = crate::bytes_and_ids::staged_path(disk.path(), &digest);
    std::fs::create_dir(&obstacle).expect("an obstacle");
    match upload.finish(&digest).await {
        Err(FinishError::Store(Error::Io { .. })) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(read(&store, &digest).await, None);
    std::fs::remove_dir(&obstacle).expect("gone");
    let upload = store.resume_upload(id, &saved).await.expect("resumed");
    upload.finish(&digest).await.expect("finished");
    assert!(read(&store, &digest).await.expect("present") == bytes);
}
