//! Values that flags and arguments hold, each parsed as the reference and its libraries parse them.
//!
//! Every parser takes text that has had its variables replaced and gives a value or a [`Problem`](crate::Problem)
//! without a place. Nothing here knows an instruction.

mod byte_size;
mod duration;
mod epoch;
mod fields;
mod git_url;
mod image_name;
mod mode;
mod owner;
mod path;
mod platform;
mod ports;
mod signal;
mod source_kind;

pub use byte_size::parse_byte_size;
pub use duration::Duration;
pub use epoch::SourceDateEpoch;
pub use fields::{parse_flag, split_fields};
pub use git_url::{FileTimes, GitUrl};
pub use image_name::is_image_name;
pub use mode::ModeChange;
pub use owner::{Owner, OwnerId};
pub use path::{clean_path, is_absolute_path, join_paths, resolve_destination, resolve_workdir};
pub use platform::{format_platform, is_same_platform, normalize_platform, parse_platform};
pub use ports::{ExposeSpec, PortRange, Protocol};
pub use signal::parse_signal;
pub use source_kind::{SourceKind, classify_source};
