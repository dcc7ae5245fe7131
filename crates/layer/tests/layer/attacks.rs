//! Archives that reach for what is outside of the tree (attack row C11).
//!
//! Each is first given to a naive applier, which shows that the archive does escape when nothing guards the way.

use std::fs;
use std::os::fd::AsFd as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use wharf_layer::{ApplyOptions, Below, Error, Limits, Ownership, apply};

use crate::archive::Archive;
use crate::tree::{Folder, Tree, read_tree};

/// What an attack is made of: entries in order, for the naive applier and for the archive alike.
enum Step {
    File(String),
    Symlink(&'static str, String),
    Hardlink(&'static str, String),
    Whiteout(String),
}
use Step::{File, Hardlink, Symlink, Whiteout};

fn archive_of(steps: &[Step]) -> Vec<u8> {
    let archive = steps
        .iter()
        .fold(Archive::default(), |archive, step| match step {
            File(name) | Whiteout(name) => {
                archive.pax(&[("path", name.as_bytes())]).file("x", b"evil")
            }
            Symlink(name, target) => archive
                .pax(&[("linkpath", target.as_bytes())])
                .symlink(name, "x"),
            Hardlink(name, target) => archive
                .pax(&[("linkpath", target.as_bytes())])
                .hardlink(name, "x"),
        });
    archive.finish()
}

/// Joins paths and lets the kernel follow what it finds.
fn apply_naively(root: &Path, steps: &[Step]) {
    for step in steps {
        let _ = match step {
            File(name) => fs::write(root.join(name), b"evil"),
            Symlink(name, target) => symlink(target, root.join(name)),
            Hardlink(name, target) => fs::hard_link(root.join(target), root.join(name)),
            Whiteout(name) => {
                let path = PathBuf::from(name);
                let hidden = path.file_name().expect("a name").to_str().expect("UTF-8");
                let hidden = hidden.strip_prefix(".wh.").expect("a whiteout");
                fs::remove_file(root.join(path.with_file_name(hidden)))
            }
        };
    }
}

/// Runs an attack in both ways and returns what ours made of it; `escaped` tells whether the canary's folder or the
/// canary's inode was reached.
fn attack(make: impl Fn(&Path) -> Vec<Step>, escaped: impl Fn(&Path, &Path) -> bool) {
    let prepare = |name: &str| {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let outside = folder.path().join("outside");
        fs::create_dir(&outside).expect("new");
        fs::write(outside.join("canary"), b"alive").expect("new");
        let root = Folder::make(folder.path().join(name));
        (folder, outside, root)
    };
    let (_folder, outside, root) = prepare("naive");
    apply_naively(&root.path, &make(&outside));
    assert!(escaped(&root.path, &outside), "the archive is harmless");

    for options in [ApplyOptions::layer(Below::Unknown), ApplyOptions::archive()] {
        let (_folder, outside, root) = prepare("root");
        let before = read_tree(&outside);
        let tar = archive_of(&make(&outside));
        let mut options = options;
        options.ownership = Ownership::Unchanged;
        let result = apply(&tar[..], root.as_fd(), &options, &mut Limits::default());
        assert!(!escaped(&root.path, &outside), "{result:?}");
        assert_eq!(
            same_without_times(before),
            same_without_times(read_tree(&outside))
        );
        match result {
            Ok(_) | Err(Error::InvalidLayer { .. }) => {}
            Err(error) => panic!("neither applied beneath the root nor refused: {error:?}"),
        }
    }
}

fn same_without_times(mut tree: Tree) -> Tree {
    tree.values_mut().for_each(|seen| seen.mtime = (0, 0));
    tree
}

fn wrote_outside(_: &Path, outside: &Path) -> bool {
    outside.join("x").exists() || outside.parent().expect("a folder").join("x").exists()
}

#[test]
fn c11_a_file_behind_an_absolute_link_stays_in_the_tree() {
    attack(
        |outside| {
            vec![
                Symlink("etc", outside.display().to_string()),
                File("etc/x".into()),
            ]
        },
        wrote_outside,
    );
}

#[test]
fn c11_a_file_behind_a_climbing_link_stays_in_the_tree() {
    attack(
        |_| vec![Symlink("up", "../outside".into()), File("up/x".into())],
        wrote_outside,
    );
}

#[test]
fn c11_a_file_behind_links_behind_links_stays_in_the_tree() {
    attack(
        |_| {
            vec![
                Symlink("a", ".".into()),
                Symlink("b", "a/..".into()),
                Symlink("c", "b/outside".into()),
                File("c/x".into()),
            ]
        },
        wrote_outside,
    );
}

#[test]
fn c11_a_file_over_a_link_replaces_the_link_and_not_its_target() {
    attack(
        |outside| {
            vec![
                Symlink("x", outside.join("canary").display().to_string()),
                File("x".into()),
            ]
        },
        |_, outside| fs::read(outside.join("canary")).expect("it is there") != b"alive",
    );
}

#[test]
fn c11_absolute_names_are_beneath_the_root() {
    attack(
        |outside| vec![File(outside.join("x").display().to_string())],
        wrote_outside,
    );
}

#[test]
fn c11_names_that_climb_are_refused() {
    attack(|_| vec![File("../outside/x".into())], wrote_outside);
    attack(|_| vec![File("./../x".into())], wrote_outside);
    let tar = archive_of(&[File("a/../../x".into())]);
    let folder = tempfile::tempdir().expect("a temporary directory");
    let root = Folder::make(folder.path().join("root"));
    let options = ApplyOptions::layer(Below::Unknown);
    let error = apply(&tar[..], root.as_fd(), &options, &mut Limits::default()).expect_err("..");
    assert!(matches!(error, Error::InvalidLayer { .. }), "{error:?}");
}

fn shares_canary(root: &Path, outside: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let canary = fs::metadata(outside.join("canary"))
        .expect("it is there")
        .ino();
    fs::symlink_metadata(root.join("x")).is_ok_and(|stat| stat.ino() == canary)
}

#[test]
fn c11_hard_links_reach_only_what_is_in_the_tree() {
    attack(
        |outside| vec![Hardlink("x", outside.join("canary").display().to_string())],
        shares_canary,
    );
    attack(
        |_| vec![Hardlink("x", "../outside/canary".into())],
        shares_canary,
    );
    attack(
        |outside| {
            vec![
                Symlink("up", outside.display().to_string()),
                Hardlink("x", "up/canary".into()),
            ]
        },
        shares_canary,
    );
}

#[test]
fn c11_a_whiteout_behind_a_link_deletes_nothing_outside() {
    let is_gone = |_: &Path, outside: &Path| !outside.join("canary").exists();
    attack(
        |outside| {
            vec![
                Symlink("up", outside.display().to_string()),
                Whiteout("up/.wh.canary".into()),
            ]
        },
        is_gone,
    );
    attack(|_| vec![Whiteout("../outside/.wh.canary".into())], is_gone);
}

#[test]
fn c11_whiteouts_of_no_name_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let root = Folder::make(folder.path().join("root"));
    // Naively, what is left of the last name without its mark is the folder around the root.
    let hidden = ".wh...".strip_prefix(".wh.").expect("the mark");
    let victim = fs::canonicalize(root.join(hidden)).expect("it is there");
    assert_eq!(
        victim,
        fs::canonicalize(folder.path()).expect("it is there")
    );
    for name in [".wh.", ".wh..", ".wh...", "a/.wh..."] {
        let tar = Archive::default().file(name, b"").finish();
        let options = ApplyOptions::layer(Below::Unknown);
        let result = apply(&tar[..], root.as_fd(), &options, &mut Limits::default());
        assert!(
            matches!(result, Err(Error::InvalidLayer { .. })),
            "{name}: {result:?}"
        );
    }
}

#[test]
fn c11_a_layer_cannot_speak_to_the_overlay() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let root = Folder::make(folder.path().join("root"));
    let tar = Archive::default()
        .pax(&[
            ("SCHILY.xattr.user.overlay.redirect", b"/other"),
            ("SCHILY.xattr.user.overlay.opaque", b"y"),
            ("SCHILY.xattr.trusted.overlay.redirect", b"/other"),
            ("SCHILY.xattr.user.mine", b"1"),
        ])
        .directory("a")
        .entry(b'3', "null", "", b"", 0o666)
        .finish();
    let mut options = ApplyOptions::layer(Below::Unknown);
    options.ownership = Ownership::Unchanged;
    let applied = apply(&tar[..], root.as_fd(), &options, &mut Limits::default()).expect("valid");
    assert_eq!((applied.skipped_xattrs, applied.skipped_devices), (3, 1));
    let mut names = [0; 200];
    let length = rustix::fs::llistxattr(root.join("a"), &mut names[..]).expect("listed");
    assert_eq!(&names[..length], b"user.mine\0");
    assert!(
        !root.join("null").exists(),
        "a device 0:0 would be a whiteout"
    );
}
