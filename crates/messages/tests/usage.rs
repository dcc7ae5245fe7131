//! The catalogue and the code that speaks from it, compared: nothing is said that has no text, no text is never said.
//! That the console says nothing without a text is its compiler's to find: keys are a type there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Keys that are written out in full where they are used.
const WRITTEN_OUT: [&str; 3] = ["cli.", "config.", "welcome."];

/// Keys whose last part alone is written in the code of the server.
const BY_CODE: [&str; 5] = ["reason.", "conflict.", "limit.", "detail.", "upstream."];

/// Words that the API has, as people read them.
const WORDS: [&str; 4] = ["build_cause.", "build_phase.", "build_state.", "verdict."];

/// The source of some crates, comments and tests included.
fn read_sources(crates: &[&str]) -> String {
    let mut text = String::new();
    for name in crates {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        collect_sources(&folder.join("src"), &mut text);
    }
    text
}

fn collect_sources(folder: &Path, text: &mut String) {
    collect_files(folder, &["rs"], text);
}

fn collect_files(folder: &Path, kinds: &[&str], text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_files(&path, kinds, text);
        } else if path.to_string_lossy().ends_with(".gen.ts") {
            // What is generated for the console names all of them.
        } else if kinds
            .iter()
            .any(|kind| path.extension().is_some_and(|it| it == *kind))
        {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

fn is_word(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    !text.is_empty() && text.bytes().all(is_letter)
}

/// The string literals of the program's source that are keys.
fn find_keys() -> BTreeSet<String> {
    read_sources(&["cli"])
        .split('"')
        .filter(|literal| WRITTEN_OUT.iter().any(|prefix| literal.starts_with(prefix)))
        .filter(|literal| literal.split('.').all(is_word))
        // File names have the same form.
        .filter(|literal| !literal.ends_with(".json") && !literal.ends_with(".toml"))
        .map(str::to_owned)
        .collect()
}

/// What stands in quotes behind `opening`, where that is one word.
fn find_words<'a>(source: &'a str, opening: &'a str) -> impl Iterator<Item = &'a str> {
    source
        .split(opening)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|word| is_word(word))
}

/// The last quoted word among the arguments of each call of `function`.
fn find_last_arguments<'a>(source: &'a str, function: &'a str) -> impl Iterator<Item = &'a str> {
    source
        .split(function)
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter_map(|arguments| {
            arguments
                .trim_end_matches([' ', '\n', ','])
                .strip_suffix('"')
        })
        .filter_map(|arguments| arguments.rsplit('"').next())
        .filter(|word| is_word(word))
}

#[test]
fn every_key_the_program_says_has_a_text() {
    let keys = find_keys();
    assert!(keys.len() > 100, "the source was found");
    let missing: Vec<_> = keys
        .iter()
        .filter(|key| !wharf_messages::has_message(key))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_text_of_the_program_is_said_somewhere() {
    let keys = find_keys();
    let unused: Vec<_> = wharf_messages::list_keys()
        .filter(|key| WRITTEN_OUT.iter().any(|prefix| key.starts_with(prefix)))
        .filter(|key| !keys.contains(*key))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_code_the_server_answers_has_a_text() {
    let source = read_sources(&["app", "server"]);
    let reasons: BTreeSet<_> = find_last_arguments(&source, "::invalid(")
        .chain(find_last_arguments(&source, "Refusal::field("))
        .chain(find_words(&source, "{REASON}"))
        .collect();
    assert!(reasons.len() > 8, "the source was found: {reasons:?}");
    let mut missing: Vec<_> = reasons
        .into_iter()
        .filter(|reason| !wharf_messages::has_message(&format!("reason.{reason}")))
        .collect();
    missing.extend(find_words(&source, "what: \"").filter(|what| {
        let has_text = |kind| wharf_messages::has_message(&format!("{kind}.{what}"));
        !has_text("conflict") && !has_text("limit")
    }));
    missing.extend(
        find_words(&source, "detail: Some(\"")
            .filter(|detail| !wharf_messages::has_message(&format!("detail.{detail}"))),
    );
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_text_for_a_code_of_the_server_is_said_somewhere() {
    let source = read_sources(&["app", "server"]);
    let unused: Vec<_> = wharf_messages::list_keys()
        .filter(|key| BY_CODE.iter().any(|prefix| key.starts_with(prefix)))
        .filter(|key| {
            let (_, code) = key.split_once('.').unwrap();
            !source.contains(&format!("\"{code}\"")) && !source.contains(&format!("}}{code}\""))
        })
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn what_is_wrong_with_a_text_is_told_in_sentences_that_are_there_and_no_others() {
    let source = read_sources(&["model"]);
    let told: BTreeSet<_> = find_words(&source, "told(\"").collect();
    assert!(told.len() > 30, "the source was found: {told:?}");
    let there: BTreeSet<_> = wharf_messages::list_keys()
        .filter_map(|key| key.strip_prefix("told."))
        .collect();
    assert_eq!(told, there);
}

/// The gap between Han and Latin is drawn by pages, not written: what the command line says alone may have it.
#[test]
fn chinese_texts_that_pages_show_have_no_gap_between_han_and_latin() {
    let written = |key: &&str| {
        !["cli.", "config.", "option.", "fsck.", "welcome."]
            .iter()
            .any(|prefix| key.starts_with(prefix))
    };
    let is_han = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    let gaps: Vec<_> = wharf_messages::list_keys()
        .filter(written)
        .filter(|key| {
            let text = wharf_messages::render(wharf_messages::Language::Zh, key, &[]);
            let letters: Vec<char> = text.chars().collect();
            letters.windows(3).any(|three| {
                three[1] == ' '
                    && (is_han(three[0]) && (three[2].is_ascii_alphanumeric() || three[2] == '{')
                        || is_han(three[2])
                            && (three[0].is_ascii_alphanumeric() || three[0] == '}'))
            })
        })
        .collect();
    assert!(gaps.is_empty(), "{gaps:?}");
}

#[test]
fn every_text_about_an_option_is_said_somewhere() {
    let source = read_sources(&["cli"]);
    let codes: Vec<_> = wharf_messages::list_keys()
        .filter_map(|key| key.strip_prefix("option."))
        .collect();
    assert!(codes.len() > 20, "the texts were found");
    let unused: Vec<_> = codes
        .iter()
        .filter(|code| {
            let code = code.strip_suffix("_hint").unwrap_or(code);
            !codes.contains(&code) || !source.contains(&format!("\"{code}\""))
        })
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_text_for_a_word_is_for_a_word_that_there_is() {
    let source = read_sources(&["model", "db", "app"]);
    let words: Vec<_> = wharf_messages::list_keys()
        .filter(|key| WORDS.iter().any(|prefix| key.starts_with(prefix)))
        .collect();
    assert!(words.len() > 20, "the texts were found");
    let unknown: Vec<_> = words
        .iter()
        .filter(|key| {
            let (_, word) = key.split_once('.').unwrap();
            !source.contains(&format!("\"{word}\""))
        })
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_text_of_the_console_is_said_somewhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/src");
    let mut source = String::new();
    collect_files(&folder, &["ts", "tsx"], &mut source);
    let said: BTreeSet<_> = source
        .split('\'')
        .filter(|literal| literal.starts_with("console."))
        .collect();
    assert!(said.len() > 50, "the source was found: {said:?}");
    let unused: Vec<_> = wharf_messages::list_keys()
        .filter(|key| key.starts_with("console."))
        .filter(|key| {
            let stem = key.strip_suffix("_one").or(key.strip_suffix("_other"));
            !said.contains(stem.unwrap_or(key))
        })
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}
