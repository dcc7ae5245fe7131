//! What of this machine a build works with.

use std::path::PathBuf;
use std::sync::Arc;

use wharf_client::Client;
use wharf_egress::Egress;
use wharf_image::{ImageSource, LocalStore};
use wharf_transfer::Images;

use super::Setup;
use crate::commands::build::arguments::BuildHostArguments;
use crate::config::{AllowedNet, Config};
use crate::failure::Failure;
use crate::images::{find_state_dir, open_client, open_egress, open_store};
use crate::session::Session;

/// The store, and the ways to registries and other places.
pub(super) struct Workshop {
    pub(super) state_dir: PathBuf,
    pub(super) store: LocalStore,
    pub(super) client: Client,
    pub(super) images: Arc<Images>,
    egress: Egress,
    allow_net: Vec<AllowedNet>,
}

impl Workshop {
    /// Makes the folder where it is missing; reaches for nothing yet.
    pub(super) fn open(
        arguments: &BuildHostArguments,
        session: &Session,
        config: &Config,
    ) -> Result<Self, Failure> {
        let is_root = rustix::process::geteuid().is_root();
        let state_dir = find_state_dir(session, arguments.state_dir.as_deref(), is_root)?;
        let store = open_store(session, &state_dir)?;
        let egress = open_egress(session, config)?;
        let client = open_client(session, config, egress.clone());
        let images = Arc::new(Images::new(store.clone(), client.clone()));
        Ok(Workshop {
            state_dir,
            store,
            client,
            images,
            egress,
            allow_net: config.build.allow_net.clone(),
        })
    }

    pub(super) fn describe<'a>(&'a self, session: &'a Session) -> Setup<'a> {
        Setup {
            session,
            allow_net: &self.allow_net,
            state_dir: &self.state_dir,
            store: self.store.clone(),
            images: Arc::clone(&self.images) as Arc<dyn ImageSource>,
            egress: self.egress.clone(),
        }
    }
}
