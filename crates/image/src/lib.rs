//! Images as bytes: where they come from and go to, what they are made of, the forms in which they are given out.
//!
//! Knows no Dockerfile, no namespaces and no registry. The builder, the command line and the server call it.

mod built;
mod image_name;
mod source;
mod store;

pub use built::{Built, BuiltImage, BuiltLayer};
pub use image_name::ImageName;
pub use source::{
    Content, ImageError, ImageSource, PendingBlob, PullPolicy, ResolvedImage, Transfer,
};
pub use store::{FoundManifest, LocalStore, Removed, SelectPlatform, StoredImage, pair_layers};
