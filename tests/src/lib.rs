//! The suites that drive a whole server from outside; see `protocol`, `api` and `access` beside this folder.
//!
//! Holds what more than one suite needs and `wharf-testkit` does not: the way tests run side by side, and for `faults` and
//! `soak` the clients that hold a server to its promises and the disks that fail under it.

pub mod building;
pub mod disk;
pub mod oidc;
pub mod power;
pub mod stored;
pub mod storm;
pub mod strace;
pub mod typing;

use std::{
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Calls `work` for every number below `count`, on a few threads at once, and passes a panic on.
///
/// Four threads keep a server of two cores busy; more would only wait.
pub fn run_in_parallel(count: usize, work: impl Fn(usize) + Sync) {
    const THREADS: usize = 4;
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let work = &work;
            scope.spawn(move || (thread..count).step_by(THREADS).for_each(work));
        }
    });
}

/// Waits until `condition` holds, for what happens soon but in the background (batched counters); panics after ten
/// seconds.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "never came true: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The moment `from_now` as RFC 3339 writes it, in UTC and whole seconds.
pub fn format_time(from_now: Duration) -> String {
    let since_epoch = (SystemTime::now() + from_now)
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    format_seconds(since_epoch.as_secs())
}

/// Days become a date by the Gregorian cycle of 400 years, counted from the first of March of year 0.
fn format_seconds(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = cycle * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_around_a_leap_day_come_out() {
        assert_eq!(format_seconds(0), "1970-01-01T00:00:00Z");
        assert_eq!(format_seconds(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(format_seconds(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(format_seconds(951_868_800), "2000-03-01T00:00:00Z");
        assert_eq!(format_seconds(1_735_689_599), "2024-12-31T23:59:59Z");
    }
}
