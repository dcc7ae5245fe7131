//! Accounts on code hosts: what kinds there are, how one signs in, where a host is, how a repository is called there.
//!
//! Pure: texts in, values out. Which kind understands which request is known to `wharf-integrations`; nothing here dials.

mod address;
mod kind;
mod remote;

pub use address::{AddressError, SourceAddress, SourceScheme};
pub use kind::{HostKeyOrigin, SourceKind, SourceMethod};
pub use remote::{RemoteError, RemotePath};
