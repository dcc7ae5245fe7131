//! Turns what a build made into an expectation: plain JSON, with everything that no reference defines taken out.
//!
//! Times within the build are written `now`; layers of a known base are left out, and paths are those that differ from
//! it; digests of blobs are dropped, since compressors and entry orders are nobody's promise.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::layout::{Blobs, decompress, digest_of};
use crate::tree::{Node, Tree};

/// A base image that results are compared with.
#[derive(Debug, Clone)]
pub struct Base {
    /// Its repository.
    pub name: String,
    /// Its layers' digests without compression.
    pub diff_ids: Vec<Value>,
    /// Its history.
    pub history: Vec<Value>,
    /// Its files.
    pub tree: Tree,
}

/// What is needed to read a result.
#[derive(Debug)]
pub struct Viewer<'a> {
    /// All known bases.
    pub bases: &'a [Base],
    /// When the first build of this run began and this one ended, in seconds since 1970.
    pub window: (i64, i64),
}

impl Viewer<'_> {
    /// The picture of whatever an index or manifest descriptor leads to.
    ///
    /// # Errors
    /// Something in the layout is missing or does not match its digest.
    pub fn draw_descriptor(&self, blobs: &Blobs, descriptor: &Value) -> Result<Value> {
        let bytes = blobs.find_blob(descriptor)?;
        let document: Value = serde_json::from_slice(bytes).context("parse a manifest")?;
        let media_type = descriptor["mediaType"].clone();
        if document
            .get("mediaType")
            .is_some_and(|own| *own != media_type)
        {
            bail!(
                "a manifest calls itself {}, its descriptor {media_type}",
                document["mediaType"]
            );
        }
        let mut picture = Map::new();
        picture.insert("media_type".into(), media_type);
        self.draw_annotations(&mut picture, "annotations", &document["annotations"]);
        if let Some(manifests) = document["manifests"].as_array() {
            let children = manifests
                .iter()
                .map(|child| {
                    let mut drawn = self.draw_descriptor(blobs, child)?;
                    drawn["platform"] = child["platform"].clone();
                    if let Some(drawn) = drawn.as_object_mut() {
                        self.draw_annotations(
                            drawn,
                            "descriptor_annotations",
                            &child["annotations"],
                        );
                    }
                    Ok(drawn)
                })
                .collect::<Result<Vec<_>>>()?;
            picture.insert("manifests".into(), children.into());
            return Ok(picture.into());
        }
        picture.insert(
            "config_media_type".into(),
            document["config"]["mediaType"].clone(),
        );
        // An image without layers says so by an empty list or by none.
        let layers = document["layers"].as_array().map_or(&[][..], Vec::as_slice);
        let mut types: Vec<Value> = layers
            .iter()
            .map(|layer| layer["mediaType"].clone())
            .collect();
        let config = serde_json::from_slice(blobs.find_blob(&document["config"])?)?;
        let bytes = layers
            .iter()
            .map(|layer| decompress(blobs.find_blob(layer)?))
            .collect::<Result<Vec<_>>>()?;
        let below = self.draw_image(&mut picture, &config, &bytes)?;
        types.drain(..below);
        types.dedup();
        picture.insert("layer_media_types".into(), types.into());
        Ok(picture.into())
    }

    fn draw_annotations(&self, picture: &mut Map<String, Value>, name: &str, annotations: &Value) {
        let Some(annotations) = annotations.as_object() else {
            return;
        };
        let mut annotations = annotations.clone();
        if let Some(Value::String(time)) = annotations.get_mut("org.opencontainers.image.created") {
            *time = self.class_time(time);
        }
        picture.insert(name.into(), annotations.into());
    }

    /// Adds config, history, layers and files; answers how many layers are the base's.
    fn draw_image(
        &self,
        picture: &mut Map<String, Value>,
        config: &Value,
        layers: &[Vec<u8>],
    ) -> Result<usize> {
        let mut config = config.clone();
        let fields = config.as_object_mut().context("a config is an object")?;
        let diff_ids = fields
            .remove("rootfs")
            .and_then(|rootfs| rootfs["diff_ids"].as_array().cloned())
            .unwrap_or_default();
        let measured: Vec<Value> = layers.iter().map(|layer| digest_of(layer).into()).collect();
        if diff_ids != measured {
            bail!("diff_ids say {diff_ids:?}, the layers are {measured:?}");
        }
        // One program writes `null` where another one writes nothing.
        fields.retain(|_, value| !value.is_null());
        let mut history = match fields.remove("history") {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        };
        if let Some(Value::String(created)) = fields.get_mut("created") {
            *created = self.class_time(created);
        }
        let base = self
            .bases
            .iter()
            .filter(|base| {
                diff_ids.starts_with(&base.diff_ids) && history.starts_with(&base.history)
            })
            .max_by_key(|base| base.diff_ids.len() + base.history.len());
        let empty = Tree::default();
        let (below, skipped, name) = base.map_or((&empty, (0, 0), "scratch"), |base| {
            (
                &base.tree,
                (base.diff_ids.len(), base.history.len()),
                base.name.as_str(),
            )
        });
        history.drain(..skipped.1);
        for row in &mut history {
            if let Some(Value::String(created)) = row.get_mut("created") {
                *created = self.class_time(created);
            }
        }
        let mut tree = below.clone();
        let mut listings = Vec::new();
        for layer in &layers[skipped.0..] {
            let mut paths = tree.apply_layer(layer)?;
            paths.sort();
            listings.push(Value::from(paths));
        }
        picture.insert("base".into(), name.into());
        picture.insert("config".into(), config);
        picture.insert("history".into(), history.into());
        picture.insert("layers".into(), listings.into());
        picture.insert("files".into(), self.draw_files(tree.list_above(below))?);
        Ok(skipped.0)
    }

    /// The picture of a tar or folder of plain files.
    ///
    /// # Errors
    /// The archive is broken.
    pub fn draw_tar(&self, bytes: &[u8]) -> Result<Value> {
        let mut tree = Tree::default();
        tree.apply_layer(bytes)?;
        let files = tree
            .list()
            .into_iter()
            .map(|(path, node)| (path, Some(node)))
            .collect();
        Ok(json!({ "files": self.draw_files(files)? }))
    }

    /// The picture of a `docker load` archive.
    ///
    /// # Errors
    /// Something in the archive is missing.
    pub fn draw_docker(&self, blobs: &Blobs) -> Result<Value> {
        let list = blobs.read_json("manifest.json")?;
        let first = list.get(0).context("manifest.json names no image")?;
        let config = blobs.read_json(first["Config"].as_str().context("no Config")?)?;
        let layers = first["Layers"]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|name| {
                let name = name.as_str().unwrap_or_default();
                let bytes = blobs
                    .0
                    .get(name)
                    .with_context(|| format!("{name} is missing"))?;
                decompress(bytes)
            })
            .collect::<Result<Vec<_>>>()?;
        let mut picture = Map::new();
        picture.insert("repo_tags".into(), first["RepoTags"].clone());
        self.draw_image(&mut picture, &config, &layers)?;
        Ok(picture.into())
    }

    fn draw_files(&self, files: BTreeMap<String, Option<Node>>) -> Result<Value> {
        let mut drawn = Map::new();
        for (path, node) in files {
            let value = match node {
                None => json!("removed"),
                Some(mut node) => {
                    node.mtime = self.class_seconds(&node.mtime);
                    serde_json::to_value(node)?
                }
            };
            drawn.insert(path, value);
        }
        Ok(drawn.into())
    }

    fn class_seconds(&self, mtime: &str) -> String {
        let seconds = mtime
            .split('.')
            .next()
            .and_then(|text| text.parse::<i64>().ok());
        match seconds {
            Some(seconds) if self.is_now(seconds) => "now".into(),
            _ => mtime.to_owned(),
        }
    }

    fn class_time(&self, time: &str) -> String {
        match parse_time(time) {
            Some(seconds) if self.is_now(seconds) => "now".into(),
            _ => time.to_owned(),
        }
    }

    // A second on both sides: file systems stamp with the coarse clock, and fractions are cut off.
    fn is_now(&self, seconds: i64) -> bool {
        (self.window.0 - 1..=self.window.1 + 1).contains(&seconds)
    }
}

/// Seconds since 1970 of an RFC 3339 time in UTC (days by Hinnant's civil calendar algorithm).
fn parse_time(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let mut time = time.splitn(3, ':');
    let hours: i64 = time.next()?.parse().ok()?;
    let minutes: i64 = time.next()?.parse().ok()?;
    let seconds: i64 = time.next()?.split('.').next()?.parse().ok()?;
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::parse_time;

    #[test]
    fn times_are_counted_from_1970() {
        assert_eq!(parse_time("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse_time("2001-09-09T01:46:40Z"), Some(1_000_000_000));
        assert_eq!(parse_time("2024-02-29T12:00:00.5Z"), Some(1_709_208_000));
        assert_eq!(parse_time("yesterday"), None);
    }
}
