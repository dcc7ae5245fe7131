//! What lies where in the store's folder, and making it.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wharf_oci::{Algorithm, Digest};

use super::content::sweep_abandoned;
use super::index::Index;

pub(super) const INDEX: &str = "index.json";
/// Locked while `index.json` is replaced: the file itself cannot be, as each change makes it another file.
pub(super) const LOCK: &str = "index.json.lock";
/// Bytes on their way, where the file system has no files without a name, and blobs on their way out.
pub(super) const INGEST: &str = "ingest";
const LAYOUT: &str = "oci-layout";
/// image-spec `image-layout.md`: the only version there is.
pub(crate) const LAYOUT_TEXT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LayoutFile {
    image_layout_version: String,
}

/// Where a digest's bytes are.
pub(super) fn blob_path(folder: &Path, digest: &Digest) -> PathBuf {
    blob_folder(folder, digest.algorithm()).join(digest.hex())
}

pub(super) fn blob_folder(folder: &Path, algorithm: Algorithm) -> PathBuf {
    folder.join("blobs").join(algorithm.as_str())
}

/// Makes an empty layout, or checks the one that is there. Safe beside others who do the same.
pub(super) fn prepare_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    for algorithm in Algorithm::ALL {
        fs::create_dir_all(blob_folder(folder, algorithm))?;
    }
    fs::create_dir_all(folder.join(INGEST))?;
    match fs::read(folder.join(LAYOUT)) {
        Ok(bytes) => check_version(&bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let _lock = super::lock::lock_index(folder)?;
            if !folder.join(INDEX).exists() {
                replace_file(folder, INDEX, &Index::default().render()?)?;
            }
            for parent in [Some(folder.join("blobs").as_path()), folder.parent()]
                .into_iter()
                .flatten()
            {
                sync_folder(if parent.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    parent
                })?;
            }
            // Last, because its presence says that the rest is there.
            replace_file(folder, LAYOUT, LAYOUT_TEXT.as_bytes())?;
        }
        Err(error) => return Err(error),
    }
    sweep_abandoned(folder)
}

fn check_version(bytes: &[u8]) -> io::Result<()> {
    let layout: LayoutFile = serde_json::from_slice(bytes)?;
    if !layout.image_layout_version.starts_with("1.") {
        let version = layout.image_layout_version;
        let message = format!("it is an image layout of version {version:?}, known is 1.0.0");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(())
}

/// Replaces a file of the folder in one step: after a crash at any moment it is the old one or the new one, whole. The
/// caller holds the lock, which is why one name for the unfinished file is enough.
pub(super) fn replace_file(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}.new"));
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(&unfinished, folder.join(name))?;
    sync_folder(folder)
}

/// Makes the names in a directory survive power loss.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
