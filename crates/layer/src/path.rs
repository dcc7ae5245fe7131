//! The one form in which a name from an archive may reach the file system.

use crate::{Error, Result};

/// The longest path that one system call takes, without its final zero (`PATH_MAX` in `limits.h`).
const MAX_BYTES: usize = 4095;

/// A path below the root of a tree: no leading slash, no empty component, no `.`, no `..`, no zero byte. The root
/// itself is the empty path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LayerPath(Vec<u8>);

impl LayerPath {
    /// Cleans a name the way `filepath.Clean` does after a slash was put before it, but refuses to leave the root
    /// instead of staying there silently.
    ///
    /// # Errors
    /// [`Error::InvalidLayer`] for names that climb above the root, hold a zero byte or are too long.
    pub(crate) fn parse(name: &[u8]) -> Result<Self> {
        if name.contains(&0) {
            return Err(Error::invalid(name, "has a zero byte in its name"));
        }
        let mut clean = Vec::with_capacity(name.len());
        for part in name.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." if clean.is_empty() => {
                    return Err(Error::invalid(name, "climbs out of the tree"));
                }
                b".." => clean.truncate(clean.iter().rposition(|byte| *byte == b'/').unwrap_or(0)),
                part => {
                    if !clean.is_empty() {
                        clean.push(b'/');
                    }
                    clean.extend_from_slice(part);
                }
            }
        }
        if clean.len() > MAX_BYTES {
            return Err(Error::invalid(&clean[..64], "… has too long a path"));
        }
        Ok(Self(clean))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn depth(&self) -> usize {
        if self.0.is_empty() {
            return 0;
        }
        1 + self.0.iter().filter(|byte| **byte == b'/').count()
    }

    /// The directory and the last component; nothing for the root.
    pub(crate) fn split(&self) -> Option<(&[u8], &[u8])> {
        if self.0.is_empty() {
            return None;
        }
        Some(match self.0.iter().rposition(|byte| *byte == b'/') {
            Some(at) => (&self.0[..at], &self.0[at + 1..]),
            None => (&[], &self.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_cleaned_and_never_climb_out() {
        for (name, clean) in [
            ("a/b", Some("a/b")),
            ("./a//b/./c/", Some("a/b/c")),
            ("/etc/passwd", Some("etc/passwd")),
            ("a/../b", Some("b")),
            ("a/b/..", Some("a")),
            ("./", Some("")),
            ("", Some("")),
            ("..", None),
            ("../x", None),
            ("a/../../x", None),
            ("/..", None),
            ("a\0b", None),
        ] {
            let path = LayerPath::parse(name.as_bytes());
            assert_eq!(
                path.ok().map(|path| path.0),
                clean.map(|clean| clean.as_bytes().to_vec()),
                "{name:?}"
            );
        }
        assert!(LayerPath::parse(&b"x/".repeat(5000)).is_err());
    }

    proptest! {
        #[test]
        fn a_clean_path_is_relative_and_stays_as_it_is(name in "[a/.]{0,30}") {
            if let Ok(path) = LayerPath::parse(name.as_bytes()) {
                prop_assert!(path.0.is_empty() || path.0.split(|byte| *byte == b'/').all(
                    |part| !part.is_empty() && part != b"." && part != b".."));
                prop_assert_eq!(LayerPath::parse(path.as_bytes()).expect("clean"), path);
            }
        }
    }
}
