//! How archives become directories.

use std::fs;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;

use wharf_layer::{Applied, ApplyOptions, Below, Error, Limits, Ownership, apply};

use crate::archive::Archive;
use crate::rights::{may_chown, skip};
use crate::round_trip::layer;
use crate::tree::{Folder, is_whiteout, make_whiteout, read_tree};

fn try_apply(
    root: &Folder,
    options: &ApplyOptions<'_>,
    archive: Archive,
) -> Result<Applied, Error> {
    let tar = archive.finish();
    apply(&tar[..], root.as_fd(), options, &mut Limits::default())
}

fn work() -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let root = Folder::make(folder.path().join("root"));
    (folder, root)
}

fn is_opaque(root: &Folder, path: &str) -> bool {
    let mut value = [0; 1];
    rustix::fs::lgetxattr(root.join(path), "user.overlay.opaque", &mut value).is_ok()
        && value == *b"y"
}

#[test]
fn whiteouts_become_the_overlays() {
    let (_folder, root) = work();
    let archive = Archive::default()
        .file("gone/.wh.file", b"")
        .directory("opaque")
        .file("opaque/.wh..wh..opq", b"")
        .file("opaque/kept", b"1")
        .file(".wh..wh.plnk", b"");
    let applied = try_apply(&root, &layer(Below::Unknown), archive).expect("valid");
    assert!(is_whiteout(&root.join("gone/file")));
    assert!(is_opaque(&root, "opaque") && root.join("opaque/kept").exists());
    assert_eq!(fs::read_dir(&root.path).expect("a directory").count(), 2);
    assert_eq!((applied.whiteouts, applied.entries), (2, 4));
}

#[test]
fn a_whiteout_hides_only_what_is_below_wherever_it_stands() {
    for is_first in [true, false] {
        let (_folder, root) = work();
        let mut archive = Archive::default();
        if is_first {
            archive = archive
                .file(".wh.dir", b"")
                .file(".wh.file", b"")
                .file(".wh.implied", b"");
        }
        archive = archive
            .directory("dir")
            .file("dir/x", b"new")
            .file("file", b"new")
            .file("implied/x", b"new");
        if !is_first {
            archive = archive
                .file(".wh.dir", b"")
                .file(".wh.file", b"")
                .file(".wh.implied", b"");
        }
        try_apply(&root, &layer(Below::Unknown), archive).expect("valid");
        for path in ["dir/x", "file", "implied/x"] {
            assert_eq!(fs::read(root.join(path)).expect("a file"), b"new", "{path}");
        }
        assert!(
            is_opaque(&root, "dir") && is_opaque(&root, "implied"),
            "{is_first}"
        );
    }
}

#[test]
fn whiteouts_that_hide_nothing_are_left_out() {
    let (folder, root) = work();
    let lower = Folder::make(folder.path().join("lower"));
    fs::write(lower.join("there"), b"").expect("room");
    let archive = || {
        Archive::default()
            .file(".wh.there", b"")
            .file(".wh.missing", b"")
    };
    try_apply(&root, &layer(Below::Tree(lower.as_fd())), archive()).expect("valid");
    assert!(is_whiteout(&root.join("there")) && read_tree(&root.path).len() == 1);

    let bottom = Folder::make(folder.path().join("bottom"));
    try_apply(&bottom, &layer(Below::Nothing), archive()).expect("valid");
    assert!(read_tree(&bottom.path).is_empty());

    let opaque = Folder::make(folder.path().join("opaque"));
    let inside = Archive::default()
        .file("d/.wh.before", b"")
        .file("d/.wh..wh..opq", b"")
        .file("d/.wh.after", b"");
    try_apply(&opaque, &layer(Below::Unknown), inside).expect("valid");
    assert_eq!(
        read_tree(&opaque.path).len(),
        1,
        "a name in an opaque directory would be listed"
    );
}

#[test]
fn an_opaque_root_hides_every_name_below() {
    let (folder, root) = work();
    let lower = Folder::make(folder.path().join("lower"));
    for name in ["a", "b", "c"] {
        fs::create_dir(lower.join(name)).expect("room");
    }
    let archive = Archive::default()
        .directory("a")
        .file(".wh..wh..opq", b"")
        .directory("b");
    try_apply(&root, &layer(Below::Tree(lower.as_fd())), archive).expect("valid");
    assert!(is_opaque(&root, "a") && is_opaque(&root, "b") && is_whiteout(&root.join("c")));
}

