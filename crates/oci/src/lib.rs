//! The vocabulary of the registry protocol: digests, names, references, requests, manifests, error codes.
//!
//! Everything a peer sends arrives as bytes or text and leaves this crate as a value that is known to be
//! well formed, or as the error the protocol asks for. It does no I/O, knows no HTTP library, keeps no state and
//! decides nothing about rights or about what exists. Server, application, storage and clients all speak it.

mod algorithm;
mod byte_range;
mod content_range;
mod descriptor;
mod digest;
mod error_code;
mod image_config;
mod json_limits;
mod manifest;
pub mod media_type;
mod object_only;
mod operation;
mod page;
mod path;
mod percent;
mod platform;
mod query;
mod reference;
mod registry_error;
mod repository_name;
mod tag;

pub use algorithm::Algorithm;
pub use byte_range::ByteRange;
pub use content_range::ContentRange;
pub use descriptor::Descriptor;
pub use digest::{Digest, DigestError};
pub use error_code::ErrorCode;
pub use image_config::{HistoryEntry, ImageConfig};
pub use manifest::{MAX_MANIFEST_BYTES, Manifest, ManifestKind, ManifestReference, ReferenceKind};
pub use operation::Operation;
pub use page::Page;
pub use platform::Platform;
pub use reference::{Reference, ReferenceError};
pub use registry_error::{RegistryError, render_errors};
pub use repository_name::{NameError, RepositoryName};
pub use tag::{Tag, TagError};
