//! `.dockerignore`: reading it, and matching paths against its patterns; `--exclude` and `--parents` use the same
//! patterns.
//!
//! It matches text. Which file is read (`<Dockerfile>.dockerignore` before `.dockerignore`) and walking the context are
//! the builder's. Behaviour: Dockerfile reference, ".dockerignore file", and the reference's matcher.

mod pattern;
mod set;

pub use pattern::PathPattern;
pub use set::{ParentMatches, PatternSet};

use crate::values::clean_path;

/// The patterns of an ignore file, cleaned: no comments, no blanks around, no slash in front.
pub fn read_ignore_file(bytes: &[u8]) -> Vec<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(clean_line)
        .collect()
}

fn clean_line(line: &str) -> String {
    let (mark, pattern) = match line.strip_prefix('!') {
        Some(pattern) => ("!", pattern.trim()),
        None => ("", line),
    };
    if pattern.is_empty() {
        return mark.to_owned();
    }
    let cleaned = clean_path(pattern);
    let relative = match cleaned.strip_prefix('/') {
        Some(relative) if !relative.is_empty() => relative,
        _ => &cleaned,
    };
    format!("{mark}{relative}")
}

/// A source of `COPY --parents`: where to start, and the pattern below it whose directories are kept. `/./` parts them;
/// without it, everything is kept.
pub fn split_parents(source: &str) -> (&str, &str) {
    source.split_once("/./").unwrap_or(("/", source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blanks_and_leading_slashes_are_dropped() {
        let text = "\u{feff}# comment\n\n  a/b/ \r\n/c\n!/d\n! e\n #kept\n/\n./f/../g\n!\n";
        assert_eq!(
            read_ignore_file(text.as_bytes()),
            ["a/b", "c", "!d", "!e", "#kept", "/", "g", "!"]
        );
    }

    #[test]
    fn a_dot_parts_what_is_kept_from_what_is_not() {
        assert_eq!(split_parents("a/./b/*.c"), ("a", "b/*.c"));
        assert_eq!(split_parents("/a/./b/./c"), ("/a", "b/./c"));
        assert_eq!(split_parents("a/b"), ("/", "a/b"));
    }
}
