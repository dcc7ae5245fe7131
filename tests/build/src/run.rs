//! Runs a case: makes its folder, lets a builder build it step by step, draws what came out.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::base::{Image, make_bases};
use crate::builder::flags::{asks_to_print, split_flags};
use crate::builder::{Answer, Builder, Output, Request};
use crate::case::{Case, Stdin, Step};
use crate::context::make_entries;
use crate::corpus::Filed;
use crate::git::make_repositories;
use crate::layout::{Blobs, digest_of};
use crate::picture::{Base, Viewer};
use crate::places::Places;
use crate::serve::Server;

pub mod log;
mod pages;

/// Everything that the cases of one run share.
#[derive(Debug)]
pub struct World {
    /// The run's server.
    pub server: Server,
    /// Words that all cases may use.
    pub places: Places,
    /// The bases in the registry.
    pub images: Vec<Image>,
    bases: Vec<Base>,
    folder: PathBuf,
    started: i64,
}

impl World {
    /// Makes bases, pages and repositories in `folder` and serves them.
    ///
    /// # Errors
    /// busybox or git is missing.
    pub fn open(folder: &Path) -> Result<Self> {
        let repositories = folder.join("git");
        std::fs::create_dir_all(&repositories)?;
        let server = Server::start(&repositories)?;
        let mut places = Places::default();
        places.set("@REGISTRY@", server.address());
        places.set("@RUN@", folder.display().to_string());
        places.set("@HTTP@", format!("http://{}", server.address()));
        make_repositories(&repositories, &mut places)?;
        let images = make_bases(&mut server.shelf())?;
        pages::add_pages(&mut server.shelf().pages)?;
        for image in &images {
            if image.base.name == "base" {
                places.set("@DIGEST@", image.digest.clone());
            }
        }
        let bases = images.iter().map(|image| image.base.clone()).collect();
        Ok(Self {
            server,
            places,
            images,
            bases,
            folder: folder.to_owned(),
            started: read_clock(),
        })
    }

    /// Builds every step of a case.
    ///
    /// # Errors
    /// The case cannot be set up, the builder cannot be run, or what it made cannot be read.
    pub fn run_case(&self, filed: &Filed, builder: &dyn Builder) -> Result<Vec<Value>> {
        let folder = self.folder.join("cases").join(filed.name.replace('/', "-"));
        let context = folder.join("context");
        std::fs::create_dir_all(&context)?;
        let mut places = self.places.clone();
        places.set("@WORK@", folder.display().to_string());
        make_entries(&folder, &filed.case.beside, &places)?;
        make_entries(&context, &filed.case.context, &places)?;
        builder.start_case()?;
        let mut results = Vec::new();
        let mut random: BTreeMap<String, String> = BTreeMap::new();
        for (index, step) in filed.case.list_steps().iter().enumerate() {
            let mut result = self
                .run_step(filed, step, index, &folder, &places, builder)
                .with_context(|| format!("step {}", index + 1))?;
            settle_random(&mut result, &filed.case.random, &mut random, index > 0);
            results.push(take_out(&places, result));
        }
        Ok(results)
    }

    fn run_step(
        &self,
        filed: &Filed,
        step: &Step,
        index: usize,
        folder: &Path,
        places: &Places,
        builder: &dyn Builder,
    ) -> Result<Value> {
        let (case, context) = (&filed.case, folder.join("context"));
        for path in &step.remove {
            std::fs::remove_file(context.join(path)).with_context(|| format!("remove {path}"))?;
        }
        let dockerfile = filed
            .folder
            .join(step.dockerfile.as_deref().unwrap_or("Dockerfile"));
        let mut text = None;
        if let Ok(bytes) = std::fs::read(&dockerfile) {
            // Bytes that are no UTF-8 go through unchanged: the parser's answer to them is a case too.
            let bytes = String::from_utf8(bytes).map_or_else(
                |error| error.into_bytes(),
                |text| places.fill_in(&text).into_bytes(),
            );
            if case.stdin != Some(Stdin::Dockerfile) {
                std::fs::write(context.join("Dockerfile"), &bytes)?;
            }
            text = Some(bytes);
        }
        make_entries(&context, &step.change, places)?;
        let request = self.write_request(case, step, index, folder, places, text)?;
        let answer = builder.run_build(&request)?;
        if std::env::var_os("WHARF_TEST_SHOW_BUILDS").is_some() {
            eprintln!("{}\n{}{}", filed.name, answer.stdout, answer.stderr);
        }
        self.draw_answer(case, &request, &answer)
    }

