//! Provides the CNCF registry: from the cache, or built once by Go into the cache.
//! Refuses to install Go itself or to write into the source tree.
//! Called when the contestants are found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::find_in_path;

/// The current release when the targets were set; a newer one changes the comparison, so it is changed by hand.
const VERSION: &str = "v3.1.2";

const PACKAGE: &str = "github.com/distribution/distribution/v3/cmd/registry";

/// The path of the registry program below `cache`; the first call takes a few minutes.
///
/// # Errors
/// It is not in the cache and Go is missing or fails to build it.
pub(crate) fn provide_distribution(cache: &Path) -> Result<PathBuf> {
    let folder = cache.join(format!("peers/distribution-{VERSION}"));
    let program = folder.join("registry");
    if program.is_file() {
        return Ok(program);
    }
    let Some(go) = find_in_path("go") else {
        bail!("Go is not installed, and the CNCF registry {VERSION} is built with it");
    };
    eprintln!("building {PACKAGE}@{VERSION} once, which takes a few minutes");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    // One compiler at a time and a low priority: the machine may be somebody's desk.
    let status = Command::new("nice")
        .arg(go)
        .arg("install")
        .arg(format!("{PACKAGE}@{VERSION}"))
        .env("GOBIN", &folder)
        .env("GOFLAGS", "-p=1")
        .current_dir(&folder)
        .status()
        .context("run go install")?;
    ensure!(
        status.success() && program.is_file(),
        "go install {PACKAGE}@{VERSION} failed"
    );
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_in_the_cache_is_taken_as_it_is() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("peers/distribution-v3.1.2");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("registry"), "").unwrap();
        let program = provide_distribution(cache.path()).unwrap();
        assert_eq!(program, folder.join("registry"));
    }
}
