//! The lexer's rules, each with the inputs that show them.

use super::*;
use std::collections::BTreeMap;

fn variables() -> BTreeMap<String, String> {
    let entries = [
        ("PWD", "/home/me"),
        ("EMPTY", ""),
        ("FILE", "archive.tar.gz"),
        ("PATHS", "/a/b/a/c"),
        ("SPACED", " two  words "),
        ("한", "국"),
    ];
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn expand(text: &str) -> Result<String, String> {
    let expansion = Lexer::new('\\').expand(text, &variables());
    expansion
        .map(|found| found.text)
        .map_err(|problem| match problem {
            Problem::Word { reason, .. } => reason,
            other => other.to_string(),
        })
}

fn assert_expands(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(expand(text), Ok((*expected).to_owned()), "{text}");
    }
}

#[test]
fn names_with_and_without_braces() {
    assert_expands(&[
        ("$PWD", "/home/me"),
        ("x${PWD}y", "x/home/mey"),
        ("$PWDX", ""),
        ("$PWD.x", "/home/me.x"),
        ("$", "$"),
        ("a$", "a$"),
        ("$.", "$."),
        ("$한", "국"),
        ("$1x$PWD", "x/home/me"),
        ("$$", ""),
        ("$(pwd) `pwd`", "$(pwd) `pwd`"),
    ]);
}

