//! Git repositories of others: their refs, and the files of one commit.
//!
//! The machine's own git does it, inside a sandbox that has nothing of this machine but programs and certificates, and
//! whose only way out is a connection that [`Dial`] makes and judges. Nothing that a repository holds is ever run: no
//! hook, no filter, no transport helper, no submodule machinery. Secrets reach git by its environment or by files in
//! memory; they are in no argument, no address and no message.
//!
//! This room knows no code host and no build. It is called by the builder (contexts and ADD), by the build worker and by
//! whoever compares branches and tags with what was built.

mod configuration;
mod credential;
mod dial;
mod egress_dial;
mod error;
mod explain;
mod fetch;
mod found;
mod git;
mod host_key;
mod list;
mod machine;
mod mask;
mod names;
mod notes;
mod record;
mod remote;
mod room;
mod run;
mod settings;
mod submodules;
mod way;

pub use credential::{Credential, Secret};
pub use dial::{Connection, Dial, DialError, Speaks, Target};
pub use egress_dial::EgressDial;
pub use error::{GitError, Result};
pub use found::{FetchOptions, Fetched, Head, Listing, RefKinds, Wanted};
pub use git::Git;
pub use host_key::HostKey;
pub use names::{ObjectId, ObjectPrefix, RefName};
pub use notes::Note;
pub use remote::{GitRemote, Scheme};
pub use settings::{Access, GitLimits, GitSettings};
