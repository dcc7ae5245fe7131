//! The command line.
//! Refuses unknown peers at once. Called by the entry point.

use std::env;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result};
use clap::Parser;

use crate::contestant::Contestant;
use crate::ledger::Section;

/// Measures wharf against other registries and builders, interleaved in one run on loopback.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// The wharf program, built with optimisation [default: the one beside this program]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) wharf: Option<PathBuf>,

    /// A peer's program, if it is not where it is looked for: debian=PROGRAM or cncf=PROGRAM
    #[arg(long = "peer", value_name = "NAME=PROGRAM")]
    pub(crate) peers: Vec<Peer>,

    /// Measure wharf alone
    #[arg(long)]
    pub(crate) without_peers: bool,

    /// Fewer sizes and shorter windows: under 4 minutes instead of under 30
    #[arg(long)]
    pub(crate) quick: bool,

    /// How often each measure is taken; its value is the median [default: 3]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: Option<u16>,

    /// Only these sections of the report
    #[arg(long, value_name = "SECTION", value_delimiter = ',')]
    pub(crate) only: Vec<Section>,

    /// Where all servers keep their data while they run; must be on a real disk [default: the cache folder]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) work_dir: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) contestant: Contestant,
    pub(crate) program: PathBuf,
}

impl Options {
    /// # Errors
    /// Neither `XDG_CACHE_HOME` nor `HOME` is set.
    pub(crate) fn cache_folder(&self) -> Result<PathBuf> {
        let cache = match env::var_os("XDG_CACHE_HOME") {
            Some(folder) => PathBuf::from(folder),
            None => PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cache"),
        };
        Ok(cache.join("wharf"))
    }

    /// The wharf program: the named one, else the one that the same build put beside this program.
    pub(crate) fn wharf_program(&self) -> Option<PathBuf> {
        self.wharf.clone().or_else(|| {
            let beside = env::current_exe().ok()?.with_file_name("wharf");
            beside.is_file().then_some(beside)
        })
    }

    /// # Errors
    /// As [`Options::cache_folder`].
    pub(crate) fn work_folder(&self) -> Result<PathBuf> {
        match &self.work_dir {
            Some(folder) => Ok(folder.clone()),
            None => Ok(self.cache_folder()?.join("bench")),
        }
    }

    pub(crate) fn wants(&self, section: Section) -> bool {
        self.only.is_empty() || self.only.contains(&section)
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Peer, String> {
        let contestant = match text.split_once('=') {
            Some(("debian", _)) => Contestant::Debian,
            Some(("cncf", _)) => Contestant::Cncf,
            _ => return Err("expected debian=PROGRAM or cncf=PROGRAM".to_owned()),
        };
        let (_, program) = text.split_once('=').unwrap_or_default();
        Ok(Peer {
            contestant,
            program: program.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_named_with_their_program() {
        let peer: Peer = "cncf=/opt/registry".parse().unwrap();
        assert_eq!(peer.contestant, Contestant::Cncf);
        assert_eq!(peer.program, PathBuf::from("/opt/registry"));
        assert!("zot=/usr/bin/zot".parse::<Peer>().is_err());
        assert!("cncf".parse::<Peer>().is_err());
    }

    #[test]
    fn all_sections_are_wanted_unless_some_are_named() {
        let all = Options::parse_from(["wharf-bench"]);
        assert!(all.wants(Section::Push));
        let some = Options::parse_from(["wharf-bench", "--only", "pull,start"]);
        assert!(some.wants(Section::Start) && !some.wants(Section::Push));
    }
}
