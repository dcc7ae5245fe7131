//! Where a server keeps the bytes of blobs, for tests that damage them.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
};

/// Cuts a stored blob short, as a disk that lost its tail.
pub fn make_damaged(data_dir: &Path, digest: &str) {
    let path = find_blob(data_dir, digest);
    let file = OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("the stored blob");
    let length = file.metadata().expect("a file").len();
    file.set_len(length / 2).expect("cut");
}

/// Where a durable blob lies.
pub fn find_blob(data_dir: &Path, digest: &str) -> PathBuf {
    let (algorithm, hex) = digest.split_once(':').expect("a digest");
    let path = data_dir.join(format!("blobs/{algorithm}/{}/{hex}", &hex[..2]));
    assert!(path.exists(), "{} is not there", path.display());
    path
}
