//! Parts of a list: each ends by number or by bytes, whichever comes first.
//!
//! Lists repeat texts that clients wrote. A list asks for the sizes first and reads only the rows that fit: how long a
//! text may be then says nothing about how much memory a page takes. Called by what lists such rows.

use crate::{DbError, Row};

/// How much of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Most rows.
    pub items: usize,
    /// Most bytes of the texts in them. One row always fits: else nobody would ever get past it.
    pub bytes: u64,
}

/// What fits.
#[derive(Debug, Clone)]
pub struct Part<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Whether the list goes on.
    pub more: bool,
}

impl Room {
    /// One row more than wanted: whether it is there tells whether the list goes on.
    pub(crate) fn fetch(self) -> usize {
        self.items.saturating_add(1)
    }

    /// How many rows fit, of rows whose first column is their size; and whether the list goes on after them.
    pub(crate) fn fit(self, rows: Vec<Row>) -> Result<(usize, bool), DbError> {
        let sizes: Result<Vec<u64>, DbError> =
            rows.into_iter().map(|mut row| row.take(0)).collect();
        Ok(self.count(&sizes?))
    }

    fn count(self, sizes: &[u64]) -> (usize, bool) {
        let mut left = self.bytes;
        let mut count = 0;
        for size in sizes.iter().take(self.items) {
            if *size > left && count > 0 {
                break;
            }
            left = left.saturating_sub(*size);
            count += 1;
        }
        (count, count < sizes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_by_number_or_by_bytes_but_never_empty() {
        let room = Room {
            items: 3,
            bytes: 10,
        };
        assert_eq!(room.count(&[]), (0, false));
        assert_eq!(room.count(&[1, 1, 1]), (3, false));
        assert_eq!(room.count(&[1, 1, 1, 1]), (3, true));
        assert_eq!(room.count(&[5, 5]), (2, false));
        assert_eq!(room.count(&[5, 6]), (1, true));
        assert_eq!(room.count(&[11]), (1, false));
        assert_eq!(room.count(&[11, 0]), (2, false));
        assert_eq!(room.count(&[11, 1]), (1, true));
    }
}
