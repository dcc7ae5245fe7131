//! Where one builder builds: an empty home, a fresh registry that holds the base image, and the base already pulled.
//! Refuses to time what comes before the first build: starting daemons, and fetching and unpacking the base.
//! Called by the measures of builds.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Builder, BuilderEntry, Job, Network, Workshop, open_workshop};
use crate::base_image::BaseImage;
use crate::contestant::Entry;
use crate::meter::{Cost, measure_commands};
use crate::server::{Door, Server};
use crate::upload::require_manifest;
use crate::wire::Connection;
use crate::work_dir::{Home, WorkDir};
use crate::workload::Workload;

/// The repository that results are pushed to.
const RESULTS: &str = "bench/result";

/// What all builders of a run share.
pub(crate) struct Yard {
    /// The registry that everyone pulls from and pushes to.
    pub(crate) registry: Entry,
    pub(crate) base: BaseImage,
    /// Where the workloads' contexts are.
    pub(crate) folder: PathBuf,
    /// A build of one step that makes a builder pull and unpack the base.
    pub(crate) primer: Workload,
}

pub(crate) struct Site {
    builder: Builder,
    workshop: Box<dyn Workshop>,
    registry: Server,
    base: String,
    home: Home,
    registry_home: Home,
}

impl Site {
    /// # Errors
    /// The registry or the builder cannot be started, or a build of one step fails.
    pub(crate) fn open(work: &WorkDir, yard: &Yard, entry: &BuilderEntry) -> Result<Site> {
        let (home, registry_home) = (work.make_home()?, work.make_home()?);
        let registry = Server::start_fresh(&yard.registry, &registry_home, Door::Open)?;
        let base = yard.base.push(registry.address)?;
        let site = Site {
            builder: entry.builder,
            workshop: open_workshop(entry, &home, registry.address)?,
            registry,
            base,
            home,
            registry_home,
        };
        site.build(&yard.primer, "primer", Network::Usual)
            .context("fetch the base image")?;
        Ok(site)
    }

    /// Builds and pushes as `tag`, and checks that the registry has it.
    ///
    /// # Errors
    /// A command fails, with the end of what it printed; or nothing was pushed.
    pub(crate) fn build(&self, workload: &Workload, tag: &str, network: Network) -> Result<Cost> {
        let image = format!("{}/{RESULTS}:{tag}", self.registry.address);
        let job = Job {
            workload,
            base: &self.base,
            image: &image,
            network,
        };
        let cost = measure_commands(self.workshop.plan(&job), &self.home.file("build.log"))?;
        if self.builder != Builder::Wharf {
            let mut connection = Connection::open(self.registry.address)?;
            require_manifest(&mut connection, RESULTS, tag)?;
        }
        Ok(cost)
    }

    /// Ends everything and gives back the folders, whose files stay for now.
    ///
    /// # Errors
    /// A daemon does not end.
    pub(crate) fn close(self) -> Result<[Home; 2]> {
        self.workshop.close()?;
        self.registry.stop()?;
        Ok([self.home, self.registry_home])
    }
}
