//! Unpacking a layer into a snapshot.

use std::os::fd::AsFd;

use serde::{Deserialize, Serialize};
use wharf_layer::{Allowance, ApplyOptions, Below, Decoder, DiffIdReader, Limits, apply};
use wharf_oci::Digest;
use wharf_sandbox::JobContext;

use super::{explain, explain_layer, take_file};

/// What base layers may unpack to.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct UnpackLimits {
    pub(crate) bytes: Option<u64>,
    pub(crate) files: Option<u64>,
}

impl UnpackLimits {
    pub(crate) fn to_limits(self) -> Limits {
        let usual = Limits::default();
        Limits {
            bytes: self.bytes.map_or(usual.bytes, Allowance::new),
            files: self.files.map_or(usual.files, Allowance::new),
            ..usual
        }
    }
}

/// Unpacks descriptor 0 into tree 0, which is a snapshot's plain upper folder. Tree 1, if there is one, shows what lies
/// below.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UnpackCall {
    /// In text, as messages name it.
    pub(crate) diff_id: String,
    pub(crate) limits: UnpackLimits,
}

/// How much it was.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Unpacked {
    pub(crate) bytes: u64,
}

impl UnpackCall {
    pub(super) fn run(self, context: JobContext) -> Result<Unpacked, String> {
        let mut fds: Vec<_> = context.fds.into_iter().map(Some).collect();
        let blob = take_file(&mut fds, 0)?;
        let mut trees = context.trees.iter();
        let upper = trees.next().ok_or("the snapshot's folder is missing")?;
        let below = match trees.next() {
            Some(tree) => Below::Tree(tree.as_fd()),
            None => Below::Nothing,
        };
        let expected: Digest = self
            .diff_id
            .parse()
            .map_err(|_| format!("{} is no digest of a layer", self.diff_id))?;
        let mut limits = self.limits.to_limits();
        let decoder =
            Decoder::new(blob, &limits).map_err(|error| format!("decompress a layer: {error}"))?;
        let mut reader = DiffIdReader::new(decoder);
        let applied = apply(
            &mut reader,
            upper.as_fd(),
            &ApplyOptions::layer(below),
            &mut limits,
        )
        .map_err(|error| explain_layer(&error))?;
        reader.verify(expected).map_err(|error| explain(&error))?;
        Ok(Unpacked {
            bytes: applied.bytes,
        })
    }
}
