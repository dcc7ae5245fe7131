//! Words in a case that stand for what only a run knows: ports, folders, commits.

use std::collections::BTreeMap;

/// What stands for what.
#[derive(Debug, Clone, Default)]
pub struct Places(BTreeMap<&'static str, String>);

impl Places {
    /// Lets `word` (such as `@HTTP@`) stand for `value` from now on.
    pub fn set(&mut self, word: &'static str, value: impl Into<String>) {
        self.0.insert(word, value.into());
    }

    /// `text` with every word replaced by what it stands for.
    #[must_use]
    pub fn fill_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (word, value)| {
            text.replace(word, value)
        })
    }

    /// `text` with what differs between runs replaced by its word, so that two runs give equal texts.
    #[must_use]
    pub fn take_out(&self, text: &str) -> String {
        let mut pairs: Vec<_> = self.0.iter().collect();
        // The longest first: an address is part of a URL.
        pairs.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        pairs
            .into_iter()
            .fold(text.to_owned(), |text, (word, value)| {
                text.replace(value.as_str(), word)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn what_is_filled_in_is_taken_out_again() {
        let mut places = Places::default();
        places.set("@REGISTRY@", "127.0.0.1:4000");
        places.set("@HTTP@", "http://127.0.0.1:4000");
        let text = "FROM @REGISTRY@/base\nADD @HTTP@/files/a /";
        let filled = places.fill_in(text);
        assert_eq!(
            filled,
            "FROM 127.0.0.1:4000/base\nADD http://127.0.0.1:4000/files/a /"
        );
        assert_eq!(places.take_out(&filled), text);
    }
}
