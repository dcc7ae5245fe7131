//! The catalogue and the code that speaks from it, compared: nothing is said that has no text, no text is never said.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Keys that are written out in full where they are used; the others are put together from codes.
const WRITTEN_OUT: [&str; 3] = ["cli.", "config.", "welcome."];

fn collect_sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// The string literals of the program's source that look like keys.
fn find_literals() -> BTreeSet<String> {
    let mut source = String::new();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/src");
    collect_sources(&program, &mut source);
    source
        .split('"')
        .filter(|literal| WRITTEN_OUT.iter().any(|prefix| literal.starts_with(prefix)))
        .filter(|literal| {
            literal
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'))
        })
        // File names have the same form.
        .filter(|literal| !literal.ends_with(".json") && !literal.ends_with('.'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_key_the_program_says_has_a_text() {
    let literals = find_literals();
    assert!(literals.len() > 100, "the source was found");
    let missing: Vec<_> = literals
        .iter()
        .filter(|key| !wharf_messages::has_message(key))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_text_of_the_program_is_said_somewhere() {
    let literals = find_literals();
    let unused: Vec<_> = wharf_messages::list_keys()
        .filter(|key| WRITTEN_OUT.iter().any(|prefix| key.starts_with(prefix)))
        .filter(|key| !literals.contains(*key))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}
