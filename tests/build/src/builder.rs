//! Programs that build: the one that is recorded and the one that is tested, asked in the same words.

pub mod buildctl;
pub mod flags;
pub mod wharf;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;

use crate::case::Stdin;

/// One build, every word filled in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Folder of the case: the context is `context` in it.
    pub folder: PathBuf,
    /// Flags as of `docker buildx build`.
    pub flags: Vec<String>,
    /// The last argument: a path, a URL, or `-`.
    pub source: String,
    /// Bytes on standard input.
    pub stdin: Option<(Stdin, Vec<u8>)>,
    /// What comes out, and where.
    pub output: Output,
    /// Where the metadata file and the image id file go, when they are wanted.
    pub metadata: Option<(PathBuf, PathBuf)>,
    /// Variables of the client.
    pub env: BTreeMap<String, String>,
}

/// Where the result goes.
#[derive(Debug, Clone)]
pub enum Output {
    /// `--output` with `dest`.
    Local { attributes: String, dest: PathBuf },
    /// To the registry, under the names of `-t`.
    Push,
    /// Nowhere: `--check` and `--call` print.
    Printed,
    /// `--output type=cacheonly`.
    Cache,
}

/// What a builder did.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Whether it ended well.
    pub success: bool,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// A program that builds.
pub trait Builder: Sync {
    /// Its name and version, for the header of an expectation.
    ///
    /// # Errors
    /// It cannot be run.
    fn name_version(&self) -> Result<String>;

    /// Forgets what would let one case see another.
    ///
    /// # Errors
    /// The program cannot be run.
    fn start_case(&self) -> Result<()> {
        Ok(())
    }

    /// Builds.
    ///
    /// # Errors
    /// The program cannot be run; a build that fails is an [`Answer`].
    fn run_build(&self, request: &Request) -> Result<Answer>;
}
