//! Images as bytes: where they come from and go to, what they are made of, the forms in which they are given out.
//!
//! Knows no Dockerfile, no namespaces and no registry. The builder, the command line and the server call it.

mod assemble;
mod built;
mod document;
mod image_name;
mod oci_layout;
mod output;
mod source;
mod store;

pub use assemble::{
    AssembleOptions, Assembled, AssembledImage, Document, ImageAnnotations, assemble,
};
pub use built::{Built, BuiltImage, BuiltLayer};
pub use document::{FoundManifest, SelectPlatform, pair_layers};
pub use image_name::ImageName;
pub use oci_layout::{LayoutAddress, LayoutImages};
pub use output::{
    ArchiveOptions, BaseLayers, BuildMetadata, DaemonAddress, LayerSource, fetch_missing,
    load_archive, load_image, render_iid, write_docker_archive, write_oci_archive,
    write_oci_folder,
};
pub use source::{
    Content, ImageError, ImageSource, PendingBlob, PullPolicy, ResolvedImage, Transfer,
};
pub use store::{LocalStore, Removed, StoredImage};
