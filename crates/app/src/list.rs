//! Pages of lists: what is asked for, and what is answered.

use crate::Error;
use wharf_db::{Part, Room, SortPlace};
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

/// The key of a row in a sorted list: its number, and its name, which has no space.
pub(crate) fn write_place(by_name: bool, number: i64, name: &str) -> String {
    match by_name {
        true => name.to_owned(),
        false => format!("{number} {name}"),
    }
}

/// Where a page of a sorted list begins. A key of a list in another order is refused.
pub(crate) fn read_place(page: &PageRequest, by_name: bool) -> Result<Option<SortPlace>, Error> {
    let Some(key) = &page.after else {
        return Ok(None);
    };
    let place = match (by_name, key.split_once(' ')) {
        (true, None) => Some((0, key.as_str())),
        (false, Some((number, name))) => number.parse().ok().map(|number| (number, name)),
        _ => None,
    };
    let (number, name) = place.ok_or(Error::invalid("after", "not_a_cursor"))?;
    let name = name.to_owned();
    Ok(Some(SortPlace { number, name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_key_and_is_of_no_use_in_another_order() {
        let page = |key: String| PageRequest {
            after: Some(key),
            limit: Limit::clamped(None),
        };
        let by_number = write_place(false, -7, "team/app");
        let by_name = write_place(true, -7, "team/app");
        let place = read_place(&page(by_number.clone()), false)
            .unwrap()
            .unwrap();
        assert_eq!((place.number, place.name.as_str()), (-7, "team/app"));
        let place = read_place(&page(by_name.clone()), true).unwrap().unwrap();
        assert_eq!(place.name, "team/app");
        assert!(read_place(&page(by_number), true).is_err());
        assert!(read_place(&page(by_name), false).is_err());
    }

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
