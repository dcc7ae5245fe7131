//! Names that no other test uses, so that tests share one server without meeting each other.

use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A name that starts with `prefix` and is unique within this test process; legal as user, namespace, robot and tag.
pub fn unique_name(prefix: &str) -> String {
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// One path segment of a URL, with everything but unreserved characters percent-encoded (RFC 3986, 2.3): a repository's
/// name travels through the management API this way.
pub fn encode_segment(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_keeps_unreserved_characters_only() {
        assert_eq!(encode_segment("acme/web.v1+x"), "acme%2Fweb.v1%2Bx");
    }
}
