//! C1, C2, C5, C7, C9, C10: where things end up. Each case is one of the corpus in `tests/build`, whose results are
//! BuildKit's own.

use wharf_dockerfile::values::ModeChange;

use crate::tree::{Tree, copy, patterns, placement, selection};

/// What the base of the corpus has at the places that matter.
fn base() -> Tree {
    Tree::new(&[
        "etc/passwd = app:x:1000:1000::/:",
        "opt/ #711",
        "opt/real/ #750",
        "opt/real/inside = inside",
        "opt/link -> real",
        "opt/abs -> /opt/real",
        "opt/away -> ../../../../opt/real",
        "opt/dangling -> /opt/nowhere",
        "opt/loop -> loop",
        "opt/filelink -> real/inside",
        "opt/full/",
        "opt/full/one = one",
        "opt/full/deep/ #700",
        "opt/full/deep/three = three",
        "opt/setuid = s #4755",
        "opt/noted = n",
    ])
}

struct Case<'c> {
    name: &'c str,
    from: &'c [&'c str],
    sources: &'c [&'c str],
    to: &'c str,
    /// What differs from the base: these lines are there, those after a minus are not.
    expected: &'c [&'c str],
}

fn check(cases: &[Case<'_>]) {
    for case in cases {
        let from = Tree::new(case.from);
        let to = base();
        let before = to.list();
        if let Err(error) = copy(&from, &selection(case.sources), &to, &placement(case.to)) {
            panic!("{}: {error}", case.name);
        }
        let after = to.list();
        let mut changes: Vec<String> = after
            .iter()
            .filter(|line| !before.contains(line))
            .cloned()
            .collect();
        changes.sort();
        let mut expected: Vec<&str> = case.expected.to_vec();
        expected.sort_unstable();
        assert_eq!(changes, expected, "{}", case.name);
    }
}

#[test]
fn files_and_directories_end_up_where_buildkit_puts_them() {
    check(&[
        Case {
            name: "file-to-file",
            from: &["a.txt = a #640"],
            sources: &["a.txt"],
            to: "/b.txt",
            expected: &["b.txt 640 old \"a\""],
        },
        Case {
            name: "file-to-existing-dir",
            from: &["a.txt = a"],
            sources: &["a.txt"],
            to: "/opt/full",
            expected: &["opt/full/ 755 now", "opt/full/a.txt 644 old \"a\""],
        },
        Case {
            name: "file-to-dir-with-slash",
            from: &["a.txt = a"],
            sources: &["a.txt"],
            to: "/new/deep/",
            expected: &[
                "new/ 755 now",
                "new/deep/ 755 now",
                "new/deep/a.txt 644 old \"a\"",
            ],
        },
        Case {
            name: "dots are cleaned",
            from: &["a = a"],
            sources: &["a"],
            to: "/x/../y/./z",
            expected: &["y/ 755 now", "y/z 644 old \"a\""],
        },
        Case {
            name: "dir-contents",
            from: &[
                "d/ #700",
                "d/x = x",
                "d/.hidden = h",
                "d/empty/ #711",
                "d/sub/y = y",
            ],
            sources: &["d"],
            to: "/to",
            expected: &[
                "to/ 755 old",
                "to/.hidden 644 old \"h\"",
                "to/empty/ 711 old",
                "to/sub/ 755 old",
                "to/sub/y 644 old \"y\"",
                "to/x 644 old \"x\"",
            ],
        },
        Case {
            name: "dir-over-existing-dir",
            from: &[
                "d/ #711",
                "d/one = other",
                "d/deep/ #755",
                "d/deep/four = four",
            ],
            sources: &["d"],
            to: "/opt/full/",
            expected: &[
                "opt/full/deep/ 755 old",
                "opt/full/deep/four 644 old \"four\"",
                "opt/full/one 644 old \"other\"",
            ],
        },
        Case {
            name: "dest-root",
            from: &["d/a = a"],
            sources: &["d"],
            to: "/",
            expected: &["a 644 old \"a\""],
        },
        Case {
            name: "several-sources, the last of which is a directory",
            from: &["a = a", "b = b", "d/c = c"],
            sources: &["a", "b", "d"],
            to: "/to/",
            expected: &[
                "to/ 755 old",
                "to/a 644 old \"a\"",
                "to/b 644 old \"b\"",
                "to/c 644 old \"c\"",
            ],
        },
        Case {
            name: "file-over-file",
            from: &["noted = new #600"],
            sources: &["noted"],
            to: "/opt/setuid",
            expected: &["opt/ 711 now", "opt/setuid 600 old \"new\""],
        },
        Case {
            name: "setuid, sticky",
            from: &["s #4755", "g #2755", "t/ #1777", "t/x/ #1777"],
            sources: &["s", "g", "t"],
            to: "/to/",
            expected: &[
                "to/ 755 old",
                "to/g 2755 old \"\"",
                "to/s 4755 old \"\"",
                "to/x/ 1777 old",
            ],
        },
        Case {
            name: "fifo, socket, hard links, links",
            from: &[
                "d/p | fifo",
                "d/s | socket",
                "d/one = x",
                "d/two == d/one",
                "d/l -> /one",
            ],
            sources: &["d"],
            to: "/to",
            expected: &[
                "to/ 755 old",
                "to/l -> /one old",
                "to/one 644 old \"x\"",
                "to/p Fifo 644 old",
                "to/s 644 old \"\"",
                "to/two == to/one",
            ],
        },
        Case {
            name: "hard links of different sources are parted",
            from: &["one = x", "two == one"],
            sources: &["one", "two"],
            to: "/to/",
            expected: &[
                "to/ 755 now",
                "to/one 644 old \"x\"",
                "to/two 644 old \"x\"",
            ],
        },
    ]);
}

#[test]
fn links_on_the_way_to_the_destination_are_followed_within_the_root() {
    check(&[
        Case {
            name: "symlink-dest-dir",
            from: &["a = a"],
            sources: &["a"],
            to: "/opt/away/three",
            expected: &["opt/real/ 750 now", "opt/real/three 644 old \"a\""],
        },
        Case {
            name: "symlink-dest-dir, absolute",
            from: &["a = a"],
            sources: &["a"],
            to: "/opt/abs/",
            expected: &["opt/real/ 750 now", "opt/real/a 644 old \"a\""],
        },
        Case {
            name: "symlink-dest-dir, of a directory",
            from: &["d/f = f"],
            sources: &["d"],
            to: "/opt/link",
            expected: &["opt/real/f 644 old \"f\""],
        },
        Case {
            name: "symlink-dest-file",
            from: &["a = a"],
            sources: &["a"],
            to: "/opt/filelink",
            expected: &["opt/real/ 750 now", "opt/real/inside 644 old \"a\""],
        },
        Case {
            name: "symlink-dest-dangling",
            from: &["a = a"],
            sources: &["a"],
            to: "/opt/dangling",
            expected: &["opt/ 711 now", "opt/nowhere 644 old \"a\""],
        },
        Case {
            name: "symlink-dest-dangling-dir",
            from: &["a = a"],
            sources: &["a"],
            to: "/opt/dangling/",
            expected: &[
                "opt/ 711 now",
                "opt/nowhere/ 755 now",
                "opt/nowhere/a 644 old \"a\"",
            ],
        },
        Case {
            name: "a link in a destination that is a directory is replaced, not followed",
            from: &["link = a"],
            sources: &["link"],
            to: "/opt/",
            expected: &["opt/ 711 now", "opt/link 644 old \"a\""],
        },
    ]);
}

#[test]
fn kinds_that_do_not_fit_are_refused_in_buildkits_words() {
    for (from, sources, to, expected) in [
        (
            &["d/f"][..],
            "d",
            "/opt/noted",
            "cannot copy to non-directory: /opt/noted",
        ),
        (
            &["d/link/f"],
            "d",
            "/opt/",
            "cannot copy to non-directory: /opt/link",
        ),
        (
            &["d/deep = f"],
            "d",
            "/opt/full/",
            "cannot replace to directory /opt/full/deep with file",
        ),
        (
            &["d/deep -> x"],
            "d",
            "/opt/full/",
            "cannot replace to directory /opt/full/deep with file",
        ),
        (
            &["a"],
            "a",
            "/opt/noted/below",
            "mkdir /opt/noted: not a directory",
        ),
        (
            &["a"],
            "a",
            "/opt/noted/",
            "mkdir /opt/noted: not a directory",
        ),
        (&["a"], "a", "/opt/loop/x", "/opt/loop: too many links"),
        (&["a"], "missing", "/to", "\"/missing\": not found"),
        (&["bad -> nowhere"], "bad", "/to", "\"/bad\": not found"),
        (&["a"], "a/below", "/to", "\"/a/below\": not found"),
    ] {
        let from = Tree::new(from);
        let refused = copy(&from, &selection(&[sources]), &base(), &placement(to));
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
}

#[test]
fn modes_change_for_files_directories_and_those_on_the_way() {
    let from = Tree::new(&["a #600", "d/ #700", "d/f #600", "d/s -> f", "d/e/ #700"]);
    for (mode, source, to, expected) in [
        ("755", "a", "/one", &["one 755 old \"\""][..]),
        ("4711", "a", "/two", &["two 4711 old \"\""]),
        (
            "751",
            "d",
            "/to",
            &[
                "to/ 751 old",
                "to/e/ 751 old",
                "to/f 751 old \"\"",
                "to/s -> f old",
            ],
        ),
        (
            "1777",
            "a",
            "/four/",
            &["four/ 777 now", "four/a 1777 old \"\""],
        ),
        (
            "a+rX",
            "d",
            "/x",
            &[
                "x/ 755 old",
                "x/e/ 755 old",
                "x/f 644 old \"\"",
                "x/s -> f old",
            ],
        ),
        ("u+x", "a", "/n/", &["n/ 755 now", "n/a 700 old \"\""]),
    ] {
        let to_tree = Tree::new(&[]);
        let mut placement = placement(to);
        placement.mode = Some(ModeChange::parse(mode).unwrap());
        copy(&from, &selection(&[source]), &to_tree, &placement).unwrap();
        assert_eq!(to_tree.list(), expected, "{mode}");
    }
}

#[test]
fn parents_are_kept_with_their_modes_and_the_time_of_the_build() {
    let from = Tree::new(&[
        "a/ #711",
        "a/b/c.txt = c",
        "a/b/e/",
        "a/x.txt = x",
        "a/b/h.md",
    ]);
    let mut selection = selection(&["a/b/c.txt", "a/x.txt"]);
    selection.parents = true;
    let to = Tree::new(&[]);
    copy(&from, &selection, &to, &placement("/to/")).unwrap();
    assert_eq!(
        to.list(),
        [
            "to/ 755 old",
            "to/a/ 711 now",
            "to/a/b/ 755 now",
            "to/a/b/c.txt 644 old \"c\"",
            "to/a/x.txt 644 old \"x\"",
        ]
    );
    selection.sources = vec!["./a/./b".to_owned()];
    selection.excludes = patterns(&["**/*.md"]);
    let to = Tree::new(&["to/b/ #700"]);
    copy(&from, &selection, &to, &placement("/to/")).unwrap();
    assert_eq!(
        to.list(),
        [
            "to/ 755 old",
            "to/b/ 755 old",
            "to/b/c.txt 644 old \"c\"",
            "to/b/e/ 755 old",
        ]
    );
}

#[test]
fn a_copy_of_a_context_leaves_the_time_of_its_destination() {
    if !crate::tree::is_root() {
        // Files of a context belong to root, and only root can make such files.
        return;
    }
    let from = Tree::new(&["a = a", "d/b = b"]);
    let source = from.context();
    let selected = wharf_files::select(&source, &selection(&["."])).unwrap();
    let to = Tree::new(&[]);
    use std::os::fd::AsFd as _;
    wharf_files::copy_within(&source, &selected, to.as_fd(), &placement("/srv/")).unwrap();
    assert_eq!(
        to.list(),
        [
            "srv/ 755 now",
            "srv/a 644 old \"a\"",
            "srv/d/ 755 old",
            "srv/d/b 644 old \"b\""
        ]
    );
}

/// C15.
#[test]
fn long_and_odd_names_and_large_holes_are_copied() {
    let long = "n".repeat(255);
    let deep = [&*long; 10].join("/");
    let from = Tree::new(&[
        &format!("d/{deep} = deep"),
        "d/back\\slash",
        "d/日本",
        "d/-dash",
    ]);
    let hole = std::fs::File::create(from.at("d/hole")).unwrap();
    hole.set_len(9 << 30).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&hole, b"end", (9 << 30) - 3).unwrap();
    let to = Tree::new(&[]);
    let placed = copy(&from, &selection(&["d"]), &to, &placement("/to")).unwrap();
    assert_eq!(placed.bytes, (9 << 30) + 4);
    assert_eq!(
        std::fs::read_to_string(to.at("to").join(&deep)).unwrap(),
        "deep"
    );
    let copied = std::fs::File::open(to.at("to/hole")).unwrap();
    let mut end = [0; 3];
    std::os::unix::fs::FileExt::read_exact_at(&copied, &mut end, (9 << 30) - 3).unwrap();
    assert_eq!(&end, b"end");
    let blocks = std::os::unix::fs::MetadataExt::blocks(&copied.metadata().unwrap());
    assert!(blocks * 512 < 1 << 20, "{blocks} blocks for three bytes");
    for name in ["back\\slash", "日本", "-dash"] {
        assert!(to.at("to").join(name).is_file(), "{name}");
    }
}
