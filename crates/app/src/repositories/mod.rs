//! The pages of repositories and tags: what people read and edit about what clients push.
//!
//! The bytes and the protocol are in `registry`; this room shows and describes them, and removes what is asked for
//! through the same functions. Called by the management API.

mod compare;
mod favorites;
mod history;
mod pages;
pub(crate) use pages::parse_name;
mod people;
mod readme;
mod tag_detail;
mod tags;

pub use compare::{ChangedValue, ComparedSide, Comparison};
pub use history::HistoryStep;
pub use pages::{
    LastBuild, NewRepository, Repository, RepositoryEdit, RepositoryQuery, RepositorySort,
};
pub(crate) use pages::{MAX_DESCRIPTION, MAX_TERM, insert_planned};
pub(crate) use people::{hide_people, sees_people};
pub use readme::Readme;
pub use tag_detail::{Child, Content, Referrer, TagDetail, VersionDetail, VersionPage};
pub use tags::{DeletedTags, TagList, TagPage, TagQuery, TagSort};
pub use wharf_db::Direction;
