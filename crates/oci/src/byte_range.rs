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
            // Not a valid range by RFC 9110 section 14.1.2; the protocol's conformance program wants it refused.
            (Position::At(start), Position::At(end)) if start > end => ByteRange::Unsatisfiable,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// M78
    #[test]
    fn m78_a_range_header_is_answered_with_206_416_or_everything() {
        let part = |start, end| ByteRange::Satisfiable { start, end };
        let thousand = format!("bytes={}", vec!["0-0"; 1000].join(","));
        for (header, expected) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=0-9", part(0, 9)),
            ("bytes=2-5", part(2, 5)),
            ("bytes=5-", part(5, 9)),
            ("bytes=5-500", part(5, 9)),
            ("bytes=0-99999999999999999999999", part(0, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-10", part(0, 9)),
            ("bytes=-99999999999999999999999", part(0, 9)),
            ("Bytes=1-1", part(1, 1)),
            (" bytes = 1-1 ", part(1, 1)),
            ("bytes=10-", ByteRange::Unsatisfiable),
            ("bytes=10-20", ByteRange::Unsatisfiable),
            ("bytes=99999999999999999999999-", ByteRange::Unsatisfiable),
            ("bytes=-0", ByteRange::Unsatisfiable),
            ("bytes=9-1", ByteRange::Unsatisfiable),
            ("bytes=99-98", ByteRange::Unsatisfiable),
            ("bytes=0-1,5-6", ByteRange::Ignore),
            ("bytes=0-5,2-8", ByteRange::Ignore),
            (&thousand, ByteRange::Ignore),
            ("bytes=", ByteRange::Ignore),
            ("bytes=-", ByteRange::Ignore),
            ("bytes=--1", ByteRange::Ignore),
            ("bytes=1", ByteRange::Ignore),
            ("bytes=a-b", ByteRange::Ignore),
            ("bytes=+1-2", ByteRange::Ignore),
            ("bytes=1-2-3", ByteRange::Ignore),
            ("bytes=1 - 2", ByteRange::Ignore),
            ("items=0-1", ByteRange::Ignore),
            ("0-1", ByteRange::Ignore),
            ("", ByteRange::Ignore),
        ] {
            assert_eq!(ByteRange::parse(header, 10), expected, "{header:.60}");
        }
    }

    #[test]
    fn an_empty_representation_is_always_sent_whole() {
        for header in ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=5-"] {
            assert_eq!(ByteRange::parse(header, 0), ByteRange::Ignore, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_satisfiable_range_lies_inside(header in "bytes=[0-9]{0,20}-[0-9]{0,20}|\\PC{0,20}", size in any::<u64>()) {
            if let ByteRange::Satisfiable { start, end } = ByteRange::parse(&header, size) {
                prop_assert!(start <= end && end < size);
            }
        }
    }
}
