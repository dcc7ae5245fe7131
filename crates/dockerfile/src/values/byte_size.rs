//! Sizes such as `64m`, for tmpfs mounts.

use crate::Problem;

/// Bytes from a number, which may have a fraction, and a unit: `b`, or `k` `m` `g` `t` `p` in steps of 1024, each with
/// an optional `b` or `ib`, in any case, after at most one blank (docker/go-units).
pub fn parse_byte_size(text: &str) -> Result<u64, Problem> {
    parse(text).ok_or_else(|| Problem::ByteSize {
        text: text.to_owned(),
    })
}

fn parse(text: &str) -> Option<u64> {
    let split = text
        .rfind(|character: char| character.is_ascii_digit() || matches!(character, '.' | ' '))?
        + 1;
    let (number, unit) = text.split_at(split);
    let number = number.strip_suffix(' ').unwrap_or(number);
    // Rust reads words such as "inf" as numbers.
    if !number
        .chars()
        .all(|character| character.is_ascii_digit() || character == '.')
    {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    let bytes = number * read_unit(&unit.to_ascii_lowercase())?;
    // The cast saturates, so the bound is checked before it: i64 is what a mount option holds.
    (bytes < i64::MAX as f64).then_some(bytes as u64)
}

fn read_unit(unit: &str) -> Option<f64> {
    if matches!(unit, "" | "b") {
        return Some(1.0);
    }
    let letter = unit
        .strip_suffix("ib")
        .or_else(|| unit.strip_suffix('b'))
        .unwrap_or(unit);
    let power = match letter {
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    Some(1024f64.powi(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        for (text, bytes) in [
            ("32", 32),
            ("32b", 32),
            ("32k", 32768),
            ("32KB", 32768),
            ("32Kib", 32768),
            ("1.5m", 1_572_864),
            ("1 g", 1 << 30),
            ("2T", 2 << 40),
        ] {
            assert_eq!(parse_byte_size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "k",
            "-1k",
            "1kk",
            "1 kibb",
            "inf",
            "1.2.3",
            "1x",
            "99999999p",
        ] {
            assert!(parse_byte_size(text).is_err(), "{text}");
        }
    }
}
