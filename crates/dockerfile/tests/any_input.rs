//! No input is fatal, and every place that is reported is in the input.

use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use wharf_dockerfile::{
    Dockerfile, Error, Lexer, NoVariables, Source, Tree,
    glob::Glob,
    ignore::{PatternSet, read_ignore_file},
    lint::{LintInput, LintReport, lint},
    parse,
    values::{Duration as GoDuration, ExposeSpec, GitUrl, ModeChange, parse_byte_size},
};
use wharf_oci::Platform;

/// Pieces of which Dockerfiles are made, whole and broken.
const PIECES: &[&str] = &[
    "FROM a\n",
    "FROM $V AS b\n",
    "RUN ",
    "COPY --from=b a /b\n",
    "COPY <<EOF <<-'X' /d\n",
    "EOF\n",
    "\tX\n",
    "ENV a=$b c=\"${d:-e}\"\n",
    "ARG V=1 W\n",
    "LABEL x y\n",
    "EXPOSE 1-9/udp\n",
    "ONBUILD ",
    "HEALTHCHECK --interval=1s CMD [\"a\"]\n",
    "--mount=type=cache,target=/c ",
    "--mount=type=secret,id=$V ",
    "\\\n",
    "`\n",
    "# escape=`\n",
    "# check=skip=all;error=true\n",
    "#\n",
    "\n",
    " ",
    "\t",
    "\r\n",
    "'",
    "\"",
    "$",
    "${",
    "}",
    ":?",
    "//",
    "/",
    "*",
    "[",
    "]",
    "<<",
    "\\",
    "\u{feff}",
    "\u{0}",
    "\u{e4}",
    "x",
    "CMD [\"x\", 1]\n",
    "USER ${V#*x}\n",
    "WORKDIR r\n",
    "VOLUME [\"/a\"]\n",
    "FROM b AS c\nCOPY --from=0 --link --chmod=u+x a b\n",
];

fn built_of_pieces() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..40)
        .prop_map(|pieces| pieces.concat().into_bytes())
}

/// A file that builds, with a few bytes changed, cut or doubled.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let valid = include_bytes!("valid.Dockerfile").to_vec();
    let change = (any::<prop::sample::Index>(), 0..4u8, any::<u8>());
    proptest::collection::vec(change, 1..8).prop_map(move |changes| {
        let mut bytes = valid.clone();
        for (place, kind, byte) in changes {
            let at = place.index(bytes.len().max(1));
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.insert(at.min(bytes.len()), byte),
                _ => {
                    let tail = bytes[at.min(bytes.len())..].to_vec();
                    bytes.extend(tail);
                }
            }
        }
        bytes
    })
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        built_of_pieces(),
        mutated(),
    ]
}

fn check(bytes: &[u8]) -> LintReport {
    let platform = Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        ..Platform::default()
    };
    let input = LintInput {
        given: &BTreeMap::from([("V".to_owned(), "v".to_owned())]),
        build_platform: &platform,
        target_platform: &platform,
        target: None,
        every_stage: true,
        contexts: &BTreeSet::new(),
        images: &BTreeMap::new(),
        ignore: None,
    };
    lint(bytes, &input)
}

fn assert_places(error: &Error, source: &Source) {
    if let (Some(lines), Some(position)) = (error.lines(), error.position()) {
        assert!(lines.first <= lines.last && lines.last <= source.line_count().max(1));
        assert!(lines.contains(position.line), "{error}");
        let width = source
            .line(position.line)
            .unwrap_or_default()
            .chars()
            .count();
        assert!(position.column as usize <= width + 1, "{error}");
        assert!(error.excerpt(source).is_some() || source.line_count() == 0);
    }
}

