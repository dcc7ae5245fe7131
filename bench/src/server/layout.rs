//! Writes content straight into a stopped peer's storage folder, because pushing 100,000 tags to it takes half an hour.
//! The layout is the public one of distribution's `registry/storage/paths.go`, the same in 2.8 and 3.
//! Refuses nothing: the peers' answers are compared with what was written before anything is measured.
//! Called by seeding.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::content::Digest;

pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn below(storage: &Path) -> Layout {
        Layout {
            root: storage.join("docker/registry/v2"),
        }
    }

    /// # Errors
    /// A file cannot be written; the same holds for the other methods.
    pub(crate) fn write_blob(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        let hex = digest.hex();
        let folder = self.root.join(format!("blobs/sha256/{}/{hex}", &hex[..2]));
        write_file(&folder, "data", bytes)?;
        Ok(digest)
    }

    pub(crate) fn link_layer(&self, repository: &str, digest: &Digest) -> Result<()> {
        self.link(
            &format!("{repository}/_layers/sha256/{}", digest.hex()),
            digest,
        )
    }

    pub(crate) fn link_manifest(&self, repository: &str, digest: &Digest) -> Result<()> {
        let revision = format!("{repository}/_manifests/revisions/sha256/{}", digest.hex());
        self.link(&revision, digest)
    }

    /// All `tags` point to one manifest; each but the first is a symbolic link to the first one's folder.
    /// Two folders and a file for each of 100,000 tags would be a gigabyte of metadata.
    pub(crate) fn link_tags(
        &self,
        repository: &str,
        mut tags: impl Iterator<Item = String>,
        digest: &Digest,
    ) -> Result<()> {
        let folder = format!("{repository}/_manifests/tags");
        let Some(first) = tags.next() else {
            return Ok(());
        };
        self.link(&format!("{folder}/{first}/current"), digest)?;
        let folder = self.root.join("repositories").join(folder);
        for tag in tags {
            symlink(&first, folder.join(&tag)).with_context(|| format!("link tag {tag}"))?;
        }
        Ok(())
    }

    /// Lets repositories of the same folder be `first` under other names, by symbolic links.
    pub(crate) fn repeat_repository(
        &self,
        first: &str,
        others: impl Iterator<Item = String>,
    ) -> Result<()> {
        let first = self.root.join("repositories").join(first);
        for other in others {
            symlink(&first, self.root.join("repositories").join(&other))
                .with_context(|| format!("link repository {other}"))?;
        }
        Ok(())
    }

    fn link(&self, folder: &str, digest: &Digest) -> Result<()> {
        let folder = self.root.join("repositories").join(folder);
        write_file(&folder, "link", digest.as_str().as_bytes())
    }
}

fn write_file(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let file = folder.join(name);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, bytes))
        .with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_hold_the_digest() {
        let storage = tempfile::tempdir().unwrap();
        let layout = Layout::below(storage.path());
        let digest = layout.write_blob(b"x").unwrap();
        let tags = ["t1", "t2"].map(str::to_owned).into_iter();
        layout.link_tags("a/b", tags, &digest).unwrap();
        for tag in ["t1", "t2"] {
            let link =
                format!("docker/registry/v2/repositories/a/b/_manifests/tags/{tag}/current/link");
            let link = fs::read_to_string(storage.path().join(link)).unwrap();
            assert_eq!(link, digest.as_str());
        }
    }
}
