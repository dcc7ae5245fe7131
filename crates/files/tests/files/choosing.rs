//! C1, C7, C8, X1, S4: what is chosen of a tree.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use wharf_files::{Kind, Selected, Selection, select};

use crate::tree::{Tree, patterns, selection};

/// What a selection holds, a line each: `part: path`, with a slash for directories and a tilde for passages.
fn show(selected: &Selected) -> Vec<String> {
    let mut lines = Vec::new();
    for part in &selected.parts {
        for entry in part.entries() {
            let mark = match entry.kind {
                Kind::Directory => "/",
                Kind::Passage => "~",
                _ => "",
            };
            let path = entry.path.to_string();
            let name = String::from_utf8_lossy(part.name());
            lines.push(format!("{name}:{}{mark}", path.trim_start_matches('/')));
        }
    }
    lines
}

fn chosen(tree: &Tree, selection: &Selection) -> Vec<String> {
    show(&select(&tree.context(), selection).unwrap())
}

fn refusal(tree: &Tree, selection: &Selection) -> String {
    select(&tree.context(), selection).unwrap_err().to_string()
}

#[test]
fn patterns_match_one_level_and_may_match_nothing() {
    let tree = Tree::new(&[
        "a.txt",
        "b.txt",
        "c.md",
        "d/e.txt",
        "d/f/g.txt",
        "arr[0].txt",
        "x1/f",
        "x2/g",
        "y/h",
        "a1",
        "a2",
        "ab",
        "to -> x1",
    ]);
    for (source, expected) in [
        ("*.txt", &["a.txt:", "arr[0].txt:", "b.txt:"][..]),
        ("arr[[]0].txt", &["arr[0].txt:"]),
        ("a[1-2]", &["a1:", "a2:"]),
        ("a[^0-9]", &["ab:"]),
        ("**/*.txt", &["e.txt:"]),
        ("x?/*", &["f:", "g:"]),
        ("x?", &["x1:/", "x1:f", "x2:/", "x2:g"]),
        ("*.nothing", &[]),
        ("d/*/*", &["g.txt:"]),
        ("d/../c*", &["c.md:"]),
        ("t?", &["to:/", "to:f"]),
        ("t?/f", &[]),
        ("to/*", &["f:"]),
        ("/a.tx?", &["a.txt:"]),
        ("c.md/*", &[]),
    ] {
        assert_eq!(chosen(&tree, &selection(&[source])), expected, "{source}");
    }
    assert_eq!(
        refusal(&tree, &selection(&["none/*.txt"])),
        "\"/none\": not found"
    );
    assert_eq!(refusal(&tree, &selection(&["a["])), "invalid source");
}

#[test]
fn links_are_followed_where_they_are_the_source_and_kept_below_it() {
    let tree = Tree::new(&[
        "real = r",
        "link -> real",
        "d/in -> ../real",
        "dl -> d",
        "etc/passwd = own",
        "out -> /etc/passwd",
        "up -> ../../../../etc/passwd",
    ]);
    let selected = select(
        &tree.context(),
        &selection(&["link", "dl", "dl/in", "out", "up"]),
    )
    .unwrap();
    assert_eq!(
        show(&selected),
        ["link:", "dl:/", "dl:in", "in:", "out:", "up:"]
    );
    let kinds: Vec<&Kind> = selected.entries().map(|entry| &entry.kind).collect();
    assert!(matches!(kinds[0], Kind::File { size: 1 }));
    assert!(matches!(kinds[2], Kind::Symlink { target } if target == b"../real"));
    assert!(matches!(kinds[3], Kind::File { size: 1 }));
    assert!(
        kinds[4..]
            .iter()
            .all(|kind| matches!(kind, Kind::File { size: 3 }))
    );
}

#[test]
fn what_is_excluded_is_left_out_below_the_source_only() {
    let tree = Tree::new(&[
        "d/a.txt",
        "d/b.md",
        "d/sub/c.md",
        "d/sub/d.txt",
        "d/node/x",
        "b.md",
    ]);
    for (excludes, sources, expected) in [
        (
            &["*.md"][..],
            &["d"][..],
            &[
                "d:/",
                "d:a.txt",
                "d:node/",
                "d:node/x",
                "d:sub/",
                "d:sub/c.md",
                "d:sub/d.txt",
            ][..],
        ),
        (
            &["**/*.md", "node"],
            &["d"],
            &["d:/", "d:a.txt", "d:sub/", "d:sub/d.txt"],
        ),
        (&["*.md"], &["*.md"], &["b.md:"]),
        (
            &["**", "!sub/c.md"],
            &["d"],
            &["d:/", "d:sub~", "d:sub/c.md"],
        ),
    ] {
        let selection = Selection {
            excludes: patterns(excludes),
            ..selection(sources)
        };
        assert_eq!(chosen(&tree, &selection), expected, "{excludes:?}");
    }
}

