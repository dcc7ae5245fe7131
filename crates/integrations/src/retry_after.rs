//! How long another server asks us to wait.
//!
//! Pure. Called by whoever reads refusals: of code hosts, and of what triggers send to.

use http::HeaderMap;
use http::header::DATE;
use std::time::Duration;

/// How long to wait: `retry-after` in seconds or as a date, else until the moment that the limit starts anew. Both
/// moments are held against the host's own clock in `date`, because ours may be off.
pub(crate) fn find_retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
    let date = |name: &str| {
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        Some(parser.parse_timestamp(text(name)?).ok()?.as_second())
    };
    if let Some(seconds) = text("retry-after").and_then(|text| text.parse().ok()) {
        return Some(Duration::from_secs(seconds));
    }
    let number = |name: &str| text(name).and_then(|text| text.parse::<i64>().ok());
    let moment = date("retry-after")
        .or_else(|| number("x-ratelimit-reset"))
        .or_else(|| number("ratelimit-reset"))?;
    let wait = moment.saturating_sub(date(DATE.as_str())?);
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
}
