//! C5, C7, C9, C15: what is refused at the destination, and what modes, parents and odd names become.

use wharf_dockerfile::values::ModeChange;

use crate::destinations::base;
use crate::tree::{Tree, copy, patterns, placement, selection};

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

#[test]
fn a_directory_on_the_way_takes_its_sources_mode_and_a_new_one_the_changed_mode() {
    let from = Tree::new(&["x/www/ #2775", "x/www/f = f"]);
    let mut selection = selection(&["x/./www/f"]);
    selection.parents = true;
    for (before, mode, expected) in [
        (
            &["www/ #700"][..],
            "600",
            ["www/ 2775 now", "www/f 600 old \"f\""],
        ),
        (&[], "4750", ["www/ 4750 now", "www/f 4750 old \"f\""]),
    ] {
        let to = Tree::new(before);
        let mut placement = placement("/");
        placement.mode = Some(ModeChange::parse(mode).unwrap());
        copy(&from, &selection, &to, &placement).unwrap();
        assert_eq!(to.list(), expected, "{mode}");
    }
}
