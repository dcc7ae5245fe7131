//! H65: layers and archives that unpack to more than anybody has: cut where the settings say, in files and in bytes. The
//! same archive without the bound fills the disk, which the smallest of them shows.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use wharf_build_tests::archive::compress_gzip;
use wharf_build_tests::hostile::shelve_image;
use wharf_build_tests::workshop::Workshop;

use crate::as_both;

/// Zeros in one part of a bomb; both gzip and zstd, xz and bzip2 take any number of parts one after the other.
const PART: usize = 16 << 20;

/// A tar that says it holds one file of `parts` parts, compressed.
fn make_bomb(parts: usize, compress: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("bomb").unwrap();
    header.set_size((parts * PART) as u64);
    header.set_mode(0o644);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    let mut bytes = compress(header.as_bytes());
    let part = compress(&vec![0; PART]);
    for _ in 0..parts {
        bytes.extend_from_slice(&part);
    }
    bytes.extend(compress(&[0; 1024]));
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    compress_gzip(bytes).unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

/// By a program of that name, which has the same options as gzip.
fn by_program(program: &'static str) -> Option<impl Fn(&[u8]) -> Vec<u8>> {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    Some(move |bytes: &[u8]| {
        let mut child = Command::new(program)
            .arg("-c")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let bytes = bytes.to_vec();
        let writer = std::thread::spawn(move || pipe.write_all(&bytes));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        output.stdout
    })
}

fn shelve_bomb(workshop: &Workshop<'_>, suffix: &str, bytes: Vec<u8>) {
    let id = format!("sha256:{}", "0".repeat(64));
    shelve_image(&workshop.server, "bomb", &json!({}), &[(suffix, bytes, id)]);
}

fn expect_cut(workshop: &Workshop<'_>, dockerfile: &str, words: &[&str]) {
    let began = Instant::now();
    let _ = workshop
        .build(dockerfile, &["--pull", "--no-cache"])
        .expect_failure(words);
    assert!(began.elapsed() < Duration::from_secs(120), "{dockerfile}");
    let size = Command::new("du")
        .args(["-sm", "--apparent-size"])
        .arg(workshop.state())
        .output()
        .unwrap();
    let size = String::from_utf8_lossy(&size.stdout);
    let size: u64 = size.split_whitespace().next().unwrap().parse().unwrap();
    assert!(size < 200, "{size} MB of {dockerfile} stay");
    let _ = workshop
        .build("FROM base\nRUN true\n", &["--output", "type=cacheonly"])
        .expect_success();
}

#[test]
fn h65_layers_of_a_base_that_are_bombs_are_cut() {
    as_both(|workshop| {
        // Without the bound, all of it is unpacked before its digest is found to be wrong.
        shelve_bomb(workshop, "tar+gzip", make_bomb(6, gzip));
        let _ = workshop
            .build("FROM bomb\n", &[])
            .expect_failure(&["sha256:"]);

        workshop.set_build("unpacked = \"64m\"");
        expect_cut(
            workshop,
            "FROM bomb\nCOPY Dockerfile /\n",
            &["more than", "bytes ([build] unpacked"],
        );
        for (suffix, bytes) in [
            ("tar+gzip", make_bomb(400, gzip)),
            ("tar+zstd", make_bomb(400, zstd)),
        ] {
            assert!(bytes.len() < 20 << 20);
            shelve_bomb(workshop, suffix, bytes);
            for dockerfile in [
                "FROM bomb\nCOPY Dockerfile /\n",
                "FROM base\nCOPY --from=bomb / /x\n",
                "FROM base\nRUN --mount=from=bomb,target=/b true\n",
            ] {
                expect_cut(
                    workshop,
                    dockerfile,
                    &["more than", "bytes ([build] unpacked"],
                );
            }
        }
    });
}

#[test]
fn h65_added_archives_that_are_bombs_are_cut() {
    as_both(|workshop| {
        workshop.set_build("unpacked = \"64m\"\nstep_disk = \"64m\"");
        let mut bombs = vec![
            ("gzip", make_bomb(400, gzip)),
            ("zstd", make_bomb(400, zstd)),
        ];
        for program in ["xz", "bzip2"] {
            match by_program(program) {
                Some(compress) => bombs.push((program, make_bomb(60, compress))),
                None => wharf_testkit::skip::record_skip(&format!("{program} is not installed")),
            }
        }
        for (name, bytes) in bombs {
            workshop.write("bomb.tar", bytes);
            let began = Instant::now();
            let built = workshop.build("FROM base\nADD bomb.tar /x/\n", &["--no-cache"]);
            let _ = built.expect_failure(&["more than", "bytes ([build] unpacked"]);
            assert!(began.elapsed() < Duration::from_secs(120), "{name}");
        }
    });
}

#[test]
fn h65_layers_and_archives_of_too_many_files_are_cut() {
    as_both(|workshop| {
        let mut builder = tar::Builder::new(Vec::new());
        for number in 0..50_000 {
            let mut header = tar::Header::new_gnu();
            header.set_size(0);
            header.set_mode(0o644);
            builder
                .append_data(&mut header, format!("f/{number}"), &[][..])
                .unwrap();
        }
        let archive = builder.into_inner().unwrap();
        workshop.set_build("unpacked_files = 5000\nstep_files = 5000");
        workshop.write("many.tar", &archive);
        let _ = workshop
            .build("FROM base\nADD many.tar /x/\n", &[])
            .expect_failure(&["files ([build] unpacked_files"]);
        std::fs::remove_file(workshop.context().join("many.tar")).unwrap();
        shelve_bomb(workshop, "tar+gzip", gzip(&archive));
        expect_cut(
            workshop,
            "FROM bomb\nCOPY Dockerfile /\n",
            &["files ([build] unpacked_files"],
        );
    });
}

#[test]
fn h65_paths_of_ten_thousand_folders_are_refused_or_built() {
    as_both(|workshop| {
        let deep = "d/".repeat(10_000) + "file";
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o644);
        builder.append_data(&mut header, &deep, &[][..]).unwrap();
        let archive = builder.into_inner().unwrap();
        workshop.write("deep.tar", &archive);
        for dockerfile in [
            "FROM base\nADD deep.tar /x/\n",
            "FROM base\nRUN for i in $(seq 10000); do mkdir d && cd d || exit 4; done; echo mad'e'\nRUN rm -rf /d\n",
        ] {
            let began = Instant::now();
            let built = workshop.build(dockerfile, &["-t", "deep"]);
            assert!(
                !built.log.contains("panicked") && !built.log.contains("overflow"),
                "{}",
                built.log
            );
            assert!(
                built.success || built.log.contains("error: "),
                "{}",
                built.log
            );
            assert!(began.elapsed() < Duration::from_secs(100));
        }
        std::fs::remove_file(workshop.context().join("deep.tar")).unwrap();
        let _ = workshop
            .build("FROM base\nRUN true\n", &["--output", "type=cacheonly"])
            .expect_success();
    });
}