#[test]
fn quotes_and_escapes_are_resolved() {
    assert_expands(&[
        (r#""a b" 'c d'"#, "a b c d"),
        (r#""$PWD" '$PWD'"#, "/home/me $PWD"),
        (r"\$PWD", "$PWD"),
        (r#""\$PWD \" \\ \n""#, "$PWD \" \\ \\n"),
        (r"'\$PWD'", r"\$PWD"),
        (r"a\ b\n", "a bn"),
        (r"a\", "a"),
    ]);
    for text in ["'a", "\"a", "\"$PWD", "a\"b\\"] {
        assert!(expand(text).is_err(), "{text}");
    }
    let backquote = Lexer::new('`').expand("`$PWD \\$PWD", &variables());
    assert_eq!(backquote.expect("expands").text, "$PWD \\/home/me");
}

#[test]
fn defaults_alternatives_and_errors() {
    assert_expands(&[
        ("${PWD:-x}${EMPTY:-x}${NONE:-x}", "/home/mexx"),
        ("${PWD-x}${EMPTY-x}${NONE-x}", "/home/mex"),
        ("${PWD:+x}${EMPTY:+y}${NONE:+z}", "x"),
        ("${PWD+x}${EMPTY+y}${NONE+z}", "xy"),
        ("${PWD:?x}${EMPTY?y}", "/home/me"),
        ("${NONE:-${NONE:-$PWD}}", "/home/me"),
        ("${NONE:-\"a } b\"}", "a } b"),
        ("${NONE:-a\\}b}", "a}b"),
        ("${NONE:-}", ""),
    ]);
    let failure = |text| expand(text).expect_err(text);
    assert_eq!(failure("${NONE:?not $PWD}"), "NONE: not /home/me");
    assert_eq!(failure("${NONE?}"), "NONE: is not allowed to be unset");
    assert_eq!(failure("${EMPTY:?}"), "EMPTY: is not allowed to be empty");
}

#[test]
fn prefixes_and_suffixes_are_cut() {
    assert_expands(&[
        ("${FILE#*.}", "tar.gz"),
        ("${FILE##*.}", "gz"),
        ("${FILE%.*}", "archive.tar"),
        ("${FILE%%.*}", "archive"),
        ("${FILE#x}${FILE%x}", "archive.tar.gzarchive.tar.gz"),
        ("${FILE#archive?}", "tar.gz"),
        ("${FILE#}${FILE##}", "archive.tar.gzarchive.tar.gz"),
        ("${FILE#$NONE}", "archive.tar.gz"),
        ("${NONE#x}", ""),
        ("${PATHS%/*}", "/a/b/a"),
    ]);
}

#[test]
fn matches_are_replaced_once_or_everywhere() {
    assert_expands(&[
        ("${PATHS/a/x}", "/x/b/a/c"),
        ("${PATHS//a/x}", "/x/b/x/c"),
        (r"${PATHS//\//.}", ".a.b.a.c"),
        ("${PATHS/a*a/x}", "/x/c"),
        ("${PATHS//?\\//x}", "/xxxc"),
        ("${PATHS/$NONE/x}", "x/a/b/a/c"),
        ("${FILE//$NONE/-}", "-a-r-c-h-i-v-e-.-t-a-r-.-g-z-"),
        ("${FILE//*/x}", "x"),
        ("${NONE//a/x}", ""),
    ]);
}

#[test]
fn what_is_malformed_says_why() {
    for (text, reason) in [
        ("${", "missing '}'"),
        ("${PWD", "missing '}'"),
        ("${}", "bad substitution"),
        ("${{PWD}}", "bad substitution"),
        ("${:x}", "bad substitution"),
        ("${PWD:", "missing '}'"),
        ("${PWD:-a", "missing '}'"),
        ("${PWD:}", "unsupported modifier (:})"),
        ("${PWD:=a}", "unsupported modifier (:=)"),
        ("${PWD:#a}", "unsupported modifier (:#)"),
        ("${PWD=a}", "unsupported modifier (=)"),
        ("${PWD^^}", "unsupported modifier (^)"),
        ("${PWD/a}", "missing '/'"),
        ("${PWD/a/b", "missing '}'"),
        ("${PWD#\\x}", "invalid escape"),
    ] {
        let found = expand(text).expect_err(text);
        assert!(found.contains(reason), "{text}: {found}");
    }
}

#[test]
fn an_expansion_says_which_variables_it_asked_for() {
    let found = Lexer::new('\\')
        .expand("$PWD ${NONE:-$EMPTY} '$FILE'", &variables())
        .expect("expands");
    assert_eq!(Vec::from_iter(&found.used), ["EMPTY", "PWD"]);
    assert_eq!(Vec::from_iter(&found.unset), ["NONE"]);
}

#[test]
fn words_are_cut_after_variables_are_replaced() {
    let split = |text| Lexer::new('\\').split(text, &variables());
    for (text, expected) in [
        ("a  b", vec!["a", "b"]),
        ("a$SPACED", vec!["a", "two", "words"]),
        ("a\"$SPACED\"b", vec!["a two  words b"]),
        ("a${NONE:-$SPACED}b", vec!["a", "two", "words", "b"]),
        (r"a\ b 'c d'", vec!["a b", "c d"]),
        ("'' a", vec!["a"]),
        ("<< EOF x", vec!["<< EOF", "x"]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(split(text), Ok(expected), "{text}");
    }
}

#[test]
fn heredocs_keep_quotes_and_unset_references_can_stay() {
    let heredoc = Lexer::for_heredocs().expand("'$PWD' \"\\$x\"", &variables());
    assert_eq!(heredoc.expect("expands").text, "'/home/me' \"$x\"");
    let kept = Lexer::new('\\').keeping_quotes().keeping_unset().expand(
        "\"$PWD\" '$PWD' $NONE ${NONE} ${NONE:-$PWD} ${NONE#a}",
        &variables(),
    );
    assert_eq!(
        kept.expect("expands").text,
        "\"/home/me\" '$PWD' $NONE ${NONE} ${NONE:-/home/me} ${NONE#a}"
    );
}

#[test]
fn growth_and_nesting_have_an_end() {
    let deep = "${a:-".repeat(10_000) + &"}".repeat(10_000);
    assert!(expand(&deep).expect_err("deep").contains("nest deeper"));
    let big = BTreeMap::from([("a".to_owned(), "x".repeat(600_000))]);
    let doubled = Lexer::new('\\').expand("$a$a", &big);
    assert!(matches!(doubled, Err(Problem::Word { .. })), "too large");
    let many = "a".repeat(600_000);
    let grown = BTreeMap::from([("a".to_owned(), many)]);
    let replaced = Lexer::new('\\').expand("${a//a/bbbb}", &grown);
    assert!(matches!(replaced, Err(Problem::Word { .. })), "too large");
}
