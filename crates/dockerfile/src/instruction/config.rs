//! The instructions that only describe the image: EXPOSE, SHELL, STOPSIGNAL, USER, VOLUME, WORKDIR.

use super::arguments::{at_least_one, exactly_one, is_json, words};
use crate::{
    Problem,
    parser::Node,
    values::{ExposeSpec, parse_signal},
};

/// The ports that one EXPOSE may list: every one of every protocol. A history row names each, so a line of ranges without
/// this limit would become gigabytes; a smaller one would refuse `EXPOSE 0-65535`.
const MAX_PORTS: usize = 3 * 65536;

/// Ports, in the order of their texts: the reference sorts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expose {
    pub ports: Vec<String>,
}

/// The program and arguments that shell form is handed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    pub arguments: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopSignal {
    pub signal: String,
}

/// `user[:group]`, for the steps that follow and for the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub user: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    pub paths: Vec<String>,
}

/// A directory, relative to the current one unless it is absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workdir {
    pub path: String,
}

impl Expose {
    /// The ports, once variables are replaced. Fails on what is no port, and on more ports than there are.
    pub fn parse_ports(&self) -> Result<Vec<ExposeSpec>, Problem> {
        let mut count = 0;
        let specs = self.ports.iter().map(|port| {
            let spec = ExposeSpec::parse(port)?;
            count += spec.ports.count();
            if count > MAX_PORTS {
                return Err(Problem::Port {
                    port: port.clone(),
                    reason: "more ports than there are",
                });
            }
            Ok(spec)
        });
        specs.collect()
    }
}

impl StopSignal {
    /// Fails on what is no signal; the config keeps the text.
    pub fn check(&self) -> Result<(), Problem> {
        parse_signal(&self.signal).map(|_| ())
    }
}

pub(super) fn parse_expose(node: &Node) -> Result<Expose, Problem> {
    let mut ports = at_least_one(node, "EXPOSE")?.to_vec();
    ports.sort();
    Ok(Expose { ports })
}

pub(super) fn parse_shell(node: &Node) -> Result<Shell, Problem> {
    let arguments = at_least_one(node, "SHELL")?.to_vec();
    if !is_json(node) {
        return Err(Problem::NotJson { keyword: "SHELL" });
    }
    Ok(Shell { arguments })
}

pub(super) fn parse_stop_signal(node: &Node) -> Result<StopSignal, Problem> {
    let signal = exactly_one(node, "STOPSIGNAL")?;
    Ok(StopSignal { signal })
}

pub(super) fn parse_user(node: &Node) -> Result<User, Problem> {
    let user = exactly_one(node, "USER")?;
    Ok(User { user })
}

pub(super) fn parse_volume(node: &Node) -> Result<Volume, Problem> {
    at_least_one(node, "VOLUME")?;
    let paths: Vec<String> = words(node)
        .iter()
        .map(|path| path.trim().to_owned())
        .collect();
    if paths.iter().any(String::is_empty) {
        return Err(Problem::EmptyVolume);
    }
    Ok(Volume { paths })
}

pub(super) fn parse_workdir(node: &Node) -> Result<Workdir, Problem> {
    let path = exactly_one(node, "WORKDIR")?;
    Ok(Workdir { path })
}