fn assert_tree(tree: &Tree) {
    let mut last = 0;
    for node in &tree.nodes {
        assert!(node.lines.first > last && node.lines.last >= node.lines.first);
        assert!(node.lines.last <= tree.source.line_count());
        last = node.lines.last;
    }
    assert_eq!(tree.to_string().is_empty(), tree.nodes.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_file_is_parsed_or_refused_at_a_place_in_it(bytes in any_file()) {
        let source = Source::new(&bytes);
        match parse(&bytes) {
            Ok(tree) => {
                assert_tree(&tree);
                prop_assert_eq!(parse(&bytes), Ok(tree));
            }
            Err(error) => assert_places(&error, &source),
        }
        if let Err(error) = Dockerfile::parse(&bytes) {
            assert_places(&error, &source);
        }
    }

    #[test]
    fn any_file_is_checked(bytes in any_file()) {
        let report = check(&bytes);
        for finding in &report.findings {
            prop_assert!(finding.lines.last <= report.source.line_count());
            prop_assert!(finding.excerpt(&report.source).is_some());
        }
        if let Some(error) = &report.error {
            assert_places(error, &report.source);
        }
    }

    #[test]
    fn any_text_is_a_word_or_an_error(text in "[a$\\\\'\"{}:#%/*?<\\- \u{e4}]{0,30}") {
        let lexer = Lexer::new('\\');
        let expanded = lexer.expand(&text, &NoVariables);
        let split = lexer.split(&text, &NoVariables);
        prop_assert_eq!(expanded.is_ok(), split.is_ok());
        // Text without anything special is itself.
        if !text.contains(['$', '\\', '\'', '"']) {
            prop_assert_eq!(expanded.map(|found| found.text), Ok(text));
        }
    }

    #[test]
    fn any_pattern_matches_or_is_refused(pattern in "[a\\[\\]^\\-*?/\\\\!.]{0,12}", path in "[a/b]{0,12}") {
        let names_itself = !pattern.contains(['[', ']', '*', '?', '\\']);
        if let Ok(glob) = Glob::new(&pattern) {
            let is_match = glob.is_match(&path);
            prop_assert!(!names_itself || is_match == (pattern == path));
        }
        if let Ok(set) = PatternSet::new([pattern.as_str()]) {
            set.is_match(&path);
        }
        prop_assert!(read_ignore_file(pattern.as_bytes()).len() <= 1);
    }

    #[test]
    fn values_that_print_are_read_back(nanos in any::<i64>()) {
        let duration = GoDuration::from_nanos(nanos);
        // The most negative number has no positive counterpart to be read as.
        if nanos != i64::MIN {
            prop_assert_eq!(GoDuration::parse(&duration.to_string()), Ok(duration));
        }
    }

    #[test]
    fn any_value_is_read_or_refused(text in "[0-9a-zA-Z:/@?#&=%+,.\\-\u{e4} ]{0,24}") {
        let _ = (GitUrl::parse(&text), ExposeSpec::parse(&text), parse_byte_size(&text));
        if let Ok(change) = ModeChange::parse(&text) {
            prop_assert!(change.apply(0o644, false) <= 0o7777);
        }
    }
}

#[test]
fn the_valid_file_is_valid() {
    let bytes = include_bytes!("valid.Dockerfile");
    let file = Dockerfile::parse(bytes).expect("a valid file");
    assert_eq!(file.stages.len(), 4);
    assert_eq!(check(bytes).error, None);
}

/// Twice the input may take about twice the time. The bound is loose, for busy machines: what it must catch takes a
/// thousand times as long.
#[test]
fn time_grows_with_the_input_and_no_faster() {
    let shapes: [fn(usize) -> String; 8] = [
        |count| "FROM a\n".to_owned() + &"RUN x\n".repeat(count),
        |count| "FROM a\nRUN x".to_owned() + &" \\\n y".repeat(count),
        |count| "FROM a\n".to_owned() + &"# c\n".repeat(count),
        |count| "FROM a\nRUN <<EOF\n".to_owned() + &"x\n".repeat(count) + "EOF\n",
        |count| {
            let lines = (0..count).map(|number| format!("ENV a{number}=$b{number}\n"));
            "FROM scratch\n".to_owned() + &lines.collect::<String>()
        },
        |count| {
            let lines = (0..count).map(|number| format!("ARG a{number}=$b{number}\n"));
            lines.collect::<String>() + "FROM scratch\n"
        },
        |count| "FROM a\n".to_owned() + &"COPY --from=0 x y\n".repeat(count) + "FROM b\n",
        |count| "FROM a\nUSER ".to_owned() + &"${x:-".repeat(count.min(10_000)),
    ];
    for (number, shape) in shapes.iter().enumerate() {
        let bytes = shape(20_000);
        let began = Instant::now();
        check(bytes.as_bytes());
        let took = began.elapsed();
        assert!(
            took < Duration::from_secs(20),
            "shape {number} took {took:?}"
        );
    }
}
