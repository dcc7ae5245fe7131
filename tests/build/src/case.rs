//! A case as it is written: `cases/<area>/<name>/case.toml` beside its `Dockerfile`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// What is built, and with what beside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// Rows of the checklist that this case shows, such as `C1`.
    pub rows: Vec<String>,
    /// What is subtle here, in one sentence.
    pub why: Option<String>,
    /// What the context folder holds beside the Dockerfile.
    #[serde(default)]
    pub context: Vec<Entry>,
    /// What lies beside the context folder, reached by `@WORK@`.
    #[serde(default)]
    pub beside: Vec<Entry>,
    /// Flags of `wharf build`, which are those of `docker buildx build`.
    #[serde(default)]
    pub build: Vec<String>,
    /// The last argument; the context folder when absent.
    pub source: Option<String>,
    /// What the builder reads on its standard input.
    pub stdin: Option<Stdin>,
    /// `--output` without its destination; `type=oci` when absent, `push` for what `-t … --push` sent.
    pub output: Option<String>,
    /// The client's environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Files whose bytes differ with each run of their step: recorded is only whether a later step kept them.
    #[serde(default)]
    pub random: Vec<String>,
    /// Whether the lines that steps print are part of the expectation.
    #[serde(default)]
    pub log: bool,
    /// Whether `--metadata-file` and `--iidfile` are part of the expectation.
    #[serde(default)]
    pub metadata: bool,
    /// Words that an error must hold; present when the (last) build is expected to fail.
    pub fails: Option<Vec<String>>,
    /// Builds of the same folder one after the other; a single one when absent.
    #[serde(default)]
    pub step: Vec<Step>,
    /// What differs from the reference on purpose.
    #[serde(default)]
    pub differs: Vec<Difference>,
}

/// One of several builds of a case.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// Flags in addition to those of the case.
    #[serde(default)]
    pub build: Vec<String>,
    /// Entries of the context that are made, or made anew, before this build.
    #[serde(default)]
    pub change: Vec<Entry>,
    /// Entries of the context that are removed before this build.
    #[serde(default)]
    pub remove: Vec<String>,
    /// As of the case, for this build.
    pub fails: Option<Vec<String>>,
    /// Another Dockerfile text for this build, by the name of a file beside `case.toml`.
    pub dockerfile: Option<String>,
}

/// What goes to standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stdin {
    /// The Dockerfile's text.
    Dockerfile,
    /// The context folder as a tar archive.
    Tar,
    /// The same, through gzip.
    TarGz,
}

/// A deliberate difference from the reference.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Difference {
    /// Where the difference is, as [`crate::compare`] names it; a trailing `*` stands for anything.
    pub at: String,
    /// The reason, for the closing table.
    pub why: String,
}

/// One thing to make in a folder: git keeps neither modes nor times, links, devices or attributes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    /// Where, relative to the folder.
    pub path: String,
    /// What; a regular file when absent.
    #[serde(default)]
    pub kind: Kind,
    /// Text of a file.
    pub content: Option<String>,
    /// Bytes of a file, for those that are no text.
    pub base64: Option<String>,
    /// A file of that many zero bytes, sparse.
    pub size: Option<u64>,
    /// Permission bits; 0644 for files, 0755 for folders when absent.
    pub mode: Option<u32>,
    /// Owner and group; the caller's own when absent.
    pub owner: Option<(u32, u32)>,
    /// Seconds since 1970; [`DEFAULT_TIME`] when absent.
    pub mtime: Option<i64>,
    /// Nanoseconds of the modification time.
    #[serde(default)]
    pub nanos: u32,
    /// Where a symbolic or hard link leads.
    pub target: Option<String>,
    /// Extended attributes.
    #[serde(default)]
    pub xattrs: BTreeMap<String, String>,
    /// What an archive holds.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// What an [`Entry`] is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A regular file.
    #[default]
    File,
    /// A folder.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A second name of an entry made before.
    Hardlink,
    /// A named pipe.
    Fifo,
    /// A Unix socket.
    Socket,
    /// A character device 1:3; needs root.
    Device,
    /// A tar archive of `entries`.
    Tar,
    /// The same through gzip.
    TarGz,
    /// A private key for ssh, made anew.
    SshKey,
}

/// The modification time of everything that names none: in 2001, so it can never be taken for the time of a build.
pub const DEFAULT_TIME: i64 = 1_000_000_000;

impl Case {
    /// Reads `folder/case.toml`.
    ///
    /// # Errors
    /// The file is missing, is no TOML, or has a key that a case has not.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("case.toml");
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("parse {}", path.display()))
    }

    /// The builds in order; at least one.
    #[must_use]
    pub fn list_steps(&self) -> Vec<Step> {
        if self.step.is_empty() {
            vec![Step::default()]
        } else {
            self.step.clone()
        }
    }
}
