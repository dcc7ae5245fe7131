//! The name of an upload session, as it stands in URLs, rows and file names.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Identifies one upload session. Displays and parses as a hyphenated UUID, so it is always a safe file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(Uuid);

impl UploadId {
    /// Wraps an id that the caller made (time-ordered ids need a clock, which this crate does not have).
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The plain UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for UploadId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(formatter)
    }
}

/// The text is not an upload id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an upload id")]
pub struct InvalidUploadId;

impl FromStr for UploadId {
    type Err = InvalidUploadId;

    /// Accepts the lower-case hyphenated form only: each id has exactly one spelling and one file name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = Uuid::try_parse(text).map_err(|_| InvalidUploadId)?;
        if id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) != text {
            return Err(InvalidUploadId);
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let text = "0190a4b0-7c3e-7000-8000-0123456789ab";
        assert_eq!(text.parse::<UploadId>().expect("valid").to_string(), text);
        for other in [
            "",
            "..",
            "0190A4B0-7C3E-7000-8000-0123456789AB",
            "0190a4b07c3e700080000123456789ab",
            "{0190a4b0-7c3e-7000-8000-0123456789ab}",
            "urn:uuid:0190a4b0-7c3e-7000-8000-0123456789ab",
        ] {
            assert!(other.parse::<UploadId>().is_err(), "{other}");
        }
    }
}
