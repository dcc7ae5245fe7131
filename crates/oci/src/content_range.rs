//! The `Content-Range` header of an upload chunk (distribution-spec end-5).

use crate::{ErrorCode, RegistryError};

/// The bytes of the blob that a chunk says it carries; both ends are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    pub start: u64,
    pub end: u64,
}

impl ContentRange {
    /// Reads the specification's form `0-99`, and the one of RFC 9110 §14.4 (`bytes 0-99/100`, `bytes 0-99/*`) that some
    /// clients send.
    ///
    /// # Errors
    /// 400 `BLOB_UPLOAD_INVALID` for any other text; 416 `RANGE_INVALID` for a range that ends before it starts.
    pub fn parse(header: &str) -> Result<ContentRange, RegistryError> {
        let text = header.trim();
        let range = match text.split_once(' ') {
            Some((unit, rest)) if unit.eq_ignore_ascii_case("bytes") => rest.trim_start(),
            Some(_) => return Err(refuse()),
            None => text,
        };
        let (range, total) = match range.split_once('/') {
            Some((range, "*")) => (range, None),
            Some((range, total)) => (range, Some(parse_number(total)?)),
            None => (range, None),
        };
        let (start, end) = range.split_once('-').ok_or_else(refuse)?;
        let (start, end) = (parse_number(start)?, parse_number(end)?);
        if end < start || total.is_some_and(|total| end >= total) {
            return Err(RegistryError::new(
                ErrorCode::RangeInvalid,
                "the Content-Range ends before it starts or after the whole",
            ));
        }
        Ok(ContentRange { start, end })
    }

    /// How many bytes the range covers, never 0.
    pub fn length(&self) -> u64 {
        self.end - self.start + 1
    }
}

/// Offsets are file offsets, which are signed 64-bit numbers below us.
fn parse_number(text: &str) -> Result<u64, RegistryError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refuse());
    }
    text.parse()
        .ok()
        .filter(|number| *number < i64::MAX as u64)
        .ok_or_else(refuse)
}

fn refuse() -> RegistryError {
    RegistryError::new(
        ErrorCode::BlobUploadInvalid,
        "a chunk's Content-Range is written as first-last, both inclusive",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_written_forms_are_taken() {
        for (header, start, end) in [
            ("0-0", 0, 0),
            ("0-99", 0, 99),
            ("100-199", 100, 199),
            (" 5-6 ", 5, 6),
            ("bytes 0-99/100", 0, 99),
            ("bytes 0-99/*", 0, 99),
            ("Bytes 7-8", 7, 8),
            ("7-8/9", 7, 8),
        ] {
            let range = ContentRange::parse(header).expect(header);
            assert_eq!(range, ContentRange { start, end }, "{header}");
            assert_eq!(range.length(), end - start + 1);
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_status_they_deserve() {
        for header in [
            "",
            "-",
            "0-",
            "-5",
            "0--1",
            "a-b",
            "+0-5",
            "bytes",
            "bytes=0-5",
            "items 0-5/6",
            "0-5/",
            "0-5/x",
            "bytes */100",
            "0-18446744073709551615",
            "0-99999999999999999999999",
        ] {
            let error = ContentRange::parse(header).expect_err(header);
            assert_eq!(
                (error.status(), error.code()),
                (400, ErrorCode::BlobUploadInvalid),
                "{header}"
            );
        }
        for header in ["5-4", "bytes 0-100/100"] {
            let error = ContentRange::parse(header).expect_err(header);
            assert_eq!(
                (error.status(), error.code()),
                (416, ErrorCode::RangeInvalid),
                "{header}"
            );
        }
    }
}
