//! What must not be seen in a log, covered in everything that a worker tells: in texts, and in output wherever that is cut
//! into events.
//!
//! Workers cover the secrets of steps themselves. This is the server's own care, for the token that a repository is cloned
//! with as well, and for a worker that something took over.

use std::{collections::BTreeMap, sync::Arc};
use wharf_builder::{Mask, Masker};

/// Covers one build's secrets.
#[derive(Default)]
pub(super) struct Cover {
    mask: Arc<Mask>,
    /// Output that may be the beginning of a secret is held for each stream of each step.
    streams: BTreeMap<(u32, &'static str), Masker>,
}

impl Cover {
    /// Covers these from now on, and in each form in which they are sent: a login's token alone as well.
    pub(super) fn of(secrets: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self {
            mask: Arc::new(Mask::new(secrets)),
            streams: BTreeMap::new(),
        }
    }

    /// A whole text.
    pub(super) fn clean(&self, text: &str) -> String {
        self.mask.cover(text)
    }

    /// What can be shown of a stream's next bytes.
    pub(super) fn push(&mut self, step: u32, stream: &'static str, bytes: &[u8]) -> Vec<u8> {
        let mask = &self.mask;
        let masker = self.streams.entry((step, stream));
        let masker = masker.or_insert_with(|| Masker::new(mask.clone()));
        masker.push(bytes)
    }

    /// What is still held of a step that has ended.
    pub(super) fn end_step(&mut self, step: u32) -> Vec<(&'static str, Vec<u8>)> {
        let mut ended = Vec::new();
        for stream in ["stdout", "stderr"] {
            let rest = self.streams.remove(&(step, stream));
            let rest = rest.map(|mut masker| masker.finish()).unwrap_or_default();
            if !rest.is_empty() {
                ended.push((stream, rest));
            }
        }
        ended
    }

    /// Steps of which something is held.
    pub(super) fn list_open(&self) -> Vec<u32> {
        let mut steps: Vec<_> = self.streams.keys().map(|(step, _)| *step).collect();
        steps.dedup();
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_steps_do_not_mix_and_nothing_that_was_held_is_lost() {
        let mut cover = Cover::of([b"token-123".to_vec()]);
        assert_eq!(cover.push(1, "stdout", b"a tok"), b"a ");
        assert_eq!(cover.push(2, "stdout", b"en-123"), b"en-123");
        assert_eq!(cover.push(1, "stderr", b"en-123"), b"en-123");
        assert_eq!(cover.push(1, "stdout", b"en-123 b"), b"***** b");
        assert_eq!(cover.push(1, "stdout", b" to"), b" ");
        assert_eq!(cover.list_open(), [1, 2]);
        assert_eq!(cover.end_step(1), [("stdout", b"to".to_vec())]);
        assert!(cover.end_step(1).is_empty() && cover.end_step(2).is_empty());
        assert_eq!(cover.clean("token-123, token-12"), "*****, token-12");
    }
}