#[test]
fn later_entries_take_the_place_of_earlier_ones() {
    let (_folder, root) = work();
    let archive = Archive::default()
        .directory("a")
        .file("a/x", b"old")
        .file("a", b"file")
        .symlink("b", "a")
        .directory("b")
        .file("b/x", b"1")
        .file("c", b"first")
        .file("c", b"second")
        .directory("d")
        .directory("e")
        .file("d/x", b"1")
        .symlink("d", "e")
        .file("d/y", b"through the link");
    try_apply(&root, &layer(Below::Unknown), archive).expect("valid");
    assert_eq!(fs::read(root.join("a")).expect("a file"), b"file");
    assert!(root.join("b").is_dir() && !root.join("b").is_symlink() && is_opaque(&root, "b"));
    assert_eq!(fs::read(root.join("c")).expect("a file"), b"second");
    assert_eq!(
        fs::read(root.join("e/y")).expect("a file"),
        b"through the link"
    );
}

#[test]
fn hard_links_share_an_inode_even_that_of_a_link() {
    let (_folder, root) = work();
    let archive = Archive::default()
        .file("a", b"1")
        .symlink("s", "a")
        .file("b", b"in the way")
        .hardlink("b", "/a")
        .hardlink("t", "./s");
    try_apply(&root, &layer(Below::Unknown), archive).expect("valid");
    let inode = |path: &str| {
        fs::symlink_metadata(root.join(path))
            .expect("it is there")
            .ino()
    };
    assert_eq!(inode("a"), inode("b"));
    assert_eq!(inode("s"), inode("t"));
    for target in ["missing", "no/where", "self", "", "."] {
        let error = try_apply(
            &root,
            &layer(Below::Unknown),
            Archive::default().hardlink("self", target),
        );
        assert!(
            matches!(error, Err(Error::InvalidLayer { .. })),
            "{target}: {error:?}"
        );
    }
}

#[test]
fn parents_that_are_not_mentioned_look_as_they_do_below() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, root) = work();
    let lower = Folder::make(folder.path().join("lower"));
    fs::create_dir(lower.join("tmp")).expect("room");
    fs::set_permissions(lower.join("tmp"), fs::Permissions::from_mode(0o1777)).expect("ours");
    let file = fs::File::open(lower.join("tmp")).expect("readable");
    let time = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 5);
    file.set_modified(time).expect("ours");
    let archive = Archive::default().file("tmp/x", b"").file("new/y", b"");
    try_apply(&root, &layer(Below::Tree(lower.as_fd())), archive).expect("valid");
    let stat = fs::metadata(root.join("tmp")).expect("it is there");
    assert_eq!(
        (stat.mode() & 0o7777, stat.mtime(), stat.mtime_nsec()),
        (0o1777, 1_000_000_000, 5)
    );
    assert_eq!(
        fs::metadata(root.join("new")).expect("it is there").mode() & 0o7777,
        0o755
    );
}

