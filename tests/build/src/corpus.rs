//! Where the cases are, and what lies beside each.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::case::Case;

/// A case by its place.
#[derive(Debug, Clone)]
pub struct Filed {
    /// `area/name`.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Its text.
    pub case: Case,
}

/// The folder of all cases.
#[must_use]
pub fn find_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// Every case, by name.
///
/// # Errors
/// One of them cannot be read.
pub fn list_cases(folder: &Path) -> Result<Vec<Filed>> {
    let mut cases = Vec::new();
    for area in list_folders(folder)? {
        for case in list_folders(&area)? {
            let name = case.strip_prefix(folder)?.display().to_string();
            cases.push(Filed {
                case: Case::read(&case)?,
                name,
                folder: case,
            });
        }
    }
    Ok(cases)
}

fn list_folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| format!("list {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
}

impl Filed {
    /// Where the recorder puts what it saw.
    #[must_use]
    pub fn expectation_path(&self) -> PathBuf {
        self.folder.join("expect.json")
    }

    /// What the recorder saw.
    ///
    /// # Errors
    /// It never recorded this case.
    pub fn read_expectation(&self) -> Result<Value> {
        let path = self.expectation_path();
        let bytes =
            std::fs::read(&path).with_context(|| format!("{} is not recorded", self.name))?;
        serde_json::from_slice(&bytes).with_context(|| format!("parse {}", path.display()))
    }
}
