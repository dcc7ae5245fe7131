//! Who takes part in a run: wharf and the peers that are installed.
//! Refuses to go on silently without a peer: each missing one becomes a remark of the report.
//! Called by the entry point.

pub(crate) mod install;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::options::Options;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contestant {
    Wharf,
    /// `docker-registry` as Debian packages it.
    Debian,
    /// The current release of CNCF distribution.
    Cncf,
}

impl Contestant {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Contestant::Wharf => "wharf",
            Contestant::Debian => "debian",
            Contestant::Cncf => "cncf",
        }
    }
}

/// A contestant that is there.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) contestant: Contestant,
    pub(crate) program: PathBuf,
    /// The version it reports of itself.
    pub(crate) version: String,
}

/// Everyone who takes part, wharf first, and remarks about those who do not.
///
/// # Errors
/// A program that was named on the command line does not run.
pub(crate) fn find_entries(options: &Options) -> Result<(Vec<Entry>, Vec<String>)> {
    let (mut entries, mut remarks) = (Vec::new(), Vec::new());
    match options.wharf_program() {
        Some(program) => entries.push(inspect(Contestant::Wharf, program)?),
        None => remarks.push(
            "wharf itself is MISSING: no --wharf was given, and none is beside this program"
                .to_owned(),
        ),
    }
    if options.without_peers {
        remarks.push("peers were left out on request".to_owned());
        return Ok((entries, remarks));
    }
    let named = |contestant: Contestant| {
        let mut peers = options.peers.iter();
        peers.find(|peer| peer.contestant == contestant)
    };
    match named(Contestant::Debian)
        .map(|peer| peer.program.clone())
        .or_else(|| find_in_path("docker-registry"))
    {
        Some(program) => entries.push(inspect(Contestant::Debian, program)?),
        None => remarks.push(
            "peer debian is MISSING: docker-registry is not installed (apt install docker-registry)"
                .to_owned(),
        ),
    }
    let cncf = match named(Contestant::Cncf) {
        Some(peer) => Ok(peer.program.clone()),
        None => install::provide_distribution(&options.cache_folder()?),
    };
    match cncf {
        Ok(program) => entries.push(inspect(Contestant::Cncf, program)?),
        Err(error) => remarks.push(format!("peer cncf is MISSING: {error:#}")),
    }
    Ok((entries, remarks))
}

/// The registry that builders pull from and push to, if it is installed: Debian's, whoever else takes part.
///
/// # Errors
/// It was named on the command line and does not run.
pub(crate) fn find_build_registry(options: &Options) -> Result<Option<Entry>> {
    let mut peers = options.peers.iter();
    let named = peers.find(|peer| peer.contestant == Contestant::Debian);
    let program = named
        .map(|peer| peer.program.clone())
        .or_else(|| find_in_path("docker-registry"));
    program
        .map(|program| inspect(Contestant::Debian, program))
        .transpose()
}

fn inspect(contestant: Contestant, program: PathBuf) -> Result<Entry> {
    let context = || format!("run {} --version", program.display());
    let output = Command::new(&program)
        .arg("--version")
        .output()
        .with_context(context)?;
    ensure!(output.status.success(), "{} failed", context());
    Ok(Entry {
        contestant,
        version: parse_version(&String::from_utf8_lossy(&output.stdout)),
        program,
    })
}

/// The last word of what `--version` prints, without a leading `v` and without build metadata.
fn parse_version(output: &str) -> String {
    let word = output.split_whitespace().last().unwrap_or("?");
    let word = word.strip_prefix('v').unwrap_or(word);
    word.split('+').next().unwrap_or(word).to_owned()
}

pub(crate) fn find_in_path(name: &str) -> Option<PathBuf> {
    find_all_in_path(name).into_iter().next()
}

/// Every program of this name, in the order of `PATH`.
pub(crate) fn find_all_in_path(name: &str) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let programs = env::split_paths(&path).map(|folder| folder.join(name));
    programs.filter(|program| Path::is_file(program)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_the_last_word_without_decoration() {
        let debian = "docker-registry github.com/docker/distribution 2.8.2+ds1\n";
        assert_eq!(parse_version(debian), "2.8.2");
        let cncf = "registry github.com/distribution/distribution/v3 v3.1.2+unknown";
        assert_eq!(parse_version(cncf), "3.1.2");
        assert_eq!(parse_version("wharf 0.1.0\n"), "0.1.0");
        assert_eq!(parse_version(""), "?");
    }

    #[test]
    fn programs_are_found_in_the_path() {
        assert!(find_in_path("sh").is_some());
        assert!(find_in_path("no-such-program-here").is_none());
    }
}