#[test]
fn times_of_directories_and_closed_directories_come_last() {
    let (_folder, root) = work();
    let archive = Archive::default()
        .entry(b'5', "closed", "", b"", 0o500)
        .file("closed/x", b"1")
        .pax(&[("mtime", b"1234567890.123456789")])
        .directory("timed")
        .file("timed/x", b"1");
    try_apply(&root, &layer(Below::Unknown), archive).expect("valid");
    let tree = read_tree(&root.path);
    let seen = |path: &str| &tree[std::path::Path::new(path)];
    assert_eq!(seen("closed").mode, 0o500);
    assert_eq!(seen("closed").mtime, (1_700_000_000, 0));
    assert_eq!(seen("timed").mtime, (1_234_567_890, 123_456_789));
    // So that the temporary directory can be removed by a plain user.
    fs::set_permissions(
        root.join("closed"),
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .expect("ours");
}

#[test]
fn an_archive_for_add_has_no_whiteouts_and_may_have_one_owner() {
    let (_folder, root) = work();
    fs::create_dir(root.join("dir")).expect("room");
    fs::write(root.join("dir/old"), b"stays").expect("room");
    let archive = Archive::default()
        .file("dir/.wh.old", b"text")
        .file("dir/.wh..wh..opq", b"")
        .file("implied/x", b"");
    let mut options = ApplyOptions::archive();
    let fixed = if may_chown() { (7, 8) } else { ids() };
    options.ownership = Ownership::Fixed {
        uid: fixed.0,
        gid: fixed.1,
    };
    try_apply(&root, &options, archive).expect("valid");
    assert_eq!(fs::read(root.join("dir/.wh.old")).expect("a file"), b"text");
    assert_eq!(fs::read(root.join("dir/old")).expect("a file"), b"stays");
    let tree = read_tree(&root.path);
    assert_eq!(tree[std::path::Path::new("implied/x")].owner, fixed);
    assert_eq!(tree[std::path::Path::new("implied")].owner, ids());
}

fn ids() -> (u32, u32) {
    (
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw(),
    )
}

#[test]
fn capabilities_and_setuid_bits_survive_the_change_of_owner() {
    if !may_chown() {
        return skip(
            "capabilities_and_setuid_bits_survive_the_change_of_owner",
            "not root",
        );
    }
    let (_folder, root) = work();
    // Version 2, cap_net_raw permitted and effective (linux/capability.h).
    let mut capability = [0u8; 20];
    capability[..5].copy_from_slice(&[1, 0, 0, 2, 0]);
    capability[5] = 0x20;
    let records: [(&str, &[u8]); 3] = [
        ("SCHILY.xattr.security.capability", &capability),
        ("uid", b"65534"),
        ("gid", b"3000"),
    ];
    let archive = Archive::default()
        .pax(&records)
        .entry(b'0', "ping", "", b"x", 0o4755)
        .pax(&records)
        .hardlink("pong", "ping");
    try_apply(&root, &layer(Below::Unknown), archive).expect("valid");
    let tree = read_tree(&root.path);
    let seen = &tree[std::path::Path::new("ping")];
    assert_eq!(seen.owner, (65534, 3000));
    assert_eq!(
        seen.xattrs,
        [(b"security.capability".to_vec(), capability.to_vec())]
    );
    // The link's own header has the last word about the mode.
    assert_eq!(seen.mode, 0o644);
}

#[test]
fn the_mode_of_a_fifo_survives_the_change_of_owner() {
    let (_folder, root) = work();
    let archive = Archive::default().entry(b'6', "fifo", "", b"", 0o6755);
    try_apply(&root, &layer(Below::Unknown), archive).expect("valid");
    let stat = fs::symlink_metadata(root.join("fifo")).expect("it is there");
    assert_eq!(
        (stat.mode() & 0o7777, stat.mtime()),
        (0o6755, 1_700_000_000)
    );
}

#[test]
fn broken_archives_are_refused() {
    let (_folder, root) = work();
    for archive in [
        Archive::default().raw(b"no tar at all"),
        Archive::default().raw(&[0]).file("after the end", b""),
        Archive::default().entry(b'S', "sparse", "", b"", 0o644),
        Archive::default().entry(b'V', "volume", "", b"", 0o644),
        Archive::default()
            .pax(&[("GNU.sparse.major", b"1")])
            .file("sparse", b""),
        Archive::default()
            .pax(&[("uid", b"4294967295")])
            .file("nobody", b""),
        Archive::default()
            .pax(&[("size", b"-1")])
            .file("negative", b""),
        Archive::default()
            .pax(&[("path", b"a\0b")])
            .file("zero", b""),
        Archive::default()
            .file("file", b"")
            .file("file/beneath", b""),
        Archive::default()
            .symlink("a", "b")
            .symlink("b", "a")
            .file("a/x", b""),
        Archive::default()
            .symlink("dangling", "nowhere")
            .file("dangling/x", b""),
    ] {
        let result = try_apply(&root, &layer(Below::Unknown), archive);
        assert!(
            matches!(result, Err(Error::InvalidLayer { .. })),
            "{result:?}"
        );
    }
    let cut = Archive::default().claim(b'0', "cut", "", 100, 0o644).cut();
    let options = layer(Below::Unknown);
    let result = apply(&cut[..], root.as_fd(), &options, &mut Limits::default());
    assert!(matches!(result, Err(Error::Read(_))), "{result:?}");
}

#[test]
fn old_and_long_spellings_are_read() {
    let (_folder, root) = work();
    let long = "n".repeat(150);
    let archive = Archive::default()
        .entry(0, "v7dir/", "", b"", 0o755)
        .entry(0, "v7file", "", b"1", 0o644)
        .entry(
            b'g',
            "pax_global_header",
            "",
            b"19 comment=ignored\n",
            0o644,
        )
        .entry(b'L', "././@LongLink", "", format!("{long}\0").as_bytes(), 0)
        .file("short", b"2")
        .entry(b'K', "././@LongLink", "", format!("{long}\0").as_bytes(), 0)
        .symlink("link", "short");
    try_apply(&root, &layer(Below::Unknown), archive).expect("valid");
    assert!(root.join("v7dir").is_dir());
    assert_eq!(fs::read(root.join(&long)).expect("a file"), b"2");
    assert_eq!(
        fs::read_link(root.join("link")).expect("a link").to_str(),
        Some(&*long)
    );
    assert_eq!(read_tree(&root.path).len(), 4);
}

#[test]
fn a_whiteout_in_the_way_of_a_file_makes_room() {
    let (_folder, root) = work();
    make_whiteout(&root.join("x"));
    try_apply(
        &root,
        &layer(Below::Unknown),
        Archive::default().file("x", b"1"),
    )
    .expect("valid");
    assert_eq!(fs::read(root.join("x")).expect("a file"), b"1");
}
