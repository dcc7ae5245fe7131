//! What is written as a layer comes back as it was.

use proptest::prelude::*;
use wharf_layer::{
    ApplyOptions, Below, DiffOptions, DiffStats, Limits, Ownership, TreeOptions, apply, write_diff,
    write_tree,
};

use crate::random_tree::{any_changes, make_changes};
use crate::rights::may_chown;
use crate::tree::{Folder, Tree, read_tree};

/// What whole-second times leave of a tree.
pub(crate) fn cut_times(mut tree: Tree) -> Tree {
    for seen in tree.values_mut() {
        seen.mtime.1 = 0;
    }
    tree
}

pub(crate) fn layer(below: Below<'_>) -> ApplyOptions<'_> {
    let mut options = ApplyOptions::layer(below);
    if !may_chown() {
        options.ownership = Ownership::Unchanged;
    }
    options
}

pub(crate) fn diff(upper: &Folder, lower: Option<&Folder>, options: &DiffOptions) -> Vec<u8> {
    use std::os::fd::AsFd as _;
    let mut tar = Vec::new();
    let lower = lower.map(|lower| lower.as_fd());
    write_diff(upper.as_fd(), lower, options, &mut tar).expect("a readable tree");
    tar
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_tree_survives_the_way_through_a_layer(changes in any_changes(1..40)) {
        use std::os::fd::AsFd as _;
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (from, to) = (
            Folder::make(folder.path().join("from")),
            Folder::make(folder.path().join("to")),
        );
        make_changes(&from.path, &changes);
        let tar = diff(&from, None, &DiffOptions::default());
        let mut limits = Limits::default();
        let applied = apply(&tar[..], to.as_fd(), &layer(Below::Nothing), &mut limits)
            .expect("our own layer");
        let (expected, found) = (cut_times(read_tree(&from.path)), read_tree(&to.path));
        prop_assert_eq!(applied.entries, expected.len() as u64);
        prop_assert_eq!(&expected, &found);

        // Written again from where it was unpacked, it is the same to the byte, and so is the tree without whiteouts.
        prop_assert_eq!(&tar, &diff(&to, None, &DiffOptions::default()));
        let mut whole = Vec::new();
        let stats: DiffStats =
            write_tree(to.as_fd(), &TreeOptions::default(), &mut whole).expect("readable");
        prop_assert_eq!(stats.entries, expected.len() as u64);
        prop_assert_eq!(&tar, &whole);

        // Nothing has changed against itself.
        let nothing = diff(&to, Some(&to), &DiffOptions::default());
        prop_assert_eq!(nothing, vec![0; 1024]);
    }
}
