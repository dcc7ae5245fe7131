//! Where a docker engine listens.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::ImageError;

/// The value of `DOCKER_HOST`, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DaemonAddress {
    /// A socket of this machine.
    Unix(PathBuf),
    /// `host:port`, without TLS.
    Tcp(String),
}

impl Default for DaemonAddress {
    fn default() -> Self {
        Self::Unix(PathBuf::from("/var/run/docker.sock"))
    }
}

impl FromStr for DaemonAddress {
    type Err = ImageError;

    /// Reads `unix://PATH` or `tcp://HOST[:PORT]`; 2375 is the port that docker has without TLS.
    ///
    /// # Errors
    /// Anything else, such as `ssh://`.
    fn from_str(text: &str) -> Result<Self, ImageError> {
        let refuse = || {
            ImageError::new(format!("{text:?} names no docker engine"))
                .with_hint("use unix:///PATH or tcp://HOST:PORT; for another machine, load a file written by --output type=docker,dest=FILE")
        };
        if let Some(path) = text.strip_prefix("unix://") {
            return match path.starts_with('/') {
                true => Ok(Self::Unix(PathBuf::from(path))),
                false => Err(refuse()),
            };
        }
        let host = text
            .strip_prefix("tcp://")
            .ok_or_else(refuse)?
            .trim_end_matches('/');
        let has_port = host
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        match host.is_empty() || host.contains('/') {
            true => Err(refuse()),
            false if has_port => Ok(Self::Tcp(host.to_owned())),
            false => Ok(Self::Tcp(format!("{host}:2375"))),
        }
    }
}

impl fmt::Display for DaemonAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(formatter, "unix://{}", path.display()),
            Self::Tcp(host) => write!(formatter, "tcp://{host}"),
        }
    }
}
