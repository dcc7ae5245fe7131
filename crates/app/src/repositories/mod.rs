//! The pages of repositories and tags: what people read and edit about what clients push.
//!
//! The bytes and the protocol are in `registry`; this room shows and describes them, and removes what is asked for
//! through the same functions. Called by the management API.

mod favorites;
mod history;
mod pages;
pub(crate) use pages::parse_name;
mod tag_detail;
mod tags;

pub use history::HistoryStep;
pub(crate) use pages::{MAX_DESCRIPTION, MAX_TERM, insert_planned};
pub use pages::{NewRepository, Repository, RepositoryEdit, RepositoryQuery};
pub use tag_detail::{Child, TagDetail};
pub use tags::TagPage;
