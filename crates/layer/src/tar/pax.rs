//! Extended header records: `length key=value\n`, where the length counts itself (POSIX.1-2001, pax).

use super::entry::Time;

/// Appends one record.
pub(crate) fn put_record(target: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    // Space, equals sign and line end.
    let rest = key.len() + value.len() + 3;
    let mut length = rest + count_digits(rest);
    if count_digits(length) != count_digits(rest) {
        length = rest + count_digits(length);
    }
    target.extend_from_slice(length.to_string().as_bytes());
    target.push(b' ');
    target.extend_from_slice(key);
    target.push(b'=');
    target.extend_from_slice(value);
    target.push(b'\n');
}

fn count_digits(number: usize) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

/// Takes the next record off the front; nothing when the bytes are none.
pub(crate) fn take_record<'b>(bytes: &mut &'b [u8]) -> Option<(&'b [u8], &'b [u8])> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    if length > bytes.len() || length <= space + 1 {
        return None;
    }
    let (record, rest) = bytes.split_at(length);
    let body = record[space + 1..].strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    if equals == 0 {
        return None;
    }
    *bytes = rest;
    Some((&body[..equals], &body[equals + 1..]))
}

/// Reads `[-]seconds[.fraction]`; digits after the ninth are cut off.
pub(crate) fn parse_time(text: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let nanoseconds: u32 = format!("{fraction:0<9}")[..9].parse().ok()?;
    if whole.starts_with('-') && nanoseconds > 0 {
        return Some(Time {
            seconds: seconds.checked_sub(1)?,
            nanoseconds: 1_000_000_000 - nanoseconds,
        });
    }
    Some(Time {
        seconds,
        nanoseconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_to_the_nanosecond() {
        let time = |seconds, nanoseconds| {
            Some(Time {
                seconds,
                nanoseconds,
            })
        };
        assert_eq!(
            parse_time(b"1350244992.023960108"),
            time(1350244992, 23960108)
        );
        assert_eq!(parse_time(b"7"), time(7, 0));
        assert_eq!(parse_time(b"7.5000000009"), time(7, 500_000_000));
        assert_eq!(parse_time(b"-1.25"), time(-2, 750_000_000));
        for wrong in [&b""[..], b"1.-5", b"x", b"1e3", b"9999999999999999999"] {
            assert_eq!(parse_time(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn broken_records_are_none() {
        for wrong in [
            &b""[..],
            b"5 a=b",
            b"99 a=b\n",
            b"6 a=bc",
            b"5 abc\n",
            b"4 =b\n",
            b"0 a=b\n",
            b" a=b\n",
        ] {
            assert_eq!(take_record(&mut &wrong[..]), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn records_are_read_back(
            key in "[a-zA-Z.]{1,20}",
            value in proptest::collection::vec(any::<u8>(), 0..1200),
        ) {
            let mut bytes = Vec::new();
            put_record(&mut bytes, key.as_bytes(), &value);
            put_record(&mut bytes, b"next", b"");
            let mut rest = &bytes[..];
            prop_assert_eq!(take_record(&mut rest), Some((key.as_bytes(), &value[..])));
            prop_assert_eq!(take_record(&mut rest), Some((&b"next"[..], &b""[..])));
            prop_assert!(rest.is_empty());
        }
    }
}
