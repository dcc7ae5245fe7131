//! A whole tree as an archive.

use std::io::Write as _;
use std::os::fd::AsFd;

use serde::{Deserialize, Serialize};
use wharf_layer::{TreeOptions, write_tree};
use wharf_sandbox::JobContext;

use super::{explain, take_file};

/// Writes tree 0 as an uncompressed tar to descriptor 0.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ExportCall {
    pub(crate) clamp_mtime: Option<i64>,
}

impl ExportCall {
    pub(super) fn run(self, context: JobContext) -> Result<(), String> {
        let mut fds: Vec<_> = context.fds.into_iter().map(Some).collect();
        let mut output = std::io::BufWriter::with_capacity(1 << 20, take_file(&mut fds, 0)?);
        let tree = context.trees.first().ok_or("the tree is missing")?;
        let options = TreeOptions {
            clamp_mtime: self.clamp_mtime,
            max_bytes: None,
        };
        write_tree(tree.as_fd(), &options, &mut output).map_err(|error| explain(&error))?;
        output
            .flush()
            .map_err(|error| format!("write the archive: {error}"))
    }
}
