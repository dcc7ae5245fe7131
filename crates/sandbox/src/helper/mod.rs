//! The program started again as the sandbox's helper.
//!
//! One helper process per step or job. It has one thread, an empty environment and no descriptor but the ones it was
//! sent. It forks once: the child goes into the namespaces (`inner`), the helper stays outside and supervises.

mod disk_use;
mod disk_watch;
mod errand;
mod events;
mod hand_over;
mod id_map;
mod landing;
mod process_watch;
mod program;
mod speaker;
mod stubs;
mod supervisor;
mod uplink;
mod watch;

pub use landing::become_helper_if_asked;
pub(crate) use landing::{INNER_STAGE, WORD};
pub(crate) use program::protect_program;
