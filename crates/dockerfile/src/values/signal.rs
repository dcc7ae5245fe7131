//! STOPSIGNAL: a signal's name or number.

use crate::Problem;

/// Signal numbers as Linux has them on every architecture but MIPS (signal(7)).
const NAMES: &[(&str, u32)] = &[
    ("ABRT", 6),
    ("ALRM", 14),
    ("BUS", 7),
    ("CHLD", 17),
    ("CLD", 17),
    ("CONT", 18),
    ("FPE", 8),
    ("HUP", 1),
    ("ILL", 4),
    ("INT", 2),
    ("IO", 29),
    ("IOT", 6),
    ("KILL", 9),
    ("PIPE", 13),
    ("POLL", 29),
    ("PROF", 27),
    ("PWR", 30),
    ("QUIT", 3),
    ("SEGV", 11),
    ("STKFLT", 16),
    ("STOP", 19),
    ("SYS", 31),
    ("TERM", 15),
    ("TRAP", 5),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("USR1", 10),
    ("USR2", 12),
    ("VTALRM", 26),
    ("WINCH", 28),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("RTMIN", RTMIN),
    ("RTMAX", RTMAX),
];

const RTMIN: u32 = 34;
const RTMAX: u32 = 64;

/// The number of `SIGTERM`, `term`, `RTMIN+3` or `15`. Zero is no signal; other numbers are taken as they are.
pub fn parse_signal(text: &str) -> Result<u32, Problem> {
    find_signal(text).ok_or_else(|| Problem::Signal {
        signal: text.to_owned(),
    })
}

fn find_signal(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse::<u32>() {
        return (number != 0).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    if let Some(offset) = name.strip_prefix("RTMIN+") {
        return parse_offset(offset, 15).map(|offset| RTMIN + offset);
    }
    if let Some(offset) = name.strip_prefix("RTMAX-") {
        return parse_offset(offset, 14).map(|offset| RTMAX - offset);
    }
    let (_, number) = NAMES.iter().find(|(known, _)| *known == name)?;
    Some(*number)
}

/// Offsets have no leading zero or sign, as the names of signals have none.
fn parse_offset(text: &str, most: u32) -> Option<u32> {
    let offset: u32 = text.parse().ok()?;
    let is_plain = text == offset.to_string();
    (is_plain && (1..=most).contains(&offset)).then_some(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names_and_numbers() {
        for (text, number) in [
            ("SIGTERM", 15),
            ("term", 15),
            ("sigkill", 9),
            ("9", 9),
            ("99", 99),
            ("SIGRTMIN+3", 37),
            ("RTMAX-14", 50),
            ("RTMAX", 64),
        ] {
            assert_eq!(parse_signal(text), Ok(number), "{text}");
        }
        for text in [
            "", "0", "SIG", "FOO", "RTMIN+16", "RTMIN+03", "RTMAX-15", "-9",
        ] {
            assert!(parse_signal(text).is_err(), "{text}");
        }
    }
}
