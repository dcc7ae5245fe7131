//! Images and archives that nobody means well with: any entries in any order, any configuration, on the run's shelf.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use tar::{Archive, EntryType};

use crate::archive::write_tar;
use crate::case::Entry;
use crate::layout::digest_of;
use crate::serve::{Server, Shelf};

/// A tar of the entries of a TOML list, as `case.toml` writes them: `[{ path = "etc", kind = "symlink", target = "/" }]`.
///
/// # Panics
/// The list is wrong, here and below: callers are tests.
#[must_use]
pub fn pack(list: &str) -> Vec<u8> {
    #[derive(Deserialize)]
    struct List {
        entry: Vec<Entry>,
    }
    let list: List = toml::from_str(&format!("entry = {list}")).expect("a list of entries");
    write_tar(&list.entry).expect("entries that an archive can hold")
}

/// Shelves an image as `name:latest`: each layer with the suffix of its media type (`tar`, `tar+gzip`) and the digest of
/// its plain tar.
pub fn shelve_image(
    server: &Server,
    name: &str,
    config: &Value,
    layers: &[(&str, Vec<u8>, String)],
) {
    let mut shelf = server.shelf();
    let diff_ids: Vec<&String> = layers.iter().map(|(_, _, id)| id).collect();
    let document = json!({
        "architecture": "amd64", "os": "linux", "config": config,
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    });
    let layers: Vec<Value> = layers
        .iter()
        .map(|(suffix, bytes, _)| {
            let kind = format!("application/vnd.oci.image.layer.v1.{suffix}");
            shelve(&mut shelf, &kind, bytes.clone())
        })
        .collect();
    let bytes = serde_json::to_vec(&document).expect("a document");
    let config = shelve(
        &mut shelf,
        "application/vnd.oci.image.config.v1+json",
        bytes,
    );
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest =
        json!({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers});
    let bytes = serde_json::to_vec(&manifest).expect("a document");
    for reference in ["latest".to_owned(), digest_of(&bytes)] {
        let value = (kind.to_owned(), bytes.clone());
        shelf
            .manifests
            .insert((format!("library/{name}"), reference), value);
    }
}

/// A plain layer for [`shelve_image`].
#[must_use]
pub fn plain_layer(tar: Vec<u8>) -> (&'static str, Vec<u8>, String) {
    let id = digest_of(&tar);
    ("tar", tar, id)
}

fn shelve(shelf: &mut Shelf, kind: &str, bytes: Vec<u8>) -> Value {
    let digest = digest_of(&bytes);
    let descriptor = json!({"mediaType": kind, "digest": digest, "size": bytes.len()});
    let path = format!("blobs/{}", digest.replace(':', "/"));
    shelf.blobs.0.insert(path, bytes);
    descriptor
}

/// Unpacks as a program without any care does: names are joined, links are followed, whiteouts remove what they name. It
/// shows that an archive is as bad as the test says.
///
/// # Errors
/// What the kernel says; an attack may need only some of its entries.
pub fn unpack_carelessly(tar: &[u8], root: &Path) -> std::io::Result<()> {
    for entry in Archive::new(tar).entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let at = root.join(&name);
        let target = entry.link_name()?.map(|target| target.into_owned());
        let file_name = at.file_name().unwrap_or_default().to_string_lossy();
        if let Some(gone) = file_name.strip_prefix(".wh.") {
            fs::remove_file(at.with_file_name(gone))?;
            continue;
        }
        match (entry.header().entry_type(), target) {
            (EntryType::Directory, _) => fs::create_dir_all(&at)?,
            (EntryType::Symlink, Some(target)) => symlink(target, &at)?,
            (EntryType::Link, Some(target)) => fs::hard_link(root.join(target), &at)?,
            _ => {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                fs::write(&at, bytes)?;
            }
        }
    }
    Ok(())
}
