//! The `Range` request header for a representation whose size is known (RFC 9110 §14).

/// How to answer a request that carried a `Range` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// 206 with the bytes `start..=end`; both lie inside the representation.
    Satisfiable { start: u64, end: u64 },
    /// 416: well formed, but nothing of it lies inside.
    Unsatisfiable,
    /// 200 with everything: not a header that has to be honored.
    Ignore,
}

impl ByteRange {
    /// Reads the header's value against a size in bytes.
    ///
    /// A second range in the header makes it ignored: multipart answers help no registry client and multiply the work
    /// one request can ask for (RFC 9110 §14.2 lets a server ignore the header). So does an empty representation, for
    /// which no 206 can be written.
    pub fn parse(header: &str, size: u64) -> ByteRange {
        let Some((unit, set)) = header.split_once('=') else {
            return ByteRange::Ignore;
        };
        if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') || size == 0 {
            return ByteRange::Ignore;
        }
        let Some((first, last)) = set.trim().split_once('-') else {
            return ByteRange::Ignore;
        };
        match (parse_position(first), parse_position(last)) {
            (Position::Absent, Position::At(0)) => ByteRange::Unsatisfiable,
            (Position::Absent, Position::At(suffix)) => ByteRange::Satisfiable {
                start: size.saturating_sub(suffix),
                end: size - 1,
            },
            (Position::At(start), Position::At(end)) if start > end => ByteRange::Ignore,
            (Position::At(start), Position::Absent | Position::At(_)) if start >= size => {
                ByteRange::Unsatisfiable
            }
            (Position::At(start), Position::Absent) => ByteRange::Satisfiable {
                start,
                end: size - 1,
            },
            (Position::At(start), Position::At(end)) => ByteRange::Satisfiable {
                start,
                end: end.min(size - 1),
            },
            _ => ByteRange::Ignore,
        }
    }
}

enum Position {
    Absent,
    At(u64),
    Malformed,
}

/// A number too large for the type is only a position past every end.
fn parse_position(text: &str) -> Position {
    if text.is_empty() {
        Position::Absent
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Position::At(text.parse().unwrap_or(u64::MAX))
    } else {
        Position::Malformed
    }
}
