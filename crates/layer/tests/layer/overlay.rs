//! Against the kernel's overlay: what a container changed is what the layer says.

use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use wharf_layer::{Below, DiffOptions, Limits, apply};

use crate::random_tree::{any_changes, make_changes};
use crate::rights::{may_chown, skip};
use crate::round_trip::{cut_times, diff, layer};
use crate::tree::{Folder, Tree, read_tree};

/// A mounted overlay, gone with the value.
struct Overlay(Folder);

impl Overlay {
    fn mount(at: &Path, lower: &str, upper: Option<&Path>, work: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).expect("the parent is writable");
        std::fs::create_dir_all(work).expect("the parent is writable");
        let mut options = format!("userxattr,lowerdir={lower}");
        if let Some(upper) = upper {
            std::fs::create_dir_all(upper).expect("the parent is writable");
            options += &format!(",upperdir={},workdir={}", upper.display(), work.display());
        }
        let mounted = Command::new("mount")
            .args(["-t", "overlay", "overlay", "-o", &options])
            .arg(at)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self(Folder::open(at)))
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        let path = &self.0.path;
        let _ = Command::new("umount").arg("-l").arg(path).status();
    }
}

/// Without what a layer cannot or does not say: times of directories that only were copied up, and which unchanged names
/// share an inode.
fn comparable(tree: Tree) -> Tree {
    let mut tree = cut_times(tree);
    for (path, seen) in &mut tree {
        seen.first.clone_from(path);
        if seen.kind == "directory" {
            seen.mtime = (0, 0);
        }
    }
    tree
}

/// An applier that shares nothing with ours: names are removed by hand, the rest is GNU tar's.
fn apply_by_gnu_tar(tar: &Path, root: &Path) {
    let bytes = std::fs::read(tar).expect("just written");
    for name in crate::archive::list_names(&bytes) {
        let path = root.join(&name);
        let (parent, last) = (path.parent().expect("below the root"), path.file_name());
        let last = last.expect("a name").to_str().expect("UTF-8").to_owned();
        if let Some(hidden) = last.strip_prefix(".wh.") {
            assert_ne!(last, ".wh..wh..opq", "not written");
            remove(&parent.join(hidden));
        } else if !(name.ends_with('/') && path.is_dir() && !path.is_symlink()) {
            remove(Path::new(
                path.to_str().expect("UTF-8").trim_end_matches('/'),
            ));
        } else {
            // GNU tar adds attributes to a directory and takes none away.
            let _ = rustix::fs::lremovexattr(&path, "user.test");
        }
    }
    let status = Command::new("tar")
        .args([
            "-x",
            "-p",
            "--numeric-owner",
            "--xattrs",
            "--xattrs-include=*",
        ])
        .args(["--exclude=.wh.*", "-f"])
        .arg(tar)
        .arg("-C")
        .arg(root)
        .status();
    assert!(status.expect("tar runs").success());
}

fn remove(path: &Path) {
    let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir_all(path));
}

fn check(before: &[crate::random_tree::Change], after: &[crate::random_tree::Change]) -> bool {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| folder.path().join(name);
    let lower = Folder::make(at("lower"));
    make_changes(&lower.path, before);
    let lower_path = lower.path.display().to_string();
    let Some(merged) = Overlay::mount(&at("merged"), &lower_path, Some(&at("upper")), &at("work"))
    else {
        return false;
    };
    make_changes(&merged.0.path, after);
    let expected = comparable(read_tree(&merged.0.path));

    let upper = Folder::open(at("upper"));
    let tar = diff(&upper, Some(&lower), &DiffOptions::default());
    std::fs::write(at("layer.tar"), &tar).expect("room");

    let copied = Command::new("cp")
        .args(["-a", &lower_path])
        .arg(at("copy"))
        .status();
    assert!(copied.expect("cp runs").success());
    apply_by_gnu_tar(&at("layer.tar"), &at("copy"));
    let found = comparable(read_tree(&at("copy")));
    assert_eq!(
        expected,
        found,
        "by GNU tar, of {:?}",
        crate::archive::list_names(&tar)
    );

    let again = Folder::make(at("again"));
    let below = Below::Tree(lower.as_fd());
    apply(
        &tar[..],
        again.as_fd(),
        &layer(below),
        &mut Limits::default(),
    )
    .expect("our own layer");
    let stack = format!("{}:{lower_path}", again.path.display());
    let second = Overlay::mount(&at("merged2"), &stack, None, &at("work2")).expect("as before");
    let found = comparable(read_tree(&second.0.path));
    assert_eq!(
        expected,
        found,
        "by the overlay, of {:?}",
        crate::archive::list_names(&tar)
    );

    // The layer of the applied layer is the layer.
    assert_eq!(
        crate::archive::list_names(&diff(&again, Some(&lower), &DiffOptions::default())),
        crate::archive::list_names(&tar)
    );
    true
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn a_layer_says_what_a_container_changed(
        before in any_changes(5..40),
        after in any_changes(1..30),
    ) {
        if !check(&before, &after) {
            assert!(!(may_chown() && rustix::process::geteuid().is_root()), "root can mount");
            skip("a_layer_says_what_a_container_changed", "no overlay can be mounted");
        }
    }
}
