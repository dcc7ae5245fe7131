//! The base images of all cases: made here, the same on every machine with the same busybox, and put into the run's
//! registry as `NAME` (tags `latest` and `1`), `private/NAME`, and `library/NAME` for short names.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::archive::{compress_gzip, write_tar};
use crate::case::{Entry, Kind};
use crate::layout::{Blobs, decompress, digest_of};
use crate::picture::Base;
use crate::serve::Shelf;
use crate::tree::Tree;

#[derive(Deserialize)]
struct Recipes {
    base: Vec<Recipe>,
    index: Vec<Index>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    name: String,
    from: Option<String>,
    #[serde(default)]
    docker: bool,
    #[serde(default)]
    compress: bool,
    architecture: Option<String>,
    variant: Option<String>,
    author: Option<String>,
    created: String,
    config: String,
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Index {
    name: String,
    images: Vec<String>,
}

/// A base with its manifest.
#[derive(Debug)]
pub struct Image {
    /// What results are compared with.
    pub base: Base,
    /// The manifest's digest.
    pub digest: String,
    manifest: Value,
    config: Value,
}

impl Image {
    /// Its descriptor, with its platform.
    #[must_use]
    pub fn describe(&self) -> Value {
        let bytes = serde_json::to_vec(&self.manifest).unwrap_or_default();
        let mut platform = json!({"os": "linux", "architecture": self.config["architecture"]});
        if let Some(variant) = self.config.get("variant") {
            platform["variant"] = variant.clone();
        }
        json!({"mediaType": OCI_MANIFEST, "digest": self.digest, "size": bytes.len(), "platform": platform})
    }

    /// Manifest, config and layers by the hexadecimal part of their digests.
    ///
    /// # Errors
    /// One of them is not on the shelf.
    pub fn list_blobs(&self, shelf: &Shelf) -> Result<Vec<(String, Vec<u8>)>> {
        let layers = self.manifest["layers"]
            .as_array()
            .context("a manifest has layers")?;
        let mut blobs = vec![serde_json::to_vec(&self.manifest)?];
        for descriptor in layers.iter().chain([&self.manifest["config"]]) {
            blobs.push(shelf.blobs.find_blob(descriptor)?.to_vec());
        }
        let name = |bytes: &[u8]| digest_of(bytes).trim_start_matches("sha256:").to_owned();
        Ok(blobs
            .into_iter()
            .map(|bytes| (name(&bytes), bytes))
            .collect())
    }
}

/// In 1998: what comes from a base is told from what comes from a context, where times are of 2001.
const BASE_TIME: i64 = 900_000_000;

/// Programs that bases have: names of one busybox.
const APPLETS: &[&str] = &[
    "sh",
    "ash",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "echo",
    "env",
    "expr",
    "false",
    "find",
    "grep",
    "head",
    "hostname",
    "id",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mknod",
    "mount",
    "mv",
    "nc",
    "od",
    "printf",
    "printenv",
    "ps",
    "pwd",
    "readlink",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "setsid",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "ulimit",
    "umount",
    "uname",
    "uniq",
    "unlink",
    "wc",
    "wget",
    "which",
    "whoami",
    "xargs",
    "yes",
    "ifconfig",
    "ip",
];

/// Makes every base and index, and shelves them.
///
/// # Errors
/// There is no statically linked `/bin/busybox` here.
pub fn make_bases(shelf: &mut Shelf) -> Result<Vec<Image>> {
    let recipes: Recipes = toml::from_str(include_str!("base.toml")).context("parse base.toml")?;
    let busybox =
        std::fs::read("/bin/busybox").context("read /bin/busybox (package busybox-static)")?;
    let mut images: Vec<Image> = Vec::new();
    for recipe in recipes.base {
        let below = recipe
            .from
            .as_ref()
            .and_then(|name| images.iter().find(|image| image.base.name == *name));
        let image = make_image(&recipe, below, &busybox, shelf)
            .with_context(|| format!("make the base {}", recipe.name))?;
        images.push(image);
    }
    for index in recipes.index {
        let manifests: Vec<Value> = index
            .images
            .iter()
            .filter_map(|name| images.iter().find(|image| image.base.name == *name))
            .map(Image::describe)
            .collect();
        let document = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests});
        shelve_manifest(shelf, &index.name, OCI_INDEX, &document)?;
    }
    Ok(images)
}

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

