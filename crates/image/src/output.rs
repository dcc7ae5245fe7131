//! The forms in which an image is given out: the local store, archives, a running docker, and the small files that tell
//! what was made.
//!
//! All of them read blobs from one content store; [`fetch_missing`] brings there what a base image left elsewhere. Nothing
//! here knows files of an image or registries.

mod archive;
mod docker_daemon;
mod fetch;
mod keep;
mod metadata;
mod names;
mod tar;

pub use archive::{ArchiveOptions, write_docker_archive, write_oci_archive};
pub use docker_daemon::{DaemonAddress, load_archive, load_image};
pub(crate) use fetch::copy_into;
pub use fetch::{BaseLayers, LayerSource, fetch_missing};
pub use keep::write_oci_folder;
pub use metadata::{BuildMetadata, render_iid};
