//! One column of texts in one piece of memory: a page of a thousand names is two allocations instead of two thousand.

/// The texts of one column, in the order of their rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextColumn {
    text: String,
    ends: Vec<usize>,
}

impl TextColumn {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Keeps the first `count`.
    pub fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
        self.text
            .truncate(self.ends.last().copied().unwrap_or_default());
    }

    /// The last text.
    pub fn last(&self) -> Option<&str> {
        self.iter().next_back()
    }

    /// The texts.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        (0..self.ends.len()).map(|place| {
            let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.text[start..self.ends[place]]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_went_in() {
        let mut column = TextColumn::default();
        assert_eq!((column.last(), column.len()), (None, 0));
        ["v1", "", "latest"]
            .into_iter()
            .for_each(|text| column.push(text));
        assert_eq!(column.iter().collect::<Vec<_>>(), ["v1", "", "latest"]);
        column.truncate(2);
        assert_eq!((column.last(), column.len()), (Some(""), 2));
        column.truncate(0);
        assert!(column.is_empty());
    }
}
