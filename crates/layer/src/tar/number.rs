//! Numbers in header fields: octal text, or binary where the text has no room (the base-256 extension of GNU tar).

/// The number, or nothing when the field holds none.
pub(crate) fn parse_number(field: &[u8]) -> Option<i64> {
    match field.first()? {
        first if first & 0x80 != 0 => parse_binary(field),
        _ => parse_octal(field),
    }
}

fn parse_octal(field: &[u8]) -> Option<i64> {
    let blank = |byte: &u8| *byte == b' ' || *byte == 0;
    let start = field
        .iter()
        .position(|byte| !blank(byte))
        .unwrap_or(field.len());
    let end = field[start..]
        .iter()
        .position(blank)
        .map_or(field.len(), |length| start + length);
    field[start..end].iter().try_fold(0i64, |value, digit| {
        let digit = char::from(*digit).to_digit(8)?;
        value.checked_mul(8)?.checked_add(i64::from(digit))
    })
}

fn parse_binary(field: &[u8]) -> Option<i64> {
    // Two's complement, with the mark in the highest bit and the sign in the next.
    let negative = field[0] & 0x40 != 0;
    let start = if negative { -1i128 } else { 0 };
    let value = field
        .iter()
        .enumerate()
        .try_fold(start, |value, (at, byte)| {
            let byte = if at == 0 && !negative {
                byte & 0x7f
            } else {
                *byte
            };
            let next = (value << 8) | i128::from(byte);
            (next.abs() < 1 << 100).then_some(next)
        })?;
    i64::try_from(value).ok()
}

/// Writes octal digits with a closing zero; false where the number has no room.
pub(crate) fn put_octal(field: &mut [u8], value: u64) -> bool {
    let digits = field.len() - 1;
    if value >> (3 * digits).min(63) != 0 {
        return false;
    }
    for (at, place) in field[..digits].iter_mut().rev().enumerate() {
        *place = b'0' + (value >> (3 * at) & 7) as u8;
    }
    field[digits] = 0;
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_read_in_all_their_spellings() {
        for (field, value) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"12345678", None),
            (b"-1\0\0\0\0\0\0", None),
            (b"\x80\0\0\0\0\0\x01\0", Some(256)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", Some(-1)),
            (b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", None),
        ] {
            assert_eq!(parse_number(field), value, "{field:?}");
        }
    }

    proptest! {
        #[test]
        fn what_fits_is_read_back(value in 0u64..1 << 33) {
            let mut field = [0; 12];
            prop_assert!(put_octal(&mut field, value));
            prop_assert_eq!(parse_number(&field), Some(value as i64));
            prop_assert_eq!(put_octal(&mut field[..8], value), value < 1 << 21);
        }

        #[test]
        fn no_bytes_make_it_panic(field in proptest::collection::vec(any::<u8>(), 0..14)) {
            let _ = parse_number(&field);
        }
    }
}
