//! What a step moves or counts: layers that come in, files of a context.

use jiff::Timestamp;

/// One thing that moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) item: String,
    pub(super) current: u64,
    pub(super) total: Option<u64>,
    pub(super) started: Timestamp,
    pub(super) updated: Timestamp,
}

impl Transfer {
    /// Everything is here.
    pub(super) fn is_complete(&self) -> bool {
        self.total.is_some_and(|total| self.current >= total)
    }

    /// Its name as BuildKit writes it: what is transferred ends with a colon.
    pub(super) fn show_item(&self) -> String {
        let item = self.item.trim();
        if item.starts_with("transferring ") && !item.ends_with(':') {
            return format!("{item}:");
        }
        item.to_owned()
    }
}

/// The things that one step moves, in the order in which they appeared.
#[derive(Clone, Debug, Default)]
pub(super) struct Transfers(Vec<Transfer>);

impl Transfers {
    /// Notes where one of them is; its place in the order.
    pub(super) fn note(
        &mut self,
        item: &str,
        current: u64,
        total: Option<u64>,
        at: Timestamp,
    ) -> usize {
        let known = self.0.iter().position(|transfer| transfer.item == item);
        let index = known.unwrap_or_else(|| {
            self.0.push(Transfer {
                item: item.to_owned(),
                current: 0,
                total: None,
                started: at,
                updated: at,
            });
            self.0.len() - 1
        });
        let transfer = &mut self.0[index];
        transfer.current = current;
        transfer.total = total.or(transfer.total);
        transfer.updated = at;
        index
    }

    pub(super) fn get(&self, index: usize) -> &Transfer {
        &self.0[index]
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Transfer> + ExactSizeIterator {
        self.0.iter()
    }
}
