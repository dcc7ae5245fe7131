//! Pieces of a stream as the lines they make up.

use jiff::Timestamp;

/// The longest line that is waited for. Shorter ones would break the lines of verbose compilers; without a bound a stream
/// without a newline would fill the memory.
const LONGEST_LINE: usize = 16 * 1024;

/// A line without its end, and when its first byte came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawLine {
    pub(super) bytes: Vec<u8>,
    pub(super) at: Timestamp,
}

/// What of one stream has no end yet.
#[derive(Clone, Debug, Default)]
pub(super) struct LineJoiner {
    open: Option<RawLine>,
}

impl LineJoiner {
    /// The lines that end in this piece.
    pub(super) fn push(&mut self, mut piece: &[u8], at: Timestamp) -> Vec<RawLine> {
        let mut lines = Vec::new();
        while !piece.is_empty() {
            let open = self.open.get_or_insert_with(|| RawLine {
                bytes: Vec::new(),
                at,
            });
            let room = LONGEST_LINE - open.bytes.len();
            let end = piece.iter().take(room).position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(room.min(piece.len()));
            open.bytes.extend_from_slice(&piece[..taken]);
            piece = &piece[taken + usize::from(end.is_some())..];
            if end.is_some() || open.bytes.len() == LONGEST_LINE {
                lines.extend(self.open.take());
            }
        }
        lines
    }

    /// What has no end yet, for showing.
    pub(super) fn peek(&self) -> Option<&RawLine> {
        self.open.as_ref()
    }

    /// What is left when the stream ends.
    pub(super) fn finish(&mut self) -> Option<RawLine> {
        self.open.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[RawLine]) -> Vec<String> {
        lines
            .iter()
            .map(|line| String::from_utf8_lossy(&line.bytes).into_owned())
            .collect()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("a time")
    }

    #[test]
    fn broken_lines_are_joined_and_keep_the_time_of_their_start() {
        let mut joiner = LineJoiner::default();
        assert_eq!(texts(&joiner.push(b"hel", at(1))), Vec::<String>::new());
        let lines = joiner.push(b"lo\nsecond\nthi", at(2));
        assert_eq!(texts(&lines), ["hello", "second"]);
        assert_eq!((lines[0].at, lines[1].at), (at(1), at(2)));
        assert_eq!(joiner.peek().map(|line| line.at), Some(at(2)));
        assert_eq!(
            joiner.finish().map(|line| line.bytes),
            Some(b"thi".to_vec())
        );
        assert_eq!(joiner.finish(), None);
    }

    #[test]
    fn an_empty_line_is_a_line() {
        let mut joiner = LineJoiner::default();
        assert_eq!(texts(&joiner.push(b"\n\na\n", at(1))), ["", "", "a"]);
    }

    #[test]
    fn a_line_without_end_is_cut_where_it_gets_too_long() {
        let mut joiner = LineJoiner::default();
        let lines = joiner.push(&vec![b'x'; LONGEST_LINE * 2 + 1], at(1));
        assert_eq!(lines.len(), 2);
        assert_eq!(joiner.finish().expect("the rest").bytes, b"x");
    }
}
