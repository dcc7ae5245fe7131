//! Finds the builders that are installed.
//! Refuses to go on silently without one: each missing one becomes a remark of the report. Called by the entry point.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Builder, BuilderEntry};
use crate::contestant::{find_all_in_path, find_in_path};
use crate::options::Options;

/// The release that the targets were set against; a later one does not build as a Go tool.
const BUILDKIT: &str = "buildkit-v0.33.0";

/// Everyone who builds, wharf first, and remarks about those who do not.
///
/// # Errors
/// A program that is there does not tell its version.
pub(crate) fn find_builders(options: &Options) -> Result<(Vec<BuilderEntry>, Vec<String>)> {
    let (mut found, mut remarks) = (Vec::new(), Vec::new());
    if let Some(program) = options.wharf_program() {
        let version = read_version(&program)?;
        for builder in [Builder::Wharf, Builder::WharfPush] {
            found.push(BuilderEntry {
                builder,
                client: program.clone(),
                daemon: None,
                version: version.clone(),
            });
        }
    }
    if options.without_peers {
        return Ok((found, remarks));
    }
    if !rustix::process::geteuid().is_root() {
        remarks.push(
            "docker, buildah and buildkit are MISSING: they are measured as root only".to_owned(),
        );
        return Ok((found, remarks));
    }
    match find_docker()? {
        Some(entries) => found.extend(entries),
        None => remarks.push(
            "peers docker and docker-bk are MISSING: no dockerd with a client of its version is installed (apt install docker.io)"
                .to_owned(),
        ),
    }
    match find_in_path("buildah") {
        Some(client) => found.push(BuilderEntry {
            builder: Builder::Buildah,
            version: read_version(&client)?,
            client,
            daemon: None,
        }),
        None => remarks
            .push("peer buildah is MISSING: it is not installed (apt install buildah)".to_owned()),
    }
    match find_buildkit(&options.cache_folder()?) {
        Some((daemon, client)) => found.push(BuilderEntry {
            builder: Builder::Buildkit,
            version: read_version(&daemon)?,
            client,
            daemon: Some(daemon),
        }),
        None => remarks.push(format!(
            "peer buildkit is MISSING: neither tools/{BUILDKIT} nor tools/bin of the cache folder nor PATH has buildkitd, buildctl and runc"
        )),
    }
    Ok((found, remarks))
}

/// dockerd and the client of the same version: another client may lack what `DOCKER_BUILDKIT=1` needs.
fn find_docker() -> Result<Option<[BuilderEntry; 2]>> {
    let Some(daemon) = find_in_path("dockerd") else {
        return Ok(None);
    };
    let version = read_version(&daemon)?;
    for client in find_all_in_path("docker") {
        if read_version(&client).is_ok_and(|of_client| of_client == version) {
            let entry = |builder| BuilderEntry {
                builder,
                client: client.clone(),
                daemon: Some(daemon.clone()),
                version: version.clone(),
            };
            return Ok(Some([
                entry(Builder::Docker),
                entry(Builder::DockerBuildkit),
            ]));
        }
    }
    Ok(None)
}

fn find_buildkit(cache: &Path) -> Option<(PathBuf, PathBuf)> {
    find_in_path("runc")?;
    let tools = cache.join("tools");
    for folder in [tools.join(BUILDKIT), tools.join("bin")] {
        let (daemon, client) = (folder.join("buildkitd"), folder.join("buildctl"));
        if daemon.is_file() && client.is_file() {
            return Some((daemon, client));
        }
    }
    find_in_path("buildkitd").zip(find_in_path("buildctl"))
}

fn read_version(program: &Path) -> Result<String> {
    let context = || format!("run {} --version", program.display());
    let output = Command::new(program)
        .arg("--version")
        .output()
        .with_context(context)?;
    ensure!(output.status.success(), "{} failed", context());
    Ok(parse_version(&String::from_utf8_lossy(&output.stdout)))
}

/// The first word that is a dotted number, without a leading `v` and without build metadata.
fn parse_version(output: &str) -> String {
    let words = output.split_whitespace();
    let mut numbers = words.filter_map(|word| {
        let word = word.strip_prefix('v').unwrap_or(word);
        let word = word.split(['+', ',']).next()?;
        (word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.')).then_some(word)
    });
    numbers.next().unwrap_or("?").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_each_builder_prints() {
        for (output, version) in [
            ("Docker version 20.10.24+dfsg1, build 5d6db84", "20.10.24"),
            (
                "buildah version 1.28.2 (image-spec 1.1.0-rc2, runtime-spec 1.0.2-dev)",
                "1.28.2",
            ),
            (
                "buildkitd github.com/moby/buildkit v0.33.0 0123456789.abc",
                "0.33.0",
            ),
            ("wharf 0.1.0\n", "0.1.0"),
            ("none", "?"),
        ] {
            assert_eq!(parse_version(output), version);
        }
    }

    #[test]
    fn buildkit_is_both_programs_of_one_folder() {
        let cache = tempfile::tempdir().unwrap();
        let make = |folder: &str, names: &[&str]| {
            let folder = cache.path().join("tools").join(folder);
            std::fs::create_dir_all(&folder).unwrap();
            for name in names {
                std::fs::write(folder.join(name), "").unwrap();
            }
            folder
        };
        make(BUILDKIT, &["buildkitd"]);
        let whole = make("bin", &["buildkitd", "buildctl"]);
        if find_in_path("runc").is_some() {
            let found = find_buildkit(cache.path()).unwrap();
            assert_eq!(found.0, whole.join("buildkitd"));
        } else {
            assert!(find_buildkit(cache.path()).is_none());
        }
    }
}
