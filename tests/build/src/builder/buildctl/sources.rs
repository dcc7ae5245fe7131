//! Contexts, named contexts and Dockerfiles as `buildctl` is told of them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::super::Request;
use crate::case::Stdin;
use crate::serve::{Page, Server};

/// Arguments for context and Dockerfile; an archive from standard input is put on a page of `server`, as buildx offers
/// it to the frontend as an address of its own session.
///
/// # Errors
/// A folder cannot be made.
pub(super) fn choose_context(
    request: &Request,
    file: Option<&str>,
    server: &Server,
) -> Result<Vec<String>> {
    let folder = &request.folder;
    let option = |name: &str, value: &str| ["--opt".to_owned(), format!("{name}={value}")];
    let mut arguments = Vec::new();
    if names_own_frontend(folder) {
        // What a frontend that was started by that line is told, so that it does not start another one.
        arguments.extend(option("cmdline", "docker/dockerfile:1"));
    }
    let remote = match &request.stdin {
        Some((Stdin::Tar | Stdin::TarGz, body)) => {
            let path = format!(
                "/upload/{}",
                folder.file_name().unwrap_or_default().display()
            );
            let page = Page {
                body: body.clone(),
                ..Page::default()
            };
            server.shelf().pages.insert(path.clone(), page);
            Some(format!("http://{}{path}", server.address()))
        }
        _ => Some(request.source.clone()).filter(|source| source.contains("://")),
    };
    if let Some(address) = remote {
        arguments.extend(option("context", &address));
        arguments.extend(option("filename", file.unwrap_or("Dockerfile")));
        return Ok(arguments);
    }
    let mut context = PathBuf::from(&request.source);
    if request.source == "-" {
        context = folder.join("empty");
        std::fs::create_dir_all(&context)?;
    }
    let dockerfile = match (&request.stdin, file) {
        (Some((_, text)), _) => {
            let own = folder.join("stdin");
            std::fs::create_dir_all(&own)?;
            std::fs::write(own.join("Dockerfile"), text)?;
            own.join("Dockerfile")
        }
        (None, Some(file)) => PathBuf::from(file),
        (None, None) => context.join("Dockerfile"),
    };
    let own = dockerfile
        .parent()
        .context("a Dockerfile lies in a folder")?;
    let name = dockerfile.file_name().context("a Dockerfile has a name")?;
    for (local, path) in [("context", context.as_path()), ("dockerfile", own)] {
        arguments.extend(["--local".to_owned(), format!("{local}={}", path.display())]);
    }
    arguments.extend(option("filename", &name.display().to_string()));
    Ok(arguments)
}

/// Whether a syntax line names Docker's own frontend, which is the one that the daemon has built in.
fn names_own_frontend(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join("context/Dockerfile")).unwrap_or_default();
    text.lines().take(4).any(|line| {
        let line = line.to_lowercase();
        line.contains("syntax") && line.contains("docker/dockerfile")
    })
}

/// Arguments for `--build-context NAME=SOURCE`.
///
/// # Errors
/// It has another form.
pub(super) fn name_context(value: &str) -> Result<Vec<String>> {
    let (name, source) = value
        .split_once('=')
        .context("--build-context is NAME=SOURCE")?;
    let key = name.replace([':', '/'], "_");
    let words = if let Some(layout) = source.strip_prefix("oci-layout://") {
        let (path, digest) = layout.rsplit_once('@').context("a layout with a digest")?;
        let told = format!("context:{name}=oci-layout://{key}@{digest}");
        [
            "--oci-layout".to_owned(),
            format!("{key}={path}"),
            "--opt".to_owned(),
            told,
        ]
        .to_vec()
    } else if source.contains("://") || source.starts_with("target:") {
        ["--opt".to_owned(), format!("context:{name}={source}")].to_vec()
    } else {
        let told = format!("context:{name}=local:{key}");
        [
            "--local".to_owned(),
            format!("{key}={source}"),
            "--opt".to_owned(),
            told,
        ]
        .to_vec()
    };
    Ok(words)
}
