//! `[triggers]`: how many there may be, how long they try, and how long the log keeps what they sent.

use std::time::Duration;

use wharf_app::TriggerSettings;

use crate::config::reader::Reader;

const SECTION: &str = "triggers";

/// Ten years: whoever wants more wants for ever.
const LONGEST_DAYS: u64 = 3650;

/// A week: a receiver that is away for longer has been told of other things by other means.
const LONGEST_HOURS: u64 = 168;

/// Each is remembered for an hour: whoever wants more wants no bound.
const MOST_MAILS: u64 = 100_000;

const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;

pub(super) fn read_triggers(reader: &mut Reader) -> TriggerSettings {
    let usual = TriggerSettings::default();
    // Beside the server that they are handed to: whoever sets one thinks of the other.
    let mails_per_hour = reader.take_or(
        "smtp",
        "mails_per_hour",
        |value| value.as_count(1..=MOST_MAILS),
        usual.mails_per_hour,
        u64::to_string,
    );
    let mut count = |key, least, most, usual: u64| {
        reader.take_or(
            SECTION,
            key,
            |value| value.as_count(least..=most),
            usual,
            u64::to_string,
        )
    };
    TriggerSettings {
        per_repository: count("per_repository", 0, 10_000, usual.per_repository),
        per_namespace: count("per_namespace", 0, 10_000, usual.per_namespace),
        mails_per_hour,
        keep_log: Duration::from_secs(
            count("log_days", 1, LONGEST_DAYS, usual.keep_log.as_secs() / DAY) * DAY,
        ),
        retry: Duration::from_secs(
            count(
                "retry_hours",
                1,
                LONGEST_HOURS,
                usual.retry.as_secs() / HOUR,
            ) * HOUR,
        ),
    }
}
