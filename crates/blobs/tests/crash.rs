//! A crash at every step of a push (F02): the store opens again, shows no half blob, and keeps what it acknowledged.
//!
//! This program runs itself as the process that is killed, at the point that `WHARF_FAILPOINT` names.

use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use bytes::Bytes;
use uuid::Uuid;
use wharf_blobs::{SavedUpload, Store, UploadId};
use wharf_oci::{Algorithm, Digest};

const POINTS: [&str; 7] = [
    "after-session-file",
    "after-part-write",
    "after-last-byte",
    "before-fsync",
    "before-rename",
    "before-dir-fsync",
    "after-dir-fsync",
];

const PUSH: &str = "--push-into";
const ID: UploadId = UploadId::new(Uuid::from_u128(42));

/// Two parts, each large enough to be hashed beside the writing task.
const PART: usize = 1_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("a runtime");
    if let [_, command, root] = &arguments[..]
        && command == PUSH
    {
        runtime.block_on(push(Path::new(root)));
        return;
    }
    for point in POINTS {
        runtime.block_on(crash_and_check(point));
        println!("crash {point} ... ok");
    }
}

fn content() -> Bytes {
    let bytes: Vec<u8> = (0..2 * PART).map(|n| (n * 31 % 251) as u8).collect();
    Bytes::from(bytes)
}

/// The process that dies: says on standard output what it may promise to a client by then.
async fn push(root: &Path) {
    let (store, bytes) = (Store::open(root).expect("a store"), content());
    let mut upload = store.create_upload(ID, Algorithm::Sha256).expect("upload");
    upload.write(bytes.slice(..PART)).await.expect("written");
    let saved = upload.save().await.expect("saved");
    std::fs::write(root.join("saved"), &saved.hash_state).expect("saved");
    println!("saved");
    upload.write(bytes.slice(PART..)).await.expect("written");
    let digest = Digest::of(Algorithm::Sha256, &bytes);
    upload.finish(&digest).await.expect("finished");
    println!("visible");
    store.make_durable(&[digest]).await.expect("durable");
    println!("durable");
}

async fn crash_and_check(point: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let child = Command::new(std::env::current_exe().expect("this program"))
        .arg(PUSH)
        .arg(folder.path())
        .env("WHARF_FAILPOINT", point)
        .stderr(Stdio::inherit())
        .output()
        .expect("the child");
    let promised = String::from_utf8(child.stdout).expect("text");
    assert_eq!(
        child.status.signal(),
        Some(libc::SIGABRT),
        "{point}: {promised}"
    );
    assert!(
        !promised.contains("durable"),
        "{point} lies before the answer"
    );

    let store = Store::open(folder.path()).expect("the lock died with the process");
    let bytes = content();
    let digest = Digest::of(Algorithm::Sha256, &bytes);
    let found = read(&store, &digest).await;
    if promised.contains("visible") {
        assert!(found.is_some(), "{point}: what was acknowledged is there");
    }
    match found {
        Some(found) => assert!(found == bytes, "{point}: whole or absent"),
        None if promised.contains("saved") => resume(&store, folder.path(), &bytes).await,
        None => {
            store.discard_upload(ID).expect("discarded");
            start_again(&store, &bytes).await;
        }
    }
    store.make_durable(&[digest]).await.expect("durable");
    assert!(store.verify_blob(&digest).expect("readable"));
    assert!(store.list_uploads().expect("a list").is_empty(), "{point}");
}

async fn read(store: &Store, digest: &Digest) -> Option<Vec<u8>> {
    let blob = store.open_blob(digest).await.expect("a look")?;
    let mut bytes = vec![0; usize::try_from(blob.size).expect("small")];
    blob.file.read_exact_at(&mut bytes, 0).expect("readable");
    Some(bytes)
}

async fn resume(store: &Store, root: &Path, bytes: &Bytes) {
    let saved = SavedUpload {
        algorithm: Algorithm::Sha256,
        offset: PART as u64,
        hash_state: std::fs::read(root.join("saved")).expect("the saved state"),
    };
    let mut upload = store.resume_upload(ID, &saved).await.expect("resumed");
    upload.write(bytes.slice(PART..)).await.expect("written");
    let digest = Digest::of(Algorithm::Sha256, bytes);
    upload.finish(&digest).await.expect("finished");
}

async fn start_again(store: &Store, bytes: &Bytes) {
    let mut upload = store.create_upload(ID, Algorithm::Sha256).expect("upload");
    upload.write(bytes.clone()).await.expect("written");
    let digest = Digest::of(Algorithm::Sha256, bytes);
    upload.finish(&digest).await.expect("finished");
}
