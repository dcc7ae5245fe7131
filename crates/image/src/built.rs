//! What a build leaves behind.

use std::collections::BTreeMap;
use std::path::PathBuf;

use wharf_oci::{Descriptor, Digest, Platform};

/// One layer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltLayer {
    /// Type, digest and size as stored.
    pub descriptor: Descriptor,
    /// Digest of the uncompressed tar.
    pub diff_id: Digest,
}

/// The image of one platform. Its layers are in the content store, or still where their base image is.
#[derive(Debug, Clone)]
pub struct BuiltImage {
    /// For which platform.
    pub platform: Platform,
    /// The configuration, serialized: its digest is the image's id.
    pub config: Vec<u8>,
    /// Bottom first.
    pub layers: Vec<BuiltLayer>,
    /// The folders that stack up to the image's files, top first; ids as the sandbox keeps them.
    pub tree: Vec<PathBuf>,
    /// Of the manifest.
    pub annotations: BTreeMap<String, String>,
}

/// All that one build made.
#[derive(Debug, Clone)]
pub struct Built {
    /// In the order of the platforms asked for; at least one.
    pub images: Vec<BuiltImage>,
}