    fn write_request(
        &self,
        case: &Case,
        step: &Step,
        index: usize,
        folder: &Path,
        places: &Places,
        dockerfile: Option<Vec<u8>>,
    ) -> Result<Request> {
        let context = folder.join("context");
        let flags: Vec<String> = case
            .build
            .iter()
            .chain(&step.build)
            .map(|flag| places.fill_in(flag))
            .collect();
        let stdin = match case.stdin {
            None => None,
            Some(Stdin::Dockerfile) => dockerfile,
            Some(Stdin::Tar) => Some(pack_folder(&context)?),
            Some(Stdin::TarGz) => Some(crate::archive::compress_gzip(&pack_folder(&context)?)?),
        };
        let output = match case.output.as_deref() {
            _ if asks_to_print(&flags) => Output::Printed,
            Some("push") => Output::Push,
            Some("type=cacheonly") => Output::Cache,
            attributes => Output::Local {
                attributes: attributes.unwrap_or("type=oci").to_owned(),
                dest: folder.join(format!("out{index}")),
            },
        };
        let source = case.source.as_ref().map_or_else(
            || context.display().to_string(),
            |source| places.fill_in(source),
        );
        let metadata = case.metadata.then(|| {
            (
                folder.join(format!("meta{index}.json")),
                folder.join(format!("id{index}")),
            )
        });
        let env = case
            .env
            .iter()
            .map(|(name, value)| (name.clone(), places.fill_in(value)))
            .collect();
        Ok(Request {
            folder: folder.to_owned(),
            flags,
            source,
            stdin,
            output,
            metadata,
            step: index,
            env,
        })
    }

    fn draw_answer(&self, case: &Case, request: &Request, answer: &Answer) -> Result<Value> {
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

/// Seconds since 1970.
fn read_clock() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
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

fn pack_folder(folder: &Path) -> Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.follow_symlinks(false);
    builder.append_dir_all("", folder)?;
    Ok(builder.into_inner()?)
}

/// Replaces the checksums of random files; from the second step on says which of them stayed the same.
fn settle_random(
    result: &mut Value,
    paths: &[String],
    seen: &mut BTreeMap<String, String>,
    later: bool,
) {
    let mut kept = Map::new();
    for path in paths {
        let Some(node) = result["image"]["files"]
            .get_mut(path)
            .filter(|node| node.is_object())
        else {
            continue;
        };
        let sum = node["sha256"].as_str().unwrap_or_default().to_owned();
        node["sha256"] = "random".into();
        if later {
            kept.insert(path.clone(), (seen.get(path) == Some(&sum)).into());
        }
        seen.insert(path.clone(), sum);
    }
    if !kept.is_empty() {
        result["kept"] = kept.into();
    }
}

fn take_out(places: &Places, value: Value) -> Value {
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

/// Runs a program to its end with `stdin` as its input.
///
/// # Errors
/// It cannot be started.
pub fn run_command(command: &mut Command, stdin: Option<&[u8]>) -> Result<Answer> {
    let program = command.get_program().display().to_string();
    let input = if stdin.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    let mut child = command
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("run {program}"))?;
    if let (Some(mut pipe), Some(bytes)) = (child.stdin.take(), stdin.map(<[u8]>::to_vec)) {
        // Beside the reading: both pipes may fill. A program that does not read all of its input may have its reasons.
        std::thread::spawn(move || drop(pipe.write_all(&bytes)));
    }
    let output = child.wait_with_output()?;
    Ok(Answer {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
