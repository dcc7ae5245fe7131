//! What counts as a change, and how it is written.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use wharf_layer::DiffOptions;

use crate::archive::list_names;
use crate::rights::{has_all_ids, skip};
use crate::round_trip::diff;
use crate::tree::{Folder, make_whiteout, set_xattr};

struct Pair {
    _folder: tempfile::TempDir,
    lower: Folder,
    upper: Folder,
}

impl Pair {
    fn make() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        Self {
            lower: Folder::make(folder.path().join("lower")),
            upper: Folder::make(folder.path().join("upper")),
            _folder: folder,
        }
    }

    /// The same file in both, as a copy-up leaves it.
    fn both(&self, path: &str, content: &[u8], time: (u64, u32)) {
        for root in [&self.lower, &self.upper] {
            write(root, path, content, time);
        }
    }

    fn names(&self) -> Vec<String> {
        list_names(&self.tar())
    }

    fn tar(&self) -> Vec<u8> {
        diff(&self.upper, Some(&self.lower), &DiffOptions::default())
    }
}

fn write(root: &Folder, path: &str, content: &[u8], (seconds, nanoseconds): (u64, u32)) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("below the root")).expect("room");
    fs::write(&path, content).expect("room");
    let time = std::time::UNIX_EPOCH + std::time::Duration::new(seconds, nanoseconds);
    let file = fs::File::options().write(true).open(path).expect("ours");
    file.set_modified(time).expect("ours");
}

#[test]
fn what_only_was_copied_up_is_not_recorded() {
    let pair = Pair::make();
    pair.both("d/fine", b"same", (1000, 5));
    pair.both("d/coarse", b"same", (1000, 0));
    for root in [&pair.lower, &pair.upper] {
        symlink("target", root.join("d/link")).expect("room");
        rustix::fs::utimensat(
            rustix::fs::CWD,
            root.join("d/link"),
            &rustix::fs::Timestamps {
                last_access: rustix::fs::Timespec {
                    tv_sec: 1,
                    tv_nsec: 0,
                },
                last_modification: rustix::fs::Timespec {
                    tv_sec: 1,
                    tv_nsec: 0,
                },
            },
            rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
        )
        .expect("ours");
    }
    assert!(pair.names().is_empty());
}

