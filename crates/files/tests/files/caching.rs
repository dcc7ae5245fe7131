//! K1 and the memory of hashes: what a key depends on, and what need not be read again.

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, SystemTime};

use wharf_files::{
    FileHash, FileHashes, FileToHash, HashFiles, Result, Selection, Source, StatCache, checksum,
    select,
};
use wharf_oci::Digest;

use crate::tree::{Tree, selection, set_time};

const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// Counts what had to be read.
struct Counting<'c>(&'c mut dyn FileHashes, usize);

impl FileHashes for Counting<'_> {
    fn hash_files(&mut self, source: &Source, files: &[FileToHash]) -> Result<Vec<FileHash>> {
        self.1 += files.len();
        self.0.hash_files(source, files)
    }
}

fn key(tree: &Tree, selection: &Selection) -> Digest {
    let source = tree.source();
    let selected = select(&source, selection).unwrap();
    let mut files = HashFiles { threads: TWO };
    let mut hashes = Counting(&mut files, 0);
    let key = checksum(&source, &selected, false, &mut hashes).unwrap();
    let regular =
        |entry: &&wharf_files::Entry| matches!(entry.kind, wharf_files::Kind::File { .. });
    assert_eq!(hashes.1, selected.entries().filter(regular).count());
    key
}

#[test]
fn a_key_depends_on_all_that_is_copied_and_on_nothing_else() {
    let lines = ["d/a = a", "d/b/c = c #755", "d/l -> a", "other = x"];
    let tree = Tree::new(&lines);
    let whole = selection(&["d"]);
    let before = key(&tree, &whole);
    assert_eq!(key(&Tree::new(&lines), &whole), before, "another folder");
    set_time(&tree.at("d/a"), 5);
    fs::write(tree.at("other"), "y").unwrap();
    fs::set_permissions(tree.at("d"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(
        key(&tree, &whole),
        before,
        "times, neighbours, the root's own mode"
    );
    for changed in [
        &["d/a = b", "d/b/c = c #755", "d/l -> a"][..],
        &["d/a = a", "d/b/c = c #750", "d/l -> a"],
        &["d/a = a", "d/b/c = c #755", "d/l -> b"],
        &["d/a = a", "d/b/ #700", "d/b/c = c #755", "d/l -> a"],
        &["d/a = a", "d/b/c = c #755", "d/l = a"],
        &["d/a = a", "d/b/c = c #755", "d/l == d/a"],
        &["d/a = a", "d/b/c = c #755"],
        &["d/a = a", "d/b/c = c #755", "d/l -> a", "d/e/"],
        &["d/a2 = a", "d/b/c = c #755", "d/l -> a"],
    ] {
        assert_ne!(key(&Tree::new(changed), &whole), before, "{changed:?}");
    }
    let copy = Tree::new(&lines);
    let flags = rustix::fs::XattrFlags::empty();
    if rustix::fs::setxattr(copy.at("d/a"), "user.tag", b"x", flags).is_ok() {
        assert_ne!(key(&copy, &whole), before, "an attribute");
    }
}

#[test]
fn owners_are_part_of_a_key_only_where_they_are_kept() {
    if !crate::tree::is_root() {
        return;
    }
    let tree = Tree::new(&["d/a = a"]);
    let keys = |source: &Source, with_owners| {
        let selected = select(source, &selection(&["d"])).unwrap();
        checksum(
            source,
            &selected,
            with_owners,
            &mut HashFiles { threads: TWO },
        )
        .unwrap()
    };
    let (without, with) = (keys(&tree.source(), false), keys(&tree.source(), true));
    let context = keys(&tree.context(), true);
    if std::os::unix::fs::chown(tree.at("d/a"), Some(5), Some(6)).is_err() {
        eprintln!("this root has one id only: nothing to see");
        return;
    }
    assert_eq!(keys(&tree.source(), false), without);
    assert_ne!(keys(&tree.source(), true), with);
    assert_eq!(keys(&tree.context(), true), context);
}

/// A cache whose clock is so many seconds off.
fn open_cache(folder: &Tree, seconds: u64) -> StatCache {
    let folder = File::open(folder.path()).unwrap();
    let now = SystemTime::now() + Duration::from_secs(seconds);
    StatCache::new(folder.into(), now, TWO)
}

/// Puts other content into the file behind the cache's back. No time betrays it, but only if the kernel's clock did not
/// tick; so the cache is asked whether it reads at all by making that impossible.
fn key_without_reading(tree: &Tree, cache: &mut StatCache) -> Result<Digest> {
    let source = tree.source();
    let selected = select(&source, &selection(&["d"])).unwrap();
    let moved = tree.at("moved");
    fs::rename(tree.at("d"), &moved).unwrap();
    let key = checksum(&source, &selected, false, cache);
    fs::rename(&moved, tree.at("d")).unwrap();
    key
}

#[test]
fn a_file_is_read_once_and_again_only_when_it_changed() {
    let (tree, folder) = (Tree::new(&["d/a = a", "d/b = b"]), Tree::new(&[]));
    let expected = key(&tree, &selection(&["d"]));
    let mut cache = open_cache(&folder, 10);
    assert!(
        key_without_reading(&tree, &mut cache).is_err(),
        "nothing is known yet"
    );
    let source = tree.source();
    let selected = select(&source, &selection(&["d"])).unwrap();
    assert_eq!(
        checksum(&source, &selected, false, &mut cache).unwrap(),
        expected
    );
    cache.save().unwrap();
    let mut cache = open_cache(&folder, 20);
    assert_eq!(key_without_reading(&tree, &mut cache).unwrap(), expected);
    fs::write(tree.at("d/a"), "b").unwrap();
    assert!(
        key_without_reading(&tree, &mut cache).is_err(),
        "it changed"
    );
}

#[test]
fn a_file_that_was_just_written_is_hashed_again_next_time() {
    let (tree, folder) = (Tree::new(&["d/a = a"]), Tree::new(&[]));
    let source = tree.source();
    let selected = select(&source, &selection(&["d"])).unwrap();
    let mut cache = open_cache(&folder, 0);
    checksum(&source, &selected, false, &mut cache).unwrap();
    cache.save().unwrap();
    assert!(key_without_reading(&tree, &mut open_cache(&folder, 10)).is_err());
}

#[test]
fn a_damaged_or_old_memory_is_no_memory() {
    let (tree, folder) = (Tree::new(&["d/a = a"]), Tree::new(&[]));
    let source = tree.source();
    let selected = select(&source, &selection(&["d"])).unwrap();
    let fill = || {
        let mut cache = open_cache(&folder, 10);
        checksum(&source, &selected, false, &mut cache).unwrap();
        cache.save().unwrap();
        let names = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        names
            .filter(|path| path.file_name().unwrap() != "lock")
            .collect::<Vec<_>>()
    };
    let files = fill();
    let [file] = &files[..] else {
        panic!("{files:?}")
    };
    let whole = fs::read(file).unwrap();
    assert!(key_without_reading(&tree, &mut open_cache(&folder, 20)).is_ok());
    for index in [0, 20, 70, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[index] ^= 1;
        fs::write(file, damaged).unwrap();
        assert!(
            key_without_reading(&tree, &mut open_cache(&folder, 20)).is_err(),
            "{index}"
        );
    }
    fs::write(file, &whole[..whole.len() - 9]).unwrap();
    assert!(key_without_reading(&tree, &mut open_cache(&folder, 20)).is_err());
    assert_eq!(fill(), files, "it is made anew");
    assert!(key_without_reading(&tree, &mut open_cache(&folder, 20)).is_ok());
}

#[test]
fn two_processes_do_not_lose_what_the_other_found_out() {
    let (tree, folder) = (Tree::new(&["d/a = a", "e/b = b"]), Tree::new(&[]));
    let source = tree.source();
    let mut caches = [open_cache(&folder, 10), open_cache(&folder, 10)];
    for (cache, name) in caches.iter_mut().zip(["d", "e"]) {
        let selected = select(&source, &selection(&[name])).unwrap();
        checksum(&source, &selected, false, cache).unwrap();
    }
    caches.iter_mut().for_each(|cache| cache.save().unwrap());
    let mut cache = open_cache(&folder, 20);
    let selected = select(&source, &selection(&["d", "e"])).unwrap();
    for name in ["d/a", "e/b"] {
        fs::rename(tree.at(name), tree.at("moved")).unwrap();
        assert!(
            checksum(&source, &selected, false, &mut cache).is_ok(),
            "{name}"
        );
        fs::rename(tree.at("moved"), tree.at(name)).unwrap();
    }
}

#[test]
fn many_files_on_several_threads_have_the_hashes_that_one_thread_finds() {
    let tree = Tree::new(&["d/"]);
    for index in 0..500 {
        fs::write(tree.at("d").join(index.to_string()), index.to_string()).unwrap();
    }
    let source = tree.source();
    let selected = select(&source, &selection(&["d"])).unwrap();
    let keys: Vec<Digest> = [1, 2, 7]
        .into_iter()
        .map(|threads| {
            let threads = NonZeroUsize::new(threads).unwrap();
            checksum(&source, &selected, false, &mut HashFiles { threads }).unwrap()
        })
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}
