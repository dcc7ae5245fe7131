//! Where everything lies in the store's folder. Knows names, does no reading or writing of content.
//!
//! ```text
//! lock                      held by the one running server
//! blobs/sha256/ab/ab12…     durable blobs, immutable
//! staged/sha256-ab12…       verified and readable blobs that no manifest has needed to be durable yet
//! uploads/<uuid>            bytes of unfinished uploads
//! ```

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use wharf_oci::{Algorithm, Digest};

use crate::UploadId;
use crate::error::{IoContext, Result};

/// Only the server's own user may look inside: reading rights are decided above, by repository.
const DIRECTORY_MODE: u32 = 0o700;
pub(crate) const FILE_MODE: u32 = 0o600;

/// 256 directories per algorithm: enough that none grows past tens of thousands of entries, few enough to sync all at once.
const SHARD_DIGITS: usize = 2;

#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout of a folder as it is; makes nothing.
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Makes the folders that are missing.
    pub(crate) fn create(root: &Path) -> Result<Self> {
        let layout = Self {
            root: root.to_owned(),
        };
        make_directory(root, true)?;
        make_directory(&layout.blobs(), false)?;
        for algorithm in Algorithm::ALL {
            make_directory(&layout.algorithm(algorithm), false)?;
        }
        make_directory(&layout.staged(), false)?;
        make_directory(&layout.uploads(), false)?;
        Ok(layout)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub(crate) fn algorithm(&self, algorithm: Algorithm) -> PathBuf {
        self.root.join(format!("blobs/{algorithm}"))
    }

    pub(crate) fn staged(&self) -> PathBuf {
        self.root.join("staged")
    }

    pub(crate) fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// The directory of a durable blob.
    pub(crate) fn shard(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.root.join(format!(
            "blobs/{}/{}",
            digest.algorithm(),
            &hex[..SHARD_DIGITS]
        ))
    }

    pub(crate) fn blob(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.root.join(format!(
            "blobs/{}/{}/{hex}",
            digest.algorithm(),
            &hex[..SHARD_DIGITS]
        ))
    }

    pub(crate) fn staged_blob(&self, digest: &Digest) -> PathBuf {
        self.root
            .join(format!("staged/{}-{}", digest.algorithm(), digest.hex()))
    }

    pub(crate) fn upload(&self, id: &UploadId) -> PathBuf {
        self.root.join(format!("uploads/{id}"))
    }
}

/// The digest that a file name in `staged/` stands for.
pub(crate) fn parse_staged_name(name: &str) -> Option<Digest> {
    let (algorithm, hex) = name.split_once('-')?;
    format!("{algorithm}:{hex}").parse().ok()
}

/// The digest that a file name in `blobs/<algorithm>/<shard>/` stands for, if it lies in the right shard.
pub(crate) fn parse_blob_name(algorithm: Algorithm, shard: &str, name: &str) -> Option<Digest> {
    if !name.starts_with(shard) || shard.len() != SHARD_DIGITS {
        return None;
    }
    format!("{algorithm}:{name}").parse().ok()
}

/// Makes a directory that only we may enter; one that is there already is left as it is.
pub(crate) fn make_directory(path: &Path, with_parents: bool) -> Result<bool> {
    let mut builder = DirBuilder::new();
    builder.mode(DIRECTORY_MODE).recursive(with_parents);
    match builder.create(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(false),
        Err(error) => Err(error).context("make the directory", path),
    }
}
