//! C1, C2, C9, C10: where things end up. Each case is one of the corpus in `tests/build`, whose results are
//! BuildKit's own.

use crate::tree::{Tree, copy, placement, selection};

/// What the base of the corpus has at the places that matter.
pub(crate) fn base() -> Tree {
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
