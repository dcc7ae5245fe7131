//! The one form in which a path beneath a root reaches the kernel.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

/// A path beneath the root of a tree: no slash in front, no empty part, no `.`, no `..`, no zero byte. The root itself is
/// the empty path. It is shown with a slash in front, as paths in an image are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TreePath(Vec<u8>);

impl TreePath {
    /// The root.
    pub const ROOT: Self = Self(Vec::new());

    /// What the text means to a process whose root this is, links aside: `..` at the root stays there.
    pub fn clean(text: impl AsRef<[u8]>) -> Self {
        let mut path = Self::ROOT;
        for part in text.as_ref().split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => path = path.parent(),
                name => path.push(name),
            }
        }
        path
    }

    /// The path if it already has this form; for what another process sent.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let path = Self(bytes.to_vec());
        (Self::clean(bytes) == path && !bytes.contains(&0)).then_some(path)
    }

    /// Its bytes, without a slash in front.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// What system calls take.
    pub(crate) fn for_kernel(&self) -> &[u8] {
        if self.is_root() { b"." } else { &self.0 }
    }

    /// The text that patterns are matched against; bytes that are no UTF-8 match `?` and `*` only.
    pub(crate) fn to_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The last part; empty for the root.
    pub fn name(&self) -> &[u8] {
        self.0
            .rsplit(|byte| *byte == b'/')
            .next()
            .unwrap_or_default()
    }

    /// The directory that it is in; the root's is the root.
    pub(crate) fn parent(&self) -> Self {
        let end = self.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        Self(self.0[..end].to_vec())
    }

    /// Each part, from the root down.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0
            .split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty())
    }

    /// The path of a name in this directory.
    pub(crate) fn child(&self, name: &[u8]) -> Self {
        let mut path = Self(Vec::with_capacity(self.0.len() + 1 + name.len()));
        path.0.extend_from_slice(&self.0);
        path.push(name);
        path
    }

    /// `below`, seen from where this path starts.
    pub(crate) fn join(&self, below: &Self) -> Self {
        if below.is_root() {
            self.clone()
        } else {
            self.child(&below.0)
        }
    }

    pub(crate) fn push(&mut self, name: &[u8]) {
        if !self.0.is_empty() {
            self.0.push(b'/');
        }
        self.0.extend_from_slice(name);
    }

    pub(crate) fn to_path_buf(&self) -> PathBuf {
        let mut bytes = vec![b'/'];
        bytes.extend_from_slice(&self.0);
        PathBuf::from(OsString::from_vec(bytes))
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "/{}", self.to_text())
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_path_buf(), formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_within_the_root() {
        for (text, expected) in [
            ("", "/"),
            ("/", "/"),
            ("./a//b/", "/a/b"),
            ("../../a", "/a"),
            ("a/../../b/.", "/b"),
            ("a/..", "/"),
        ] {
            assert_eq!(TreePath::clean(text).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn only_the_clean_form_is_taken_from_another_process() {
        for text in ["/a", "a/", "a//b", "a/../b", "..", ".", "a\0b"] {
            assert_eq!(TreePath::parse(text.as_bytes()), None, "{text:?}");
        }
        assert!(TreePath::parse(b"a/b").is_some() && TreePath::parse(b"").is_some());
    }

    #[test]
    fn a_path_knows_its_parts() {
        let path = TreePath::clean("a/b/c");
        assert_eq!(
            (path.name(), path.parent()),
            (&b"c"[..], TreePath::clean("a/b"))
        );
        assert_eq!(path.parts().collect::<Vec<_>>(), [b"a", b"b", b"c"]);
        assert_eq!(TreePath::ROOT.join(&path), path);
        assert_eq!(path.join(&TreePath::ROOT), path);
        assert_eq!(TreePath::clean("a").parent(), TreePath::ROOT);
        assert_eq!(TreePath::ROOT.parts().count(), 0);
    }
}
