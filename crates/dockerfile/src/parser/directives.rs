//! The comments in front of a Dockerfile that are read: `# syntax=`, `# escape=`, `# check=`.

use crate::Problem;
use std::collections::BTreeSet;

const NAMES: [&str; 3] = ["syntax", "escape", "check"];

/// A directive, its name in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    pub name: String,
    pub value: String,
    /// Counted from 1; 0 for the JSON form, which has no line.
    pub line: u32,
}

/// Takes lines from the first on, and stops being interested at the first that is no directive.
pub(super) struct DirectiveReader {
    prefix: &'static str,
    seen: BTreeSet<String>,
    is_done: bool,
}

impl DirectiveReader {
    pub(super) fn new(prefix: &'static str) -> DirectiveReader {
        DirectiveReader {
            prefix,
            seen: BTreeSet::new(),
            is_done: false,
        }
    }

    /// The directive on this line, if it is one; the same one twice is an error.
    pub(super) fn read(&mut self, text: &str, line: u32) -> Result<Option<Directive>, Problem> {
        if self.is_done {
            return Ok(None);
        }
        let Some((name, value)) = split_directive(text, self.prefix) else {
            self.is_done = true;
            return Ok(None);
        };
        if !self.seen.insert(name.clone()) {
            return Err(Problem::DuplicateDirective { name });
        }
        Ok(Some(Directive {
            name,
            value: value.to_owned(),
            line,
        }))
    }
}

fn split_directive<'a>(text: &'a str, prefix: &str) -> Option<(String, &'a str)> {
    let is_blank = |character: char| character.is_ascii_whitespace();
    let (name, value) = text.strip_prefix(prefix)?.trim_start().split_once('=')?;
    let name = name.trim_end_matches(is_blank).to_ascii_lowercase();
    let value = value.trim_matches(is_blank);
    (NAMES.contains(&name.as_str()) && !value.is_empty()).then_some((name, value))
}

/// The frontend a file asks for with `# syntax=`, `// syntax=` or `{"syntax": …}`: the first word of the value.
///
/// A byte order mark and a `#!` line in front are skipped; the last two forms exist because a frontend need not read
/// Dockerfiles.
pub fn detect_syntax(bytes: &[u8]) -> Option<Directive> {
    find_directive(bytes, "syntax", "#")
        .or_else(|| find_directive(bytes, "syntax", "//"))
        .or_else(|| find_json(bytes))
}

/// The value of `# check=`, up to the first blank.
pub(crate) fn find_check(text: &str) -> Option<Directive> {
    find_directive(text.as_bytes(), "check", "#")
}

fn find_directive(bytes: &[u8], name: &str, prefix: &'static str) -> Option<Directive> {
    let mut reader = DirectiveReader::new(prefix);
    for (index, line) in strip_mark(bytes).split(|byte| *byte == b'\n').enumerate() {
        if index == 0 && line.starts_with(b"#!") {
            continue;
        }
        let text = String::from_utf8_lossy(line);
        let number = u32::try_from(index).ok()? + 1;
        let mut directive = reader.read(text.trim_end_matches('\r'), number).ok()??;
        if directive.name == name {
            let end = directive.value.find(' ').unwrap_or(directive.value.len());
            directive.value.truncate(end);
            return Some(directive);
        }
    }
    None
}

fn find_json(bytes: &[u8]) -> Option<Directive> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(strip_mark(bytes)).ok()?;
    Some(Directive {
        name: "syntax".to_owned(),
        value: object.get("syntax")?.as_str()?.to_owned(),
        line: 0,
    })
}

fn strip_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syntax(text: &str) -> Option<(String, u32)> {
        detect_syntax(text.as_bytes()).map(|found| (found.value, found.line))
    }

    #[test]
    fn the_syntax_is_found_in_every_form() {
        for (text, value, line) in [
            ("# syntax = a/b:1 // rest\nFROM x", "a/b:1", 1),
            ("#!/bin/sh\n#SYNTAX=a\nFROM x", "a", 2),
            ("\u{feff}# syntax=a\r\n", "a", 1),
            ("# check=skip=all\n# syntax=a\n", "a", 2),
            ("//syntax=a\n//other=b", "a", 1),
            ("#!/bin/sh\n// syntax=a", "a", 2),
            (r#"{"syntax": "a", "b": ["c"]}"#, "a", 0),
        ] {
            assert_eq!(syntax(text), Some((value.to_owned(), line)), "{text}");
        }
    }

    #[test]
    fn a_directive_after_anything_else_is_a_comment() {
        for text in [
            "FROM a\n# syntax=b",
            "\n# syntax=b",
            "# words\n# syntax=b",
            "# key=value\n# syntax=b",
            "# syntax=\nFROM a",
            "{\"syntax\": \"a\"",
            "{\"syntax\": 1}",
            "{\"syntax\": \"a\"}\n# syntax=b",
        ] {
            assert_eq!(syntax(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_directive_twice_is_an_error() {
        let mut reader = DirectiveReader::new("#");
        assert!(matches!(reader.read("# escape=`", 1), Ok(Some(_))));
        let twice = reader.read("#ESCAPE = \\", 2);
        assert!(
            matches!(twice, Err(Problem::DuplicateDirective { .. })),
            "{twice:?}"
        );
    }
}
