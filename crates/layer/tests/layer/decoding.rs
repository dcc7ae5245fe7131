//! Streams told apart by their content.

use std::io::Read as _;
use std::process::Command;

use wharf_layer::{Compression, Decoder, Encoding, LayerWriter, Limits, is_tar};

use crate::archive::Archive;
use crate::blobs::pipe;
use crate::rights::{has_program, skip};

fn tar() -> Vec<u8> {
    Archive::default().file("a", b"content").finish()
}

#[test]
fn every_compression_is_seen_and_read_even_in_two_parts() {
    for (program, encoding) in [
        ("gzip", Encoding::Gzip),
        ("bzip2", Encoding::Bzip2),
        ("xz", Encoding::Xz),
        ("zstd", Encoding::Zstd),
    ] {
        if !has_program(program) {
            skip(
                "every_compression_is_seen_and_read_even_in_two_parts",
                program,
            );
            continue;
        }
        let mut packed = pipe(Command::new(program).arg("-c"), &tar());
        assert!(is_tar(&packed[..]), "{program}");
        packed.extend(pipe(Command::new(program).arg("-c"), b"more"));
        let mut decoder = Decoder::new(&packed[..], &Limits::default()).expect("a stream");
        assert_eq!(decoder.encoding(), encoding);
        let mut bytes = Vec::new();
        decoder.read_to_end(&mut bytes).expect("whole");
        assert!(bytes == [tar(), b"more".to_vec()].concat(), "{program}");

        let cut = &packed[..packed.len() - 3];
        let mut decoder = Decoder::new(cut, &Limits::default()).expect("a stream");
        assert!(
            decoder.read_to_end(&mut bytes).is_err(),
            "{program}: its end is missing"
        );
    }
}

#[test]
fn what_add_unpacks_is_told_by_content_alone() {
    assert!(is_tar(&tar()[..]));
    assert!(is_tar(&tar()[..512]), "the header is enough");
    let empty = Archive::default().finish();
    let text = b"#!/bin/sh\nexit 0\n".repeat(100);
    for no_tar in [
        &empty[..],
        b"",
        b"BZh",
        &text,
        &tar()[..500],
        &[0x1f, 0x8b, 8, 0][..],
    ] {
        assert!(!is_tar(no_tar), "{:?}", &no_tar[..no_tar.len().min(20)]);
    }
    let threads = std::num::NonZeroUsize::MIN;
    let mut writer =
        LayerWriter::new(Vec::new(), Compression::DEFAULT_GZIP, threads).expect("valid");
    std::io::Write::write_all(&mut writer, &text).expect("memory");
    assert!(
        !is_tar(&writer.finish().expect("memory").1[..]),
        "only compressed"
    );
}
