//! Pages of lists: what is asked for, and what is answered.

use wharf_db::{Part, Room};
use wharf_model::Limit;

/// Most bytes of the texts that clients wrote in one page. Twenty of the longest descriptions fit, or a thousand short ones.
const MAX_PAGE_BYTES: u64 = 2 << 20;

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

    /// As much of a list as is wanted, of one whose rows repeat texts that clients wrote.
    pub(crate) fn room(&self) -> Room {
        Room {
            items: self.limit.get(),
            bytes: MAX_PAGE_BYTES,
        }
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

impl<T> Listed<T> {
    /// The same page of other items.
    pub(crate) fn map<U>(self, change: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            items: self.items.into_iter().map(change).collect(),
            next: self.next,
        }
    }

    /// The page out of the part that was read; `key` names the place of an item in the list.
    pub(crate) fn of(part: Part<T>, key: impl Fn(&T) -> String) -> Self {
        let next = part.items.last().filter(|_| part.more).map(key);
        Self {
            items: part.items,
            next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_ended_early_has_a_next_page() {
        let part = |more| Part {
            items: vec![1, 2],
            more,
        };
        let next = Listed::of(part(true), i32::to_string).next;
        assert_eq!(next.as_deref(), Some("2"));
        assert_eq!(Listed::of(part(false), i32::to_string).next, None);
    }

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
