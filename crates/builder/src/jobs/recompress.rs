//! Writing a layer in another compression.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use wharf_layer::{Decoder, DiffIdReader, LayerWriter, Limits};
use wharf_oci::Digest;
use wharf_sandbox::JobContext;

use super::diff::LayerForm;
use super::{explain, take_file};

/// Writes the layer in descriptor 0, whatever its compression, to descriptor 1.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RecompressCall {
    /// What it has to be without any compression.
    pub(crate) diff_id: String,
    pub(crate) compression: LayerForm,
}

/// The blob that was written.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RecompressDone {
    pub(crate) digest: String,
    pub(crate) size: u64,
}

impl RecompressCall {
    pub(super) fn run(self, context: JobContext) -> Result<RecompressDone, String> {
        let mut fds: Vec<_> = context.fds.into_iter().map(Some).collect();
        let (input, output) = (take_file(&mut fds, 0)?, take_file(&mut fds, 1)?);
        let expected: Digest = self
            .diff_id
            .parse()
            .map_err(|_| format!("{} is no digest of a layer", self.diff_id))?;
        let decoder = Decoder::new(input, &Limits::default())
            .map_err(|error| format!("decompress a layer: {error}"))?;
        let mut reader = DiffIdReader::new(decoder);
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let mut writer = LayerWriter::new(output, self.compression.into(), threads)
            .map_err(|error| explain(&error))?;
        std::io::copy(&mut reader, &mut writer)
            .map_err(|error| format!("write a layer again: {error}"))?;
        reader.verify(expected).map_err(|error| explain(&error))?;
        let (written, _) = writer.finish().map_err(|error| explain(&error))?;
        Ok(RecompressDone {
            digest: written.digest.to_string(),
            size: written.size,
        })
    }
}