#[test]
fn every_kind_of_change_is_recorded_with_its_parents() {
    type Change = (&'static str, fn(&Folder));
    let changes: [Change; 6] = [
        ("content in a coarse second", |upper| {
            write(upper, "d/f", b"SAME", (1000, 0))
        }),
        ("size", |upper| write(upper, "d/f", b"longer", (1000, 0))),
        ("time", |upper| write(upper, "d/f", b"same", (1001, 0))),
        ("part of a second", |upper| {
            write(upper, "d/f", b"same", (1000, 1))
        }),
        ("attribute", |upper| {
            set_xattr(&upper.join("d/f"), "user.a", b"1")
        }),
        ("mode", |upper| {
            let mode = fs::Permissions::from_mode(0o4711);
            fs::set_permissions(upper.join("d/f"), mode).expect("ours");
        }),
    ];
    for (what, change) in changes {
        let pair = Pair::make();
        pair.both("d/f", b"same", (1000, 0));
        pair.both("d/g", b"same", (1000, 0));
        change(&pair.upper);
        assert_eq!(pair.names(), ["d/", "d/f"], "{what}");
    }
    let pair = Pair::make();
    pair.both("d/f", b"same", (1000, 0));
    fs::set_permissions(pair.upper.join("d"), fs::Permissions::from_mode(0o700)).expect("ours");
    assert_eq!(pair.names(), ["d/"], "a directory itself");
}

#[test]
fn deletions_are_whiteouts_only_of_what_is_below() {
    let pair = Pair::make();
    write(&pair.lower, "d/gone", b"", (1, 0));
    fs::create_dir(pair.upper.join("d")).expect("room");
    make_whiteout(&pair.upper.join("d/gone"));
    make_whiteout(&pair.upper.join("d/never"));
    make_whiteout(&pair.upper.join("never"));
    assert_eq!(pair.names(), ["d/", "d/.wh.gone"]);
    assert_eq!(
        list_names(&diff(&pair.upper, None, &DiffOptions::default())),
        ["d/"]
    );
}

#[test]
fn whiteouts_by_attribute_count_in_marked_directories_only() {
    let pair = Pair::make();
    for directory in ["marked", "plain"] {
        write(&pair.lower, &format!("{directory}/x"), b"old", (1, 0));
        write(&pair.upper, &format!("{directory}/x"), b"", (2, 0));
        set_xattr(
            &pair.upper.join(directory).join("x"),
            "user.overlay.whiteout",
            b"y",
        );
    }
    set_xattr(&pair.upper.join("marked"), "user.overlay.opaque", b"x");
    assert_eq!(
        pair.names(),
        ["marked/", "marked/.wh.x", "plain/", "plain/x"]
    );
}

#[test]
fn an_opaque_directory_is_one_whiteout_for_each_hidden_name() {
    let pair = Pair::make();
    for path in ["d/a", "d/sub/deep", "d/sub2/deep", "d/z"] {
        write(&pair.lower, path, b"old", (1, 0));
    }
    write(&pair.upper, "d/m", b"new", (2, 0));
    write(&pair.upper, "d/sub/other", b"new", (2, 0));
    write(&pair.upper, "d/z", b"old", (1, 0));
    set_xattr(&pair.upper.join("d"), "user.overlay.opaque", b"y");
    let expected = [
        "d/",
        "d/.wh.a",
        "d/m",
        "d/sub/",
        "d/sub/.wh.deep",
        "d/sub/other",
        "d/.wh.sub2",
    ];
    assert_eq!(pair.names(), expected);
}

#[test]
fn mount_stubs_are_dropped_unless_something_is_beneath() {
    let pair = Pair::make();
    for path in ["stub", "a/b/stub", "kept/stub"] {
        fs::create_dir_all(pair.upper.join(path)).expect("room");
    }
    write(&pair.upper, "kept/file", b"", (1, 0));
    write(&pair.upper, "etc/resolv.conf", b"", (1, 0));
    let options = DiffOptions {
        excluded: [
            "stub",
            "/a",
            "a/b",
            "a/b/stub",
            "kept",
            "kept/stub",
            "etc/resolv.conf",
            "etc",
        ]
        .map(Into::into)
        .into(),
        ..DiffOptions::default()
    };
    assert_eq!(
        list_names(&diff(&pair.upper, None, &options)),
        ["kept/", "kept/file"]
    );
}

#[test]
fn times_are_cut_to_seconds_and_clamped() {
    let pair = Pair::make();
    write(&pair.upper, "new", b"", (2000, 999_999_999));
    write(&pair.upper, "old", b"", (500, 999_999_999));
    let time = |tar: &[u8], at: usize| {
        u64::from_str_radix(
            std::str::from_utf8(&tar[at + 136..at + 147]).expect("octal"),
            8,
        )
    };
    let tar = pair.tar();
    assert_eq!((time(&tar, 0), time(&tar, 512)), (Ok(2000), Ok(500)));
    let options = DiffOptions {
        clamp_mtime: Some(1000),
        ..DiffOptions::default()
    };
    let tar = diff(&pair.upper, None, &options);
    assert_eq!((time(&tar, 0), time(&tar, 512)), (Ok(1000), Ok(500)));
}

#[test]
fn gnu_tar_reads_long_and_odd_names_and_large_ids() {
    let pair = Pair::make();
    let long = format!("{}/{}", "d".repeat(120), "n".repeat(200));
    write(&pair.upper, &long, b"1", (1, 0));
    write(&pair.upper, "café", b"2", (1, 0));
    let odd = pair
        .upper
        .path
        .join(std::ffi::OsStr::from_bytes(b"odd\xff"));
    fs::write(odd, b"3").expect("room");
    symlink("t".repeat(150), pair.upper.join("link")).expect("room");
    if has_all_ids() {
        let path = pair.upper.join("café");
        std::os::unix::fs::chown(path, Some(3_000_000_000), Some(2_097_152)).expect("root");
    }
    let tar = pair.upper.path.with_file_name("t.tar");
    fs::write(&tar, pair.tar()).expect("room");
    let output = Command::new("tar")
        .args([
            "-t",
            "-v",
            "--numeric-owner",
            "--quoting-style=literal",
            "-f",
        ])
        .arg(&tar)
        .output();
    let Ok(output) = output else {
        return skip("gnu_tar_reads_long_and_odd_names_and_large_ids", "no tar");
    };
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for expected in [
        &*long,
        "café",
        "odd",
        &format!("link -> {}", "t".repeat(150)),
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(output.stdout.windows(5).any(|bytes| bytes == b"odd\xff\n"));
    assert!(
        !has_all_ids() || text.contains("3000000000/2097152"),
        "{text}"
    );
}

#[test]
fn sockets_are_left_out() {
    let pair = Pair::make();
    let _socket = std::os::unix::net::UnixListener::bind(pair.upper.join("s")).expect("room");
    assert!(pair.names().is_empty());
}
