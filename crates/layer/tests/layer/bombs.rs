//! Archives that want more than their share (attack row H65).

use std::fs;
use std::io::{Read, Write as _};
use std::os::fd::AsFd as _;

use wharf_layer::{
    Allowance, ApplyOptions, Below, Compression, Decoder, DiffOptions, Encoding, Error,
    LayerWriter, Limit, Limits, MAX_DEPTH, Ownership, apply, write_diff,
};

use crate::archive::Archive;
use crate::tree::Folder;

fn apply_limited(reader: impl Read, limits: &mut Limits) -> (Error, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let root = Folder::open(folder.path());
    let mut options = ApplyOptions::layer(Below::Unknown);
    options.ownership = Ownership::Unchanged;
    let error = apply(reader, root.as_fd(), &options, limits).expect_err("a bomb");
    (error, folder)
}

fn is_limit(error: &Error, expected: Limit) -> bool {
    matches!(error, Error::TooLarge { limit, .. } if *limit == expected)
}

/// A layer with one file of so many zeros.
fn zeros(mib: u64, compression: Compression) -> Vec<u8> {
    let threads = std::num::NonZeroUsize::MIN;
    let mut writer = LayerWriter::new(Vec::new(), compression, threads).expect("valid");
    let head = Archive::default()
        .claim(b'0', "zeros", "", mib << 20, 0o644)
        .cut();
    writer.write_all(&head).expect("memory");
    let zeros = vec![0; 1 << 20];
    for _ in 0..mib {
        writer.write_all(&zeros).expect("memory");
    }
    writer.write_all(&[0; 1024]).expect("memory");
    writer.finish().expect("memory").1
}

#[test]
fn h65_a_bomb_is_cut_at_the_quota_before_anything_is_written() {
    let limits = Limits {
        bytes: Allowance::new(10 << 20),
        ..Limits::default()
    };
    for (compression, encoding) in [
        (Compression::DEFAULT_GZIP, Encoding::Gzip),
        (Compression::DEFAULT_ZSTD, Encoding::Zstd),
    ] {
        let bomb = zeros(64, compression);
        assert!(bomb.len() < 1 << 20, "it is one: {}", bomb.len());
        let unbounded = Limits {
            ratio: u64::MAX,
            ..Limits::default()
        };
        let naive = Decoder::new(&bomb[..], &unbounded).expect("a stream");
        assert_eq!(
            std::io::copy(&mut { naive }, &mut std::io::sink()).expect("all"),
            (64 << 20) + 1536
        );

        let decoder = Decoder::new(&bomb[..], &limits).expect("a stream");
        assert_eq!(decoder.encoding(), encoding);
        let (error, folder) = apply_limited(decoder, &mut limits.clone());
        assert!(is_limit(&error, Limit::Bytes), "{error:?}");
        assert!(!folder.path().join("zeros").exists());
    }
}

#[test]
fn h65_a_stream_that_grows_too_much_is_cut_by_its_ratio() {
    let limits = Limits {
        ratio: 100,
        ..Limits::default()
    };
    let bomb = zeros(128, Compression::DEFAULT_ZSTD);
    let decoder = Decoder::new(&bomb[..], &limits).expect("a stream");
    let (error, folder) = apply_limited(decoder, &mut limits.clone());
    assert!(is_limit(&error, Limit::Ratio), "{error:?}");
    let size = fs::metadata(folder.path().join("zeros"))
        .expect("begun")
        .len();
    assert!(size <= 66 << 20, "{size}");
}

#[test]
fn h65_a_million_tiny_files_are_cut_at_the_quota() {
    // Made on the fly: naively, it is a million inodes.
    struct Endless(Vec<u8>, usize);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                self.1 += 1;
                self.0 = Archive::default().file(&format!("f{}", self.1), b"").cut();
            }
            let count = self.0.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }
    let mut limits = Limits {
        files: Allowance::new(500),
        ..Limits::default()
    };
    let (error, folder) = apply_limited(Endless(Vec::new(), 0), &mut limits);
    assert!(is_limit(&error, Limit::Files), "{error:?}");
    assert_eq!(
        fs::read_dir(folder.path()).expect("a directory").count(),
        500
    );
    assert_eq!(limits.files.left(), 0);
}

#[test]
fn h65_a_path_ten_thousand_deep_is_refused() {
    for depth in [MAX_DEPTH + 1, 2000, 10_000] {
        let name = "d/".repeat(depth);
        let tar = Archive::default()
            .pax(&[("path", name.as_bytes())])
            .directory("x")
            .finish();
        let (error, folder) = apply_limited(&tar[..], &mut Limits::default());
        assert!(
            is_limit(&error, Limit::Depth) || matches!(error, Error::InvalidLayer { .. }),
            "{error:?}"
        );
        assert_eq!(fs::read_dir(folder.path()).expect("a directory").count(), 0);
    }
}

#[test]
fn h65_a_deep_tree_is_refused_as_a_layer_without_a_stack_overflow() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let root = Folder::make(folder.path().join("root"));
    let mut directory = rustix::fs::openat(
        rustix::fs::CWD,
        &root.path,
        rustix::fs::OFlags::DIRECTORY,
        rustix::fs::Mode::empty(),
    )
    .expect("it is there");
    for _ in 0..=MAX_DEPTH {
        rustix::fs::mkdirat(&directory, "d", rustix::fs::Mode::RWXU).expect("new");
        let flags = rustix::fs::OFlags::DIRECTORY;
        directory = rustix::fs::openat(&directory, "d", flags, rustix::fs::Mode::empty())
            .expect("just made");
    }
    let options = DiffOptions::default();
    let error = write_diff(root.as_fd(), None, &options, &mut std::io::sink()).expect_err("deep");
    assert!(is_limit(&error, Limit::Depth), "{error:?}");
}

#[test]
fn h65_a_sparse_petabyte_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = fs::File::create(folder.path().join("sparse")).expect("new");
    // The largest that this file system has.
    let size = (30..50)
        .rev()
        .map(|bits| 1u64 << bits)
        .find(|size| file.set_len(*size).is_ok());
    let size = size.expect("a gigabyte of nothing");
    let options = DiffOptions {
        max_bytes: Some(size - 1),
        ..DiffOptions::default()
    };
    let root = Folder::open(folder.path());
    let mut tar = Vec::new();
    let error = write_diff(root.as_fd(), None, &options, &mut tar).expect_err("large");
    assert!(
        is_limit(&error, Limit::Bytes) && tar.is_empty(),
        "{error:?}"
    );
}

#[test]
fn h65_a_header_cannot_ask_for_memory() {
    for flag in [b'x', b'L', b'K'] {
        let tar = Archive::default()
            .claim(flag, "x", "", 1 << 32, 0o644)
            .cut();
        let (error, _folder) = apply_limited(
            (&tar[..]).chain(std::io::repeat(b'a')),
            &mut Limits::default(),
        );
        assert!(matches!(error, Error::InvalidLayer { .. }), "{error:?}");
    }
}

#[test]
fn h65_padding_without_end_is_cut() {
    let tar = Archive::default().finish();
    let mut limits = Limits {
        bytes: Allowance::new(1 << 20),
        ..Limits::default()
    };
    let (error, _folder) = apply_limited((&tar[..]).chain(std::io::repeat(0)), &mut limits);
    assert!(is_limit(&error, Limit::Bytes), "{error:?}");
}
