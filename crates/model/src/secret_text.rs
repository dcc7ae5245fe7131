//! A password, token or key on its way through the program.

use std::fmt;
use zeroize::Zeroizing;

/// Text that no log, error or debug print shows, and that is overwritten in memory when it is dropped. Ask for it by
/// [`SecretText::expose`] in the one place that sends it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_only_to_who_asks_for_it() {
        let secret = SecretText::new("s3cret");
        assert_eq!(format!("{secret:?}"), "********");
        assert_eq!(secret.expose(), "s3cret");
    }
}
