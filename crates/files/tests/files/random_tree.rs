//! Copying any tree gives the same tree.

use std::collections::BTreeMap;
use std::os::fd::AsFd as _;

use proptest::prelude::*;
use wharf_files::{copy_within, select};

use crate::port::pass;
use crate::tree::{Tree, placement, selection};

/// What a name stands for; later names may stand in the way of earlier ones, which are then left out.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let name = "[ab]{1,2}(/[abc]{1,2}){0,3}";
    let kind = prop_oneof![
        "[a-z]{0,5}".prop_map(|content| format!(" = {content} #644")),
        Just(" = #4755".to_owned()),
        Just("/ #700".to_owned()),
        Just(" | fifo".to_owned()),
        "[a./]{1,5}".prop_map(|target| format!(" -> {target}")),
    ];
    proptest::collection::btree_map(name, kind, 0..20).prop_map(|named: BTreeMap<_, _>| {
        let is_parent = |name: &String| {
            let below = format!("{name}/");
            named.keys().any(|other| other.starts_with(&below))
        };
        let fitting = named
            .iter()
            .filter(|(name, kind)| kind.starts_with('/') || !is_parent(name));
        fitting
            .map(|(name, kind)| format!("d/{name}{kind}"))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_copied_tree_is_the_same_tree(lines in lines()) {
        let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        lines.push("d/one = x");
        lines.push("d/two == d/one");
        let from = Tree::new(&lines);
        let source = from.source();
        let selected = select(&source, &selection(&["."])).unwrap();
        let (copied, passed) = (Tree::new(&[]), Tree::new(&[]));
        copy_within(&source, &selected, copied.as_fd(), &placement("/")).unwrap();
        prop_assert_eq!(copied.list(), from.list());
        let (sent, placed) = pass(&source, &selected, &passed, &placement("/"));
        sent.unwrap();
        placed.unwrap();
        prop_assert_eq!(passed.list(), from.list());
        // And once more over itself.
        copy_within(&source, &selected, copied.as_fd(), &placement("/")).unwrap();
        prop_assert_eq!(copied.list(), from.list());
    }
}
