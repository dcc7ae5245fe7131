//! Keys of steps: what a result depends on, and nothing else.

use std::fmt;

use serde::Serialize;
use wharf_oci::{Algorithm, Digest};

/// Names a result. Equal keys mean that the result of one step serves the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(String);

impl Key {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Puts a key together. Raised whenever steps give another result than before for the same words.
const VERSION: u32 = 1;

/// Puts a key together from named parts.
#[derive(Debug)]
pub(crate) struct KeyMaker(serde_json::Map<String, serde_json::Value>);

impl KeyMaker {
    pub(crate) fn new(kind: &str) -> Self {
        let mut parts = serde_json::Map::new();
        parts.insert("version".to_owned(), VERSION.into());
        parts.insert("kind".to_owned(), kind.into());
        Self(parts)
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, part: impl Serialize) -> Self {
        // What is put in here has only text keys and finite numbers, so it always has a JSON form.
        let value = serde_json::to_value(part).unwrap_or_default();
        self.0.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn make(self) -> Key {
        let text = serde_json::Value::Object(self.0).to_string();
        Key(Digest::of(Algorithm::Sha256, text.as_bytes()).hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_parts_does_not_matter_and_their_values_do() {
        let one = KeyMaker::new("run").with("a", 1).with("b", ["x"]).make();
        let same = KeyMaker::new("run").with("b", ["x"]).with("a", 1).make();
        let other = KeyMaker::new("run").with("a", 1).with("b", ["y"]).make();
        assert_eq!(one, same);
        assert_ne!(one, other);
    }
}