#[test]
fn what_is_ignored_is_not_there() {
    let tree = Tree::new(&[
        "a/keep",
        "a/drop",
        "a/sub/x",
        "b/y",
        "link -> b",
        "in -> a/drop",
    ]);
    let ignoring = |ignore: &[&str], sources: &[&str]| Selection {
        ignore: Some(patterns(ignore)),
        ..selection(sources)
    };
    for (ignore, sources, expected) in [
        (
            &["b"][..],
            &["."][..],
            &[
                ":/", ":a/", ":a/drop", ":a/keep", ":a/sub/", ":a/sub/x", ":in", ":link",
            ][..],
        ),
        (&["a", "!a/keep"], &["a"], &["a:/", "a:keep"]),
        (&["*", "!a/keep"], &["."], &[":/", ":a/", ":a/keep"]),
        (&["*", "!a/keep"], &["*"], &["a:/", "a:keep"]),
        (&["*", "!a/sub"], &["a"], &["a:/", "a:sub/", "a:sub/x"]),
        (&["a/sub/x"], &["a/sub"], &["sub:/"]),
        (&["**/x"], &["a/s*/x"], &[]),
    ] {
        assert_eq!(
            chosen(&tree, &ignoring(ignore, sources)),
            expected,
            "{ignore:?}"
        );
    }
    for (ignore, source, expected) in [
        (&["b"][..], "b/y", "\"/b/y\": not found"),
        (&["b"], "link", "\"/link\": not found"),
        (&["link"], "link/y", "\"/link/y\": not found"),
        (&["a/drop"], "in", "\"/in\": not found"),
        (&["*", "!c"], "a", "\"/a\": not found"),
        (&["*", "!a/none"], "a", "\"/a\": not found"),
    ] {
        assert_eq!(
            refusal(&tree, &ignoring(ignore, &[source])),
            expected,
            "{ignore:?}"
        );
    }
}

#[test]
fn parents_are_passages_unless_a_pattern_names_them() {
    let tree = Tree::new(&[
        "x/a/f.go",
        "x/g.go",
        "h.go",
        "x/b/h.rs",
        "a/b/c/d.txt",
        "a/b/e/",
    ]);
    let parents = |sources: &[&str]| Selection {
        parents: true,
        ..selection(sources)
    };
    for (source, expected) in [
        (
            "a/b/c/d.txt",
            &[":/", ":a~", ":a/b~", ":a/b/c~", ":a/b/c/d.txt"][..],
        ),
        (
            "a/b",
            &[":/", ":a~", ":a/b/", ":a/b/c/", ":a/b/c/d.txt", ":a/b/e/"],
        ),
        ("./a/b/./c/d.txt", &["b:/", "b:c~", "b:c/d.txt"]),
        ("a/./b/c", &["a:/", "a:b~", "a:b/c/", "a:b/c/d.txt"]),
        (
            "**/*.go",
            &[":/", ":h.go", ":x~", ":x/a~", ":x/a/f.go", ":x/g.go"],
        ),
        ("*/*/*.go", &[":/", ":x~", ":x/a~", ":x/a/f.go"]),
        // A source that is a file is copied, whatever the pattern below it.
        ("*/./*.go", &["a:/", "h.go:", "x:/", "x:g.go"]),
        ("*.none", &[":/"]),
    ] {
        assert_eq!(chosen(&tree, &parents(&[source])), expected, "{source}");
    }
    for (source, expected) in [
        ("a/none", "\"/a/none\": not found"),
        ("none/./x", "\"/none/x\": not found"),
        ("a/./none", "\"/a/none\": not found"),
    ] {
        assert_eq!(refusal(&tree, &parents(&[source])), expected);
    }
}

/// S4. As root, nothing is unreadable, and the test would not notice.
#[test]
fn only_what_is_needed_is_read() {
    if crate::tree::is_root() {
        return;
    }
    let tree = Tree::new(&["a/b/c", "closed/x", "a/closed/y"]);
    for closed in ["closed", "a/closed"] {
        fs::set_permissions(tree.at(closed), fs::Permissions::from_mode(0o0)).unwrap();
    }
    let ignore = patterns(&["**/closed", "!a/b/none"]);
    let ignoring = Selection {
        ignore: Some(ignore),
        ..selection(&["."])
    };
    let parents = Selection {
        parents: true,
        ..selection(&["a/b/c"])
    };
    for selection in [
        selection(&["a/b"]),
        selection(&["a/b/*"]),
        ignoring,
        parents,
    ] {
        assert!(
            chosen(&tree, &selection)
                .iter()
                .any(|line| line.contains('c'))
        );
    }
    assert!(select(&tree.context(), &selection(&["a"])).is_err());
}
