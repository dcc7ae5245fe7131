//! What came out of a build, drawn.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::{World, log, pack_folder, read_clock};
use crate::builder::flags::split_flags;
use crate::builder::{Answer, Output, Request};
use crate::case::Case;
use crate::layout::{Blobs, digest_of};
use crate::picture::Viewer;
use crate::places::Places;

impl World {
    /// Everything that is compared about one build.
    ///
    /// # Errors
    /// What it made cannot be read.
    pub(super) fn draw_answer(
        &self,
        case: &Case,
        request: &Request,
        answer: &Answer,
    ) -> Result<Value> {
        let all = format!("{}\n{}", answer.stdout, answer.stderr);
        let mut result = Map::new();
        if matches!(request.output, Output::Printed) {
            result.insert("printed".into(), log::list_printed(&answer.stdout).into());
            return Ok(result.into());
        }
        if case.log {
            result.insert("log".into(), log::list_step_lines(&all).into());
        }
        if !answer.success {
            result.insert("failure".into(), json!({ "text": all }));
            return Ok(result.into());
        }
        result.insert("warnings".into(), log::list_warnings(&all).into());
        let viewer = Viewer {
            bases: &self.bases,
            window: (self.started, read_clock()),
        };
        match &request.output {
            Output::Push => {
                let pushed = self.draw_pushed(&viewer, request)?;
                result.insert("pushed".into(), pushed);
            }
            Output::Local { attributes, dest } => {
                draw_output(&viewer, attributes, dest, &mut result)?;
                if let Some((metadata, id)) = &request.metadata {
                    draw_metadata(dest, metadata, id, &mut result)?;
                }
            }
            Output::Printed | Output::Cache => {}
        }
        Ok(result.into())
    }

    fn draw_pushed(&self, viewer: &Viewer<'_>, request: &Request) -> Result<Value> {
        let shelf = self.server.shelf();
        let mut pushed = Map::new();
        for (_, name) in split_flags(&request.flags)
            .into_iter()
            .filter(|(flag, _)| flag == "-t")
        {
            let path = name
                .trim_start_matches(self.server.address())
                .trim_start_matches('/');
            let (repository, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
            let (media_type, bytes) = shelf
                .manifests
                .get(&(repository.to_owned(), tag.to_owned()))
                .with_context(|| format!("{name} was not pushed"))?;
            let digest = digest_of(bytes);
            let mut blobs = shelf.blobs.clone();
            for (_, bytes) in shelf.manifests.values() {
                let name = digest_of(bytes).replace(':', "/");
                blobs.0.insert(format!("blobs/{name}"), bytes.clone());
            }
            blobs
                .0
                .insert(format!("blobs/{}", digest.replace(':', "/")), bytes.clone());
            let descriptor =
                json!({"mediaType": media_type, "digest": digest, "size": bytes.len()});
            pushed.insert(name.clone(), viewer.draw_descriptor(&blobs, &descriptor)?);
        }
        Ok(pushed.into())
    }
}

fn draw_output(
    viewer: &Viewer<'_>,
    attributes: &str,
    dest: &Path,
    result: &mut Map<String, Value>,
) -> Result<()> {
    if attributes.contains("type=local") {
        result.insert("folder".into(), viewer.draw_tar(&pack_folder(dest)?)?);
    } else if attributes.contains("type=tar") {
        result.insert("tar".into(), viewer.draw_tar(&std::fs::read(dest)?)?);
    } else if attributes.contains("type=docker") {
        result.insert(
            "docker".into(),
            viewer.draw_docker(&Blobs::read_tar(dest)?)?,
        );
    } else {
        let blobs = Blobs::read_tar(dest)?;
        let index = blobs.read_json("index.json")?;
        let images = index["manifests"]
            .as_array()
            .context("index.json lists no manifests")?
            .iter()
            .map(|descriptor| viewer.draw_descriptor(&blobs, descriptor))
            .collect::<Result<Vec<_>>>()?;
        let names: Vec<Value> = index["manifests"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|descriptor| {
                descriptor["annotations"]["org.opencontainers.image.ref.name"].as_str()
            })
            .map(Value::from)
            .collect();
        if !names.is_empty() {
            result.insert("ref_names".into(), names.into());
        }
        match <[Value; 1]>::try_from(images) {
            Ok([image]) => drop(result.insert("image".into(), image)),
            Err(images) => drop(result.insert("images".into(), images.into())),
        }
    }
    Ok(())
}

/// The keys of the metadata file, and which of the layout's digests the digests in it and the image id are.
fn draw_metadata(
    dest: &Path,
    metadata: &Path,
    id: &Path,
    result: &mut Map<String, Value>,
) -> Result<()> {
    let blobs = Blobs::read_tar(dest)?;
    let mut names = BTreeMap::new();
    if let Ok(index) = blobs.read_json("index.json") {
        let descriptor = &index["manifests"][0];
        names.insert(descriptor["digest"].to_string(), "the top digest");
        let document: Value = serde_json::from_slice(blobs.find_blob(descriptor)?)?;
        names.insert(
            document["config"]["digest"].to_string(),
            "the config's digest",
        );
    }
    let document: Map<String, Value> = serde_json::from_slice(&std::fs::read(metadata)?)?;
    let mut drawn = Map::new();
    for (key, value) in document {
        // The name of the client in front of the daemon.
        if key.starts_with("containerimage.") && !key.ends_with("descriptor") {
            let name = names.get(&value.to_string());
            drawn.insert(key, name.map_or(value.clone(), |name| (*name).into()));
        }
    }
    result.insert("metadata".into(), drawn.into());
    let id = Value::from(std::fs::read_to_string(id)?.trim()).to_string();
    result.insert(
        "image_id".into(),
        names
            .get(&id)
            .map_or(Value::from(id), |name| (*name).into()),
    );
    Ok(())
}

/// Replaces the checksums of random files; from the second build on says which build was the first to have each of
/// them as it is now.
pub(super) fn settle_random(
    result: &mut Value,
    paths: &[String],
    seen: &mut BTreeMap<String, Vec<String>>,
) {
    let mut kept = Map::new();
    for path in paths {
        let sums = seen.entry(path.clone()).or_default();
        let Some(node) = result["image"]["files"]
            .get_mut(path)
            .filter(|node| node.is_object())
        else {
            // A build without it counts all the same.
            sums.push(String::new());
            continue;
        };
        sums.push(node["sha256"].as_str().unwrap_or_default().to_owned());
        node["sha256"] = "random".into();
        if let Some(node) = node.as_object_mut() {
            node.remove("text");
        }
        let first = sums
            .iter()
            .position(|sum| Some(sum) == sums.last())
            .unwrap_or_default();
        kept.insert(path.clone(), format!("as in step {}", first + 1).into());
    }
    if seen.values().any(|sums| sums.len() > 1) {
        result["kept"] = kept.into();
    }
}

pub(super) fn take_out(places: &Places, value: Value) -> Value {
    match value {
        Value::String(text) => places.take_out(&text).into(),
        Value::Array(list) => list
            .into_iter()
            .map(|value| take_out(places, value))
            .collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (places.take_out(&key), take_out(places, value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}
