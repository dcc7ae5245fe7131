//! Contexts: where the files of COPY and ADD are before the build has them.
//!
//! Whatever a context comes from ends as a folder of this machine that is read, never written, beneath its own root.

mod archive;
mod git;
mod http;
mod load;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use wharf_dockerfile::ignore::PatternSet;
use wharf_files::{Selection, Source, select};

pub use archive::unpack_archive;
pub(crate) use git::{Checkout, Identity, Repositories};
pub(crate) use http::{Download, KnownDownload, download_unless};
pub(crate) use load::{ContextLoader, MAIN_CONTEXT, apply_ignore_file, read_definition};

use crate::error::{Attempt, BuildError, Result};

/// A folder of files and what of it is left out.
pub(crate) struct FileContext {
    name: String,
    path: PathBuf,
    source: Arc<Source>,
    ignore: Option<PatternSet>,
    /// Deleted with the context: a checkout, an unpacked archive.
    _temporary: Option<TempDir>,
}

impl std::fmt::Debug for FileContext {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FileContext")
            .field("name", &self.name)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl FileContext {
    /// A folder that is there.
    pub(crate) fn open(name: &str, path: &Path) -> Result<Self> {
        let is_folder = std::fs::metadata(path).map(|meta| meta.is_dir());
        match is_folder {
            Ok(true) => {}
            Ok(false) => {
                return Err(BuildError::Request {
                    message: format!("the context {} is not a directory", path.display()),
                    hint: Some("Name the directory; a Dockerfile goes behind -f.".to_owned()),
                });
            }
            Err(error) => {
                return Err(BuildError::Machine {
                    message: format!("open the context {}", path.display()),
                    hint: None,
                    source: Some(Arc::new(error)),
                });
            }
        }
        let root = File::open(path).attempt(|| format!("open the context {}", path.display()))?;
        Ok(Self {
            name: name.to_owned(),
            path: path.to_owned(),
            source: Arc::new(Source::context(root.into())),
            ignore: None,
            _temporary: None,
        })
    }

    /// A folder within a temporary one, which goes with it.
    pub(crate) fn open_temporary(name: &str, folder: TempDir, part: &Path) -> Result<Self> {
        let mut context = Self::open(name, &folder.path().join(part))?;
        context._temporary = Some(folder);
        Ok(context)
    }

    /// No files.
    pub(crate) fn empty(name: &str) -> Result<Self> {
        let folder = TempDir::new().attempt(|| "make an empty context".to_owned())?;
        Self::open_temporary(name, folder, Path::new(""))
    }

    /// Leaves out what the patterns of its ignore file match.
    pub(crate) fn set_ignore(&mut self, patterns: PatternSet) {
        self.ignore = Some(patterns);
    }

    /// The newest time of a file that is not ignored, in seconds since 1970.
    pub(crate) fn newest_time(&self) -> Result<Option<i64>> {
        let selection = Selection {
            sources: vec!["/".to_owned()],
            ignore: self.ignore.clone(),
            ..Selection::default()
        };
        let selected = select(&self.source, &selection)
            .map_err(|error| BuildError::step(error.to_string()))?;
        let times = selected.entries().filter_map(|entry| entry.mtime);
        Ok(times.map(|time| time.seconds).max())
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    pub(crate) fn ignore(&self) -> Option<&PatternSet> {
        self.ignore.as_ref()
    }

    /// Reads a file of the context, wherever links within it lead, never outside and never anything but a plain file
    /// (attack rows C13, C14). `None` if it is not there.
    pub(crate) fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.source
            .read_file(path, MAX_TEXT)
            .attempt(|| format!("read {path} of the context"))
    }
}

/// The largest Dockerfile or ignore file that is read. BuildKit stops far below; a larger one is a mistake.
const MAX_TEXT: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c13_a_dockerfile_that_is_a_link_is_looked_up_beneath_the_context() {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("real"), "FROM a").unwrap();
        std::os::unix::fs::symlink("/real", folder.path().join("inside")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("outside")).unwrap();
        std::os::unix::fs::symlink("../../etc/passwd", folder.path().join("up")).unwrap();
        let context = FileContext::open("local", folder.path()).unwrap();
        assert_eq!(context.read_file("inside").unwrap().unwrap(), b"FROM a");
        assert_eq!(context.read_file("outside").unwrap(), None);
        assert_eq!(context.read_file("up").unwrap(), None);
        // Without the guard the host's file is what one gets.
        assert!(
            std::fs::read(folder.path().join("up")).is_ok() || !Path::new("/etc/passwd").exists()
        );
    }

    #[test]
    fn c14_a_pipe_is_refused_and_not_waited_for() {
        let folder = TempDir::new().unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.path().join("Dockerfile"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o644),
            0,
        )
        .unwrap();
        let context = FileContext::open("local", folder.path()).unwrap();
        assert!(context.read_file("Dockerfile").is_err());
    }
}
