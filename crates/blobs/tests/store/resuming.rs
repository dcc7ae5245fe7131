//! Uploads over several requests and several processes.

use std::os::unix::fs::FileExt;
use std::path::Path;

use bytes::Bytes;
use tempfile::tempdir;
use wharf_blobs::{Error, SavedUpload, Store, UploadId};
use wharf_oci::{Algorithm, Digest};

use crate::bytes_and_ids::{make_bytes, new_id, read, reopen};

const PART: usize = 300_001;

async fn write_part(store: &Store, id: UploadId, algorithm: Algorithm, part: &[u8]) -> SavedUpload {
    let mut upload = store.create_upload(id, algorithm).expect("upload");
    upload
        .write(Bytes::copy_from_slice(part))
        .await
        .expect("written");
    upload.save().await.expect("saved")
}

async fn complete(store: &Store, id: UploadId, saved: &SavedUpload, bytes: &Bytes) {
    let digest = Digest::of(saved.algorithm, bytes);
    let mut upload = store.resume_upload(id, saved).await.expect("resumed");
    assert_eq!(upload.offset(), saved.offset);
    upload.write(bytes.slice(PART..)).await.expect("written");
    upload.finish(&digest).await.expect("finished");
    assert!(read(store, &digest).await.expect("present") == *bytes);
}

#[tokio::test]
async fn an_upload_goes_on_in_the_next_request() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    for algorithm in Algorithm::ALL {
        let (id, bytes) = (new_id(), make_bytes(1, 2 * PART));
        let saved = write_part(&store, id, algorithm, &bytes[..PART]).await;
        complete(&store, id, &saved, &bytes).await;
    }
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let folder = tempdir().expect("a folder");
    for algorithm in Algorithm::ALL {
        let (id, bytes) = (new_id(), make_bytes(2, 2 * PART));
        let store = Store::open(folder.path()).expect("a store");
        let saved = write_part(&store, id, algorithm, &bytes[..PART]).await;
        drop(store);
        let store = reopen(folder.path()).await;
        complete(&store, id, &saved, &bytes).await;
    }
}

#[tokio::test]
async fn bytes_that_came_after_the_save_are_cut() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let (id, bytes) = (new_id(), make_bytes(3, 2 * PART));
    let saved = write_part(&store, id, Algorithm::Sha256, &bytes[..PART]).await;
    let mut upload = store.resume_upload(id, &saved).await.expect("resumed");
    upload
        .write(make_bytes(4, 9 * PART))
        .await
        .expect("written");
    drop(upload);
    complete(&store, id, &saved, &bytes).await;
}

fn upload_path(root: &Path, id: UploadId) -> std::path::PathBuf {
    root.join("uploads").join(id.to_string())
}

async fn resume_error(store: &Store, id: UploadId, saved: &SavedUpload) -> Error {
    match store.resume_upload(id, saved).await {
        Ok(_) => panic!("resumed"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn bytes_that_changed_while_no_server_ran_are_noticed() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let (id, bytes) = (new_id(), make_bytes(5, PART));
    let saved = write_part(&store, id, Algorithm::Sha256, &bytes).await;
    drop(store);
    let file = std::fs::File::options()
        .write(true)
        .open(upload_path(folder.path(), id))
        .expect("the file");
    file.write_all_at(&[0; 4096], 4096).expect("damaged");
    let store = reopen(folder.path()).await;
    for _ in 0..2 {
        let error = resume_error(&store, id, &saved).await;
        assert!(matches!(error, Error::UploadDamaged { .. }), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_resumed_says_why() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let (id, bytes) = (new_id(), make_bytes(6, PART));
    let saved = write_part(&store, id, Algorithm::Sha256, &bytes).await;

    let foreign = SavedUpload {
        algorithm: Algorithm::Sha512,
        ..saved.clone()
    };
    let error = resume_error(&store, id, &foreign).await;
    assert!(matches!(error, Error::HashState { .. }), "{error}");

    std::fs::File::options()
        .write(true)
        .open(upload_path(folder.path(), id))
        .and_then(|file| file.set_len(PART as u64 - 1))
        .expect("shortened");
    let error = resume_error(&store, id, &saved).await;
    assert!(matches!(error, Error::UploadDamaged { .. }), "{error}");

    store.discard_upload(id).expect("discarded");
    let error = resume_error(&store, id, &saved).await;
    assert!(matches!(error, Error::UploadMissing { .. }), "{error}");
}

#[tokio::test]
async fn one_request_at_a_time_holds_an_upload() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let (id, bytes) = (new_id(), make_bytes(7, 2 * PART));
    let saved = write_part(&store, id, Algorithm::Sha256, &bytes[..PART]).await;
    let holder = store.resume_upload(id, &saved).await.expect("resumed");
    let error = resume_error(&store, id, &saved).await;
    assert!(matches!(error, Error::UploadBusy { .. }), "{error}");
    drop(holder);
    complete(&store, id, &saved, &bytes).await;
}

#[tokio::test]
async fn uploads_are_listed_for_reaping() {
    let folder = tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let ids = [new_id(), new_id()];
    for id in ids {
        write_part(&store, id, Algorithm::Sha256, b"x").await;
    }
    std::fs::write(folder.path().join("uploads/notes.txt"), b"").expect("a foreign file");
    let mut found: Vec<_> = store.list_uploads().expect("a list");
    found.sort_by_key(|file| file.id);
    assert_eq!(found.iter().map(|file| file.id).collect::<Vec<_>>(), ids);
    store.discard_upload(ids[0]).expect("discarded");
    assert_eq!(store.list_uploads().expect("a list").len(), 1);
}
