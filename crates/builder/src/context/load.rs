//! Loading contexts and the Dockerfile.

use std::io::Read as _;
use std::path::Path;

use wharf_dockerfile::ignore::{PatternSet, read_ignore_file};
use wharf_image::Transfer as _;

use super::{FileContext, Identity, Repositories, archive, http};
use crate::error::{Attempt, BuildError, Result};
use crate::reporter::Reporter;
use crate::request::{BuildRequest, ContextSource, DockerfileSource};
use crate::secrets::Secrets;

/// What the build context is called, beside named ones.
pub(crate) const MAIN_CONTEXT: &str = "context";

/// Makes folders out of what a request names.
pub(crate) struct ContextLoader<'a> {
    pub(crate) reporter: &'a Reporter,
    pub(crate) egress: &'a wharf_egress::Egress,
    pub(crate) repositories: &'a Repositories,
    pub(crate) secrets: &'a Secrets,
    /// The agent that `--ssh default` names.
    pub(crate) agent: Option<&'a Path>,
    pub(crate) keep_git_directory: bool,
}

impl ContextLoader<'_> {
    pub(crate) async fn load(&self, name: &str, source: &ContextSource) -> Result<FileContext> {
        match source {
            ContextSource::Directory(path) => {
                let mut context = FileContext::open(name, path)?;
                // The main context's file may be the Dockerfile's own; see `apply_ignore_file`.
                if name != MAIN_CONTEXT
                    && let Some(bytes) = context.read_file(".dockerignore")?
                {
                    context.set_ignore(read_patterns(&bytes)?);
                }
                Ok(context)
            }
            ContextSource::Empty => FileContext::empty(name),
            ContextSource::Archive(path) => {
                let report = self.reporter.start(format!("[{name}] load build context"));
                let loaded = load_archive(name, path).await;
                report.done(&loaded);
                loaded
            }
            ContextSource::Git(url) => {
                let report = self
                    .reporter
                    .start(format!("[{name}] load git source {url}"));
                let identity = Identity {
                    secrets: self.secrets,
                    agent: self.agent,
                };
                let keep = self.keep_git_directory;
                let loaded = self.repositories.load(name, url, keep, identity).await;
                report.done(&loaded);
                loaded
            }
            ContextSource::Http(url) => {
                let report = self
                    .reporter
                    .start(format!("[{name}] load remote build context"));
                let loaded = if name == MAIN_CONTEXT {
                    http::load(name, url, self.egress, self.secrets, &report).await
                } else {
                    http::load_file(name, url, self.egress, self.secrets, &report).await
                };
                report.done(&loaded);
                loaded
            }
        }
    }
}

async fn load_archive(name: &str, path: &Path) -> Result<FileContext> {
    let (name, path) = (name.to_owned(), path.to_owned());
    tokio::task::spawn_blocking(move || archive::unpack(&name, &path))
        .await
        .attempt(|| "unpack the build context".to_owned())?
}

/// The largest Dockerfile, docker's own bound (buildx, `maxDockerfileSizeBytes`). Some are generated and reach hundreds of
/// kilobytes; larger ones make configurations that registries refuse.
const MAX_DOCKERFILE: usize = 2 << 20;

/// What a build context says about itself.
pub(crate) struct Definition {
    /// The Dockerfile.
    pub(crate) dockerfile: Vec<u8>,
    /// Its own ignore file, which counts instead of the context's.
    own_ignore: Option<Vec<u8>>,
}

/// The Dockerfile, and the ignore file that goes by its name.
pub(crate) fn read_definition(request: &BuildRequest, context: &FileContext) -> Result<Definition> {
    let (dockerfile, own_ignore) = match &request.dockerfile {
        DockerfileSource::InContext(path) => {
            let hint = || {
                format!(
                    "Name it with -f: a path on this machine, or one within the context `{}`.",
                    context.path.display()
                )
            };
            read_beneath(context, path, hint)?
        }
        DockerfileSource::Beneath { root, path } => {
            let folder = FileContext::open("dockerfile", root)?;
            let hint = || "Give its path from the root of what is built.".to_owned();
            read_beneath(&folder, path, hint)?
        }
        DockerfileSource::File(path) => {
            let bytes = read_bounded(path).map_err(|error| BuildError::Request {
                message: format!(
                    "failed to read dockerfile: open {}: {error}",
                    path.display()
                ),
                hint: None,
            })?;
            let mut ignore = path.as_os_str().to_owned();
            ignore.push(".dockerignore");
            (bytes, std::fs::read(&ignore).ok())
        }
        DockerfileSource::Inline(bytes) => (bytes.clone(), None),
    };
    if dockerfile.len() > MAX_DOCKERFILE {
        return Err(BuildError::Request {
            message: format!(
                "{} is larger than {} MiB",
                request.dockerfile.name(),
                MAX_DOCKERFILE >> 20
            ),
            hint: Some("Move what is data into files of the context.".to_owned()),
        });
    }
    Ok(Definition {
        dockerfile,
        own_ignore,
    })
}

/// Leaves out of the main context what its ignore file says. What arrives as an archive was chosen by whoever packed it.
pub(crate) fn apply_ignore_file(
    request: &BuildRequest,
    context: &mut FileContext,
    definition: &Definition,
    reporter: &Reporter,
) -> Result<()> {
    let is_folder = matches!(
        request.context,
        ContextSource::Directory(_) | ContextSource::Git(_)
    );
    if !is_folder {
        return Ok(());
    }
    let report = reporter.start("[internal] load .dockerignore");
    let found = match &definition.own_ignore {
        Some(own) => Ok(Some(own.clone())),
        None => context.read_file(".dockerignore"),
    };
    let applied = found.and_then(|ignore| {
        let Some(ignore) = ignore else {
            return Ok(());
        };
        report.moved("transferring context", ignore.len() as u64, None);
        context.set_ignore(read_patterns(&ignore)?);
        Ok(())
    });
    report.done(&applied);
    applied
}

/// No more of a file than tells that it is too large.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(MAX_DOCKERFILE as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A Dockerfile in a folder, and the ignore file of its own.
fn read_beneath(
    folder: &FileContext,
    path: &str,
    hint: impl FnOnce() -> String,
) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
    let bytes = match folder.read_file(path)? {
        // The name that BuildKit falls back to as well.
        None if path == "Dockerfile" => folder.read_file("dockerfile")?,
        found => found,
    };
    let Some(bytes) = bytes else {
        return Err(BuildError::Request {
            message: format!("failed to read dockerfile: open {path}: no such file or directory"),
            hint: Some(hint()),
        });
    };
    Ok((bytes, folder.read_file(&format!("{path}.dockerignore"))?))
}

fn read_patterns(bytes: &[u8]) -> Result<PatternSet> {
    let lines = read_ignore_file(bytes);
    PatternSet::new(lines.iter().map(String::as_str)).map_err(|problem| {
        BuildError::request(format!(
            "failed to read .dockerignore: syntax error in pattern: {problem}"
        ))
    })
}
