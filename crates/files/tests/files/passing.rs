//! Files through a connection between two processes.

use std::fs;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;

use wharf_files::{Error, Port as _, copy_within, receive, select};

use crate::port::{Socket, pass};
use crate::tree::{Tree, copy, placement, selection, set_time};

fn mixed() -> Tree {
    let tree = Tree::new(&[
        "d/sub/",
        "d/sub/small = small #4750",
        "d/sub/again == d/sub/small",
        "d/link -> sub",
        "d/pipe | fifo",
        "d/none",
    ]);
    // Around the size from which on contents are passed as descriptors, and more of those than fit into a message.
    for size in [16_383, 16_384, 16_385, 70_000] {
        fs::write(tree.at("d").join(size.to_string()), "x".repeat(size)).unwrap();
    }
    fs::create_dir(tree.at("d/many")).unwrap();
    for index in 0..400 {
        let path = tree.at("d/many").join(index.to_string());
        fs::write(path, format!("{index:>20000}")).unwrap();
    }
    tree
}

#[test]
fn what_is_passed_ends_up_like_what_is_copied() {
    let from = mixed();
    let source = from.source();
    let selected = select(&source, &selection(&["d", "d/sub/small"])).unwrap();
    let (copied, passed) = (Tree::new(&[]), Tree::new(&[]));
    let placement = placement("/to/");
    let here = copy_within(&source, &selected, copied.as_fd(), &placement).unwrap();
    let (sent, there) = pass(&source, &selected, &passed, &placement);
    sent.unwrap();
    assert_eq!(there.unwrap(), here);
    assert_eq!(passed.list(), copied.list());
    assert_eq!(fs::metadata(passed.at("to/many/7")).unwrap().len(), 20_000);
}

#[test]
fn attributes_travel_and_too_large_ones_stay_behind() {
    let from = Tree::new(&["d/f = f", "d/e/"]);
    let set = |name: &str, key: &str, value: &[u8]| {
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(from.at(name), key, value, flags)
    };
    if set("d/f", "user.tag", b"value").is_err() {
        eprintln!("the temporary directory has no attributes: nothing to see");
        return;
    }
    set("d/e", "user.dir", b"yes").unwrap();
    // A file system may refuse one as large as this; then it is not there in either case.
    let _ = set("d/f", "user.huge", &[1; 40_000]);
    let (source, to) = (from.source(), Tree::new(&[]));
    let selected = select(&source, &selection(&["d"])).unwrap();
    let (sent, placed) = pass(&source, &selected, &to, &placement("/to"));
    sent.unwrap();
    placed.unwrap();
    let get = |name: &str, key: &str| {
        let mut value = [0; 100];
        rustix::fs::getxattr(to.at(name), key, &mut value).map(|length| value[..length].to_vec())
    };
    assert_eq!(get("to/f", "user.tag").unwrap(), b"value");
    assert_eq!(get("to/e", "user.dir").unwrap(), b"yes");
    assert!(get("to/f", "user.huge").is_err());
}

#[test]
fn a_file_that_changed_since_it_was_selected_is_refused() {
    for (size, changed) in [
        (10, 11),
        (10, 9),
        (20_000, 20_001),
        (20_000, 19_999),
        (20_000, 20_000),
    ] {
        let from = Tree::new(&["a = before"]);
        fs::write(from.at("a"), "x".repeat(size)).unwrap();
        set_time(&from.at("a"), 5);
        let source = from.source();
        let selected = select(&source, &selection(&["a"])).unwrap();
        fs::write(from.at("a"), "y".repeat(changed)).unwrap();
        let to = Tree::new(&[]);
        let (sent, placed) = pass(&source, &selected, &to, &placement("/to"));
        let error = sent.unwrap_err();
        assert_eq!(
            error.to_string(),
            "/a changed while it was copied",
            "{size} {changed}"
        );
        assert!(matches!(placed, Err(Error::Stream { .. })));
        assert!(matches!(
            copy_within(&source, &selected, to.as_fd(), &placement("/to")),
            Err(Error::Changed { .. })
        ));
    }
}

#[test]
fn the_sender_is_told_that_the_receiver_gave_up() {
    let from = mixed();
    let source = from.source();
    let selected = select(&source, &selection(&["d"])).unwrap();
    let to = Tree::new(&["to = a file"]);
    let (sent, placed) = pass(&source, &selected, &to, &placement("/to"));
    assert!(matches!(placed, Err(Error::NonDirectory { .. })));
    assert!(matches!(sent, Err(Error::Port(_))), "{sent:?}");
}

#[test]
fn a_stream_that_ends_too_early_is_an_error() {
    let (here, there) = Socket::pair();
    here.send(&[1, 1, b'a', 0], &[]).unwrap();
    drop(here);
    let to = Tree::new(&[]);
    let refused = receive(&there, to.as_fd(), &placement("/to"));
    assert!(matches!(refused, Err(Error::Stream { .. })), "{refused:?}");
}

#[test]
fn one_file_is_written_as_a_copy_of_it_would_be() {
    use wharf_files::{InlineFile, Time, write_file};
    let owner = rustix::process::getuid().as_raw();
    let group = rustix::process::getgid().as_raw();
    let mut placement = placement("/etc/");
    placement.owner = wharf_dockerfile::values::Owner::parse(&format!("{owner}:{group}"));
    let to = Tree::new(&["etc/motd = old #755"]);
    let mut inline = InlineFile {
        name: "motd",
        mode: 0o644,
        mtime: None,
        file: None,
        bytes: b"new",
    };
    write_file(to.as_fd(), &placement, &inline).unwrap();
    assert_eq!(to.list(), ["etc/ 755 now", "etc/motd 644 now \"new\""]);

    let download = Tree::new(&["temporary = downloaded"]);
    let file = fs::File::open(download.at("temporary")).unwrap();
    inline.file = Some(file.as_fd());
    inline.mode = 0o600;
    inline.mtime = Some(Time {
        seconds: crate::tree::OLD,
        nanoseconds: 7,
    });
    placement.destination = "/etc/there".to_owned();
    write_file(to.as_fd(), &placement, &inline).unwrap();
    assert!(
        to.list()
            .contains(&"etc/there 600 old \"downloaded\"".to_owned())
    );
    assert_eq!(fs::metadata(to.at("etc/there")).unwrap().mtime_nsec(), 7);
}

#[test]
fn a_hard_link_to_an_existing_file_replaces_it() {
    let from = Tree::new(&["d/one = x", "d/two == d/one"]);
    let to = Tree::new(&["to/one = old", "to/two = old", "kept == to/two"]);
    copy(&from, &selection(&["d"]), &to, &placement("/to")).unwrap();
    assert_eq!(
        to.list(),
        [
            "kept 644 old \"old\"",
            "to/ 755 old",
            "to/one 644 old \"x\"",
            "to/two == to/one"
        ]
    );
}
