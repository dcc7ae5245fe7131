//! Power loss on real file systems: whatever was not synced is thrown away (F04). Only root may do that.

use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use wharf_blobs::{Error, SavedUpload, Store, UploadId};
use wharf_oci::{Algorithm, Digest};

use crate::bytes_and_ids::{
    make_bytes, new_id, push, read, reopen, sha256, staged_path, stored_path,
};
use crate::mounts::Mounted;

/// `FS_IOC_SHUTDOWN`, `_IOR('X', 125, __u32)`: ext4, xfs, f2fs.
const SHUTDOWN: libc::c_ulong = 0x8004_587d;

/// Without writing the journal out first.
const NO_LOG_FLUSH: u32 = 2;

fn cut_power(mount: &Path) {
    let root = std::fs::File::open(mount).expect("the mount point");
    let mode = NO_LOG_FLUSH;
    // SAFETY: the descriptor is open, and the kernel reads one u32 from the pointer, which outlives the call.
    let result = unsafe { libc::ioctl(root.as_raw_fd(), SHUTDOWN, &raw const mode) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

fn make_image(kind: &str, image: &Path) -> bool {
    let file = std::fs::File::create(image).expect("an image");
    file.set_len(400 << 20).expect("sparse");
    let made = Command::new(format!("mkfs.{kind}"))
        .arg("-q")
        .arg(image)
        .output();
    match made {
        Ok(output) if output.status.success() => true,
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            println!("skipped: there is no mkfs.{kind}");
            false
        }
    }
}

struct Promises {
    durable: Vec<(Digest, Bytes)>,
    visible: Vec<(Digest, Bytes)>,
    upload: (UploadId, SavedUpload, Bytes),
}

async fn make_promises(store: &Store, round: u64) -> Promises {
    let (mut durable, mut visible) = (Vec::new(), Vec::new());
    for n in 0..12_u64 {
        let size = [0, 100, 5_000, 70_000, 1_200_000][n as usize % 5];
        let bytes = make_bytes(round * 1_000 + n, size);
        let digest = push(store, &bytes).await;
        if n % 3 == 0 {
            visible.push((digest, bytes));
        } else {
            durable.push((digest, bytes));
        }
    }
    let digests: Vec<_> = durable.iter().map(|(digest, _)| *digest).collect();
    store.make_durable(&digests).await.expect("durable");
    let (id, bytes) = (new_id(), make_bytes(round, 2_000_000));
    let mut upload = store.create_upload(id, Algorithm::Sha256).expect("upload");
    upload.expect_size(2_000_000);
    upload
        .write(bytes.slice(..1_000_000))
        .await
        .expect("written");
    let saved = upload.save().await.expect("saved");
    Promises {
        durable,
        visible,
        upload: (id, saved, bytes),
    }
}

async fn check_promises(store: &Store, promises: Promises) {
    for (digest, bytes) in promises.durable {
        let place = stored_path(store.root(), &digest);
        assert!(place.exists(), "a durable blob kept its place");
        let found = read(store, &digest).await.expect("a durable blob is there");
        assert!(found == bytes, "a durable blob is whole");
    }
    for (digest, bytes) in promises.visible {
        if let Some(found) = read(store, &digest).await {
            assert!(found == bytes, "what is reported present is whole");
        }
    }
    let (id, saved, bytes) = promises.upload;
    match store.resume_upload(id, &saved).await {
        Ok(mut upload) => {
            upload
                .write(bytes.slice(1_000_000..))
                .await
                .expect("written");
            let digest = sha256(&bytes);
            upload.finish(&digest).await.expect("the same bytes");
            assert!(read(store, &digest).await.expect("present") == bytes);
        }
        Err(Error::UploadMissing { .. } | Error::UploadDamaged { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

async fn lose_power(kind: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("image");
    if !make_image(kind, &image) {
        return;
    }
    for round in 0..6 {
        let Some(disk) = Mounted::image(&image) else {
            return;
        };
        let store = Store::open(disk.path().join("data")).expect("a store");
        let promises = make_promises(&store, round).await;
        cut_power(disk.path());
        drop(store);
        drop(disk);
        let disk = Mounted::image(&image).expect("mounts again");
        let store = reopen(&disk.path().join("data")).await;
        check_promises(&store, promises).await;
    }
}

#[tokio::test]
async fn f04_power_loss_on_ext4_takes_nothing_that_was_made_durable() {
    lose_power("ext4").await;
}

#[tokio::test]
async fn f04_power_loss_on_xfs_takes_nothing_that_was_made_durable() {
    lose_power("xfs").await;
}

/// What a process leaves that is killed between a rename and its directory sync: the name is there, but only in memory.
async fn leave_unsynced_name(root: &Path, bytes: &Bytes) -> Digest {
    let store = Store::open(root).expect("a store");
    let digest = push(&store, bytes).await;
    let (staged, place) = (staged_path(root, &digest), stored_path(root, &digest));
    std::fs::create_dir(place.parent().expect("a shard")).expect("a new shard");
    let file = std::fs::File::open(&staged).expect("the staged file");
    file.sync_data().expect("synced");
    std::fs::rename(staged, place).expect("renamed");
    digest
}

#[tokio::test]
async fn f04_a_name_that_a_killed_process_did_not_sync_is_synced_before_it_is_relied_upon() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("image");
    if !make_image("ext4", &image) {
        return;
    }
    let Some(disk) = Mounted::image(&image) else {
        return;
    };
    let root = disk.path().join("data");
    let bytes = make_bytes(77, 5_000);
    let digest = leave_unsynced_name(&root, &bytes).await;
    let store = reopen(&root).await;
    store.make_durable(&[digest]).await.expect("durable");
    cut_power(disk.path());
    drop(store);
    drop(disk);
    let disk = Mounted::image(&image).expect("mounts again");
    let root = disk.path().join("data");
    assert!(stored_path(&root, &digest).exists(), "kept its place");
    let store = reopen(&root).await;
    assert!(read(&store, &digest).await.expect("present") == bytes);
}
