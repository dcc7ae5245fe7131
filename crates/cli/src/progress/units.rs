//! Times and sizes as BuildKit writes them.

use jiff::Timestamp;

/// Seconds from `start` to `end`; never negative, although clocks can be set back.
pub(super) fn measure_seconds(start: Timestamp, end: Timestamp) -> f64 {
    end.duration_since(start).as_secs_f64().max(0.0)
}

/// The time of an output line: three decimals below ten seconds, then fewer.
pub(super) fn show_line_time(seconds: f64) -> String {
    let decimals = match seconds {
        ..10.0 => 3,
        ..100.0 => 2,
        _ => 1,
    };
    format!("{seconds:.decimals$}")
}

/// Bytes in steps of 1000, with two decimals above the first unit.
pub(super) fn show_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes}B");
    }
    let mut value = bytes as f64;
    let mut unit = "";
    for next in UNITS {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    format!("{value:.2}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_read_as_in_buildkit() {
        assert_eq!(show_line_time(0.1234), "0.123");
        assert_eq!(show_line_time(12.345), "12.35");
        assert_eq!(show_line_time(123.45), "123.5");
        assert_eq!(show_bytes(83), "83B");
        assert_eq!(show_bytes(3_630_000), "3.63MB");
        assert_eq!(show_bytes(1000), "1.00kB");
        assert_eq!(show_bytes(u64::MAX), "18.45EB");
    }

    #[test]
    fn a_clock_that_was_set_back_gives_zero() {
        let (early, late) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        assert!(measure_seconds(late, early).abs() < f64::EPSILON);
    }
}
