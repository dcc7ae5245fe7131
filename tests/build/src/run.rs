//! Runs a case: makes its folder, lets a builder build it step by step, draws what came out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Value, json};

pub use self::programs::run_command;
use self::results::{settle_random, take_out};
use crate::base::{Image, make_bases};
use crate::builder::flags::asks_to_print;
use crate::builder::{Builder, Output, Request};
use crate::case::{Case, Stdin, Step};
use crate::context::make_entries;
use crate::corpus::Filed;
use crate::git::make_repositories;
use crate::picture::Base;
use crate::places::Places;
use crate::serve::Server;

pub mod log;
mod pages;
mod programs;
mod results;

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
        let layout = folder.join("layout");
        write_layout(&layout, &server, &images)?;
        places.set("@LAYOUT@", layout.display().to_string());
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
        let mut random: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (index, step) in filed.case.list_steps().iter().enumerate() {
            let mut result = self
                .run_step(filed, step, index, &folder, &places, builder)
                .with_context(|| format!("step {}", index + 1))?;
            settle_random(&mut result, &filed.case.random, &mut random);
            results.push(take_out(&places, result));
        }
        // Hundreds of them with a state directory each would fill a disk; what cannot be removed goes with the run.
        let _ = std::fs::remove_dir_all(&folder);
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
        let bytes = match case.stdin {
            None => None,
            Some(Stdin::Dockerfile) => dockerfile,
            Some(Stdin::Tar) => Some(pack_folder(&context)?),
            Some(Stdin::TarGz) => Some(crate::archive::compress_gzip(&pack_folder(&context)?)?),
        };
        let stdin = case.stdin.zip(bytes);
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
        // Nobody's own logins; a case that is about logins brings them.
        let none = (
            "DOCKER_CONFIG".to_owned(),
            folder.join("no-logins").display().to_string(),
        );
        let own = case
            .env
            .iter()
            .map(|(name, value)| (name.clone(), places.fill_in(value)));
        let env = [none].into_iter().chain(own).collect();
        Ok(Request {
            folder: folder.to_owned(),
            flags,
            source,
            stdin,
            output,
            metadata,
            env,
        })
    }
}

/// Seconds since 1970.
fn read_clock() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

fn pack_folder(folder: &Path) -> Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.follow_symlinks(false);
    builder.append_dir_all("", folder)?;
    Ok(builder.into_inner()?)
}

/// Writes the base `base` as an OCI layout, for named contexts.
fn write_layout(folder: &Path, server: &Server, images: &[Image]) -> Result<()> {
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs)?;
    std::fs::write(
        folder.join("oci-layout"),
        "{\"imageLayoutVersion\":\"1.0.0\"}",
    )?;
    let image = images
        .iter()
        .find(|image| image.base.name == "base")
        .context("the base")?;
    for (name, bytes) in image.list_blobs(&server.shelf())? {
        std::fs::write(blobs.join(name), bytes)?;
    }
    let index = json!({"schemaVersion": 2, "manifests": [image.describe()]});
    Ok(std::fs::write(
        folder.join("index.json"),
        index.to_string(),
    )?)
}
