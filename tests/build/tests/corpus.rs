//! What must be true of the corpus itself: every row that applies has two cases, the table in the README is theirs, and a
//! difference that matters is seen.

use std::fmt::Write;

use serde_json::Value;
use wharf_build_tests::compare::list_differences;
use wharf_build_tests::corpus::{Filed, find_folder, list_cases};
use wharf_build_tests::rows::map_rows;

fn read_corpus() -> Vec<Filed> {
    list_cases(&find_folder()).expect("the corpus can be read")
}

#[test]
fn every_row_that_applies_has_two_cases_and_no_case_names_another_row() {
    let cases = read_corpus();
    let rows = wharf_build_tests::rows::list_rows();
    let map = map_rows(&cases);
    let thin: Vec<_> = map
        .iter()
        .filter(|(row, cases)| rows.contains(row) && cases.len() < 2)
        .collect();
    assert!(thin.is_empty(), "rows with fewer than two cases: {thin:?}");
    let unknown: Vec<_> = map.keys().filter(|row| !rows.contains(row)).collect();
    assert!(
        unknown.is_empty(),
        "rows that the checklist has not: {unknown:?}"
    );
}

#[test]
fn there_are_at_least_two_hundred_recorded_cases() {
    let cases = read_corpus();
    for case in &cases {
        let expectation = case.read_expectation().expect("a recorded case");
        let by = expectation["recorded"]["by"].as_str().unwrap_or_default();
        assert!(
            by.starts_with("buildkitd v"),
            "{} is recorded by {by:?}",
            case.name
        );
    }
    assert!(cases.len() >= 200, "{} cases", cases.len());
}

#[test]
fn the_readme_lists_the_cases_of_each_row() {
    let mut table = String::from("| row | cases |\n|---|---|\n");
    let cases = read_corpus();
    let map = map_rows(&cases);
    for row in wharf_build_tests::rows::list_rows() {
        let _ = writeln!(table, "| {row} | {} |", map[&row].join(", "));
    }
    let path = find_folder().with_file_name("README.md");
    let text = std::fs::read_to_string(&path).expect("README.md is there");
    let (before, rest) = text
        .split_once("<!-- rows -->\n")
        .expect("the table's begin is marked");
    let (old, after) = rest
        .split_once("<!-- end -->")
        .expect("the table's end is marked");
    if old != table && std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(
            &path,
            format!("{before}<!-- rows -->\n{table}<!-- end -->{after}"),
        )
        .expect("README.md");
        return;
    }
    assert!(
        old == table,
        "the table in README.md is old: run this test with UPDATE_README=1"
    );
}

/// The first expectation whose JSON has something at `pointer`, and that JSON.
fn find_expectation(name: &str) -> Value {
    let case = read_corpus()
        .into_iter()
        .find(|case| case.name == name)
        .expect("the case is there");
    case.read_expectation().expect("a recorded case")["steps"].clone()
}

/// Changes the value at `pointer` and asks for exactly one difference, at `place`.
fn assert_seen(name: &str, pointer: &str, value: Value, place: &str) {
    let expected = find_expectation(name);
    assert_eq!(list_differences(&expected, &expected), []);
    let mut changed = expected.clone();
    let target = changed
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("{name} has nothing at {pointer}"));
    assert_ne!(*target, value, "the change changes nothing");
    *target = value;
    let differences = list_differences(&expected, &changed);
    let places: Vec<&str> = differences
        .iter()
        .map(|difference| difference.at.as_str())
        .collect();
    assert_eq!(places, [place]);
    // The other way around, so that neither side is trusted more.
    assert_eq!(list_differences(&changed, &expected).len(), 1);
}

#[test]
fn a_flipped_mode_is_seen() {
    assert_seen(
        "copy/file-to-file",
        "/0/image/files/~1b.txt/mode",
        "0644".into(),
        "1 image files /b.txt mode",
    );
}

#[test]
fn a_flipped_owner_is_seen() {
    assert_seen(
        "copy/file-to-file",
        "/0/image/files/~1b.txt/owner",
        "0:1".into(),
        "1 image files /b.txt owner",
    );
}

#[test]
fn a_flipped_time_is_seen() {
    assert_seen(
        "copy/file-to-file",
        "/0/image/files/~1b.txt/mtime",
        "now".into(),
        "1 image files /b.txt mtime",
    );
}

#[test]
fn a_flipped_checksum_is_seen() {
    assert_seen(
        "copy/file-to-file",
        "/0/image/files/~1b.txt/sha256",
        "00".into(),
        "1 image files /b.txt sha256",
    );
}

#[test]
fn a_flipped_attribute_is_seen() {
    assert_seen(
        "copy/from-base-keeps-owners",
        "/0/image/files/~1opt~1capable/xattrs/security.capability",
        "0x00".into(),
        "1 image files /opt/capable xattrs security.capability",
    );
}

#[test]
fn a_flipped_history_row_is_seen() {
    assert_seen(
        "copy/file-to-file",
        "/0/image/history/0/created_by",
        "COPY".into(),
        "1 image history 1 created_by",
    );
    assert_seen(
        "config/env",
        "/0/image/history/0/empty_layer",
        false.into(),
        "1 image history 1 empty_layer",
    );
}

#[test]
fn a_flipped_configuration_and_layer_are_seen() {
    assert_seen(
        "config/env",
        "/0/image/config/config/Env/1",
        "A=2".into(),
        "1 image config config Env 2",
    );
    assert_seen(
        "copy/file-to-file",
        "/0/image/layers/0/0",
        "/c.txt".into(),
        "1 image layers 1 1",
    );
}

#[test]
fn a_path_too_many_and_one_too_few_are_seen() {
    let expected = find_expectation("copy/file-to-file");
    let mut changed = expected.clone();
    changed[0]["image"]["files"]["/extra"] = "removed".into();
    assert_eq!(
        list_differences(&expected, &changed)[0].at,
        "1 image files /extra"
    );
    assert_eq!(list_differences(&changed, &expected)[0].found, "nothing");
}

#[test]
fn a_failure_needs_its_words_and_its_line() {
    let expected = find_expectation("copy/missing");
    let answer = |text: &str| serde_json::json!([{ "failure": { "text": text } }]);
    let line = expected[0]["failure"]["line"].as_u64().expect("a line");
    let good = format!("error: \"/missing\": not found\n  at Dockerfile:{line}\n");
    assert_eq!(list_differences(&expected, &answer(&good)), []);
    let elsewhere = good.replace(&format!(":{line}"), ":77");
    assert_eq!(list_differences(&expected, &answer(&elsewhere)).len(), 1);
    assert_eq!(
        list_differences(&expected, &answer(&good.replace("missing", "other"))).len(),
        1
    );
    assert_eq!(
        list_differences(&expected, &serde_json::json!([{ "image": {} }])).len(),
        1
    );
}
