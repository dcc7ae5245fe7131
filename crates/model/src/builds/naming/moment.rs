//! The build's time as a text.

use super::NamingError;
use super::compose::has_tag_characters;
use crate::Timestamp;
use jiff::tz::TimeZone;

/// How Tencent's console writes the time of a build.
pub(super) const PLAIN: &str = "%Y%m%d%H%M%S";

/// `time` in `zone`, written as strftime(3) writes it. Fails where the format is none, or makes what a tag cannot hold.
pub(super) fn format_time(
    format: &str,
    time: Timestamp,
    zone: &TimeZone,
) -> Result<String, NamingError> {
    let refuse = |text: &str| NamingError::Time {
        format: format.to_owned(),
        text: text.to_owned(),
    };
    let zoned = jiff::Timestamp::from_microsecond(time.as_micros())
        .map_err(|error| refuse(&error.to_string()))?
        .to_zoned(zone.clone());
    let text =
        jiff::fmt::strtime::format(format, &zoned).map_err(|error| refuse(&error.to_string()))?;
    if text.is_empty() || !has_tag_characters(&text) {
        return Err(refuse(&text));
    }
    Ok(text)
}
