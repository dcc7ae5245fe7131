//! Rows C13 and C14 of the attack list, and X6: contexts that try to reach the machine they lie on.

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::os::unix::fs::symlink;

use rustix::fs::{CWD, FileType, Mode, OFlags, makedev, mknodat};
use wharf_files::{Error, HashFiles, Kind, checksum, select, select_bounded};

use crate::tree::{Tree, copy, is_root, placement, selection};

const CANARY: &str = "secret of the machine";

/// A machine with a secret, and a context on it.
fn machine() -> (Tree, Tree) {
    let outside = Tree::new(&["secret/passwd = secret of the machine"]);
    (outside, Tree::new(&["a = a"]))
}

#[test]
fn c13_a_link_to_a_file_of_the_machine_leads_nowhere() {
    let (outside, context) = machine();
    let secret = outside.at("secret/passwd");
    symlink(&secret, context.at("Dockerfile")).unwrap();
    symlink(outside.at("secret"), context.at("ctx")).unwrap();
    symlink("/", context.at("link")).unwrap();
    // Without the guard, each of them is the secret.
    assert_eq!(
        fs::read_to_string(context.at("Dockerfile")).unwrap(),
        CANARY
    );
    let source = context.context();
    assert_eq!(source.read_file("Dockerfile", 100).unwrap(), None);
    assert_eq!(source.read_file("ctx/passwd", 100).unwrap(), None);
    assert_eq!(source.read_file("../../a", 100).unwrap().unwrap(), b"a");
    for path in ["Dockerfile", "ctx", "ctx/passwd", "link/etc/passwd"] {
        let refused = select(&source, &selection(&[path]));
        assert!(
            matches!(refused, Err(Error::NotFound { .. })),
            "{path}: {refused:?}"
        );
    }
    // It ends at the root of the context.
    let selected = select(&source, &selection(&["link/a"])).unwrap();
    assert_eq!(selected.parts[0].path().to_string(), "/a");
}

#[test]
fn c13_a_directory_that_becomes_a_link_between_looks_is_not_followed() {
    let (outside, context) = machine();
    fs::create_dir(context.at("d")).unwrap();
    fs::write(context.at("d/passwd"), CANARY).unwrap();
    let source = context.source();
    let selected = select(&source, &selection(&["d"])).unwrap();
    fs::remove_dir_all(context.at("d")).unwrap();
    symlink(outside.at("secret"), context.at("d")).unwrap();
    assert_eq!(fs::read_to_string(context.at("d/passwd")).unwrap(), CANARY);
    let to = Tree::new(&[]);
    let mut hashes = HashFiles {
        threads: NonZeroUsize::MIN,
    };
    for refused in [
        checksum(&source, &selected, false, &mut hashes).map(|_| ()),
        wharf_files::copy_within(&source, &selected, to.as_fd(), &placement("/")).map(|_| ()),
    ] {
        assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");
    }
    assert!(to.list().is_empty());
}

#[test]
fn c13_links_in_the_destination_do_not_lead_out_of_it() {
    let (outside, context) = machine();
    let to = Tree::new(&["in/"]);
    let target = outside.at("secret");
    symlink(&target, to.at("absolute")).unwrap();
    symlink("../../../../../../../../..", to.at("up")).unwrap();
    symlink(target.join("passwd"), to.at("in/a")).unwrap();
    fs::create_dir(context.at("d")).unwrap();
    fs::write(context.at("d/passwd"), "overwritten").unwrap();
    for (source, destination) in [
        ("a", "/absolute/a".to_owned()),
        ("d", "/absolute".to_owned()),
        ("a", format!("/up{}/passwd", target.display())),
        ("a", "/in/".to_owned()),
    ] {
        copy(
            &context,
            &selection(&[source]),
            &to,
            &placement(&destination),
        )
        .unwrap();
    }
    assert_eq!(
        fs::read_to_string(outside.at("secret/passwd")).unwrap(),
        CANARY
    );
    assert_eq!(fs::read_dir(outside.at("secret")).unwrap().count(), 1);
    // All of it went to places below the root.
    let inside = to.path().join(target.strip_prefix("/").unwrap());
    assert_eq!(fs::read_to_string(inside.join("passwd")).unwrap(), "a");
    assert!(!to.at("in/a").is_symlink());
}

