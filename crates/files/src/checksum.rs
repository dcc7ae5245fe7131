//! What a selection amounts to: the part of a step's cache key that is about files.
//!
//! Equal when a copy gives the same result, times aside: names, kinds, permissions, link targets, attributes, contents,
//! and owners where they are kept. A source that is a directory counts with its contents only, as its own permissions are
//! not copied.

use sha2::{Digest as _, Sha256};
use wharf_oci::{Algorithm, Digest};

use crate::hashes::{FileHash, FileHashes, FileToHash};
use crate::{Entry, Kind, Result, Selected, Source};

/// Changed when the form below changes, so that no key of an older version is taken for one of this.
const VERSION: &[u8] = b"wharf files 1";

/// The digest of everything that was selected. `with_owners` is for copies that keep the owners of their source; those
/// out of a context or with `--chown` do not.
///
/// # Errors
/// Those of [`FileHashes::hash_files`].
pub fn checksum(
    source: &Source,
    selected: &Selected,
    with_owners: bool,
    hashes: &mut dyn FileHashes,
) -> Result<Digest> {
    let mut files = Vec::new();
    for part in &selected.parts {
        for node in &part.nodes {
            if matches!(node.entry.kind, Kind::File { .. }) {
                files.push(FileToHash {
                    path: part.base.join(&node.entry.path),
                    identity: node.identity,
                });
            }
        }
    }
    let mut contents = hashes.hash_files(source, &files)?.into_iter();
    let mut form = Form(Sha256::new());
    form.add(VERSION);
    for part in &selected.parts {
        form.add(b"part");
        form.add(&part.name);
        for entry in part.entries() {
            let content = match entry.kind {
                Kind::File { .. } => contents.next(),
                _ => None,
            };
            form.add_entry(entry, content, with_owners);
        }
    }
    let raw: [u8; 32] = form.0.finalize().into();
    Ok(Digest::from_raw(Algorithm::Sha256, &raw).expect("32 bytes"))
}

/// Fields with their lengths, so that no two lists of fields look the same.
struct Form(Sha256);

impl Form {
    fn add(&mut self, field: &[u8]) {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
    }

    fn add_number(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    fn add_entry(&mut self, entry: &Entry, content: Option<FileHash>, with_owners: bool) {
        self.add(entry.path.as_bytes());
        self.add(&[tag(&entry.kind)]);
        match &entry.kind {
            Kind::File { .. } => {
                if let Some(FileHash(hash)) = content {
                    self.add(&hash);
                }
            }
            Kind::Link { to } => self.add(to.as_bytes()),
            Kind::Symlink { target } => self.add(target),
            Kind::CharacterDevice { device } | Kind::BlockDevice { device } => {
                self.add_number(*device);
            }
            Kind::Directory if entry.path.is_root() => return,
            Kind::Directory | Kind::Passage | Kind::Fifo | Kind::Socket => {}
        }
        self.add_number(entry.mode.into());
        if with_owners {
            self.add_number(entry.uid.into());
            self.add_number(entry.gid.into());
        }
        self.add_number(entry.xattrs.len() as u64);
        for (name, value) in &entry.xattrs {
            self.add(name);
            self.add(value);
        }
    }
}

fn tag(kind: &Kind) -> u8 {
    match kind {
        Kind::File { .. } => b'f',
        Kind::Link { .. } => b'h',
        Kind::Directory => b'd',
        Kind::Passage => b'p',
        Kind::Symlink { .. } => b'l',
        Kind::Fifo => b'q',
        Kind::Socket => b's',
        Kind::CharacterDevice { .. } => b'c',
        Kind::BlockDevice { .. } => b'b',
    }
}
