//! Bytes by digest and upload sessions, on a local folder.
//!
//! What goes in is hashed on its way and becomes visible only whole and under its own digest; what a caller made durable
//! survives power loss; what was lost is reported absent. Names of repositories, rights and rows are unknown here: a
//! digest alone opens a blob, so only the registry's rules (`wharf-app`) may call this crate. It speaks no HTTP and no
//! SQL.
//!
//! The life of a blob: [`Store::create_upload`], [`Upload::write`] as often as needed (with [`Upload::save`] and
//! [`Store::resume_upload`] between requests), [`Upload::finish`] (verified and visible), [`Store::make_durable`] when a
//! manifest needs it, [`Store::remove_blob`] when none does any more.

mod error;
mod upload_id;

mod store;

mod finish;
mod hash_queue;
mod hasher;
mod reservation;
mod session;
mod upload;

mod inherited;
mod pending;
mod read;

mod barrier;
mod sync_jobs;

mod check;
mod inspect;
mod list;

mod disk;
mod faults;
mod layout;

pub use barrier::BarrierError;
pub use check::FreeSpace;
pub use error::{Error, Result};
pub use faults::{Faults, failpoint};
pub use finish::{FinishError, StagedBlob};
pub use inspect::{Inspector, StoredBlob};
pub use list::{BlobList, ListedFile};
pub use read::{BlobFile, BlobStat};
pub use session::UploadFile;
pub use store::Store;
pub use upload::{SavedUpload, Upload};
pub use upload_id::{InvalidUploadId, UploadId};
