//! Where the console's files are: in the program, or in a folder.

use bytes::Bytes;
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::io::AsyncReadExt;

/// Most that is read of one file of a folder. The largest part of a built console is a tenth of it; a folder that holds
/// something else costs no more memory than this.
const LONGEST: u64 = 16 << 20;

/// What the build script took in: name and bytes, by name.
const BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// The files of a built console.
#[derive(Debug, Clone)]
pub(crate) enum Files {
    /// Those in the program; none where nobody built the console before the program.
    BuiltIn,
    /// Those of a folder, read whenever somebody asks.
    Folder(PathBuf),
}

impl Files {
    /// Those of `folder`; without one those in the program, which in a program for development are those of the clone it
    /// was built from.
    pub(crate) fn open(folder: Option<PathBuf>) -> Self {
        let of_clone = || {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../console/dist");
            cfg!(debug_assertions).then(|| PathBuf::from(path))
        };
        folder.or_else(of_clone).map_or(Self::BuiltIn, Self::Folder)
    }

    /// The file of this name, which must be one that [`super::asset::AssetPath`] let through.
    pub(crate) async fn read(&self, name: &str) -> Option<Bytes> {
        match self {
            Self::BuiltIn => BUILT_IN
                .binary_search_by_key(&name, |(name, _)| name)
                .ok()
                .map(|place| Bytes::from_static(BUILT_IN[place].1)),
            Self::Folder(folder) => read_file(&folder.join(name)).await.ok(),
        }
    }
}

async fn read_file(path: &Path) -> io::Result<Bytes> {
    let file = tokio::fs::File::open(path).await?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).await?;
    Ok(bytes.into())
}
