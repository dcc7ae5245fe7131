//! Reading what a fetch prints about its commit.
//!
//! Pure. The words are the committer's, who may be anybody.

use crate::found::Fetched;
use crate::names::ObjectId;

/// The longest message that is kept. A history with a longer one has a generated list in it.
const LONGEST_MESSAGE: usize = 64 << 10;
/// The longest name, address and first line.
const LONGEST_WORDS: usize = 500;

/// A commit of another repository among the files: a submodule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) path: String,
    pub(crate) commit: ObjectId,
}

/// Six fields that end with a zero byte, a line end, and then the index, if there are submodules
/// (git-ls-files(1), `--stage -z`).
pub(crate) fn parse_record(output: &[u8]) -> Option<(Fetched, Vec<Link>)> {
    let mut fields = output.splitn(7, |byte| *byte == 0);
    let mut next = || fields.next().map(String::from_utf8_lossy);
    let commit = next()?.parse().ok()?;
    let (author, email) = (next()?, next()?);
    let committed_at = next()?.parse().ok()?;
    let (subject, message) = (next()?, next()?);
    let fetched = Fetched {
        commit,
        author: cut(&author, LONGEST_WORDS),
        author_email: cut(&email, LONGEST_WORDS),
        committed_at,
        subject: cut(&subject, LONGEST_WORDS),
        message: cut(message.trim_end(), LONGEST_MESSAGE),
        submodules: Vec::new(),
        left_out: Vec::new(),
        learnt: Vec::new(),
    };
    let rest = fields.next().unwrap_or_default();
    let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    let links = rest.split(|byte| *byte == 0).filter_map(parse_link);
    Some((fetched, links.collect()))
}

/// `160000 COMMIT 0<tab>PATH`; other files have other modes.
fn parse_link(entry: &[u8]) -> Option<Link> {
    let entry = entry.strip_prefix(b"160000 ")?;
    let entry = std::str::from_utf8(entry).ok()?;
    let (words, path) = entry.split_once('\t')?;
    let (commit, _) = words.split_once(' ')?;
    Some(Link {
        path: path.to_owned(),
        commit: commit.parse().ok()?,
    })
}

/// The beginning of a message or a name, as it is kept.
pub(crate) fn cut_message(text: &str) -> String {
    cut(text.trim_end(), LONGEST_MESSAGE)
}

/// The beginning of a text, without control characters but line ends and tabs.
fn cut(text: &str, longest: usize) -> String {
    let mut kept = String::new();
    for letter in text.chars() {
        if kept.len() + letter.len_utf8() > longest {
            break;
        }
        if !letter.is_control() || matches!(letter, '\n' | '\t') {
            kept.push(letter);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_and_its_submodules_are_read() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let text = format!(
            "{a}\0Ada\0ada@example.com\01700000000\0First\0First\n\nmore\n\0\n100644 {b} 0\tf\0160000 {b} 0\tlibs/x\0"
        );
        let (fetched, links) = parse_record(text.as_bytes()).unwrap();
        assert_eq!(fetched.commit.as_str(), a);
        assert_eq!(fetched.author, "Ada");
        assert_eq!(fetched.committed_at, 1_700_000_000);
        assert_eq!(fetched.message, "First\n\nmore");
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].path, "libs/x");
        assert_eq!(links[0].commit.as_str(), b);
    }

    #[test]
    fn odd_words_of_a_committer_are_made_fit_to_show() {
        let a = "a".repeat(40);
        let long = "é".repeat(40_000);
        let text = format!("{a}\0\x1b[31mA\0e\0-5\0\0{long}\0\n");
        let (fetched, links) = parse_record(text.as_bytes()).unwrap();
        assert_eq!(fetched.author, "[31mA");
        assert_eq!(fetched.committed_at, -5);
        assert!(fetched.message.len() <= LONGEST_MESSAGE);
        assert!(links.is_empty());
        assert!(parse_record(b"").is_none());
    }
}
