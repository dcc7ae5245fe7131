//! When a delivery is tried again. Pure; chance comes in as a number.

use std::time::Duration;
use wharf_model::Timestamp;

/// The wait after the first failure. Shorter, and a receiver that starts anew is asked many times; longer, and a hiccup is
/// noticed by people.
const FIRST: Duration = Duration::from_secs(5);

/// The longest wait of our own. Longer, and a receiver that is back waits for hours for what it missed; shorter, and one that
/// is down for a day is asked hundreds of times.
const LONGEST: Duration = Duration::from_secs(3600);

/// When to try again after the failed try number `tries` (from 1): `None` once its time is over, and never later than at its
/// very end, so that the last try is one at the end of the day.
///
/// The wait doubles with each try and is between half and whole by `chance`, so that what failed together does not come back
/// together. A receiver that asks to be left alone for longer (`asked`, from `Retry-After`) is.
pub(super) fn choose_next(
    tries: u32,
    chance: u32,
    asked: Option<Duration>,
    now: Timestamp,
    give_up_at: Timestamp,
) -> Option<Timestamp> {
    if now >= give_up_at {
        return None;
    }
    let doubled = FIRST.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let whole = doubled.min(LONGEST);
    let share = f64::from(chance) / f64::from(u32::MAX);
    let own = whole.mul_f64(0.5 + share / 2.0);
    let next = now.plus(own.max(asked.unwrap_or_default()));
    Some(next.min(give_up_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);
    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn wait(tries: u32, chance: u32, asked: Option<u64>) -> Duration {
        let asked = asked.map(Duration::from_secs);
        let next = choose_next(tries, chance, asked, NOW, NOW.plus(DAY)).unwrap();
        NOW.until(next)
    }

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        let longest: Vec<_> = (1..=12)
            .map(|tries| wait(tries, u32::MAX, None).as_secs())
            .collect();
        assert_eq!(
            longest,
            [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
        );
        assert_eq!(wait(3, 0, None), Duration::from_secs(10));
        assert!(wait(3, u32::MAX / 2, None) < Duration::from_secs(16));
        assert_eq!(wait(1000, u32::MAX, None), LONGEST);
    }

    #[test]
    fn a_receiver_is_left_alone_for_as_long_as_it_asks_but_not_beyond_the_day() {
        assert_eq!(wait(1, 0, Some(600)), Duration::from_secs(600));
        assert_eq!(wait(10, u32::MAX, Some(1)), Duration::from_secs(2560));
        assert_eq!(wait(1, 0, Some(7 * 86_400)), DAY);
    }

    #[test]
    fn the_last_try_is_at_the_end_of_its_time() {
        let end = NOW.plus(Duration::from_secs(30));
        assert_eq!(choose_next(10, 0, None, NOW, end), Some(end));
        assert_eq!(choose_next(11, 0, None, end, end), None);
    }

    #[test]
    fn a_day_has_few_enough_tries_to_read() {
        let (mut now, mut tries) = (NOW, 0);
        let end = NOW.plus(DAY);
        loop {
            tries += 1;
            match choose_next(tries, u32::MAX / 2, None, now, end) {
                Some(next) => now = next,
                None => break,
            }
        }
        assert!((30..50).contains(&tries), "{tries}");
    }
}
