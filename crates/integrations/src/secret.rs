//! A token or shared secret that no log, error or debug print shows.

use std::fmt;
use subtle::ConstantTimeEq;

/// Text that is shown to nobody; ask for it by [`Secret::expose`] in the one place that sends or seals it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// An empty secret proves nothing, whatever is compared with it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether these bytes are the secret. The time taken tells at most the length of it; an empty secret equals
    /// nothing.
    pub fn equals(&self, bytes: &[u8]) -> bool {
        !self.is_empty() && bool::from(self.0.as_bytes().ct_eq(bytes))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        bool::from(self.0.as_bytes().ct_eq(other.0.as_bytes()))
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_to_nobody_and_an_empty_one_equals_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hush")), "********");
        assert!(Secret::new("hush").equals(b"hush"));
        assert!(!Secret::new("hush").equals(b"hus"));
        assert!(!Secret::new("").equals(b""));
    }
}
