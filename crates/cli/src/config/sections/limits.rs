//! `[limits]`: how much one client may ask for before it is told to wait.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::reader::Reader;

const SECTION: &str = "limits";

/// A day: no wait that a server does for one client is longer.
const LONGEST_SECONDS: u64 = 86_400;

/// `[limits]` of `wharf.toml`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LimitsConfig {
    /// Unfinished uploads one account may have. Fewer breaks parallel pushes of many layers; more lets one account
    /// fill the disk with halves.
    pub(crate) upload_sessions_per_principal: u64,
    /// How long a body may stand still. Shorter cuts off poor lines; longer lets silent clients hold connections.
    pub(crate) body_idle: Duration,
    /// How long request headers may take to arrive.
    pub(crate) header: Duration,
    /// Failed logins per account and per address within the window, before attempts are refused.
    pub(crate) login_failures: u64,
    /// Over how long they are counted, and how long they are refused.
    pub(crate) login_window: Duration,
}

pub(super) fn read_limits(reader: &mut Reader) -> LimitsConfig {
    let mut count = |key, default, range: RangeInclusive<u64>| {
        reader.take_or(
            SECTION,
            key,
            |value| value.as_count(range),
            default,
            u64::to_string,
        )
    };
    LimitsConfig {
        upload_sessions_per_principal: count("upload_sessions_per_principal", 1000, 1..=1_000_000),
        body_idle: Duration::from_secs(count("body_idle_seconds", 60, 1..=LONGEST_SECONDS)),
        header: Duration::from_secs(count("header_seconds", 15, 1..=LONGEST_SECONDS)),
        login_failures: count("login_failures", 10, 1..=1_000_000),
        login_window: Duration::from_secs(count("login_window_seconds", 900, 1..=LONGEST_SECONDS)),
    }
}
