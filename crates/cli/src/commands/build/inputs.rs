//! Files and standard input that a build begins with.
//!
//! It looks at what options name, spools what can be read only once, and says what is missing before anything starts.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf, absolute};

use tempfile::NamedTempFile;
use wharf_builder::request::{ContextSource, DockerfileSource};
use wharf_layer::is_tar;

use super::options::ContextText;
use crate::failure::Failure;
use crate::session::Session;

/// The largest Dockerfile on standard input; larger ones are something else. BuildKit has the same bound.
const LARGEST_DOCKERFILE: u64 = 2 * 1024 * 1024;

/// What is looked at to tell an archive from a Dockerfile: enough for the first entry's attributes.
const PEEKED_BYTES: u64 = 64 * 1024;

/// Where files and instructions are.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) context: ContextSource,
    pub(super) dockerfile: DockerfileSource,
    /// Standard input, spooled; it is gone when this is dropped.
    _spool: Option<NamedTempFile>,
}

/// Resolves context and Dockerfile; reads `stdin` when one of them is there. Large inputs go to `folder`.
pub(super) fn open_inputs(
    session: &Session,
    context: &ContextText,
    file: Option<&str>,
    stdin: &mut dyn Read,
    folder: &Path,
) -> Result<Inputs, Failure> {
    let of = |context, dockerfile| Inputs {
        context,
        dockerfile,
        _spool: None,
    };
    let source = match context {
        ContextText::Stdin => return read_stdin(session, file, stdin, folder),
        ContextText::Directory(path) => ContextSource::Directory(path.clone()),
        ContextText::Git(url) => ContextSource::Git(url.clone()),
        ContextText::Http(url) => ContextSource::Http(url.clone()),
    };
    let dockerfile = match (file, context) {
        (None, _) => DockerfileSource::InContext("Dockerfile".to_owned()),
        (Some("-"), _) => DockerfileSource::Inline(read_dockerfile(session, stdin)?),
        (Some(file), ContextText::Directory(folder)) => find_dockerfile(session, folder, file)?,
        (Some(file), _) => DockerfileSource::InContext(file.to_owned()),
    };
    Ok(of(source, dockerfile))
}

/// `--file` is meant from the current folder, as docker means it.
fn find_dockerfile(
    session: &Session,
    context: &Path,
    file: &str,
) -> Result<DockerfileSource, Failure> {
    if file.starts_with("http://") || file.starts_with("https://") {
        return Err(
            Failure::usage(session.text("cli.build.file_url", &[("file", file)]))
                .with_hint(session.text("cli.build.file_url_hint", &[("file", file)])),
        );
    }
    let path = PathBuf::from(file);
    let explain = |error: io::Error| {
        Failure::new(session.text("cli.file_unreadable", &[("path", file)])).caused_by(&error)
    };
    if let Err(error) = std::fs::metadata(&path) {
        let failure = explain(error);
        return Err(match context.join(file).exists() {
            true => {
                let better = context.join(file).display().to_string();
                failure.with_hint(session.text("cli.build.file_hint", &[("file", &better)]))
            }
            false => failure,
        });
    }
    let inside = absolute(&path)
        .and_then(|file| Ok((file, absolute(context)?)))
        .map_err(explain)?;
    match inside.0.strip_prefix(&inside.1).map(Path::to_str) {
        Ok(Some(name)) if !name.is_empty() && !name.split('/').any(|part| part == "..") => {
            Ok(DockerfileSource::InContext(name.to_owned()))
        }
        _ => Ok(DockerfileSource::File(path)),
    }
}

/// An archive is the context; anything else is a Dockerfile without files.
fn read_stdin(
    session: &Session,
    file: Option<&str>,
    stdin: &mut dyn Read,
    folder: &Path,
) -> Result<Inputs, Failure> {
    let explain = |error: io::Error| {
        Failure::new(session.text("cli.stdin_unreadable", &[])).caused_by(&error)
    };
    let mut head = Vec::new();
    (&mut *stdin)
        .take(PEEKED_BYTES)
        .read_to_end(&mut head)
        .map_err(explain)?;
    if head.is_empty() {
        return Err(Failure::usage(session.text("cli.stdin_empty", &[])));
    }
    if !is_tar(&head[..]) {
        let mut rest = (&head[..]).chain(stdin);
        return Ok(Inputs {
            context: ContextSource::Empty,
            dockerfile: DockerfileSource::Inline(read_dockerfile(session, &mut rest)?),
            _spool: None,
        });
    }
    let mut spool = NamedTempFile::new_in(folder).map_err(explain)?;
    spool.write_all(&head).map_err(explain)?;
    io::copy(stdin, spool.as_file_mut()).map_err(explain)?;
    Ok(Inputs {
        context: ContextSource::Archive(spool.path().to_path_buf()),
        dockerfile: DockerfileSource::InContext(file.unwrap_or("Dockerfile").to_owned()),
        _spool: Some(spool),
    })
}

fn read_dockerfile(session: &Session, from: &mut dyn Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = from.take(LARGEST_DOCKERFILE + 1).read_to_end(&mut bytes);
    if let Err(error) = read {
        return Err(Failure::new(session.text("cli.stdin_unreadable", &[])).caused_by(&error));
    }
    match bytes.len() as u64 {
        0 => Err(Failure::usage(session.text("cli.stdin_empty", &[]))),
        size if size > LARGEST_DOCKERFILE => {
            Err(Failure::usage(session.text("cli.build.stdin_neither", &[]))
                .with_hint(session.text("cli.build.stdin_neither_hint", &[])))
        }
        _ => Ok(bytes),
    }
}

/// What people know the Dockerfile by.
pub(super) fn name_dockerfile(source: &DockerfileSource) -> String {
    match source {
        DockerfileSource::InContext(name) => name.clone(),
        DockerfileSource::Beneath { path, .. } => path.clone(),
        DockerfileSource::File(path) => path.display().to_string(),
        DockerfileSource::Inline(_) => "Dockerfile".to_owned(),
    }
}

/// The Dockerfile's bytes and its name, for looking at it without building; `None` for a context that has to be fetched
/// or unpacked first.
pub(super) fn read_definition(
    session: &Session,
    inputs: &Inputs,
) -> Result<Option<(String, Vec<u8>)>, Failure> {
    let name = name_dockerfile(&inputs.dockerfile);
    let path = match (&inputs.dockerfile, &inputs.context) {
        (DockerfileSource::Inline(bytes), _) => return Ok(Some((name, bytes.clone()))),
        (DockerfileSource::File(path), _) => path.clone(),
        (DockerfileSource::InContext(_), ContextSource::Directory(folder)) => {
            // On a disk that tells cases apart, BuildKit looks for this spelling next.
            let lower = folder.join("dockerfile");
            match folder.join(&name) {
                path if name == "Dockerfile" && !path.exists() && lower.exists() => lower,
                path => path,
            }
        }
        // No option of the command line names one that is only read beneath a folder; the builder reads it.
        (DockerfileSource::InContext(_) | DockerfileSource::Beneath { .. }, _) => return Ok(None),
    };
    let mut bytes = Vec::new();
    let read = File::open(&path)
        .and_then(|file| file.take(LARGEST_DOCKERFILE + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(Some((name, bytes))),
        Err(error) => {
            let path = path.display().to_string();
            let message = session.text("cli.file_unreadable", &[("path", &path)]);
            Err(Failure::new(message).caused_by(&error))
        }
    }
}

#[cfg(test)]
mod tests;
