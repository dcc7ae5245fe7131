//! Strict percent-decoding (RFC 3986 §2.1) of path segments and query values.
//!
//! A plus sign stays a plus sign: the values of this protocol (digests, tags, media types) never hold a space, and
//! `application/vnd.example+json` is often written without encoding it.

use std::borrow::Cow;

/// The decoded text, or `None` when an escape is broken or the result is not UTF-8.
pub(crate) fn decode_percent(text: &str) -> Option<Cow<'_, str>> {
    let Some(first) = text.find('%') else {
        return Some(Cow::Borrowed(text));
    };
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    decoded.extend_from_slice(&bytes[..first]);
    let mut offset = first;
    while let Some(&byte) = bytes.get(offset) {
        if byte == b'%' {
            let high = char::from(*bytes.get(offset + 1)?).to_digit(16)?;
            let low = char::from(*bytes.get(offset + 2)?).to_digit(16)?;
            decoded.push((high * 16 + low) as u8);
            offset += 3;
        } else {
            decoded.push(byte);
            offset += 1;
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_broken_ones_refused() {
        for (text, expected) in [
            ("plain", Some("plain")),
            ("", Some("")),
            ("sha256%3Aab", Some("sha256:ab")),
            ("%41%2f%7A", Some("A/z")),
            ("a+b%2Bc", Some("a+b+c")),
            ("%00", Some("\0")),
            ("%C3%A9", Some("é")),
            ("%", None),
            ("%4", None),
            ("%4g", None),
            ("%+1", None),
            ("%ff", None),
            ("é%4", None),
        ] {
            assert_eq!(decode_percent(text).as_deref(), expected, "{text:?}");
        }
    }
}
