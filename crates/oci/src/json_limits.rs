//! Limits on JSON from outside, checked in one pass over the bytes before any parser sees them.
//!
//! A recursive parser spends stack on nesting and a tree spends memory on many tiny values; this scan has neither,
//! so hostile documents are refused at the cost of reading them. It does not judge syntax: the parser after it does.

/// Nesting that real manifests and configs stay far below (they use about six levels).
pub(crate) const MAX_DEPTH: usize = 64;

/// Values of one document. Real manifests and configs spend more than 64 bytes on each, so 4 MiB of them stay below; a
/// document of tiny values costs far more memory and time than its size tells.
pub(crate) const MAX_VALUES: usize = 65_536;

/// Why a document is refused without being parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonLimitError {
    #[error("the JSON is nested more than {MAX_DEPTH} levels deep")]
    Depth,
    #[error("the JSON has more than {MAX_VALUES} values")]
    Values,
}

/// Passes a document whose nesting and number of values stay within the limits.
pub(crate) fn check_limits(bytes: &[u8]) -> Result<(), JsonLimitError> {
    let mut depth = 0usize;
    let mut values = 0usize;
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => {
                // To the end of the text; an escaped character is skipped with its backslash.
                while let Some(byte) = rest.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(rest.next()),
                        _ => {}
                    }
                }
            }
            b'[' | b'{' => {
                depth += 1;
                values += 1;
                if depth > MAX_DEPTH {
                    return Err(JsonLimitError::Depth);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if values > MAX_VALUES {
            return Err(JsonLimitError::Values);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_of_texts_only() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check_limits(nested(MAX_DEPTH).as_bytes()), Ok(()));
        assert_eq!(
            check_limits(nested(MAX_DEPTH + 1).as_bytes()),
            Err(JsonLimitError::Depth)
        );
        // Depth is not length: what was closed counts no more.
        assert_eq!(check_limits("[]".repeat(1000).as_bytes()), Ok(()));
        let text = format!("\"\\\"{}\"", "[".repeat(100));
        assert_eq!(check_limits(text.as_bytes()), Ok(()));
        let after_text = format!("\"\\\\\"{}", "[".repeat(100));
        assert_eq!(
            check_limits(after_text.as_bytes()),
            Err(JsonLimitError::Depth)
        );
        assert_eq!(
            check_limits("[".repeat(100_000).as_bytes()),
            Err(JsonLimitError::Depth)
        );
    }

    #[test]
    fn values_are_counted_outside_of_texts_only() {
        let commas = ",".repeat(MAX_VALUES + 1);
        assert_eq!(check_limits(&commas.as_bytes()[1..]), Ok(()));
        assert_eq!(check_limits(commas.as_bytes()), Err(JsonLimitError::Values));
        assert_eq!(check_limits(format!("\"{commas}\"").as_bytes()), Ok(()));
        assert_eq!(
            check_limits("{}".repeat(MAX_VALUES + 1).as_bytes()),
            Err(JsonLimitError::Values)
        );
    }
}
