//! The base image of all builds, made here: busybox with a few links, in one layer.
//! Refuses a busybox that needs libraries. Called by the entry point and by the sites of builders.

mod archive;

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::content::{Digest, MANIFEST_TYPE};
use crate::upload::{push_bytes, put_manifest};
use crate::wire::{Connection, Headers};
use archive::Archive;

const REPOSITORY: &str = "bench/base";
const TAG: &str = "1";

/// What the steps of the workloads run.
const LINKS: [&str; 12] = [
    "sh",
    "cat",
    "cp",
    "du",
    "echo",
    "find",
    "ls",
    "mkdir",
    "rm",
    "sha256sum",
    "true",
    "wc",
];

pub(crate) struct BaseImage {
    config: Vec<u8>,
    layer: Vec<u8>,
    manifest: Vec<u8>,
}

impl BaseImage {
    /// # Errors
    /// The program cannot be read or is linked to libraries.
    pub(crate) fn make(busybox: &Path) -> Result<BaseImage> {
        let program = fs::read(busybox).with_context(|| busybox.display().to_string())?;
        ensure!(
            is_static(&program),
            "{} is not linked statically",
            busybox.display()
        );
        let archive = write_archive(&program);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&archive)?;
        let layer = encoder.finish()?;
        let config = json!({
            "architecture": name_architecture(),
            "os": "linux",
            "config": {"Env": ["PATH=/usr/bin:/bin"], "Cmd": ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": [Digest::of(&archive).as_str()]},
            "history": [{"created": "2024-01-01T00:00:00Z", "created_by": "busybox"}],
            "created": "2024-01-01T00:00:00Z",
        })
        .to_string()
        .into_bytes();
        let describe = |kind: &str, bytes: &[u8]| {
            json!({
                "mediaType": format!("application/vnd.oci.image.{kind}"),
                "digest": Digest::of(bytes).as_str(),
                "size": bytes.len(),
            })
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": describe("config.v1+json", &config),
            "layers": [describe("layer.v1.tar+gzip", &layer)],
        })
        .to_string()
        .into_bytes();
        Ok(BaseImage {
            config,
            layer,
            manifest,
        })
    }

    /// Pushes it to an open registry and returns its name there.
    ///
    /// # Errors
    /// The registry refuses something.
    pub(crate) fn push(&self, registry: SocketAddr) -> Result<String> {
        let mut connection = Connection::open(registry)?;
        let headers = Headers::none();
        for blob in [&self.layer, &self.config] {
            push_bytes(&mut connection, &headers, REPOSITORY, blob)?;
        }
        put_manifest(&mut connection, &headers, REPOSITORY, TAG, &self.manifest)?
            .expect("put the base image", 201)?;
        Ok(format!("{registry}/{REPOSITORY}:{TAG}"))
    }
}

fn write_archive(busybox: &[u8]) -> Vec<u8> {
    let mut archive = Archive::default();
    for (folder, mode) in [("bin", 0o755), ("etc", 0o755), ("tmp", 0o1777)] {
        archive.add_folder(folder, mode);
    }
    archive.add_file("bin/busybox", 0o755, busybox);
    for link in LINKS {
        archive.add_link(&format!("bin/{link}"), "busybox");
    }
    archive.add_file("etc/passwd", 0o644, b"root:x:0:0:root:/root:/bin/sh\n");
    archive.add_file("etc/group", 0o644, b"root:x:0:\n");
    archive.finish()
}

/// Whether a 64-bit ELF file names no interpreter (elf(5), `PT_INTERP`).
fn is_static(program: &[u8]) -> bool {
    const PT_INTERP: [u8; 4] = 3_u32.to_ne_bytes();
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let field = program.get(at..at + bytes)?;
        let folded = field
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        Some(folded)
    };
    let headers = || Some((number(32, 8)?, number(54, 2)?, number(56, 2)?));
    let Some((start, size, count)) = headers().filter(|_| program.starts_with(b"\x7fELF\x02\x01"))
    else {
        return false;
    };
    (0..count).all(|index| {
        let at = start + index * size;
        program
            .get(at..at + 4)
            .is_some_and(|kind| kind != PT_INTERP)
    })
}

/// As images name it.
fn name_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 64-bit little-endian ELF file with one program header of this kind.
    fn make_elf(kind: u32) -> Vec<u8> {
        let mut elf = vec![0; 64];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[32] = 64;
        elf[54] = 56;
        elf[56] = 1;
        elf.extend_from_slice(&kind.to_le_bytes());
        elf.resize(64 + 56, 0);
        elf
    }

    #[test]
    fn programs_with_an_interpreter_are_refused() {
        assert!(is_static(&make_elf(1)));
        assert!(!is_static(&make_elf(3)));
        assert!(!is_static(&make_elf(1)[..60]));
        assert!(!is_static(b"#!/bin/sh"));
    }

    #[test]
    fn image_is_the_same_every_time_and_names_its_layer() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("busybox");
        fs::write(&program, make_elf(1)).unwrap();
        let [one, two] = [(); 2].map(|()| BaseImage::make(&program).unwrap());
        assert_eq!(one.manifest, two.manifest);
        let manifest: serde_json::Value = serde_json::from_slice(&one.manifest).unwrap();
        let digest = Digest::of(&one.layer);
        assert_eq!(manifest["layers"][0]["digest"], digest.as_str());
        fs::write(&program, make_elf(3)).unwrap();
        assert!(BaseImage::make(&program).is_err());
    }
}