#[test]
fn c14_pipes_sockets_and_devices_are_never_opened() {
    let context = Tree::new(&["d/pipe | fifo", "d/socket | socket", "d/file = f"]);
    let source = context.source();
    for path in ["d/pipe", "d/socket", "d"] {
        let refused = source.read_file(path, 100);
        assert!(
            matches!(refused, Err(Error::NotRegular { .. })),
            "{path}: {refused:?}"
        );
    }
    // Opening the pipe would wait for a writer, so an answer is the proof.
    let selected = select(&source, &selection(&["d", "d/pipe"])).unwrap();
    let mut hashes = HashFiles {
        threads: NonZeroUsize::MIN,
    };
    checksum(&source, &selected, true, &mut hashes).unwrap();
    let to = Tree::new(&[]);
    wharf_files::copy_within(&source, &selected, to.as_fd(), &placement("/to/")).unwrap();
    assert_eq!(
        to.list(),
        [
            "to/ 755 now",
            "to/file 644 old \"f\"",
            "to/pipe Fifo 644 old",
            "to/socket 644 old \"\"",
        ]
    );
}

#[test]
fn c14_a_file_that_becomes_a_pipe_between_looks_is_not_waited_for() {
    let context = Tree::new(&["f = f"]);
    let source = context.source();
    let selected = select(&source, &selection(&["f"])).unwrap();
    fs::remove_file(context.at("f")).unwrap();
    mknodat(
        CWD,
        context.at("f"),
        FileType::Fifo,
        Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    let to = Tree::new(&[]);
    let refused = wharf_files::copy_within(&source, &selected, to.as_fd(), &placement("/to"));
    assert!(matches!(refused, Err(Error::Changed { .. })), "{refused:?}");
}

#[test]
fn x6_a_device_in_a_context_is_refused_unless_it_is_ignored() {
    if !is_root() {
        return;
    }
    let context = Tree::new(&["d/file = f"]);
    let (kind, zero) = (FileType::CharacterDevice, makedev(1, 5));
    let made = mknodat(
        CWD,
        context.at("d/zero"),
        kind,
        Mode::from_raw_mode(0o644),
        zero,
    );
    if made.is_err() {
        eprintln!("this root may not make devices: nothing to see");
        return;
    }
    let source = context.context();
    let mut selection = selection(&["d"]);
    let refused = select(&source, &selection).unwrap_err();
    assert!(
        refused.to_string().starts_with("/d/zero is a device"),
        "{refused}"
    );
    selection.ignore = Some(crate::tree::patterns(&["d/zero"]));
    assert_eq!(select(&source, &selection).unwrap().entries().count(), 2);
    // In an image it is an ordinary thing to have.
    selection.ignore = None;
    let selected = select(&context.source(), &selection).unwrap();
    assert!(
        selected
            .entries()
            .any(|entry| entry.kind == Kind::CharacterDevice { device: zero })
    );
}

#[test]
fn h65_a_path_too_deep_for_the_kernel_and_a_crowd_of_files_are_refused() {
    let context = Tree::new(&["crowd/"]);
    let mut here: std::os::fd::OwnedFd = File::open(context.path()).unwrap().into();
    for _ in 0..700 {
        rustix::fs::mkdirat(&here, "deeper", Mode::RWXU).unwrap();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        here = rustix::fs::openat(&here, "deeper", flags, Mode::empty()).unwrap();
    }
    let source = context.source();
    let refused = select(&source, &selection(&["deeper"])).unwrap_err();
    assert!(
        refused.to_string().starts_with("cannot read the directory"),
        "{refused}"
    );
    for index in 0..101 {
        File::create(context.at("crowd").join(index.to_string())).unwrap();
    }
    for (sources, allowed, is_refused) in [
        (&["crowd"][..], 102, false),
        (&["crowd"], 100, true),
        (&["crowd", "crowd"], 204, false),
        (&["crowd", "crowd"], 200, true),
    ] {
        let refused = select_bounded(&source, &selection(sources), allowed);
        let is_too_many = matches!(refused, Err(Error::TooMany { .. }));
        assert_eq!(is_too_many, is_refused, "{sources:?} {allowed}");
    }
}

#[test]
fn a_part_is_opened_only_if_it_is_still_the_file_that_it_was() {
    let context = Tree::new(&["a.tar = tar", "p | fifo", "d/x"]);
    let source = context.source();
    let selected = select(&source, &selection(&["a.tar", "p", "d"])).unwrap();
    assert_eq!(selected.bytes(), 3);
    let [archive, pipe, folder] = &selected.parts[..] else {
        panic!("{selected:?}")
    };
    assert!(archive.is_file() && !pipe.is_file() && folder.is_directory());
    assert_eq!(archive.name(), b"a.tar");
    archive.open(&source).unwrap();
    for part in [pipe, folder] {
        assert!(matches!(part.open(&source), Err(Error::NotRegular { .. })));
    }
    fs::write(context.at("a.tar"), "tarr").unwrap();
    assert!(matches!(archive.open(&source), Err(Error::Changed { .. })));
}
