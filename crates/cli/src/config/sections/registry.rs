//! `[registry]`: how strict the registry protocol is.

use crate::config::reader::Reader;
use crate::config::value::RawValue;

/// `[registry]` of `wharf.toml`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RegistryConfig {
    /// Accepts image manifests that name blobs which are not here.
    pub(crate) allow_missing_blobs: bool,
}

pub(super) fn read_registry(reader: &mut Reader) -> RegistryConfig {
    RegistryConfig {
        allow_missing_blobs: reader.take_or(
            "registry",
            "allow_missing_blobs",
            RawValue::as_boolean,
            false,
            bool::to_string,
        ),
    }
}
