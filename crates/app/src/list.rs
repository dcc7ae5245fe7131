//! Pages of lists: what is asked for, and what is answered.

use wharf_model::Limit;

/// Which page of a list is wanted.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// The `next` of the page before; none for the first page.
    pub after: Option<String>,
    /// How many items.
    pub limit: Limit,
}

impl PageRequest {
    /// The key after which the page begins; the empty one is before all.
    pub(crate) fn key(&self) -> String {
        self.after.clone().unwrap_or_default()
    }

    /// One more than wanted: whether it is there tells whether there is another page.
    pub(crate) fn fetch(&self) -> usize {
        self.limit.get() + 1
    }

    /// The page out of what was fetched; `key` names the place of an item in the list.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> String) -> Listed<T> {
        let more = items.len() > self.limit.get();
        items.truncate(self.limit.get());
        let next = items.last().filter(|_| more).map(key);
        Listed { items, next }
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// What the next page begins after; none when this is the last one.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_the_next_one_only_when_there_is_one() {
        let page = PageRequest {
            after: None,
            limit: Limit::clamped(Some(2)),
        };
        let listed = page.cut(vec![1, 2, 3], i32::to_string);
        assert_eq!((listed.items, listed.next), (vec![1, 2], Some("2".into())));
        let listed = page.cut(vec![3, 4], i32::to_string);
        assert_eq!((listed.items, listed.next), (vec![3, 4], None));
    }
}
