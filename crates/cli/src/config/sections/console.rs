//! `[console]`: what the pages in a browser show to whom.

use std::path::PathBuf;

use crate::config::problem::Complaint;
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "console";

/// `[console]` of `wharf.toml`.
#[derive(Clone, Debug)]
pub(crate) struct ConsoleConfig {
    /// Opens the page of public images to whoever is not signed in. What is public may be pulled either way.
    pub(crate) public_images: bool,
    /// A built console to be served instead of the one in the program.
    pub(crate) dir: Option<PathBuf>,
}

pub(super) fn read_console(reader: &mut Reader) -> ConsoleConfig {
    ConsoleConfig {
        public_images: reader.take_or(
            SECTION,
            "public_images",
            RawValue::as_boolean,
            true,
            bool::to_string,
        ),
        dir: reader.take_optional(SECTION, "dir", parse_path, |path| {
            path.display().to_string()
        }),
    }
}

fn parse_path(value: &RawValue) -> Result<PathBuf, Complaint> {
    value.as_text().map(PathBuf::from)
}
