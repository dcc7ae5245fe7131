//! A context that arrives as a tar.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;

use tempfile::TempDir;
use wharf_layer::{Allowance, ApplyOptions, Decoder, Limits, Ownership, apply};

use super::FileContext;
use crate::error::{Attempt, BuildError, Result};

/// Unpacks an archive, plain or compressed, into a temporary folder. Names that leave it are refused.
pub(super) fn unpack(name: &str, path: &Path) -> Result<FileContext> {
    let folder = TempDir::new().attempt(|| "make a folder for the context".to_owned())?;
    let file = File::open(path).attempt(|| format!("open {}", path.display()))?;
    unpack_archive(file, folder.path(), None)?;
    FileContext::open_temporary(name, folder, Path::new(""))
}

/// Unpacks an archive, plain or compressed, from its start into an empty folder, for callers that choose a context within
/// it. Names that leave the folder are refused, and more than `bytes` of files. Blocks.
///
/// # Errors
/// What is no archive, or leaves the folder, or is too large; the file system's.
pub fn unpack_archive(file: File, folder: &Path, bytes: Option<u64>) -> Result<()> {
    let root = File::open(folder).attempt(|| "open the context's folder".to_owned())?;
    let mut limits = Limits::default();
    if let Some(bytes) = bytes {
        limits.bytes = Allowance::new(bytes);
    }
    let decoder =
        Decoder::new(file, &limits).attempt(|| "decompress the build context".to_owned())?;
    let mut options = ApplyOptions::archive();
    options.ownership = Ownership::Unchanged;
    apply(decoder, root.as_fd(), &options, &mut limits).map_err(|error| BuildError::Machine {
        message: "unpack the build context".to_owned(),
        hint: error.hint().map(str::to_owned),
        source: Some(std::sync::Arc::new(error)),
    })?;
    Ok(())
}
