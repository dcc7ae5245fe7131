//! Covers secrets in output, exactly, also where a secret arrives in pieces. The build service covers by the same what its
//! workers tell.

use std::sync::Arc;

/// What stands in a secret's place.
const COVER: &[u8] = b"*****";

/// Shorter values are not covered: they would make every `1` in a log unreadable and protect nothing.
const SHORTEST: usize = 4;

/// The values to cover.
#[derive(Default)]
pub struct Mask {
    /// Longest first, so that one that holds another is covered whole.
    secrets: Vec<Vec<u8>>,
}

impl Mask {
    /// Covers these values; what is shorter than four bytes is none.
    pub fn new(secrets: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut all: Vec<Vec<u8>> = Vec::new();
        for secret in secrets {
            // A file's last line end is not part of what a program prints.
            let trimmed = secret.trim_ascii_end().to_vec();
            if trimmed.len() >= SHORTEST && !all.contains(&trimmed) {
                all.push(trimmed);
            }
        }
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets: all }
    }

    /// Covers a whole text.
    pub fn cover(&self, text: &str) -> String {
        if self.secrets.is_empty() {
            return text.to_owned();
        }
        let mut covered = Vec::new();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            rest = self.cover_next(rest, &mut covered);
        }
        String::from_utf8_lossy(&covered).into_owned()
    }

    /// Handles the beginning of `rest`; answers what follows.
    fn cover_next<'r>(&self, rest: &'r [u8], covered: &mut Vec<u8>) -> &'r [u8] {
        for secret in &self.secrets {
            if let Some(after) = rest.strip_prefix(secret.as_slice()) {
                covered.extend_from_slice(COVER);
                return after;
            }
        }
        covered.push(rest[0]);
        &rest[1..]
    }

    /// Whether the bytes are the beginning of a secret that has not arrived whole.
    fn may_go_on(&self, bytes: &[u8]) -> bool {
        self.secrets
            .iter()
            .any(|secret| secret.len() > bytes.len() && secret.starts_with(bytes))
    }
}

/// Covers a stream.
pub struct Masker {
    mask: Arc<Mask>,
    /// Bytes that may be the beginning of a secret.
    held: Vec<u8>,
}

impl Masker {
    /// Nothing is held yet.
    pub fn new(mask: Arc<Mask>) -> Self {
        Self {
            mask,
            held: Vec::new(),
        }
    }

    /// What can be shown of the bytes so far.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.mask.secrets.is_empty() {
            return bytes.to_vec();
        }
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let mut covered = Vec::with_capacity(held.len());
        let mut rest = held.as_slice();
        while !rest.is_empty() {
            if self.mask.may_go_on(rest) {
                self.held = rest.to_vec();
                return covered;
            }
            rest = self.mask.cover_next(rest, &mut covered);
        }
        covered
    }

    /// The rest, when the stream has ended.
    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masker(secrets: &[&str]) -> Masker {
        Masker::new(Arc::new(Mask::new(
            secrets.iter().map(|secret| secret.as_bytes().to_vec()),
        )))
    }

    #[test]
    fn a_secret_is_covered_wherever_the_stream_splits_it() {
        let text = b"token=hunter22, again hunter22hunter22 end hunter";
        let expected = b"token=*****, again ********** end hunter";
        for size in 1..text.len() {
            let mut masker = masker(&["hunter22"]);
            let mut shown = Vec::new();
            for piece in text.chunks(size) {
                shown.extend(masker.push(piece));
            }
            shown.extend(masker.finish());
            assert_eq!(shown, expected, "pieces of {size}");
        }
    }

    #[test]
    fn a_secret_within_another_leaves_nothing_of_the_longer_one() {
        let mut masker = masker(&["abcd", "abcdefgh\n"]);
        assert_eq!(masker.push(b"x abcdefgh y abcd"), b"x ***** y ");
        assert_eq!(masker.push(b"ef!"), b"*****ef!");
    }

    #[test]
    fn short_values_are_no_secrets() {
        assert_eq!(masker(&["a", "1"]).push(b"a1"), b"a1");
    }
}
