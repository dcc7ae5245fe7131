//! The operations of the registry protocol, on granted rights. No HTTP: the server layer renders what these answer.

mod blobs;
mod catalog;
mod manifest_put;
mod manifests;
mod outcome;
mod platforms;
mod pulls;
mod referrers;
mod tags;
mod uploads;

pub use blobs::BlobContent;
pub use catalog::CatalogPage;
pub(crate) use catalog::viewer;
pub(crate) use manifest_put::Beside;
pub use manifest_put::{Push, PushedManifest};
pub(crate) use pulls::PullCounter;
pub use referrers::ReferrersPage;
pub use tags::TagNames;
pub use uploads::{UploadProgress, UploadSession};
pub use wharf_db::TextColumn;
