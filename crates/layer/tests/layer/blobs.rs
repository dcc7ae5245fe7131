//! Blobs: digests, determinism, and readers that are not ours.

use std::io::{Read as _, Write as _};
use std::num::NonZeroUsize;
use std::process::{Command, Stdio};

use wharf_layer::{Compression, Decoder, DiffIdReader, Error, LayerWriter, Limits, Written};
use wharf_oci::{Algorithm, Digest};

use crate::rights::{has_program, skip};

/// Three and a half MiB that compress, but not to nothing.
fn sample() -> Vec<u8> {
    let mut state = 1u32;
    (0..7 << 19)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"etaoin shrdlu\n\0/"[(state >> 28) as usize]
        })
        .collect()
}

fn write(
    bytes: &[u8],
    compression: Compression,
    threads: usize,
    piece: usize,
) -> (Written, Vec<u8>) {
    let threads = NonZeroUsize::new(threads).expect("not zero");
    let mut writer = LayerWriter::new(Vec::new(), compression, threads).expect("valid");
    for piece in bytes.chunks(piece) {
        writer.write_all(piece).expect("memory");
    }
    writer.finish().expect("memory")
}

const ALL: [Compression; 3] = [
    Compression::None,
    Compression::DEFAULT_GZIP,
    Compression::DEFAULT_ZSTD,
];

#[test]
fn a_blob_depends_on_its_bytes_alone() {
    let bytes = sample();
    for compression in ALL {
        let (first, blob) = write(&bytes, compression, 1, 4096);
        for (threads, piece) in [(2, 512), (5, 1 << 20), (3, 999_999)] {
            assert_eq!(
                write(&bytes, compression, threads, piece),
                (first.clone(), blob.clone())
            );
        }
    }
}

#[test]
fn both_digests_and_sizes_are_those_of_the_bytes() {
    // Around the size of a member, where the last one could be lost or empty.
    for length in [
        0,
        1,
        (1 << 20) - 1,
        1 << 20,
        (1 << 20) + 1,
        2 << 20,
        7 << 19,
    ] {
        let bytes = &sample()[..length];
        for compression in ALL {
            let (written, blob) = write(bytes, compression, 2, 100_000);
            assert_eq!(written.digest, Digest::of(Algorithm::Sha256, &blob));
            assert_eq!(written.diff_id, Digest::of(Algorithm::Sha256, bytes));
            assert_eq!(written.size, blob.len() as u64);
            assert_eq!(written.uncompressed_size, length as u64);
            assert_eq!(written.compression, compression);

            let decoder = Decoder::new(&blob[..], &Limits::default()).expect("a stream");
            let mut reader = DiffIdReader::new(decoder);
            let mut back = Vec::new();
            reader.read_to_end(&mut back).expect("whole");
            assert!(back == bytes, "{length} {compression:?}");
            reader.verify(written.diff_id).expect("the same");
        }
    }
}

#[test]
fn another_stream_than_the_announced_one_is_told() {
    let expected = Digest::of(Algorithm::Sha256, b"right");
    let mut reader = DiffIdReader::new(&b"wrong"[..]);
    std::io::copy(&mut reader, &mut std::io::sink()).expect("memory");
    let error = reader.verify(expected).expect_err("different");
    assert!(matches!(error, Error::Digest(mismatch) if mismatch.expected == expected));
}

#[test]
fn a_full_disk_is_an_error_and_not_a_hang() {
    #[derive(Debug)]
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let bytes = sample();
    for compression in ALL {
        for room in [0, 700_000] {
            let threads = NonZeroUsize::new(2).expect("not zero");
            let mut writer = LayerWriter::new(Full(room), compression, threads).expect("valid");
            let mut result = Ok(());
            for _ in 0..8 {
                result = result.and_then(|()| writer.write_all(&bytes).map_err(Error::Write));
            }
            let error = match result {
                Ok(()) => writer.finish().map(|_| ()).expect_err("no room"),
                Err(error) => error,
            };
            assert!(
                matches!(&error, Error::Write(source)
                    if source.kind() == std::io::ErrorKind::StorageFull),
                "{compression:?} {room}: {error:?}"
            );
            assert!(error.hint().is_some());
        }
    }
}

#[test]
fn gzip_itself_reads_the_members() {
    let bytes = sample();
    let (_, blob) = write(&bytes, Compression::DEFAULT_GZIP, 2, 100_000);
    assert!(pipe(Command::new("gzip").arg("-dc"), &blob) == bytes);
}

#[test]
fn go_reads_the_members() {
    if !has_program("go") {
        return skip("go_reads_the_members", "no Go");
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let program = folder.path().join("main.go");
    let text = r#"package main
import ("compress/gzip"; "io"; "os")
func main() {
	reader, err := gzip.NewReader(os.Stdin)
	if err == nil { _, err = io.Copy(os.Stdout, reader) }
	if err != nil { panic(err) }
}
"#;
    std::fs::write(&program, text).expect("room");
    let bytes = sample();
    let (_, blob) = write(&bytes, Compression::DEFAULT_GZIP, 2, 100_000);
    let mut go = Command::new("go");
    // Kept between runs, because compiling Go's library takes a minute, and not in a home that may not be ours.
    let cache = format!("wharf-layer-go-{}", rustix::process::geteuid().as_raw());
    go.arg("run").arg(&program);
    go.env("GOCACHE", std::env::temp_dir().join(cache))
        .env("HOME", folder.path());
    assert!(pipe(&mut go, &blob) == bytes);
}

/// What a program makes of its input.
pub(crate) fn pipe(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads all");
    assert!(output.status.success());
    output.stdout
}
