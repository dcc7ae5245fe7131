//! Who builds images in a run: wharf and the builders that are installed, one file each.
//! Refuses to hold anyone back: a peer has its own storage on the same disk, its own daemon if it has one, and the
//! network that costs it least. Called by the entry point and by the measures of builds.

mod buildah;
mod buildkit;
mod docker;
mod find;
mod site;
mod wharf;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::work_dir::Home;
use crate::workload::Workload;

pub(crate) use find::find_builders;
pub(crate) use site::{Site, Yard};

/// A way to build an image and to have it where others can pull it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Builder {
    /// `wharf build`: the image is in the local store, which is a store of blobs as the registry's.
    Wharf,
    /// `wharf build --push`: the same work as the peers.
    WharfPush,
    /// `docker build && docker push` with the classic builder.
    Docker,
    /// The same with the BuildKit inside dockerd.
    DockerBuildkit,
    /// `buildah build --isolation chroot && buildah push`.
    Buildah,
    /// `buildctl build` with `push=true` against a buildkitd.
    Buildkit,
}

impl Builder {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Builder::Wharf => "wharf",
            Builder::WharfPush => "wharf+push",
            Builder::Docker => "docker",
            Builder::DockerBuildkit => "docker-bk",
            Builder::Buildah => "buildah",
            Builder::Buildkit => "buildkit",
        }
    }

    pub(crate) fn is_peer(self) -> bool {
        !matches!(self, Builder::Wharf | Builder::WharfPush)
    }

    /// Whether steps can have this network: with chroot isolation they always have the machine's.
    pub(crate) fn offers(self, network: Network) -> bool {
        self != Builder::Buildah || network == Network::Usual
    }
}

/// A builder that is there.
#[derive(Clone, Debug)]
pub(crate) struct BuilderEntry {
    pub(crate) builder: Builder,
    /// What is run for each build.
    pub(crate) client: PathBuf,
    pub(crate) daemon: Option<PathBuf>,
    /// The version it reports of itself.
    pub(crate) version: String,
}

/// The network of RUN steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// wharf: one of the step's own, which is its default. Peers: the machine's, which needs no setting up.
    Usual,
    None,
}

/// One build.
pub(crate) struct Job<'a> {
    pub(crate) workload: &'a Workload,
    /// The base image's name, given as the build argument `BASE`.
    pub(crate) base: &'a str,
    /// The result's name, in the registry.
    pub(crate) image: &'a str,
    pub(crate) network: Network,
}

impl Job<'_> {
    fn base_argument(&self) -> String {
        format!("BASE={}", self.base)
    }
}

/// A builder with storage of its own, ready to build; dropping it ends its daemon.
pub(crate) trait Workshop {
    /// The commands, in order, for a job whose network the builder offers, after which the image is built and pushed.
    fn plan(&self, job: &Job<'_>) -> Vec<Command>;

    /// Ends the daemon and waits for it.
    ///
    /// # Errors
    /// It has not ended after its time for draining.
    fn close(self: Box<Self>) -> Result<()>;
}

fn open_workshop(
    entry: &BuilderEntry,
    home: &Home,
    registry: SocketAddr,
) -> Result<Box<dyn Workshop>> {
    Ok(match entry.builder {
        Builder::Wharf | Builder::WharfPush => Box::new(wharf::Wharf::open(entry, home)),
        Builder::Docker | Builder::DockerBuildkit => Box::new(docker::Docker::open(entry, home)?),
        Builder::Buildah => Box::new(buildah::Buildah::open(entry, home)?),
        Builder::Buildkit => Box::new(buildkit::Buildkit::open(entry, home, registry)?),
    })
}

/// A command that sees nothing of the caller's settings and logins, only where programs are.
fn prepare_command(program: &Path, home: &Home) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.data())
        .current_dir(home.data());
    command
}