fn make_image(
    recipe: &Recipe,
    below: Option<&Image>,
    busybox: &[u8],
    shelf: &mut Shelf,
) -> Result<Image> {
    let layer = make_layer(recipe, busybox)?;
    let plain = decompress(&layer)?;
    let mut config = json!({
        "architecture": recipe.architecture.as_deref().unwrap_or("amd64"),
        "os": "linux",
        "created": recipe.created,
        "config": serde_json::from_str::<Value>(&recipe.config)?,
        "rootfs": {"type": "layers", "diff_ids": []},
        "history": [],
    });
    for (key, value) in [("variant", &recipe.variant), ("author", &recipe.author)] {
        if let Some(value) = value {
            config[key] = value.clone().into();
        }
    }
    let (mut diff_ids, mut history, mut layers, mut tree) = match below {
        Some(image) => {
            let layers = image.manifest["layers"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let base = image.base.clone();
            (base.diff_ids, base.history, layers, base.tree)
        }
        None => (Vec::new(), Vec::new(), Vec::new(), Tree::default()),
    };
    tree.apply_layer(&plain)?;
    diff_ids.push(digest_of(&plain).into());
    let told = format!("made {}", recipe.name);
    history.push(json!({"created": recipe.created, "created_by": told}));
    history
        .push(json!({"created": recipe.created, "created_by": "configured", "empty_layer": true}));
    config["rootfs"]["diff_ids"] = diff_ids.clone().into();
    config["history"] = history.clone().into();

    let kinds = if recipe.docker {
        [
            DOCKER_MANIFEST,
            "application/vnd.docker.container.image.v1+json",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ]
    } else if recipe.compress {
        [
            OCI_MANIFEST,
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.oci.image.layer.v1.tar+gzip",
        ]
    } else {
        [
            OCI_MANIFEST,
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.oci.image.layer.v1.tar",
        ]
    };
    layers.push(shelve_blob(&mut shelf.blobs, kinds[2], layer));
    let described = shelve_blob(&mut shelf.blobs, kinds[1], serde_json::to_vec(&config)?);
    let manifest =
        json!({"schemaVersion": 2, "mediaType": kinds[0], "config": described, "layers": layers});
    let digest = shelve_manifest(shelf, &recipe.name, kinds[0], &manifest)?;
    let base = Base {
        name: recipe.name.clone(),
        diff_ids,
        history,
        tree,
    };
    Ok(Image {
        base,
        digest,
        manifest,
        config,
    })
}

fn make_layer(recipe: &Recipe, busybox: &[u8]) -> Result<Vec<u8>> {
    let mut entries = Vec::new();
    for entry in &recipe.entry {
        let mut entry = entry.clone();
        let is_busybox = entry.content.as_deref() == Some("@BUSYBOX@");
        if is_busybox {
            use base64::Engine;
            entry.content = None;
            entry.base64 = Some(base64::engine::general_purpose::STANDARD.encode(busybox));
        }
        entry.mtime.get_or_insert(BASE_TIME);
        entries.push(entry);
        if is_busybox {
            entries.extend(APPLETS.iter().map(|name| name_applet(name)));
        }
    }
    let tar = write_tar(&entries)?;
    if recipe.compress {
        compress_gzip(&tar)
    } else {
        Ok(tar)
    }
}

fn name_applet(name: &str) -> Entry {
    Entry {
        path: format!("bin/{name}"),
        kind: Kind::Hardlink,
        content: None,
        base64: None,
        size: None,
        mode: Some(0o755),
        owner: None,
        mtime: None,
        nanos: 0,
        target: Some("bin/busybox".into()),
        xattrs: std::collections::BTreeMap::new(),
        entries: Vec::new(),
    }
}

fn shelve_blob(blobs: &mut Blobs, media_type: &str, bytes: Vec<u8>) -> Value {
    let digest = digest_of(&bytes);
    let descriptor = json!({"mediaType": media_type, "digest": digest, "size": bytes.len()});
    blobs
        .0
        .insert(format!("blobs/{}", digest.replace(':', "/")), bytes);
    descriptor
}

fn shelve_manifest(
    shelf: &mut Shelf,
    name: &str,
    media_type: &str,
    document: &Value,
) -> Result<String> {
    let bytes = serde_json::to_vec(document)?;
    let digest = digest_of(&bytes);
    for repository in [
        name.to_owned(),
        format!("private/{name}"),
        format!("library/{name}"),
    ] {
        for reference in ["latest", "1", &digest] {
            let value = (media_type.to_owned(), bytes.clone());
            shelf
                .manifests
                .insert((repository.clone(), reference.to_owned()), value);
        }
    }
    Ok(digest)
}
